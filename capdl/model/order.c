/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Canonical order and sizes of objects
 */
#include "model/order.h"

#include <abi/objects.h>
#include <stdlib.h>
#include <string.h>

uint32_t capdl_object_size_bits(const struct capdl_spec *spec, uint32_t object)
{
    const struct capdl_object *o = &spec->objects[object];
    switch (o->kind) {
    case CAPDL_EP: return ENDPOINT_BITS;
    case CAPDL_NOTIFICATION: return NOTIFICATION_BITS;
    case CAPDL_TCB: return TCB_BITS;
    case CAPDL_CNODE: return (uint32_t)o->bits + SLOT_BITS;
    case CAPDL_SC:
        return (o->present & CAPDL_HAS_BITS) != 0 ? (uint32_t)o->bits : SCHED_CONTEXT_MIN_BITS;
    case CAPDL_UT:
    case CAPDL_FRAME: return (uint32_t)o->bits;
    case CAPDL_ASID_POOL:
        return (o->present & CAPDL_HAS_ASID_HIGH) != 0 && o->u.device.number[0] == 0
                   ? 0
                   : ASID_POOL_BITS;
    case CAPDL_PUD:
    case CAPDL_PGD: return VSPACE_BITS;
    case CAPDL_PT:
    case CAPDL_PD:
    case CAPDL_PDPT:
    case CAPDL_PML4:
    case CAPDL_IO_PT: return PAGE_TABLE_BITS;
    case CAPDL_VCPU: return VCPU_BITS;
    case CAPDL_RTREPLY: return REPLY_BITS;
    default: return 0;
    }
}

int capdl_name_compare(const struct capdl_spec *spec, uint32_t a, uint32_t b)
{
    const struct capdl_object *left = &spec->objects[a];
    const struct capdl_object *right = &spec->objects[b];
    if (left->name != right->name) {
        /* strcmp compares as unsigned bytes: the order of code points in UTF-8. */
        return strcmp(capdl_name_text(spec, left->name), capdl_name_text(spec, right->name));
    }
    /* No index is CAPDL_NONE; plus 1 it wraps to 0, before every index. */
    uint32_t left_index = left->index + 1;
    uint32_t right_index = right->index + 1;
    return left_index < right_index ? -1 : left_index > right_index;
}

int capdl_placement_compare(const struct capdl_spec *spec, uint32_t a, uint32_t b)
{
    const struct capdl_object *left = &spec->objects[a];
    const struct capdl_object *right = &spec->objects[b];
    bool left_placed = (left->present & CAPDL_HAS_PADDR) != 0;
    bool right_placed = (right->present & CAPDL_HAS_PADDR) != 0;
    if (left_placed != right_placed) {
        return left_placed ? -1 : 1;
    }
    if (left_placed && left->paddr != right->paddr) {
        return left->paddr < right->paddr ? -1 : 1;
    }
    uint32_t left_bits = capdl_object_size_bits(spec, a);
    uint32_t right_bits = capdl_object_size_bits(spec, b);
    if (left_bits != right_bits) {
        return left_bits > right_bits ? -1 : 1;
    }
    return capdl_name_compare(spec, a, b);
}

/* Merge sort: qsort has no portable way to pass the spec. */
void capdl_sort(const struct capdl_spec *spec, uint32_t *objects, uint32_t count,
                capdl_compare_fn compare)
{
    uint32_t *other = capdl_alloc(count, sizeof(*other));
    uint32_t *from = objects;
    uint32_t *to = other;
    for (uint64_t width = 1; width < count; width *= 2) {
        for (uint64_t start = 0; start < count; start += 2 * width) {
            uint64_t middle = start + width < count ? start + width : count;
            uint64_t end = start + 2 * width < count ? start + 2 * width : count;
            uint64_t left = start;
            uint64_t right = middle;
            for (uint64_t at = start; at < end; at++) {
                bool take_left =
                    left < middle && (right >= end || compare(spec, from[left], from[right]) <= 0);
                to[at] = take_left ? from[left++] : from[right++];
            }
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != objects) {
        memcpy(objects, from, count * sizeof(*objects));
    }
    free(other);
}

uint32_t *capdl_sorted_by_name(const struct capdl_spec *spec)
{
    uint32_t *sorted = capdl_alloc(spec->object_count, sizeof(*sorted));
    for (uint32_t i = 0; i < spec->object_count; i++) {
        sorted[i] = i;
    }
    capdl_sort(spec, sorted, spec->object_count, capdl_name_compare);
    return sorted;
}
