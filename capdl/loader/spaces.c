/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Capabilities in CNodes
 *
 * Copies first, with exactly the rights stated, and copies of these where the spec derives one
 * capability from another; then what is moved (untypeds, IRQControl, capabilities that hold a
 * mapping, originals that others derive from), as nothing can be made from a moved one here any
 * more. Then
 * the originals go into their keepers: those of threads last of all, since they are started by
 * them, and with them the keepers' own.
 */
#include <loader/build.h>

static seL4_CPtr source_of(const struct packed_cap *cap)
{
    switch (cap->kind) {
    case PACKED_CAP_IRQ_CONTROL: return seL4_CapIRQControl;
    case PACKED_CAP_ASID_CONTROL: return seL4_CapASIDControl;
    case PACKED_CAP_DOMAIN: return seL4_CapDomain;
    case PACKED_CAP_SCHED_CONTROL:
        return sched_control(cap->data, cap->container) - builder.cptr_base;
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
    return target != PACKED_NONE && builder.spec.objects[target].type == PACKED_CNODE;
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
    check_cap(seL4_CNode_Mint(object_cptr(cap->container), cap->slot, radix_of(cap->container),
                              builder.root, source_of(cap), ROOT_DEPTH,
                              (seL4_CapRights_t){ { cap->rights } }, data),
              cap);
}

/* From the slot that holds its parent: so that revoking the parent takes it away. */
static void copy_derived(const struct packed_cap *cap)
{
    const struct packed_cap *parent = &builder.spec.caps[cap->parent];

    check_cap(seL4_CNode_Copy(object_cptr(cap->container), cap->slot, radix_of(cap->container),
                              object_cptr(parent->container), parent->slot,
                              radix_of(parent->container), (seL4_CapRights_t){ { cap->rights } }),
              cap);
}

static seL4_Error move(uint32_t container, uint32_t slot, seL4_CPtr source)
{
    return seL4_CNode_Move(object_cptr(container), slot, radix_of(container), builder.root, source,
                           ROOT_DEPTH);
}

/* In a CNode that is built, or to an object that is. */
static bool is_cap_built(const struct packed_cap *cap)
{
    return is_built(cap->container) || (cap->target != PACKED_NONE && is_built(cap->target));
}

static bool is_derived(const struct packed_cap *cap)
{
    return (cap->flags & PACKED_CAP_DERIVED) != 0;
}

void spaces_fill(void)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct packed_cap *cap = &spec->caps[i];

        if (!is_moved(cap) && !is_derived(cap) && is_cap_built(cap)) {
            copy_cap(cap);
        }
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        if (is_derived(&spec->caps[i]) && is_cap_built(&spec->caps[i])) {
            copy_derived(&spec->caps[i]);
        }
    }
}

void spaces_move(void)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct packed_cap *cap = &spec->caps[i];

        if (is_moved(cap) && is_cap_built(cap)) {
            check_cap(move(cap->container, cap->slot, source_of(cap)), cap);
        }
    }
}

/* Is it needed to start threads? */
static bool is_kept_last(const struct packed_keep *keep)
{
    return keep->kind == PACKED_KEEP_OBJECT &&
           (keep->source == keep->keeper || builder.spec.objects[keep->source].type == PACKED_TCB);
}

/* A supervisor finds what components are made of through their keepers, so it has a capability to
 * each; without one, nobody has. */
static seL4_Error keep_itself(const struct packed_keep *keep)
{
    if (builder.supervised == PACKED_NONE) {
        return move(keep->keeper, keep->slot, object_slot(keep->keeper));
    }
    return seL4_CNode_Copy(object_cptr(keep->keeper), keep->slot, radix_of(keep->keeper),
                           builder.root, object_slot(keep->keeper), ROOT_DEPTH, seL4_AllRights);
}

static void keep_one(const struct packed_keep *keep)
{
    if (keep->kind == PACKED_KEEP_MAP) {
        check(move(keep->keeper, keep->slot, map_slot(keep->source)), "keep",
              builder.spec.maps[keep->source].object);
    } else if (keep->source == keep->keeper) {
        check(keep_itself(keep), "keep", keep->source);
    } else {
        check(move(keep->keeper, keep->slot, object_slot(keep->source)), "keep", keep->source);
    }
}

static void keep_all(bool last)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->keep_count; i++) {
        const struct packed_keep *keep = &spec->keeps[i];

        if (is_kept_last(keep) == last && is_built(keep->keeper)) {
            keep_one(keep);
        }
    }
}

void spaces_keep(void)
{
    keep_all(false);
}

void spaces_keep_threads(void)
{
    keep_all(true);
}
