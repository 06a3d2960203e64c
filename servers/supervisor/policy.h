/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Restart policies: t:restart of the description
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A policy as compose patches it: N << 32 | SECONDS for "N in SECONDS", or one of these. */
#define POLICY_NEVER  UINT64_C(0)
#define POLICY_ALWAYS UINT64_MAX

#define POLICY_COUNT_MAX 64u

/** When a component was restarted lately; all zero at first. */
struct policy_history {
    uint64_t times[POLICY_COUNT_MAX]; /* ring, in seconds */
    uint32_t next, count;
};

/** Does the policy say when, so that the time is needed? */
bool policy_has_time(uint64_t policy);
/** May a component that crashed at `now` (seconds) be restarted? If so, it is remembered. */
bool policy_allows(uint64_t policy, struct policy_history *history, uint64_t now);
