/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: capabilities, derivation, lookup
 */
#pragma once

#include "spec.h"

/** The capability in the slot at `place`, or NULL if it is empty. */
struct spec_entry *spec_caps_at(word_t place);
struct spec_cap spec_caps_value(word_t place);
bool spec_caps_same_region(const struct spec_cap *a, const struct spec_cap *b);
bool spec_caps_same_object(const struct spec_cap *a, const struct spec_cap *b);
bool spec_caps_is_parent(const struct spec_entry *a, const struct spec_entry *b);
/** Is the next capability in derivation order derived from this one? */
bool spec_caps_has_children(const struct spec_entry *entry);
/** Is this the last capability of its object? */
bool spec_caps_is_final(const struct spec_entry *entry);
/** Put a capability of a new object directly after its untyped. */
void spec_caps_insert_new(struct spec_cap cap, word_t source, word_t place);
/** Put a derived capability directly after its source. */
void spec_caps_insert_derived(struct spec_cap cap, word_t source, word_t place);
void spec_caps_move(struct spec_cap cap, word_t from, word_t to);
void spec_caps_swap(struct spec_cap a, word_t place_a, struct spec_cap b, word_t place_b);
void spec_caps_remove(word_t place);

/** What Copy makes of a capability; type null if nothing. */
enum err spec_caps_derive(const struct spec_cap *cap, word_t place, struct spec_cap *out);
struct spec_cap spec_caps_mask(struct spec_cap cap, word_t rights);
/** Apply a badge or CNode data word; type null if that is not allowed. */
struct spec_cap spec_caps_update(struct spec_cap cap, word_t data, bool preserve);

/** Size in bytes of the memory that a capability stands for; 0 if none. */
word_t spec_caps_bytes(const struct spec_cap *cap);

/** Resolve `bits` bits of `address` from `root`. Post: the bits not used. */
struct spec_lookup spec_lookup_resolve(struct spec_cap root, word_t address, word_t bits,
                                       word_t *place, word_t *left);
/** Resolve a capability pointer of a thread. */
struct spec_lookup spec_lookup_thread(const struct spec_thread *thread, word_t cptr, word_t *place);
