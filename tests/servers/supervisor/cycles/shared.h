/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The page that victim, caller and listener share; it outlives the victim
 */
#pragma once

#include <stdint.h>

#define ANSWER_LABEL 0x77u

struct shared {
    volatile uint64_t lives;   /* of the victim */
    volatile uint64_t answers; /* the caller got */
    volatile uint64_t events;  /* the listener saw */
    volatile uint64_t crashes; /* of the victim's child, that the victim heard of */
};

/* Patched: where the page is. */
extern struct shared *shared;
