/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the console client
 *
 * The test plays the virtualiser: it empties the ring when the client is signalled or yields.
 *
 * The client's state lives as long as the program, so the tests build on one another.
 */
#include <console/console.h>

#include <microkit.h>
#include <proto/console.h>
#include <queue/byte_ring.h>
#include <tessera.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream.h"

#define CHANNEL 3u

char microkit_name[MICROKIT_PD_NAME_LENGTH] = "tester";

static uint8_t *region;
static struct byte_consumer output;
static struct byte_producer input;
static char shown[100000];
static uint32_t shown_length;
static uint32_t bytes_per_yield;
static unsigned signals;
static unsigned stream_flushes;

static void server_take(uint32_t limit)
{
    struct console_output_header *header = (struct console_output_header *)(void *)region;

    shown_length += byte_consumer_read(&output, (uint8_t *)shown + shown_length, limit);
    atomic_store(&header->done, output.tail);
}

void microkit_notify(microkit_channel ch)
{
    assert_int_equal(ch, CHANNEL);
    signals++;
}

void microkit_dbg_putc(int c)
{
    shown[shown_length++] = (char)c;
}

void seL4_Yield(void)
{
    if (bytes_per_yield > 0) {
        server_take(bytes_per_yield);
    }
}

void stream_flush(void)
{
    stream_flushes++;
}

static void without_region_it_is_the_debug_console(void **state)
{
    (void)state;
    console_init(NULL);
    console_write("debug", 5);
    assert_memory_equal(shown, "debug", 5);
    assert_int_equal(console_read_byte(), -1);
    shown_length = 0;
}

static void header_names_the_client(void **state)
{
    (void)state;
    region = aligned_alloc(4096, CONSOLE_REGION_BYTES);
    memset(region, 0, CONSOLE_REGION_BYTES);
    byte_consumer_init(&output, (struct byte_ring *)(void *)(region + CONSOLE_RING_OFFSET),
                       CONSOLE_RING_BYTES);
    byte_producer_init(
        &input, (struct byte_ring *)(void *)(region + CONSOLE_PAGE_BYTES + CONSOLE_RING_OFFSET),
        CONSOLE_RING_BYTES);
    console_channel = CHANNEL;
    console_region = (uint64_t)(uintptr_t)region;
    console_init(NULL);
    struct console_output_header *header = (struct console_output_header *)(void *)region;
    assert_int_equal(header->magic, CONSOLE_MAGIC);
    assert_string_equal(header->name, "tester");
}

static void long_write_waits_for_room(void **state)
{
    char text[10000];

    (void)state;
    for (unsigned i = 0; i < sizeof(text); i++) {
        text[i] = (char)('a' + i % 26);
    }
    bytes_per_yield = 7;
    console_write(text, sizeof(text));
    console_flush();
    assert_int_equal(shown_length, sizeof(text));
    assert_memory_equal(shown, text, sizeof(text));
    assert_true(signals > 0);
    shown_length = 0;
}

static void some_never_waits(void **state)
{
    char text[CONSOLE_RING_BYTES + 1] = { 0 };

    (void)state;
    bytes_per_yield = 0;
    assert_int_equal(console_write_some(text, sizeof(text)), CONSOLE_RING_BYTES);
    assert_int_equal(console_write_some(text, 1), 0);
    server_take(CONSOLE_RING_BYTES);
    shown_length = 0;
}

static void losses_are_told(void **state)
{
    char text[CONSOLE_RING_BYTES + 5];

    (void)state;
    memset(text, '.', sizeof(text));
    console_write(text, sizeof(text)); /* nobody takes anything: 5 bytes are given up */
    server_take(CONSOLE_RING_BYTES);
    console_write("after\n", 6);
    server_take(CONSOLE_RING_BYTES);
    shown[shown_length] = '\0';
    assert_string_equal(shown + CONSOLE_RING_BYTES, "\n[console: 5 bytes lost]\nafter\n");
    shown_length = 0;
}

static void reading_from_a_full_ring_signals(void **state)
{
    uint8_t text[CONSOLE_RING_BYTES];

    (void)state;
    memset(text, 'i', sizeof(text));
    byte_producer_write(&input, text, sizeof(text));
    signals = 0;
    assert_int_equal(console_read_byte(), 'i');
    assert_int_equal(signals, 1);
    assert_int_equal(console_read_byte(), 'i');
    assert_int_equal(signals, 1);
}

static void ending_flushes(void **state)
{
    (void)state;
    stream_flushes = 0;
    bytes_per_yield = 1;
    console_write("the end", 7);
    tessera_exit_flush();
    assert_int_equal(stream_flushes, 1);
    assert_memory_equal(shown, "the end", 7);
    free(region);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_region_it_is_the_debug_console),
        cmocka_unit_test(header_names_the_client),
        cmocka_unit_test(long_write_waits_for_room),
        cmocka_unit_test(some_never_waits),
        cmocka_unit_test(losses_are_told),
        cmocka_unit_test(reading_from_a_full_ring_signals),
        cmocka_unit_test(ending_flushes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
