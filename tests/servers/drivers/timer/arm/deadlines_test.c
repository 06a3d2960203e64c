/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the timer driver's deadline table
 */
#include "deadlines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void empty_table_has_no_deadline(void **state)
{
    struct deadlines table = { 0 };

    (void)state;
    assert_int_equal(deadlines_next(&table), DEADLINE_NONE);
    assert_int_equal(deadlines_expire(&table, UINT64_MAX), 0);
}

static void earliest_comes_first(void **state)
{
    struct deadlines table = { 0 };

    (void)state;
    deadlines_set(&table, 3, 300);
    deadlines_set(&table, 0, 100);
    deadlines_set(&table, 60, 200);
    assert_int_equal(deadlines_next(&table), 100);
    assert_int_equal(deadlines_expire(&table, 99), 0);
    assert_int_equal(deadlines_expire(&table, 200), 1ull | 1ull << 60);
    assert_int_equal(deadlines_next(&table), 300);
    assert_int_equal(deadlines_expire(&table, 200), 0);
}

static void cancel_and_replace(void **state)
{
    struct deadlines table = { 0 };

    (void)state;
    deadlines_set(&table, 1, 100);
    deadlines_set(&table, 2, 150);
    deadlines_set(&table, 1, DEADLINE_NONE);
    assert_int_equal(deadlines_next(&table), 150);
    deadlines_set(&table, 2, 50);
    assert_int_equal(deadlines_next(&table), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_table_has_no_deadline),
        cmocka_unit_test(earliest_comes_first),
        cmocka_unit_test(cancel_and_replace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
