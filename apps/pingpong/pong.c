/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * pong: answers
 *
 * Answers calls with sums, every signal with a signal, and reads what is on the table before
 * it signals back.
 */
#include "game.h"

#include <console/console.h>
#include <microkit.h>
#include <queue/byte_ring.h>
#include <stddef.h>

/* Patched: address of the shared page. */
__attribute__((used, section(".data.microkit"))) uint64_t table = 0;

static struct byte_consumer consumer;
static uint32_t calls;
static uint32_t signals;
static uint32_t received_bytes;
static uint32_t received_checksum;

void init(void)
{
    console_init(NULL);
    /* The table is in our own space, its address given by the composer. */
    byte_consumer_init(&consumer, (struct byte_ring *)(uintptr_t)table, TABLE_RING_BYTES);
    console_printf("pong is ready\n");
}

void notified(microkit_channel ch)
{
    uint8_t byte = 0;

    if (ch != PEER_CHANNEL) {
        return;
    }
    signals++;
    while (byte_consumer_read(&consumer, &byte, 1) == 1) {
        received_checksum = game_checksum(received_checksum, byte);
        received_bytes++;
    }
    microkit_notify(PEER_CHANNEL);
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    uint64_t sum = 0;

    (void)ch;
    if (microkit_msginfo_get_label(msginfo) == GAME_RESULT) {
        microkit_mr_set(0, calls);
        microkit_mr_set(1, signals);
        microkit_mr_set(2, received_bytes);
        microkit_mr_set(3, received_checksum);
        return microkit_msginfo_new(0, 4);
    }
    for (uint8_t i = 0; i < microkit_msginfo_get_count(msginfo); i++) {
        sum += microkit_mr_get(i);
    }
    calls++;
    microkit_mr_set(0, sum);
    microkit_mr_set(1, calls);
    return microkit_msginfo_new(0, 2);
}
