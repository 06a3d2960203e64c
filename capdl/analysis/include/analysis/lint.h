/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What is allowed but hardly meant
 */
#pragma once

#include "analysis/flow.h"

struct finding {
    const char *name; /* of the lint */
    char *text;       /* what is found, with the reason */
    char *remedy;
    char *file_line;        /* "system.xml:12", owned */
    uint32_t subject, node; /* concerned, or AUTHORITY_NONE */
};

struct findings {
    struct finding *list;
    uint32_t count, capacity;
};

/* All findings, in the order of the lints. */
void lint_audit(const struct flow_graph *graph, struct findings *findings);
void findings_free(struct findings *findings);

/* As "FILE:LINE: warning: ... [name]" and "  remedy: ...". */
void findings_report(const struct findings *findings, struct capdl_text *out);
