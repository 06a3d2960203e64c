/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parts of the comparison share (private to the room)
 */
#pragma once

#include "diff_words.h"
#include "model/diff.h"

enum diff_class { DIFF_ADDED, DIFF_REMOVED, DIFF_OTHER };

struct diff {
    struct wording a, b;
    struct capdl_match match;
    struct capdl_text *out;
    struct capdl_diff_counts counts;
};

/* One line: its class, then whatever is appended to out, then the rest and the end of the line. */
void diff_start(struct diff *diff, enum diff_class class);
__attribute__((format(printf, 2, 3))) void diff_end(struct diff *diff, const char *format, ...);

/* Attributes of an object and its counterpart. */
void diff_attributes(struct diff *diff, uint32_t a, uint32_t b);

/* All caps of all containers. */
void diff_caps(struct diff *diff);

/* Interrupts, derivation, domains. */
void diff_rest(struct diff *diff);
