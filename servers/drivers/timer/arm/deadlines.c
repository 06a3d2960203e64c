/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Deadlines: scans over the table
 */
#include "deadlines.h"

void deadlines_set(struct deadlines *table, unsigned client, uint64_t count)
{
    table->counts[client] = count;
}

uint64_t deadlines_next(const struct deadlines *table)
{
    uint64_t next = DEADLINE_NONE;

    for (unsigned client = 0; client < DEADLINE_CLIENTS; client++) {
        uint64_t count = table->counts[client];
        if (count != DEADLINE_NONE && (next == DEADLINE_NONE || count < next)) {
            next = count;
        }
    }
    return next;
}

uint64_t deadlines_expire(struct deadlines *table, uint64_t now)
{
    uint64_t expired = 0;

    for (unsigned client = 0; client < DEADLINE_CLIENTS; client++) {
        uint64_t count = table->counts[client];
        if (count != DEADLINE_NONE && count <= now) {
            table->counts[client] = DEADLINE_NONE;
            expired |= 1ull << client;
        }
    }
    return expired;
}
