/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Packing, step 1b: derivation
 *
 * The kernel knows who was derived from whom in two ways only. A badged cap is the parent of the
 * copies that were made of it. And the original of an object is the parent of every cap to it that
 * has no such parent. So a relation of the spec can be built if the parent is badged and the child
 * a copy of it; or if the parent's slot gets the original. Then the original has all rights, and
 * every other cap to the object derives from it: what the spec does not say, we must not build.
 * Untypeds and IRQControl are originals anyway.
 */
#include <stdlib.h>

#include "pack.h"

/* Original, badged cap, copy: longer ways than that the kernel does not know. */
#define DEPTH_MAX 2u

static const struct capdl_cap *cap_at(const struct packer *packer, uint32_t container,
                                      uint64_t slot, uint32_t *number)
{
    *number = capdl_cap_find(packer->spec, container, slot);
    return *number == CAPDL_NONE ? NULL : &packer->spec->caps[*number];
}

static enum capdl_kind target_kind(const struct packer *packer, const struct capdl_cap *cap)
{
    return cap->kind == CAPDL_CAP_OBJECT ? packer->spec->objects[cap->target].kind
                                         : CAPDL_KIND_COUNT;
}

/* Is the object made from memory of the untyped? Covers may form a cycle. */
static bool is_inside(const struct packer *packer, uint32_t object, uint32_t untyped)
{
    for (uint32_t steps = 0; object != CAPDL_NONE && steps <= packer->spec->object_count; steps++) {
        object = packer->spec->objects[object].parent;
        if (object == untyped) {
            return true;
        }
    }
    return false;
}

static bool refuse(struct packer *packer, const struct capdl_edge *edge, const char *why,
                   const char *remedy)
{
    capdl_error(
        packer->diags, edge->pos, "slot %llu of \"%s\" cannot derive from slot %llu of \"%s\": %s",
        (unsigned long long)edge->child_slot, capdl_object_text(packer->spec, edge->child),
        (unsigned long long)edge->parent_slot, capdl_object_text(packer->spec, edge->parent), why);
    capdl_remedy(packer->diags, "%s", remedy);
    return false;
}

static uint8_t rights_of_original(enum capdl_kind kind)
{
    switch (kind) {
    case CAPDL_EP: return CAPDL_RIGHTS_ALL;
    case CAPDL_NOTIFICATION:
    case CAPDL_FRAME: return CAPDL_RIGHT_READ | CAPDL_RIGHT_WRITE;
    default: return 0;
    }
}

/* The parent's slot is to hold the original of its object. */
static bool take_original(struct packer *packer, const struct capdl_edge *edge, uint32_t number)
{
    const struct capdl_cap *parent = &packer->spec->caps[number];
    enum capdl_kind kind = target_kind(packer, parent);
    uint8_t rights = rights_of_original(kind);
    if (kind != CAPDL_EP && kind != CAPDL_NOTIFICATION && kind != CAPDL_FRAME &&
        kind != CAPDL_RTREPLY && kind != CAPDL_SC && kind != CAPDL_VCPU &&
        !capdl_kind_is_irq(kind)) {
        return refuse(packer, edge, "the initialiser needs the original of such an object itself",
                      "remove the relation; all caps to the object derive from an original that "
                      "nobody reaches");
    }
    if ((parent->rights & rights) != rights) {
        return refuse(packer, edge,
                      "the parent has no badge and not all rights, so it is a copy, "
                      "and a copy has no children",
                      "give the parent all rights, or a badge that its children have too");
    }
    struct pack_object *object = &packer->objects[parent->target];
    if (object->original != CAPDL_NONE && object->original != number) {
        return refuse(packer, edge, "another slot has the original of the object already",
                      "let all caps to the object derive from one");
    }
    object->original = number;
    object->is_moved = true;   /* no keeper has it */
    object->is_written = true; /* a frame of its own memory, not of the boot image */
    object->is_mapped = true;  /* mappings are made by copies */
    return true;
}

/* Two caps to one object, neither of an untyped. */
static bool relate(struct packer *packer, const struct capdl_edge *edge, uint32_t child,
                   uint32_t parent)
{
    const struct capdl_spec *spec = packer->spec;
    const struct capdl_cap *low = &spec->caps[child];
    const struct capdl_cap *high = &spec->caps[parent];
    if (spec->objects[high->container].kind != CAPDL_CNODE) {
        return refuse(packer, edge, "the parent is in no CNode",
                      "put the parent's cap into a CNode, and name that slot");
    }
    if (high->badge == 0) {
        return take_original(packer, edge, parent);
    }
    if (low->badge != high->badge) {
        return refuse(packer, edge, "the parent has another badge",
                      "a child of a badged cap has its badge");
    }
    if ((low->rights & ~high->rights) != 0) {
        return refuse(packer, edge, "it has rights that the parent has not",
                      "take the rights away, or give them to the parent");
    }
    if (spec->objects[low->container].kind != CAPDL_CNODE) {
        return refuse(packer, edge, "only caps in CNodes are copied from others",
                      "remove the relation, or derive from an unbadged cap with all rights");
    }
    packer->cap_parents[child] = parent;
    return true;
}

static void derive(struct packer *packer, const struct capdl_edge *edge)
{
    uint32_t child_number;
    uint32_t parent_number;
    const struct capdl_cap *child = cap_at(packer, edge->child, edge->child_slot, &child_number);
    const struct capdl_cap *parent =
        cap_at(packer, edge->parent, edge->parent_slot, &parent_number);
    if (child == NULL || parent == NULL || child == parent) {
        return; /* warned of when the text was read */
    }
    if (target_kind(packer, parent) == CAPDL_UT && child->target != CAPDL_NONE) {
        if (!is_inside(packer, child->target, parent->target)) {
            refuse(packer, edge, "its object is not made from that untyped",
                   "declare the object inside the untyped, or remove the relation");
        }
        return;
    }
    if (parent->kind == CAPDL_CAP_IRQ_CONTROL && child->kind == CAPDL_CAP_OBJECT &&
        (capdl_kind_is_irq(target_kind(packer, child)) ||
         target_kind(packer, child) == CAPDL_SGI)) {
        return;
    }
    if (child->kind != CAPDL_CAP_OBJECT || parent->kind != CAPDL_CAP_OBJECT ||
        child->target != parent->target) {
        refuse(packer, edge, "they are not caps to one object",
               "a cap derives from a cap to its object, or from the untyped around that");
        return;
    }
    relate(packer, edge, child_number, parent_number);
}

/* A copy of a badged cap is not a parent: the kernel hangs its copies below the badged cap too. */
static void check_depth(struct packer *packer, const struct capdl_edge *edge)
{
    uint32_t child = capdl_cap_find(packer->spec, edge->child, edge->child_slot);
    uint32_t parent = child == CAPDL_NONE ? CAPDL_NONE : packer->cap_parents[child];
    if (parent != CAPDL_NONE && packer->cap_parents[parent] != CAPDL_NONE) {
        refuse(packer, edge,
               "the parent is itself a copy of a badged cap, and a copy has no "
               "children",
               "let both derive from the same badged cap");
    }
}

/* Does the cap derive from the original? Longer ways are refused elsewhere. */
static bool derives_from(const struct packer *packer, const struct capdl_cap *cap,
                         const struct capdl_cap *original)
{
    uint32_t container = cap->container;
    uint64_t slot = cap->slot;
    for (uint32_t steps = 0; steps <= DEPTH_MAX; steps++) {
        if (container == original->container && slot == original->slot) {
            return true;
        }
        uint32_t edge = capdl_map_get(&packer->spec->edge_map, container, slot);
        if (edge == UINT32_MAX) {
            return false;
        }
        container = packer->spec->edges[edge].parent;
        slot = packer->spec->edges[edge].parent_slot;
    }
    return false;
}

/* Where an original is given away, everything else to the object hangs below it. */
static void check_rest(struct packer *packer, const struct capdl_cap *cap)
{
    const struct capdl_spec *spec = packer->spec;
    if (cap->target == CAPDL_NONE || packer->objects[cap->target].original == CAPDL_NONE ||
        capdl_kind_is_irq(spec->objects[cap->container].kind)) {
        return;
    }
    const struct capdl_object *container = &spec->objects[cap->container];
    bool is_binding = container->kind == CAPDL_TCB && (cap->slot == 6 || cap->slot >= 8);
    const struct capdl_cap *original = &spec->caps[packer->objects[cap->target].original];
    if (!is_binding && !derives_from(packer, cap, original)) {
        capdl_error(packer->diags, cap->pos,
                    "slot %llu of \"%s\" would derive from slot %llu of \"%s\", the original of "
                    "\"%s\", though nothing says so",
                    (unsigned long long)cap->slot, capdl_object_text(spec, cap->container),
                    (unsigned long long)original->slot,
                    capdl_object_text(spec, original->container),
                    capdl_object_text(spec, cap->target));
        capdl_remedy(packer->diags, "say so with child_of: every cap to an object derives from its "
                                    "original");
    }
}

void pack_derive(struct packer *packer)
{
    const struct capdl_spec *spec = packer->spec;
    packer->cap_parents = capdl_alloc(spec->cap_count, sizeof(*packer->cap_parents));
    packer->cap_numbers = capdl_alloc(spec->cap_count, sizeof(*packer->cap_numbers));
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        packer->cap_parents[i] = CAPDL_NONE;
        packer->cap_numbers[i] = PACKED_NONE;
    }
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        derive(packer, &spec->edges[i]);
    }
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        check_depth(packer, &spec->edges[i]);
    }
    for (uint32_t i = 0; i < spec->cap_count && spec->edge_count > 0; i++) {
        check_rest(packer, &spec->caps[i]);
    }
}

void pack_parents(struct packer *packer)
{
    for (uint32_t i = 0; i < packer->spec->cap_count; i++) {
        uint32_t parent = packer->cap_parents[i];
        if (parent != CAPDL_NONE && packer->cap_numbers[i] != PACKED_NONE &&
            packer->cap_numbers[parent] != PACKED_NONE) {
            struct packed_cap *record =
                packed_builder_at(&packer->builder, PACKED_CAPS, packer->cap_numbers[i]);
            record->parent = packer->cap_numbers[parent];
            record->flags |= PACKED_CAP_DERIVED;
        }
    }
}
