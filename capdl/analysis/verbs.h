/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The questions of tessera-audit (private to the room)
 */
#pragma once

#include "analysis/report.h"

int verb_run(const struct flow_graph *graph, int count, char **words);

/* Print and free. Returns the status, or 2 if printing failed. */
int text_show(struct capdl_text *text, int status);
int usage_error(void);
