/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Capabilities in CNodes
 *
 * Copies first, with exactly the rights stated; then what is moved (untypeds, IRQControl,
 * capabilities that hold a mapping), as nothing can be made from a moved one here any more. Then
 * the originals go into their keepers: those of threads last of all, since they are started by
 * them, and with them the keepers' own.
 */
#include "initialiser.h"

#define SLOT_BITS 5u

static uint8_t radix_of(uint32_t cnode)
{
    return (uint8_t)(initialiser.spec.objects[cnode].size_bits - SLOT_BITS);
}

static seL4_CPtr source_of(const struct packed_cap *cap)
{
    switch (cap->kind) {
    case PACKED_CAP_IRQ_CONTROL: return seL4_CapIRQControl;
    case PACKED_CAP_ASID_CONTROL: return seL4_CapASIDControl;
    case PACKED_CAP_DOMAIN: return seL4_CapDomain;
    case PACKED_CAP_SCHED_CONTROL: return sched_control(cap->data, cap->container);
    default: break;
    }
    return cap->mapping != PACKED_NONE ? map_slot(cap->mapping) : object_slot(cap->target);
}

static bool is_moved(const struct packed_cap *cap)
{
    return (cap->flags & PACKED_CAP_MOVE) != 0 || cap->mapping != PACKED_NONE;
}

static bool is_cnode(uint32_t target)
{
    return target != PACKED_NONE && initialiser.spec.objects[target].type == PACKED_CNODE;
}

static void check_cap(seL4_Error error, const struct packed_cap *cap)
{
    if (error != seL4_NoError) {
        fail_cap(cap, error);
    }
}

static void copy_cap(const struct packed_cap *cap)
{
    seL4_Word data = cap->data;

    if (is_cnode(cap->target)) {
        data = cap->guard_size == 0 ? 0 : cap->data << 6 | cap->guard_size;
    }
    check_cap(seL4_CNode_Mint(object_slot(cap->container), cap->slot, radix_of(cap->container),
                              seL4_CapInitThreadCNode, source_of(cap), ROOT_DEPTH,
                              (seL4_CapRights_t){ { cap->rights } }, data),
              cap);
}

static seL4_Error move(uint32_t container, uint32_t slot, seL4_CPtr source)
{
    return seL4_CNode_Move(object_slot(container), slot, radix_of(container),
                           seL4_CapInitThreadCNode, source, ROOT_DEPTH);
}

void spaces_fill(void)
{
    const struct packed_view *spec = &initialiser.spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        if (!is_moved(&spec->caps[i])) {
            copy_cap(&spec->caps[i]);
        }
    }
}

/* Is it needed to start threads? */
static bool is_kept_last(const struct packed_keep *keep)
{
    return keep->kind == PACKED_KEEP_OBJECT &&
           (keep->source == keep->keeper ||
            initialiser.spec.objects[keep->source].type == PACKED_TCB);
}

static void keep_all(bool last)
{
    const struct packed_view *spec = &initialiser.spec;

    for (uint32_t i = 0; i < spec->keep_count; i++) {
        const struct packed_keep *keep = &spec->keeps[i];
        bool is_map = keep->kind == PACKED_KEEP_MAP;

        if (is_kept_last(keep) == last) {
            check(move(keep->keeper, keep->slot,
                       is_map ? map_slot(keep->source) : object_slot(keep->source)),
                  "keep", is_map ? spec->maps[keep->source].object : keep->source);
        }
    }
}

void spaces_hand_over(void)
{
    const struct packed_view *spec = &initialiser.spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct packed_cap *cap = &spec->caps[i];

        if (is_moved(cap)) {
            check_cap(move(cap->container, cap->slot, source_of(cap)), cap);
        }
    }
    keep_all(false);
}

void spaces_keep_threads(void)
{
    keep_all(true);
}
