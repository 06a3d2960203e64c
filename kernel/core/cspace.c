/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Capability spaces: from an address to a slot
 *
 *      address   |  guard  |  radix  |  guard  |  radix  | left over |
 *                 \__ root CNode ___/ \_ CNode in that slot _/
 *
 * Invariant: guard size + radix of a CNode capability is 1..64 (cap_update_data, untyped_decode),
 * so each level consumes a bit at least and none more than there are.
 */
#include <core/cspace.h>

#include <core/cap.h>

/* Note why a lookup failed. Kept out of the loop of the common case. */
static void lookup_fail(enum lookup_failure failure, word_t bits_left, word_t guard, word_t bits)
{
    this_cpu()->lookup_fault = (struct lookup_fault){
        .failure = failure,
        .bits_left = bits_left,
        .guard_found = guard,
        .bits_found = bits,
    };
}

/* Resolve the low `*bits` bits of `address` from `cap`; *bits becomes what is left over. */
static inline bool cspace_resolve(struct cap cap, word_t address, word_t *bits, struct slot **slot)
{
    word_t left = *bits;

    if (cap_type(cap) != CAP_CNODE) {
        lookup_fail(LOOKUP_INVALID_ROOT, 0, 0, 0);
        return false;
    }
    /* At most 64 rounds: a round consumes `radix` bits, which is not 0. */
    do {
        word_t guard_size = cap_cnode_guard_size(cap);
        word_t radix = cap_cnode_radix(cap);
        word_t guard = cap_cnode_guard(cap);

        /* With guard size 0 and 64 bits left the shift is by 0 instead of 64; the mask is 0. */
        if (guard_size > left ||
            ((address >> ((left - guard_size) % WORD_BITS)) & ((1ul << guard_size) - 1)) != guard) {
            lookup_fail(LOOKUP_GUARD_MISMATCH, left, guard, guard_size);
            return false;
        }
        if (guard_size + radix > left) {
            lookup_fail(LOOKUP_DEPTH_MISMATCH, left, 0, guard_size + radix);
            return false;
        }
        left -= guard_size + radix;
        *slot = cap_cnode_slot(cap, (address >> left) & ((1ul << radix) - 1));
        if (left == 0) {
            break;
        }
        cap = (*slot)->cap;
    } while (cap_type(cap) == CAP_CNODE);
    *bits = left;
    return true;
}

bool cspace_lookup_deep(struct cap root, word_t cptr, struct slot **slot)
{
    word_t bits = WORD_BITS;

    return cspace_resolve(root, cptr, &bits, slot);
}

bool cspace_lookup(struct tcb *thread, word_t cptr, struct slot **slot)
{
    const struct cap root = thread->slots[TCB_SLOT_CSPACE].cap;

    *slot = cspace_simple_slot(root, cptr);
    return *slot != NULL || cspace_lookup_deep(root, cptr, slot);
}

/* Resolution for a CNode operation: nothing may be left over. */
static enum err lookup_for_operation(struct cap root, word_t index, word_t depth, bool source,
                                     struct slot **slot)
{
    word_t bits = depth;

    if (depth == WORD_BITS) {
        *slot = cspace_simple_slot(root, index);
        if (*slot != NULL) {
            return ERR_NONE;
        }
    }
    if (cap_type(root) != CAP_CNODE) {
        lookup_fail(LOOKUP_INVALID_ROOT, 0, 0, 0);
        error_lookup(source);
        return ERR_FAILED_LOOKUP;
    }
    if (depth < 1 || depth > WORD_BITS) {
        error_range(1, WORD_BITS);
        return ERR_RANGE;
    }
    if (!cspace_resolve(root, index, &bits, slot)) {
        error_lookup(source);
        return ERR_FAILED_LOOKUP;
    }
    if (bits != 0) {
        lookup_fail(LOOKUP_DEPTH_MISMATCH, bits, 0, 0);
        error_lookup(source);
        return ERR_FAILED_LOOKUP;
    }
    return ERR_NONE;
}

enum err cspace_lookup_target(struct cap root, word_t index, word_t depth, struct slot **slot)
{
    return lookup_for_operation(root, index, depth, false, slot);
}

enum err cspace_lookup_source(struct cap root, word_t index, word_t depth, struct slot **slot)
{
    return lookup_for_operation(root, index, depth, true, slot);
}

enum err cspace_lookup_pivot(struct cap root, word_t index, word_t depth, struct slot **slot)
{
    return lookup_for_operation(root, index, depth, true, slot);
}

enum err cspace_lookup_empty(struct cap root, word_t index, word_t depth, struct slot **slot)
{
    enum err err = cspace_lookup_target(root, index, depth, slot);

    if (err == ERR_NONE && !cap_is_null((*slot)->cap)) {
        error_delete_first();
        return ERR_DELETE_FIRST;
    }
    return err;
}

bool cspace_lookup_exact(struct cap root, word_t index, word_t depth, struct slot **slot)
{
    word_t bits = depth;

    return depth >= 1 && depth <= WORD_BITS && cspace_resolve(root, index, &bits, slot) &&
           bits == 0;
}
