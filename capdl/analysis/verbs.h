/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The questions of tessera-audit (private to the room)
 */
#pragma once

#include "analysis/report.h"

int verb_run(struct audit *audit, int count, char **words);

/* Write the picture, as SVG or as a page, to the file ("-": standard output). policies: what there
 * is to say about them, for a page. */
int verb_draw(struct audit *audit, const char *policies, bool is_page, const char *path);

/* Print and free. Returns the status, or 2 if printing failed. */
int text_show(struct capdl_text *text, int status);
int usage_error(void);
