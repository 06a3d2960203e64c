/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Warnings that need the whole spec: overlapping memory, derivation in a circle, threads and pools
 *
 * Each is linear in the spec, but for sorting the objects with a physical address.
 */
#include <stdlib.h>

#include "model/check.h"
#include "model/order.h"

/* Objects of the kind with an address and a size; of untypeds, those no other covers. */
static uint32_t placed_objects(const struct capdl_spec *spec, enum capdl_kind kind,
                               uint32_t *objects)
{
    uint32_t both = CAPDL_HAS_PADDR | CAPDL_HAS_BITS;
    uint32_t count = 0;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        const struct capdl_object *object = &spec->objects[i];
        if (object->kind == kind && (object->present & both) == both &&
            (kind != CAPDL_UT || object->parent == CAPDL_NONE)) {
            objects[count++] = i;
        }
    }
    capdl_sort(spec, objects, count, capdl_placement_compare);
    return count;
}

static void lint_overlaps(const struct capdl_spec *spec, enum capdl_kind kind,
                          struct capdl_diags *diags)
{
    uint32_t *objects = capdl_alloc(spec->object_count, sizeof(*objects));
    uint32_t count = placed_objects(spec, kind, objects);
    uint32_t before = CAPDL_NONE; /* of those so far, the one that reaches furthest */
    uint64_t last = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct capdl_object *object = &spec->objects[objects[i]];
        if (before != CAPDL_NONE && object->paddr <= last) {
            capdl_warning(diags, object->pos, "\"%s\" and \"%s\" are the same memory at 0x%llx",
                          capdl_object_text(spec, before), capdl_object_text(spec, objects[i]),
                          (unsigned long long)object->paddr);
            capdl_remedy(diags, "give them addresses apart; to share memory, share one object");
        }
        uint64_t size = UINT64_C(1) << (object->bits & 63);
        uint64_t end =
            object->paddr > UINT64_MAX - (size - 1) ? UINT64_MAX : object->paddr + (size - 1);
        if (before == CAPDL_NONE || end > last) {
            before = objects[i];
            last = end;
        }
    }
    free(objects);
}

enum walk_state { WALK_NEW = 0, WALK_ACTIVE, WALK_DONE };

/* Follow the parents of one edge to an end, or to an edge that was seen on the same way. */
static void walk_edges(const struct capdl_spec *spec, uint32_t start, uint8_t *states,
                       uint32_t *way, struct capdl_diags *diags)
{
    uint32_t length = 0;
    uint32_t at = start;
    while (at != UINT32_MAX && states[at] == WALK_NEW) {
        states[at] = WALK_ACTIVE;
        way[length++] = at;
        at = capdl_map_get(&spec->edge_map, spec->edges[at].parent, spec->edges[at].parent_slot);
    }
    /* A slot that is its own parent was reported while the text was read. */
    if (at != UINT32_MAX && states[at] == WALK_ACTIVE && at != way[length - 1]) {
        const struct capdl_edge *edge = &spec->edges[at];
        capdl_warning(diags, edge->pos, "slot %llu of \"%s\" is derived from itself, over others",
                      (unsigned long long)edge->child_slot, capdl_object_text(spec, edge->child));
        capdl_remedy(diags, "remove one relation of the circle");
    }
    while (length > 0) {
        states[way[--length]] = WALK_DONE;
    }
}

static void lint_derivation(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    uint8_t *states = capdl_alloc(spec->edge_count, sizeof(*states));
    uint32_t *way = capdl_alloc(spec->edge_count, sizeof(*way));
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        walk_edges(spec, i, states, way, diags);
    }
    free(states);
    free(way);
}

static void lint_pools(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    uint32_t count = 0;
    uint32_t without = CAPDL_NONE;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (spec->objects[i].kind == CAPDL_ASID_POOL) {
            count++;
            bool has_number = (spec->objects[i].present & CAPDL_HAS_ASID_HIGH) != 0;
            without = has_number ? without : i;
        }
    }
    if (count > 1 && without != CAPDL_NONE) {
        capdl_warning(diags, spec->objects[without].pos,
                      "\"%s\" is one of %u ASID pools and has no number",
                      capdl_object_text(spec, without), count);
        capdl_remedy(diags, "write asid_pool (asid_high: N)");
    }
}

/* A thread that is to run needs a place to run in. */
static void lint_threads(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    for (uint32_t i = 0; i < spec->object_count; i++) {
        const struct capdl_object *object = &spec->objects[i];
        if (object->kind == CAPDL_TCB && (object->present & CAPDL_HAS_IP) != 0 &&
            object->u.tcb.resume && capdl_cap_find(spec, i, 1) == CAPDL_NONE) {
            capdl_warning(diags, object->pos, "\"%s\" is to run but has no address space",
                          capdl_object_text(spec, i));
            capdl_remedy(diags, "give it a vspace cap, or write resume: False");
        }
    }
}

/* Badges of 32-bit machines have 28 bits. */
static void lint_badges(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    if (spec->arch != CAPDL_ARM11 && spec->arch != CAPDL_IA32) {
        return;
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct capdl_cap *cap = &spec->caps[i];
        if (cap->kind == CAPDL_CAP_OBJECT && cap->badge >> 28 != 0) {
            capdl_warning(diags, cap->pos, "badge 0x%llx is wider than 28 bits",
                          (unsigned long long)cap->badge);
            capdl_remedy(diags, "use a smaller badge: this machine cuts it off");
        }
    }
}

void capdl_lint_system(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    lint_overlaps(spec, CAPDL_FRAME, diags);
    lint_overlaps(spec, CAPDL_UT, diags);
    lint_derivation(spec, diags);
    lint_pools(spec, diags);
    lint_threads(spec, diags);
    lint_badges(spec, diags);
}
