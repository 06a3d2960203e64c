/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The page in which the parts of the supervised system show that they run
 */
#pragma once

#include <stdint.h>

struct beats {
    volatile uint64_t victim;
    volatile uint64_t guest;
    volatile uint64_t bystander;
};

/* Patched: where the page is. */
extern struct beats *beats;
