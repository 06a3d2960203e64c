/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Console client: rings, waiting, flushing
 *
 * Invariant: after every public call that wrote, the virtualiser has been signalled.
 */
#include <console/console.h>

#include "stream.h"

#include <microkit.h>
#include <proto/console.h>
#include <queue/byte_ring.h>
#include <tessera.h>

#include <stdatomic.h>
#include <stdio.h>

/* Turns of waiting without progress before output is dropped or a flush given up. */
#define PATIENCE_TURNS 1000000u

#define NO_CHANNEL UINT64_MAX

/* used, in .data: patched by name; the value below stands if the description has no console. */
__attribute__((used, section(".data.microkit"))) uint64_t console_region = 0;
__attribute__((used, section(".data.microkit"))) uint64_t console_channel = NO_CHANNEL;

static struct {
    struct console_output_header *header; /* NULL: debug console */
    struct byte_producer output;
    struct byte_consumer input;
    unsigned long dropped_bytes;
} console;

void console_init(void *region)
{
    uint8_t *base = region;

    if (base == NULL) {
        /* The patched value is an address of our own space, given by the composer. */
        base = (uint8_t *)(uintptr_t)console_region;
    }
    if (base == NULL) {
        return;
    }
    struct console_output_header *header = (struct console_output_header *)(void *)base;
    byte_producer_init(&console.output, (struct byte_ring *)(void *)(base + CONSOLE_RING_OFFSET),
                       CONSOLE_RING_BYTES);
    byte_consumer_init(
        &console.input,
        (struct byte_ring *)(void *)(base + CONSOLE_PAGE_BYTES + CONSOLE_RING_OFFSET),
        CONSOLE_RING_BYTES);
    for (unsigned i = 0; i < CONSOLE_NAME_BYTES && microkit_name[i] != '\0'; i++) {
        header->name[i] = microkit_name[i];
    }
    /* Release: the name is complete when the virtualiser sees the magic. */
    atomic_store_explicit(&header->magic, CONSOLE_MAGIC, memory_order_release);
    console.header = header;
}

static void server_signal(void)
{
    if (console_channel != NO_CHANNEL) {
        microkit_notify((microkit_channel)console_channel);
    }
}

static size_t ring_put(const char *bytes, size_t length_bytes)
{
    uint32_t wanted =
        length_bytes > CONSOLE_RING_BYTES ? CONSOLE_RING_BYTES : (uint32_t)length_bytes;

    return byte_producer_write(&console.output, (const uint8_t *)bytes, wanted);
}

/* Tell of earlier losses, once the whole sentence fits. */
static void losses_report(void)
{
    char text[64];

    if (console.dropped_bytes == 0) {
        return;
    }
    int length =
        snprintf(text, sizeof(text), "\n[console: %lu bytes lost]\n", console.dropped_bytes);
    if (byte_producer_free(&console.output) >= (uint32_t)length) {
        ring_put(text, (size_t)length);
        console.dropped_bytes = 0;
    }
}

size_t console_write_some(const char *bytes, size_t length_bytes)
{
    if (console.header == NULL) {
        for (size_t i = 0; i < length_bytes; i++) {
            microkit_dbg_putc(bytes[i]);
        }
        return length_bytes;
    }
    losses_report();
    size_t taken = ring_put(bytes, length_bytes);
    server_signal();
    return taken;
}

void console_write(const char *bytes, size_t length_bytes)
{
    size_t written = console_write_some(bytes, length_bytes);
    unsigned patience = PATIENCE_TURNS;

    while (written < length_bytes && patience > 0) {
        size_t taken = ring_put(bytes + written, length_bytes - written);
        written += taken;
        if (taken > 0) {
            server_signal();
            patience = PATIENCE_TURNS;
        } else {
            patience--;
            seL4_Yield();
        }
    }
    console.dropped_bytes += length_bytes - written;
}

int console_read_byte(void)
{
    uint8_t byte = 0;

    if (console.header == NULL) {
        return -1;
    }
    /* A full ring may have stopped the virtualiser: it must learn that there is room again. */
    bool was_full = byte_consumer_available(&console.input) == CONSOLE_RING_BYTES;
    if (byte_consumer_read(&console.input, &byte, 1) == 0) {
        return -1;
    }
    if (was_full) {
        server_signal();
    }
    return byte;
}

void console_flush(void)
{
    stream_flush();
    if (console.header == NULL) {
        return;
    }
    uint32_t last = console.output.head;
    atomic_store_explicit(&console.header->urgent, last, memory_order_release);
    server_signal();
    for (unsigned patience = PATIENCE_TURNS; patience > 0; patience--) {
        if (atomic_load_explicit(&console.header->done, memory_order_acquire) == last) {
            return;
        }
        seL4_Yield();
    }
}

/* Replaces the weak function of libs/microkit: nothing written is lost when we end. */
void tessera_exit_flush(void)
{
    console_flush();
}
