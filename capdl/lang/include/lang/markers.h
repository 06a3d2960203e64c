/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lines that the C preprocessor left in a text
 *
 * Such a text has lines that begin with '#'. Those of the form `# 12 "file"` and `#line 12 "file"`
 * say where the next line came from. The lines are made blank, so that the text reads as if they
 * were not there, and what they say is kept for the rendering of diagnostics.
 */
#pragma once

#include <stdbool.h>

#include "model/memory.h"

/* From this line of the text on, lines came from `file`, beginning with its line `line`. */
struct capdl_marker {
    uint32_t at;
    uint32_t line;
    char *file;
};

struct capdl_markers {
    struct capdl_marker *list;
    uint32_t count, capacity;
};

/* Is the first line one of those two? No text that nothing preprocessed begins so. */
bool capdl_markers_begin(const char *text, size_t length);

/* Blank all lines whose first character other than space is '#', and note what they say. */
void capdl_markers_take(struct capdl_markers *markers, char *text, size_t length);

/* Where a line of the text came from: its file (or `file`, if no marker says), and *line there. */
const char *capdl_markers_file(const struct capdl_markers *markers, const char *file,
                               uint32_t *line);

void capdl_markers_free(struct capdl_markers *markers);
