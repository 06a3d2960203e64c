/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The capability derivation tree
 *
 * All capabilities are in one doubly linked list per root, in preorder of the tree: the children
 * of a slot are the longest run of successors of which it is a parent (abi/02 §5). Two bits per
 * entry, CDT_REVOCABLE and CDT_FIRST_BADGED, and the capabilities themselves decide parenthood, so
 * there are no tree links to keep.
 *
 * Invariant: a slot is in a list iff its capability is not null.
 */
#pragma once

#include <core/cap.h>

static inline struct slot *cdt_next(const struct slot *slot)
{
    return slot_at((struct slot_ref){ slot->cdt.next_flags & ~CDT_FLAGS });
}

static inline struct slot *cdt_prev(const struct slot *slot)
{
    return slot_at(slot->cdt.prev);
}

/** Put a boot capability into `destination` as a root of its own. Pre: the slot is empty. */
void cdt_insert_root(struct slot *destination, struct cap cap);
/** Put `cap`, copied from `source`, into `destination`. Pre: the destination is empty. */
void cdt_insert(struct cap cap, struct slot *source, struct slot *destination);
/** Put `cap` to a new object into `destination`, below `parent`. Pre: the destination is empty. */
void cdt_insert_child(struct slot *parent, struct slot *destination, struct cap cap);
/** Empty `from`; `to` gets `cap` and the place in the list. Pre: `to` is empty, `from` is not. */
void cdt_move(struct cap cap, struct slot *from, struct slot *to);
/** `a` gets `cap_b` and the place of b, `b` gets `cap_a` and the place of a. Either may be empty
 *  (with a null capability). */
void cdt_swap(struct cap cap_a, struct slot *a, struct cap cap_b, struct slot *b);
/** Take `slot` out of its list and empty it. Pre: what its deletion does has been done. */
void cdt_remove(struct slot *slot);

/** Is `b`, given that it follows `a`, a descendant of `a`? */
bool cdt_is_parent(const struct slot *a, const struct slot *b);
bool cdt_has_children(const struct slot *slot);
/** Is this the last capability to its object? */
bool cdt_is_final(const struct slot *slot);
