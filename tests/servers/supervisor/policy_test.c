/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the restart policies
 */
#include "policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static uint64_t policy(uint64_t most, uint64_t seconds)
{
    return most << 32 | seconds;
}

static void never_and_always(void **state)
{
    struct policy_history history = { 0 };

    (void)state;
    assert_false(policy_has_time(POLICY_NEVER));
    assert_false(policy_has_time(POLICY_ALWAYS));
    for (unsigned i = 0; i < 1000; i++) {
        assert_false(policy_allows(POLICY_NEVER, &history, i));
        assert_true(policy_allows(POLICY_ALWAYS, &history, 0));
    }
}

static void so_many_in_a_time(void **state)
{
    struct policy_history history = { 0 };
    uint64_t three = policy(3, 10);

    (void)state;
    assert_true(policy_has_time(three));
    assert_true(policy_allows(three, &history, 100));
    assert_true(policy_allows(three, &history, 105));
    assert_true(policy_allows(three, &history, 109));
    assert_false(policy_allows(three, &history, 109));
    assert_true(policy_allows(three, &history, 110)); /* the first is ten seconds ago */
    assert_false(policy_allows(three, &history, 114));
    assert_true(policy_allows(three, &history, 115));
}

static void the_most_and_the_least(void **state)
{
    struct policy_history history = { 0 };
    struct policy_history other = { 0 };

    (void)state;
    for (unsigned i = 0; i < POLICY_COUNT_MAX; i++) {
        assert_true(policy_allows(policy(POLICY_COUNT_MAX, 1000), &history, i));
    }
    assert_false(policy_allows(policy(POLICY_COUNT_MAX, 1000), &history, 999));
    assert_true(policy_allows(policy(POLICY_COUNT_MAX, 1000), &history, 1000));
    assert_false(policy_allows(policy(POLICY_COUNT_MAX, 1000), &history, 1000));
    assert_false(policy_allows(policy(0, 5), &other, 0));
    assert_true(policy_allows(policy(1, 5), &other, 0));
    assert_false(policy_allows(policy(1, 5), &other, 4));
    assert_true(policy_allows(policy(1, 5), &other, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_and_always),
        cmocka_unit_test(so_many_in_a_time),
        cmocka_unit_test(the_most_and_the_least),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
