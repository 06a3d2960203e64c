/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The capability derivation tree
 *
 *      untyped ─▶ TCB ─▶ endpoint ─▶ badged copy ─▶ untyped ─▶ frame ─▶ (next root)
 *        │         └child   └child      └grandchild    └child    └grandchild
 */
#include <core/cdt.h>

#include <core/untyped.h>

static void cdt_set_next(struct slot *slot, const struct slot *next)
{
    slot->cdt.next_flags = machine_address(next) | (slot->cdt.next_flags & CDT_FLAGS);
}

/* Let the neighbours of `slot` know that it is between them. */
static void cdt_link_neighbours(struct slot *slot)
{
    struct slot *prev = cdt_prev(slot);
    struct slot *next = cdt_next(slot);

    if (prev != NULL) {
        cdt_set_next(prev, slot);
    }
    if (next != NULL) {
        next->cdt.prev = slot_ref_of(slot);
    }
}

static void cdt_clear(struct slot *slot)
{
    slot->cap = cap_null_new();
    slot->cdt = (struct cdt_node){ { 0 }, 0 };
}

/* Put `cap` into `slot`, directly after `before`. */
static void cdt_link_after(struct slot *before, struct slot *slot, struct cap cap, word_t flags)
{
    slot->cap = cap;
    slot->cdt.prev = slot_ref_of(before);
    slot->cdt.next_flags = (before->cdt.next_flags & ~CDT_FLAGS) | flags;
    cdt_link_neighbours(slot);
}

void cdt_insert_root(struct slot *destination, struct cap cap)
{
    destination->cap = cap;
    destination->cdt = (struct cdt_node){ { 0 }, CDT_REVOCABLE | CDT_FIRST_BADGED };
}

void cdt_insert(struct cap cap, struct slot *source, struct slot *destination)
{
    bool revocable = cap_is_revocable(cap, source->cap);

    cdt_link_after(source, destination, cap, revocable ? CDT_REVOCABLE | CDT_FIRST_BADGED : 0);
    /* A copy of an untyped takes all of its memory: two watermarks over the same bytes would give
     * them out twice. */
    if (cap_type(cap) == CAP_UNTYPED && cap_type(source->cap) == CAP_UNTYPED &&
        cap_address(cap) == cap_address(source->cap) &&
        cap_untyped_size_bits(cap) == cap_untyped_size_bits(source->cap)) {
        source->cap = untyped_full(source->cap);
    }
}

void cdt_insert_child(struct slot *parent, struct slot *destination, struct cap cap)
{
    cdt_link_after(parent, destination, cap, CDT_REVOCABLE | CDT_FIRST_BADGED);
}

void cdt_move(struct cap cap, struct slot *from, struct slot *to)
{
    to->cap = cap;
    to->cdt = from->cdt;
    cdt_clear(from);
    cdt_link_neighbours(to);
}

/* The place `node` as seen once the slots `was` and `now` have changed places. */
static struct cdt_node cdt_node_renamed(struct cdt_node node, struct slot *was, struct slot *now)
{
    if (slot_at(node.prev) == was) {
        node.prev = slot_ref_of(now);
    }
    if ((node.next_flags & ~CDT_FLAGS) == machine_address(was)) {
        node.next_flags = machine_address(now) | (node.next_flags & CDT_FLAGS);
    }
    return node;
}

void cdt_swap(struct cap cap_a, struct slot *a, struct cap cap_b, struct slot *b)
{
    struct cdt_node node_a = a->cdt;
    struct cdt_node node_b = b->cdt;

    a->cap = cap_b;
    b->cap = cap_a;
    /* Where the two are neighbours each one's place mentions the other. */
    a->cdt = cdt_node_renamed(node_b, a, b);
    b->cdt = cdt_node_renamed(node_a, b, a);
    cdt_link_neighbours(a);
    cdt_link_neighbours(b);
}

void cdt_remove(struct slot *slot)
{
    struct slot *prev = cdt_prev(slot);
    struct slot *next = cdt_next(slot);

    if (prev != NULL) {
        cdt_set_next(prev, next);
    }
    if (next != NULL) {
        next->cdt.prev = slot->cdt.prev;
        /* The successor now begins what the removed one began. */
        next->cdt.next_flags |= slot->cdt.next_flags & CDT_FIRST_BADGED;
    }
    cdt_clear(slot);
}

/* Is `b` below `a` as far as badges go? */
static bool cdt_badge_is_parent(word_t badge_a, word_t badge_b, bool b_is_first)
{
    return badge_a == 0 || (badge_a == badge_b && !b_is_first);
}

bool cdt_is_parent(const struct slot *a, const struct slot *b)
{
    bool b_is_first = (b->cdt.next_flags & CDT_FIRST_BADGED) != 0;

    if ((a->cdt.next_flags & CDT_REVOCABLE) == 0 || !cap_same_region(a->cap, b->cap)) {
        return false;
    }
    switch (cap_type(a->cap)) {
    case CAP_ENDPOINT:
        return cdt_badge_is_parent(cap_endpoint_badge(a->cap), cap_endpoint_badge(b->cap),
                                   b_is_first);
    case CAP_NOTIFICATION:
        return cdt_badge_is_parent(cap_notification_badge(a->cap), cap_notification_badge(b->cap),
                                   b_is_first);
    case CAP_SMC:
        return cdt_badge_is_parent(cap_smc_badge(a->cap), cap_smc_badge(b->cap), b_is_first);
    case CAP_SGI: return !b_is_first;
    default: return true;
    }
}

bool cdt_has_children(const struct slot *slot)
{
    const struct slot *next = cdt_next(slot);

    return next != NULL && cdt_is_parent(slot, next);
}

bool cdt_is_final(const struct slot *slot)
{
    const struct slot *prev = cdt_prev(slot);
    const struct slot *next = cdt_next(slot);

    /* Capabilities to one object are neighbours: copies are put directly after their source, and
     * what is derived from them otherwise has another object or none. */
    return (prev == NULL || !cap_same_object(prev->cap, slot->cap)) &&
           (next == NULL || !cap_same_object(slot->cap, next->cap));
}
