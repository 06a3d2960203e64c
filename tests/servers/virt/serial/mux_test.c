/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the console multiplexer
 *
 * Each test feeds client bytes and compares everything that reached the terminal.
 */
#include "mux.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define A "\x1b[32m[a]\x1b[0m "
#define B "\x1b[33m[b]\x1b[0m "
#define S "\x1b[7m[serial]\x1b[0m "
#define W "\r\x1b[K"

static int setup(void **state)
{
    struct mux *mux = malloc(sizeof(*mux));

    mux_init(mux);
    mux_add(mux, 1, true);
    mux_name(mux, 1, "a", 1);
    mux_add(mux, 2, true);
    mux_name(mux, 2, "b", 1);
    *state = mux;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

/* Print as serial_virt does: what is ready, in chunks. Returns how much was shown. */
static uint32_t print(struct mux *mux, unsigned id, const char *text)
{
    const uint8_t *bytes = (const uint8_t *)text;
    uint32_t ready = mux_ready(mux, id, bytes, (uint32_t)strlen(text), 0);
    uint32_t shown = 0;

    while (shown < ready) {
        uint32_t chunk = ready - shown < MUX_CHUNK ? ready - shown : MUX_CHUNK;
        assert_true(mux_room(mux));
        mux_show(mux, id, bytes + shown, chunk);
        shown += chunk;
    }
    return shown;
}

static void expect(struct mux *mux, const char *text)
{
    assert_int_equal(mux->out_length, strlen(text));
    assert_memory_equal(mux->out, text, strlen(text));
    mux_sent(mux, mux->out_length);
}

static void one_printer_has_no_prefix(void **state)
{
    struct mux *mux = *state;

    print(mux, 1, "one\ntwo\r\nprompt> ");
    expect(mux, "one\r\ntwo\r\nprompt> ");
}

static void unfocused_only_printer_is_shown_at_once(void **state)
{
    struct mux *mux = *state;

    print(mux, 2, "half");
    expect(mux, "half");
}

static void two_printers_get_prefixes(void **state)
{
    struct mux *mux = *state;

    print(mux, 1, "first\n");
    print(mux, 2, "second\n");
    print(mux, 1, "third\n");
    expect(mux, "first\r\n" B "second\r\n" A "third\r\n");
}

static void unfocused_lines_wait_for_their_end(void **state)
{
    struct mux *mux = *state;
    char line[MUX_LONG_LINE + 1];

    print(mux, 1, "x\n");
    print(mux, 2, "y\n");
    mux_sent(mux, mux->out_length);
    assert_int_equal(print(mux, 2, "whole\npart"), 6);
    expect(mux, B "whole\r\n");
    assert_int_equal(mux_ready(mux, 2, (const uint8_t *)"a\nbcd", 5, 4), 4);
    assert_int_equal(mux_ready(mux, 2, (const uint8_t *)"a\nbcd", 5, 0), 2);
    memset(line, 'z', sizeof(line));
    assert_int_equal(mux_ready(mux, 2, (const uint8_t *)line, MUX_LONG_LINE, 0), MUX_LONG_LINE);
}

static void focused_prompt_is_wiped_and_comes_back(void **state)
{
    struct mux *mux = *state;

    print(mux, 2, "up\n");
    print(mux, 1, "$ ");
    expect(mux, "up\r\n" A "$ ");
    print(mux, 2, "event\n");
    mux_settle(mux);
    expect(mux, W B "event\r\n" A "$ ");
    print(mux, 2, "again\n");
    print(mux, 1, "ls\n");
    expect(mux, W B "again\r\n" A "$ ls\r\n");
    mux_settle(mux);
    expect(mux, "");
}

static void long_unfinished_line_is_broken_not_lost(void **state)
{
    struct mux *mux = *state;
    char line[MUX_HELD_BYTES + 11];

    print(mux, 2, "up\n");
    memset(line, 'q', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    print(mux, 1, line);
    mux_sent(mux, mux->out_length);
    print(mux, 2, "event\n");
    mux_settle(mux);
    print(mux, 1, "rest\n");
    expect(mux, "\r\n" B "event\r\n" A "rest\r\n");
}

static void escape_moves_the_focus(void **state)
{
    struct mux *mux = *state;

    assert_int_equal(mux_type(mux, 'x'), MUX_INPUT_FORWARD);
    assert_int_equal(mux_type(mux, MUX_ESCAPE), MUX_INPUT_TAKEN);
    assert_int_equal(mux_type(mux, '2'), MUX_INPUT_TAKEN);
    assert_int_equal(mux->focus, 2);
    expect(mux, S "input to 2 b\r\n");
    mux_type(mux, MUX_ESCAPE);
    mux_type(mux, 'n');
    assert_int_equal(mux->focus, 1);
    expect(mux, S "input to 1 a\r\n");
    mux_type(mux, MUX_ESCAPE);
    assert_int_equal(mux_type(mux, MUX_ESCAPE), MUX_INPUT_FORWARD);
    mux_type(mux, MUX_ESCAPE);
    mux_type(mux, '7');
    assert_int_equal(mux->focus, 1);
    expect(mux, S "Ctrl-] and: *1 a  2 b  n next\r\n");
}

static void focus_change_keeps_unfinished_lines(void **state)
{
    struct mux *mux = *state;

    print(mux, 2, "up\n");
    print(mux, 1, "$ ");
    mux_sent(mux, mux->out_length);
    mux_type(mux, MUX_ESCAPE);
    mux_type(mux, '2');
    expect(mux, "\r\n" S "input to 2 b\r\n");
    print(mux, 2, "> ");
    print(mux, 1, "done\n");
    mux_settle(mux);
    expect(mux, B "> " W A "done\r\n" B "> ");
}

static void untrusted_names_are_cleaned(void **state)
{
    struct mux *mux = *state;

    mux_name(mux, 2, "e\x1b]vil", 6);
    assert_string_equal(mux->clients[2].name, "e__vil");
    mux_name(mux, 2, "0123456789012345678901234567890123456789", 40);
    assert_int_equal(strlen(mux->clients[2].name), MUX_NAME_BYTES - 1);
}

/* Random output, typing and settling: the bound that mux_room promises holds. */
static void random_use_stays_in_bounds(void **state)
{
    struct mux *mux = *state;
    unsigned random = 1;
    unsigned long emptied = 0;

    for (int round = 0; round < 200000; round++) {
        random = random * 1103515245u + 12345u;
        unsigned pick = random >> 16;
        if (!mux_room(mux)) {
            emptied++;
            mux_sent(mux, mux->out_length);
        }
        uint8_t bytes[MUX_CHUNK];
        for (unsigned i = 0; i < MUX_CHUNK; i++) {
            bytes[i] = (pick >> (i % 8)) % 3 == 0 ? '\n' : 'c';
        }
        switch (pick % 4) {
        case 0:
        case 1: mux_show(mux, 1 + pick % 2, bytes, MUX_CHUNK); break;
        case 2: mux_settle(mux); break;
        default: mux_type(mux, pick % 5 == 0 ? MUX_ESCAPE : (uint8_t)('0' + pick % 4)); break;
        }
        assert_true(mux->out_length <= MUX_OUT_BYTES);
    }
    assert_true(emptied > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_printer_has_no_prefix, setup, teardown),
        cmocka_unit_test_setup_teardown(unfocused_only_printer_is_shown_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(two_printers_get_prefixes, setup, teardown),
        cmocka_unit_test_setup_teardown(unfocused_lines_wait_for_their_end, setup, teardown),
        cmocka_unit_test_setup_teardown(focused_prompt_is_wiped_and_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(long_unfinished_line_is_broken_not_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(escape_moves_the_focus, setup, teardown),
        cmocka_unit_test_setup_teardown(focus_change_keeps_unfinished_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(untrusted_names_are_cleaned, setup, teardown),
        cmocka_unit_test_setup_teardown(random_use_stays_in_bounds, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
