/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What warden tells inspector about its faults
 *
 * Before an attempt that may fault, inspector says where to go on; warden writes down the fault
 * and restarts it there.
 */
#pragma once

#include <stdint.h>

#define GREETING_LABEL 0x123u /* sent through the fault endpoint by inspector: no fault */
#define ANSWER_LABEL   0x77u  /* of the peer to any call */

struct record {
    volatile uint64_t resume; /* 0: no fault is expected */
    volatile uint64_t faults;
    volatile uint64_t label; /* kind of the last one */
    volatile uint64_t address;
    volatile uint64_t greetings;
};

/* Patched: where the page is. */
extern struct record *record;
