/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: floating-point registers belong to the thread (abi/05 §8)
 */
#include "conform.h"

#include <string.h>

#define ROUNDS 50

static volatile seL4_Word wrong, done;

/* fpu_cycle.S: fill all registers from a seed, yield, and compare; returns the number that differ. */
seL4_Word fpu_cycle(seL4_Word seed);

static void work(seL4_Word seed, seL4_Word unused)
{
    (void)unused;
    for (seL4_Word i = 0; i < ROUNDS; i++) {
        wrong += fpu_cycle(seed + i);
    }
    done++;
}

/* The registers of a new thread are zero, whoever ran before. */
seL4_Word fpu_is_clear(void);

static volatile seL4_Word clear;

static void look(seL4_Word a, seL4_Word b)
{
    (void)a;
    (void)b;
    clear = fpu_is_clear();
}

void suite_fpu(void)
{
    (void)thread_spawn(MAIN_PRIO, work, 0x1000, 0);
    (void)thread_spawn(MAIN_PRIO, work, 0x2000, 0);
    for (seL4_Word i = 0; i < ROUNDS; i++) {
        wrong += fpu_cycle(0x3000 + i);
    }
    while (done < 2) {
        seL4_Yield();
    }
    CHECK_EQ(wrong, 0);
    (void)fpu_cycle(7);
    (void)thread_spawn(MAIN_PRIO + 1, look, 0, 0);
    CHECK_EQ(clear, 1);
}
