/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Capabilities as values
 *
 * What can be said about capabilities without looking at where they are kept: which objects they
 * name, and what a copy of one may be (abi/02 §5). The layout is in <abi/caps.h>.
 */
#pragma once

#include <core/error.h>

/* Declares `cap_noun_object`: the object that a capability of that kind names. */
#define CAP_OBJECT(noun)                                           \
    static inline struct noun *cap_##noun##_object(struct cap cap) \
    {                                                              \
        return noun##_at((struct noun##_ref){ cap_address(cap) }); \
    }

CAP_OBJECT(tcb)
CAP_OBJECT(endpoint)
CAP_OBJECT(notification)
CAP_OBJECT(reply)
CAP_OBJECT(sched_context)
CAP_OBJECT(vcpu)
CAP_OBJECT(asid_pool)

/** Slot `index` of the CNode (or dying CNode or TCB) that `cap` names. */
static inline struct slot *cap_cnode_slot(struct cap cap, word_t index)
{
    return slot_at((struct slot_ref){ cap_address(cap) + (index << SLOT_BITS) });
}

static inline bool cap_is_null(struct cap cap)
{
    return cap_type(cap) == CAP_NULL;
}

/** Log2 of the bytes of a frame of `size` (enum frame_size). */
static inline word_t frame_size_bits(word_t size)
{
    return SMALL_FRAME_BITS + PAGE_TABLE_INDEX_BITS * size;
}

/** Has `cap` an object with memory of its own? */
bool cap_has_memory(struct cap cap);
/** Bytes of that memory. Pre: cap_has_memory(cap). */
word_t cap_object_bytes(struct cap cap);

/** Does what `b` names lie within what `a` names? (abi/02 §5) */
bool cap_same_region(struct cap a, struct cap b);
/** Do both name the same object, so that neither is the last one to it? */
bool cap_same_object(struct cap a, struct cap b);
/** Is a capability `cap` copied from `source` one that can be revoked from? */
bool cap_is_revocable(struct cap cap, struct cap source);

/** The copy that may be made of `cap`, kept in `source`. `*out` can be null: then there is none.
 *  Fails: ERR_REVOKE_FIRST untyped with children; ERR_ILLEGAL_OPERATION table not mapped. */
enum err cap_derive(struct slot *source, struct cap cap, struct cap *out);
/** `cap` with its rights reduced to `rights` (rights_* of <abi/messages.h>). */
struct cap cap_mask_rights(word_t rights, struct cap cap);
/** enum frame_rights reduced to `rights`. */
word_t frame_rights_mask(word_t frame_rights, word_t rights);
/** `cap` with badge or guard taken from `data`; null if that is refused.
 *  preserve: the capability is moved, not copied. */
struct cap cap_update_data(bool preserve, word_t data, struct cap cap);
