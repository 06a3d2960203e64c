/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ping: starts every exchange, counts and checks the answers
 *
 * Three stages: protected calls, all made in init; then signals, one for each that comes back;
 * then bytes through shared memory, with a signal for each batch.
 *
 * Invariant: in the last two stages exactly one signal is under way, so each one that arrives
 * continues the stage.
 */
#include "game.h"

#include <console/console.h>
#include <microkit.h>
#include <queue/byte_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <tessera.h>

#define NUMBERS 10u

/* Patched: address of the shared page. */
__attribute__((used, section(".data.microkit"))) uint64_t table = 0;

static struct byte_producer producer;
static uint32_t signals_sent;
static uint32_t signals;
static uint32_t sent_bytes;
static uint32_t sent_checksum;
static bool failed;

static void check(const char *what, uint64_t expected, uint64_t found)
{
    if (expected != found) {
        console_printf("WRONG %s: expected %lu, found %lu\n", what, expected, found);
        failed = true;
    }
}

static void peer_signal(void)
{
    signals_sent++;
    microkit_notify(PEER_CHANNEL);
}

static void calls_play(void)
{
    for (uint32_t round = 1; round <= CALL_ROUNDS; round++) {
        uint64_t sum = 0;
        for (uint8_t i = 0; i < NUMBERS; i++) {
            uint64_t number = (uint64_t)round * 1000003u + i;
            microkit_mr_set(i, number);
            sum += number;
        }
        microkit_msginfo reply =
            microkit_ppcall(PEER_CHANNEL, microkit_msginfo_new(GAME_ADD, NUMBERS));
        check("reply length", 2, microkit_msginfo_get_count(reply));
        check("sum", sum, microkit_mr_get(0));
        check("call count", round, microkit_mr_get(1));
    }
    console_printf("%u protected calls, each answered with the right sum\n", CALL_ROUNDS);
}

/* Write as much as fits; then it is pong's turn. */
static void table_play(void)
{
    uint8_t byte = game_byte(sent_bytes);

    while (sent_bytes < TABLE_BYTES && byte_producer_write(&producer, &byte, 1) == 1) {
        sent_checksum = game_checksum(sent_checksum, byte);
        sent_bytes++;
        byte = game_byte(sent_bytes);
    }
    peer_signal();
}

static _Noreturn void result_check(void)
{
    microkit_msginfo reply = microkit_ppcall(PEER_CHANNEL, microkit_msginfo_new(GAME_RESULT, 0));

    check("result length", 4, microkit_msginfo_get_count(reply));
    check("calls at pong", CALL_ROUNDS, microkit_mr_get(0));
    check("signals at pong", signals_sent, microkit_mr_get(1));
    check("bytes at pong", TABLE_BYTES, microkit_mr_get(2));
    check("checksum at pong", sent_checksum, microkit_mr_get(3));
    console_printf("%u bytes through shared memory, checksum %08x on both sides\n", TABLE_BYTES,
                   (unsigned)sent_checksum);
    console_printf(failed ? "pingpong: FAILED\n" : "pingpong: all counts are right\n");
    tessera_exit(failed ? 1 : 0);
}

void init(void)
{
    console_init(NULL);
    /* The table is in our own space, its address given by the composer. */
    byte_producer_init(&producer, (struct byte_ring *)(uintptr_t)table, TABLE_RING_BYTES);
    calls_play();
    peer_signal();
}

void notified(microkit_channel ch)
{
    if (ch != PEER_CHANNEL) {
        return;
    }
    signals++;
    if (signals < SIGNAL_ROUNDS) {
        peer_signal();
        return;
    }
    if (signals == SIGNAL_ROUNDS) {
        console_printf("%u signals there, %u back\n", SIGNAL_ROUNDS, (unsigned)signals);
    }
    if (sent_bytes == TABLE_BYTES && byte_producer_free(&producer) == TABLE_RING_BYTES) {
        result_check();
    }
    table_play();
}
