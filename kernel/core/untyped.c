/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Untyped memory: the source of every object (abi/02 §4, abi/03 §3)
 *
 *      base          watermark                     end
 *      |  given out  |        zero, clean           |
 *
 * Invariant: normal memory above the watermark is zero and written through to RAM, so objects are
 *            made without touching their memory; device memory is never touched.
 * Invariant: objects derived from the capability lie below its watermark.
 */
#include <core/untyped.h>

#include <abi/labels.h>
#include <core/cap.h>
#include <core/cdt.h>
#include <core/cspace.h>
#include <core/object_create.h>
#include <core/preempt.h>

/* Zeroed between two looks at the preemption counter, and what that counts for: as much as in
 * steps of RESET_CHUNK_BITS. */
#define RESET_STEP_BITS  12
#define RESET_STEP_UNITS (1ul << (RESET_STEP_BITS - RESET_CHUNK_BITS))

/* A retype, checked. */
struct retype {
    enum object_type type;
    word_t size_bits;   /* the user's argument */
    word_t object_bits; /* size of one object */
    word_t count;
    struct slot *slots; /* first of `count` destination slots */
};

word_t untyped_used_bytes(struct cap cap)
{
    return cap_untyped_free_index(cap) << FREE_INDEX_SHIFT;
}

static word_t untyped_bytes(struct cap cap)
{
    return 1ul << cap_untyped_size_bits(cap);
}

static struct cap untyped_with_used(struct cap cap, word_t bytes)
{
    return cap_untyped_with_free_index(cap, bytes >> FREE_INDEX_SHIFT);
}

struct cap untyped_full(struct cap cap)
{
    return untyped_with_used(cap, untyped_bytes(cap));
}

/* Bring the watermark back to the bottom. True: preempted, go on from the watermark. */
static bool untyped_reset(struct slot *slot)
{
    word_t used = untyped_used_bytes(slot->cap);

    if (cap_untyped_is_device(slot->cap)) {
        slot->cap = untyped_with_used(slot->cap, 0);
        return false;
    }
    while (used > 0) {
        /* Down to the next lower multiple of the step, so that the first step may be smaller. */
        word_t start = (used - 1) >> RESET_STEP_BITS << RESET_STEP_BITS;
        word_t address = cap_address(slot->cap) + start;

        machine_memory_clear(address, used - start);
        machine_frame_clean(address, used - start);
        used = start;
        slot->cap = untyped_with_used(slot->cap, used);
        if (used > 0 && preemption_point_after(RESET_STEP_UNITS)) {
            return true;
        }
    }
    return false;
}

static enum outcome untyped_retype(struct slot *slot, const struct retype *retype)
{
    bool is_device = cap_untyped_is_device(slot->cap);
    word_t bytes = 1ul << retype->object_bits;
    word_t address;

    if (!cdt_has_children(slot) && untyped_reset(slot)) {
        return OUTCOME_PREEMPTED;
    }
    /* Objects are aligned to their size; the untyped is aligned at least as much if one fits. */
    address = cap_address(slot->cap) + untyped_used_bytes(slot->cap);
    address = (address + bytes - 1) & ~(bytes - 1);
    slot->cap =
        untyped_with_used(slot->cap, address + retype->count * bytes - cap_address(slot->cap));
    /* Bound: RETYPE_MAX_OBJECTS. */
    for (word_t i = 0; i < retype->count; i++) {
        cdt_insert_child(slot, &retype->slots[i],
                         object_create(retype->type, address, retype->size_bits, is_device));
        address += bytes;
    }
    return OUTCOME_DONE;
}

/* Checks 3 to 7: type and size. */
static enum outcome untyped_check_type(const struct invocation *inv, struct retype *retype)
{
    word_t type = invocation_arg(inv, 0);
    word_t size_bits = invocation_arg(inv, 1);

    if (type >= OBJECT_TYPE_COUNT) {
        return error_argument(0);
    }
    if (size_bits >= WORD_BITS ||
        object_size_bits((enum object_type)type, size_bits) > UNTYPED_MAX_BITS) {
        return error_range(0, UNTYPED_MAX_BITS);
    }
    if ((type == OBJECT_CNODE && size_bits < CNODE_MIN_RADIX) ||
        (type == OBJECT_UNTYPED && size_bits < UNTYPED_MIN_BITS) ||
        (type == OBJECT_SCHED_CONTEXT && size_bits < SCHED_CONTEXT_MIN_BITS)) {
        return error_argument(1);
    }
    retype->type = (enum object_type)type;
    retype->size_bits = size_bits;
    retype->object_bits = object_size_bits(retype->type, size_bits);
    return OUTCOME_DONE;
}

/* Checks 8 to 13: where the capabilities go. */
static enum outcome untyped_check_slots(const struct invocation *inv, struct retype *retype)
{
    struct cap cnode = inv->extra[0]->cap;
    word_t depth = invocation_arg(inv, 3);
    word_t offset = invocation_arg(inv, 4);
    word_t slots;

    if (depth != 0) {
        struct slot *node_slot;

        if (cspace_lookup_target(cnode, invocation_arg(inv, 2), depth, &node_slot) != ERR_NONE) {
            return OUTCOME_ERROR;
        }
        cnode = node_slot->cap;
    }
    if (cap_type(cnode) != CAP_CNODE) {
        return error_missing(false, depth);
    }
    slots = 1ul << cap_cnode_radix(cnode);
    if (offset > slots - 1) {
        return error_range(0, slots - 1);
    }
    retype->count = invocation_arg(inv, 5);
    if (retype->count < 1 || retype->count > RETYPE_MAX_OBJECTS) {
        return error_range(1, RETYPE_MAX_OBJECTS);
    }
    if (retype->count > slots - offset) {
        return error_range(1, slots - offset);
    }
    retype->slots = cap_cnode_slot(cnode, offset);
    for (word_t i = 0; i < retype->count; i++) {
        if (!cap_is_null(retype->slots[i].cap)) {
            return error_delete_first();
        }
    }
    return OUTCOME_DONE;
}

enum outcome untyped_decode(struct invocation *inv)
{
    struct retype retype = { .count = 0 };
    word_t free_bytes;

    if (inv->label != LABEL_UNTYPED_RETYPE) {
        return error_illegal();
    }
    if (inv->length < 6 || inv->extra_count < 1) {
        return error_truncated();
    }
    if (untyped_check_type(inv, &retype) != OUTCOME_DONE ||
        untyped_check_slots(inv, &retype) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    free_bytes = untyped_bytes(inv->cap);
    if (cdt_has_children(inv->slot)) {
        free_bytes -= untyped_used_bytes(inv->cap);
    }
    if (free_bytes >> retype.object_bits < retype.count) {
        return error_no_memory(free_bytes);
    }
    if (cap_untyped_is_device(inv->cap) && retype.type != OBJECT_UNTYPED &&
        !object_is_frame(retype.type)) {
        return error_argument(1);
    }
    return untyped_retype(inv->slot, &retype);
}
