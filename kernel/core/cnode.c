/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Invocations of CNode capabilities (abi/03 §5)
 */
#include <core/cnode.h>

#include <abi/labels.h>
#include <core/cap.h>
#include <core/cdt.h>
#include <core/cspace.h>
#include <core/endpoint.h>
#include <core/slot_delete.h>

static enum outcome outcome_of(enum progress progress)
{
    return progress == PROGRESS_DONE ? OUTCOME_DONE : OUTCOME_PREEMPTED;
}

/* Copy and Mint: what is to be put into the destination; null is refused by the caller. */
static enum outcome cnode_check_copy(const struct invocation *inv, struct slot *source,
                                     struct cap *cap)
{
    struct cap masked;

    if (inv->length < (inv->label == LABEL_CNODE_MINT ? 6 : 5)) {
        return error_truncated();
    }
    masked = cap_mask_rights(invocation_arg(inv, 4), source->cap);
    if (inv->label == LABEL_CNODE_MINT) {
        masked = cap_update_data(false, invocation_arg(inv, 5), masked);
    }
    return cap_derive(source, masked, cap) == ERR_NONE ? OUTCOME_DONE : OUTCOME_ERROR;
}

static enum outcome cnode_check_mutate(const struct invocation *inv, struct slot *source,
                                       struct cap *cap)
{
    if (inv->length < 5) {
        return error_truncated();
    }
    *cap = cap_update_data(true, invocation_arg(inv, 4), source->cap);
    return OUTCOME_DONE;
}

/* Copy, Mint, Move, Mutate into slot `destination`. */
static enum outcome cnode_decode_transfer(struct invocation *inv, struct slot *destination)
{
    bool is_copy = inv->label == LABEL_CNODE_COPY || inv->label == LABEL_CNODE_MINT;
    enum outcome outcome = OUTCOME_DONE;
    struct slot *source;
    struct cap cap;

    if (inv->length < 4 || inv->extra_count < 1) {
        return error_truncated();
    }
    if (!cap_is_null(destination->cap)) {
        return error_delete_first();
    }
    if (cspace_lookup_source(inv->extra[0]->cap, invocation_arg(inv, 2), invocation_arg(inv, 3),
                             &source) != ERR_NONE) {
        return OUTCOME_ERROR;
    }
    if (cap_is_null(source->cap)) {
        return error_missing(true, invocation_arg(inv, 3));
    }
    cap = source->cap;
    if (is_copy) {
        outcome = cnode_check_copy(inv, source, &cap);
    } else if (inv->label == LABEL_CNODE_MUTATE) {
        outcome = cnode_check_mutate(inv, source, &cap);
    }
    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    if (cap_is_null(cap)) {
        return error_illegal();
    }
    if (is_copy) {
        cdt_insert(cap, source, destination);
    } else {
        cdt_move(cap, source, destination);
    }
    return OUTCOME_DONE;
}

static enum outcome cnode_decode_cancel_badged(struct slot *slot)
{
    struct cap cap = slot->cap;

    if (cap_type(cap) != CAP_ENDPOINT || !cap_endpoint_can_send(cap) ||
        !cap_endpoint_can_receive(cap) || !cap_endpoint_can_grant(cap) ||
        !cap_endpoint_can_grant_reply(cap)) {
        return error_illegal();
    }
    if (cap_endpoint_badge(cap) == 0) {
        return OUTCOME_DONE;
    }
    return outcome_of(endpoint_cancel_badged(cap_endpoint_object(cap), cap_endpoint_badge(cap)));
}

/* Pivot to destination, source to pivot, in one go. */
static void cnode_rotate(struct cap source_cap, struct slot *source, struct cap pivot_cap,
                         struct slot *pivot, struct slot *destination)
{
    if (source == destination) {
        cdt_swap(source_cap, source, pivot_cap, pivot);
    } else {
        cdt_move(pivot_cap, pivot, destination);
        cdt_move(source_cap, source, pivot);
    }
}

static enum outcome cnode_decode_rotate(struct invocation *inv, struct slot *destination)
{
    struct slot *source;
    struct slot *pivot;
    struct cap source_cap;
    struct cap pivot_cap;

    if (inv->length < 8 || inv->extra_count < 2) {
        return error_truncated();
    }
    if (cspace_lookup_source(inv->extra[1]->cap, invocation_arg(inv, 6), invocation_arg(inv, 7),
                             &source) != ERR_NONE ||
        cspace_lookup_pivot(inv->extra[0]->cap, invocation_arg(inv, 3), invocation_arg(inv, 4),
                            &pivot) != ERR_NONE) {
        return OUTCOME_ERROR;
    }
    if (pivot == source || pivot == destination) {
        return error_illegal();
    }
    if (source != destination && !cap_is_null(destination->cap)) {
        return error_delete_first();
    }
    if (cap_is_null(source->cap)) {
        return error_missing(true, invocation_arg(inv, 7));
    }
    if (cap_is_null(pivot->cap)) {
        return error_missing(false, invocation_arg(inv, 4));
    }
    source_cap = cap_update_data(true, invocation_arg(inv, 5), source->cap);
    if (cap_is_null(source_cap)) {
        return error_illegal();
    }
    pivot_cap = cap_update_data(true, invocation_arg(inv, 2), pivot->cap);
    if (cap_is_null(pivot_cap)) {
        return error_illegal();
    }
    cnode_rotate(source_cap, source, pivot_cap, pivot, destination);
    return OUTCOME_DONE;
}

enum outcome cnode_decode(struct invocation *inv)
{
    struct slot *destination;

    if (inv->label < LABEL_CNODE_REVOKE || inv->label > LABEL_CNODE_ROTATE) {
        return error_illegal();
    }
    if (inv->length < 2) {
        return error_truncated();
    }
    if (cspace_lookup_target(inv->cap, invocation_arg(inv, 0), invocation_arg(inv, 1),
                             &destination) != ERR_NONE) {
        return OUTCOME_ERROR;
    }
    switch (inv->label) {
    case LABEL_CNODE_REVOKE: return outcome_of(slot_revoke(destination));
    case LABEL_CNODE_DELETE: return outcome_of(slot_delete(destination));
    case LABEL_CNODE_CANCEL_BADGED_SENDS: return cnode_decode_cancel_badged(destination);
    case LABEL_CNODE_ROTATE: return cnode_decode_rotate(inv, destination);
    default: return cnode_decode_transfer(inv, destination);
    }
}
