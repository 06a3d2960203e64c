/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Capability spaces: from an address to a slot
 *
 * A CSpace is a tree of CNodes. Each CNode capability consumes its guard and then its radix from
 * the address, most significant bits first (abi/02 §3).
 */
#pragma once

#include <core/cap.h>
#include <core/error.h>

/** The slot that all 64 bits of `cptr` name in `root`, if that is a CNode whose guard is 0 and
 *  which consumes all bits: what most CSpaces are. NULL in every other case, resolved or not. */
static inline struct slot *cspace_simple_slot(struct cap root, word_t cptr)
{
    const word_t radix = cap_cnode_radix(root);

    return cap_type(root) == CAP_CNODE && cptr >> radix == 0 &&
                   root.words[1] == cap_cnode_new(0, 0, WORD_BITS - radix, 0).words[1]
               ? cap_cnode_slot(root, cptr)
               : NULL;
}

/** Resolve the 64 bits of `cptr` in the CSpace of `thread`. A resolution that ends early, at a
 *  capability that is no CNode, succeeds. Fails: false, why is in this_cpu()->lookup_fault. */
bool cspace_lookup(struct tcb *thread, word_t cptr, struct slot **slot);
/** The same from a root, for when cspace_simple_slot has been tried. */
bool cspace_lookup_deep(struct cap root, word_t cptr, struct slot **slot);

/** The slot named by (root, index, depth), for CNode operations: resolved to the last bit.
 *  Fails: ERR_FAILED_LOOKUP, ERR_RANGE; the error is noted. */
enum err cspace_lookup_target(struct cap root, word_t index, word_t depth, struct slot **slot);
/** The same; failures are reported as those of the source. */
enum err cspace_lookup_source(struct cap root, word_t index, word_t depth, struct slot **slot);
enum err cspace_lookup_pivot(struct cap root, word_t index, word_t depth, struct slot **slot);
/** As cspace_lookup_target for an empty slot: the usual destination.
 *  Fails: also ERR_DELETE_FIRST. */
enum err cspace_lookup_empty(struct cap root, word_t index, word_t depth, struct slot **slot);

/** The same without saying why not: for the receive slot of a message. */
bool cspace_lookup_exact(struct cap root, word_t index, word_t depth, struct slot **slot);
