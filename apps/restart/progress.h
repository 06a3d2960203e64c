/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The page in which the talkers show how far they are
 */
#pragma once

#include <stdint.h>

#define TALKERS 2u

struct progress {
    volatile uint64_t lines[TALKERS]; /* printed */
};

/* Patched: where the page is. */
extern struct progress *progress;
