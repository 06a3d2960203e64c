/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * capDL text: reading, printing, and rendering what is wrong with it
 */
#pragma once

#include "lang/markers.h"
#include "model/model.h"

/* Bounds on what a text may expand to, so that a few bytes cannot ask for all memory. */
struct capdl_limits {
    uint32_t objects; /* objects declared */
    uint32_t caps;    /* references after expansion of ranges, of all kinds together */
};

extern const struct capdl_limits capdl_default_limits; /* 2^20 objects, 2^22 references */

/*
 * Read a capDL text. Mistakes go to diags, several per run. Returns a sealed spec, to be freed by
 * the caller, or NULL if there was an error. The text need not end with a zero byte.
 * limits may be NULL.
 */
struct capdl_spec *capdl_parse(const char *text, size_t length, const struct capdl_limits *limits,
                               struct capdl_diags *diags);

/* Append the canonical text of a sealed spec. */
void capdl_print(const struct capdl_spec *spec, struct capdl_text *out);

/*
 * Append all diagnostics, sorted by place: "FILE:LINE:COLUMN: error: message", the line of the
 * text, a caret, the remedy. text may be NULL (no lines are shown then). A warning in a place where
 * an error follows is left out.
 */
void capdl_render(struct capdl_diags *diags, const char *file, const char *text, size_t length,
                  struct capdl_text *out);

/* The same for a text that went through capdl_markers_take: places are those of its sources. */
void capdl_render_marked(struct capdl_diags *diags, const char *file,
                         const struct capdl_markers *markers, const char *text, size_t length,
                         struct capdl_text *out);
