/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The lints, by subject (private to the room)
 */
#pragma once

#include "analysis/lint.h"
#include "extract.h"

struct lint {
    const struct audit *audit;
    const struct flow_graph *graph;
    struct findings *findings;
};

struct found {
    const char *name;
    uint32_t cap;    /* place; or AUTHORITY_NONE */
    uint32_t object; /* place if there is no cap */
    uint32_t subject, node;
};

/* The format holds the text and the remedy, parted by one newline. */
__attribute__((format(printf, 3, 4))) void
lint_add(const struct lint *lint, const struct found *found, const char *format, ...);

/* The fact is held at the start (not taken, not given). */
static inline bool is_held(const struct audit *audit, uint32_t fact)
{
    return fact < audit->closure->held_count;
}

static inline bool holds(const struct audit *audit, uint32_t subject, uint32_t node,
                         enum power power)
{
    return is_held(audit, closure_find(audit->closure, subject, node, power));
}

/* Subjects that hold the power at the start, and the first two of them. */
uint32_t lint_holders(const struct audit *audit, uint32_t node, enum power power, uint32_t *first,
                      uint32_t *second);

void lint_memory(const struct lint *lint);
void lint_devices(const struct lint *lint);
void lint_messages(const struct lint *lint);
void lint_threads(const struct lint *lint);
void lint_masters(const struct lint *lint);
