/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Deadlines: one per client channel
 *
 * Pure table; a count of 0 means no deadline. With at most 62 clients a scan is as fast as any
 * cleverer order and has nothing to get wrong.
 */
#pragma once

#include <stdint.h>

#define DEADLINE_CLIENTS 61u
#define DEADLINE_NONE    0u

struct deadlines {
    uint64_t counts[DEADLINE_CLIENTS];
};

/* Set the deadline of `client` (< DEADLINE_CLIENTS); DEADLINE_NONE cancels. */
void deadlines_set(struct deadlines *table, unsigned client, uint64_t count);

/* Return the earliest deadline, or DEADLINE_NONE. */
uint64_t deadlines_next(const struct deadlines *table);

/* Remove the deadlines at or before `now`. Post: returns their clients, a bit each. */
uint64_t deadlines_expire(struct deadlines *table, uint64_t now);
