/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep from the command line: lockstep FIRST-SEED [SEEDS [STEPS]]
 */
#include "lockstep.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static word_t number(int argc, char **argv, int i, word_t otherwise)
{
    return i < argc ? strtoul(argv[i], NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
    word_t first = number(argc, argv, 1, 1), seeds = number(argc, argv, 2, 1);
    word_t limit = number(argc, argv, 3, 2000), failed = 0, steps = 0, skipped = 0, systems = seeds;
    clock_t start = clock();

    for (word_t seed = first; seed < first + seeds; seed++) {
        struct source source = { .state = seed * 0x9e3779b97f4a7c15ul | 1 };
        struct lockstep_result result = lockstep_run(&source, (unsigned)limit, seeds == 1);

        steps += result.steps;
        skipped += result.skipped;
        systems += result.systems;
        if (!result.agreed) {
            printf("  seed %lu disagrees after %u steps\n", (unsigned long)seed, result.steps);
            failed++;
        }
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

    lockstep_print_coverage();
    printf("%lu seeds, %lu systems, %lu steps (%lu skipped), %.0f steps/s, %lu seeds disagree\n",
           (unsigned long)seeds, (unsigned long)systems, (unsigned long)steps,
           (unsigned long)skipped, (double)steps / seconds, (unsigned long)failed);
    return failed != 0;
}
