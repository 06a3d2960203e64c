/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Amounts of time and memory (private to the room)
 */
#pragma once

#include "analysis/audit.h"

/* Which threads: on the core, of that priority or above, of the component if not AUTHORITY_NONE. */
struct budget_filter {
    uint64_t core, priority;
    uint32_t subject;
};

/* What they may use together, in thousandths of the core. */
uint64_t budget_share(const struct audit *audit, const struct budget_filter *filter);
/* A line for each, with the place of its scheduling context. */
void budget_share_list(const struct audit *audit, const struct budget_filter *filter,
                       struct capdl_text *out);
/* The highest core that a thread runs on. */
uint64_t budget_last_core(const struct audit *audit);

/* Bytes of main memory that the component has mapped, each once. */
uint64_t budget_memory(const struct audit *audit, uint32_t subject);
void budget_memory_list(const struct audit *audit, uint32_t subject, struct capdl_text *out);
