/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding places in RAM
 */
#include "place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct boot_range ram[] = { { 0x40001000, 0x48000000 }, { 0x80000000, 0x90000000 } };

static struct place place_new(void)
{
    return (struct place){ .ram = ram, .ram_count = 2 };
}

static uint64_t found(const struct place *place, uint64_t bytes, uint64_t align)
{
    uint64_t at;

    return place_find(place, bytes, align, &at) ? at : 0;
}

static void test_lowest_aligned(void **state)
{
    (void)state;
    struct place place = place_new();

    assert_int_equal(found(&place, 0x1000, 0x1000), 0x40001000);
    assert_int_equal(found(&place, 0x1000, 0x200000), 0x40200000);
    assert_int_equal(found(&place, 0x8000000, 0x1000), 0x80000000);
    assert_int_equal(found(&place, 0x10000000, 0x200000), 0x80000000);
    assert_int_equal(found(&place, 0x10000001, 0x1000), 0);
}

static void test_around_obstacles(void **state)
{
    (void)state;
    struct place place = place_new();

    assert_true(place_take(&place, 0x40300000, 0x40301000));
    assert_true(place_take(&place, 0x40000000, 0x40201000));
    assert_true(place_take(&place, 0x40201000, 0x40201000)); /* nothing */
    assert_int_equal(place.taken_count, 2);
    assert_int_equal(found(&place, 0x1000, 0x1000), 0x40201000);
    assert_int_equal(found(&place, 0xff000, 0x1000), 0x40201000);
    assert_int_equal(found(&place, 0x100000, 0x1000), 0x40301000);
    assert_int_equal(found(&place, 0x200000, 0x200000), 0x40400000);
    assert_true(place_take(&place, 0, 0x88000000));
    assert_int_equal(found(&place, 0x1000, 0x1000), 0x88000000);
    assert_true(place_take(&place, 0x88000000, UINT64_MAX));
    assert_int_equal(found(&place, 0x1000, 0x1000), 0);
}

static void test_is_free(void **state)
{
    (void)state;
    struct place place = place_new();

    assert_true(place_is_free(&place, 0x40001000, 0x48000000));
    assert_false(place_is_free(&place, 0x40000000, 0x48000000));
    assert_false(place_is_free(&place, 0x47fff000, 0x80001000));
    assert_true(place_take(&place, 0x41000000, 0x41001000));
    assert_true(place_is_free(&place, 0x40001000, 0x41000000));
    assert_false(place_is_free(&place, 0x40001000, 0x41000001));
    assert_true(place_is_free(&place, 0x41001000, 0x42000000));
}

static void test_full_list(void **state)
{
    (void)state;
    struct place place = place_new();

    for (uint64_t i = 0; i < PLACE_TAKEN_MAX; i++) {
        assert_true(place_take(&place, i, i + 1));
    }
    assert_false(place_take(&place, 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lowest_aligned),
        cmocka_unit_test(test_around_obstacles),
        cmocka_unit_test(test_is_free),
        cmocka_unit_test(test_full_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
