/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep of core and specification, a fixed number of seeds
 */
#include "lockstep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define SEEDS 100
#define STEPS 4000

static void core_agrees_with_specification(void **state)
{
    (void)state;
    for (word_t seed = 1; seed <= SEEDS; seed++) {
        struct source source = { .state = seed * 0x9e3779b97f4a7c15ul | 1 };
        struct lockstep_result result = lockstep_run(&source, STEPS, true);

        if (!result.agreed) {
            fail_msg("replay: lockstep %lu", (unsigned long)seed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(core_agrees_with_specification) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
