/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What differs between two systems, in words
 *
 * Objects are matched by name, and those of another name by what surrounds them (the caps to them
 * and in them): then they are renamed. The order in which anything is written does not count.
 */
#pragma once

#include "model/model.h"

/* Counterparts: to_b[object of a] and to_a[object of b]; CAPDL_NONE where there is none. */
struct capdl_match {
    uint32_t *to_b;
    uint32_t *to_a;
};

/* Pre: both specs are sealed. Work grows with their size. */
void capdl_match_make(struct capdl_match *match, const struct capdl_spec *a,
                      const struct capdl_spec *b);
void capdl_match_free(struct capdl_match *match);

/* How many differences there are of which sort. */
struct capdl_diff_counts {
    uint32_t added;   /* authority that b has and a has not: caps, mappings, rights */
    uint32_t removed; /* the other way round */
    uint32_t other;   /* objects, attributes, interrupts, derivation, domains */
};

/* Append a line for each difference of b against a. Pre: both are sealed. */
struct capdl_diff_counts capdl_diff(const struct capdl_spec *a, const struct capdl_spec *b,
                                    struct capdl_text *out);
