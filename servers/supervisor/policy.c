/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Restart policies
 */
#include "policy.h"

bool policy_has_time(uint64_t policy)
{
    return policy != POLICY_NEVER && policy != POLICY_ALWAYS;
}

bool policy_allows(uint64_t policy, struct policy_history *history, uint64_t now)
{
    uint32_t most = (uint32_t)(policy >> 32);
    uint64_t seconds = policy & UINT32_MAX;

    if (!policy_has_time(policy)) {
        return policy == POLICY_ALWAYS;
    }
    most = most < POLICY_COUNT_MAX ? most : POLICY_COUNT_MAX;
    if (most == 0) {
        return false;
    }
    if (history->count == most) {
        /* The oldest of the last `most`: has it become old enough? */
        uint32_t oldest = (history->next + POLICY_COUNT_MAX - most) % POLICY_COUNT_MAX;

        if (now - history->times[oldest] < seconds) {
            return false;
        }
        history->count--;
    }
    history->times[history->next] = now;
    history->next = (history->next + 1) % POLICY_COUNT_MAX;
    history->count++;
    return true;
}
