/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Judging a sealed spec
 */
#pragma once

#include "model/model.h"

/* Errors: what no loader could build (kinds, slots, covers, mappings, interrupts). If there are errors
 * already, the spec is taken for incomplete: what may follow from that is not reported. */
void capdl_check(const struct capdl_spec *spec, struct capdl_diags *diags);

/* Warnings: what is allowed but hardly meant. */
void capdl_lint(const struct capdl_spec *spec, struct capdl_diags *diags);

/* The warnings among them that look at the spec as a whole (part of capdl_lint). */
void capdl_lint_system(const struct capdl_spec *spec, struct capdl_diags *diags);

/* Can this cap be in that slot of its container? Only kinds are looked at. */
bool capdl_slot_allows(const struct capdl_spec *spec, const struct capdl_cap *cap);

/* What the slot of the container wants: "a CNode cap", ... */
const char *capdl_slot_wants(const struct capdl_spec *spec, uint32_t container, uint64_t slot);

/* Word for a cap in messages: "endpoint", "irq_control", ... */
const char *capdl_cap_words(const struct capdl_spec *spec, const struct capdl_cap *cap);

/* Number of entries of a table, and the span of one entry (log2); false if not a page table. */
bool capdl_table_shape(const struct capdl_spec *spec, uint32_t table, uint32_t *entry_bits,
                       uint32_t *span_bits);
