/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Comparing what was built with the spec: objects, CNodes, keepers
 */
#include "verify.h"

#include "initialiser.h"

#define SHOWN_MAX 10u

struct verified verified;

void differ(const char *sentence, uint64_t first, uint64_t second)
{
    if (verified.differences++ == 0) {
        report_begin();
    }
    if (verified.differences <= SHOWN_MAX) {
        report_text("\ntessera: initialiser: differs:", 0, 0);
        report_text(sentence[0] == '%' ? "" : " ", 0, 0); /* a name brings its space */
        report_text(sentence, first, second);
    }
}

static void stop_if_different(void)
{
    if (verified.differences > 0) {
        fail_because("go on", PACKED_NONE, "%u differences from the spec", verified.differences, 0);
    }
}

void verify_conclude(void)
{
    stop_if_different();
    report_begin();
    report_text("\ntessera: initialiser: %u capabilities, ", verified.capabilities, 0);
    report_text("%u mappings, %u bindings match the spec\n", verified.mappings, verified.bindings);
}

/* ---- Kinds and rights ---------------------------------------------------------------------------- */

uint64_t kind_of(uint32_t object)
{
    static const uint8_t kinds[PACKED_TYPE_COUNT] = {
        [PACKED_UNTYPED] = seL4_X_Kind_Untyped,   [PACKED_TCB] = seL4_X_Kind_TCB,
        [PACKED_ENDPOINT] = seL4_X_Kind_Endpoint, [PACKED_NOTIFICATION] = seL4_X_Kind_Notification,
        [PACKED_CNODE] = seL4_X_Kind_CNode,       [PACKED_SCHED_CONTEXT] = seL4_X_Kind_SchedContext,
        [PACKED_REPLY] = seL4_X_Kind_Reply,       [PACKED_FRAME] = seL4_X_Kind_Frame,
        [PACKED_VSPACE] = seL4_X_Kind_VSpace,     [PACKED_PAGE_TABLE] = seL4_X_Kind_PageTable,
        [PACKED_VCPU] = seL4_X_Kind_VCPU,         [PACKED_ASID_POOL] = seL4_X_Kind_ASIDPool,
        [PACKED_IRQ] = seL4_X_Kind_IRQHandler,    [PACKED_SGI] = seL4_X_Kind_SGI,
        [PACKED_SMC] = seL4_X_Kind_SMC,
    };

    return kinds[builder.spec.objects[object].type];
}

uint64_t rights_of_kind(uint64_t kind, uint64_t rights)
{
    switch (kind) {
    case seL4_X_Kind_Endpoint: return rights;
    case seL4_X_Kind_Notification: return rights & (PACKED_RIGHT_READ | PACKED_RIGHT_WRITE);
    case seL4_X_Kind_Reply: return rights & PACKED_RIGHT_GRANT;
    case seL4_X_Kind_Frame: /* writing needs reading (abi/03) */
        return (rights & PACKED_RIGHT_READ) == 0
                   ? 0
                   : rights & (PACKED_RIGHT_READ | PACKED_RIGHT_WRITE);
    default: return 0;
    }
}

static seL4_X_CapInfo_t info_of(uint64_t word)
{
    return (seL4_X_CapInfo_t){ { word } };
}

seL4_CPtr original_cptr(uint32_t object)
{
    /* verify_objects says so if it should be there. */
    bool is_there = seL4_X_CNode_Inspect(builder.root, object_slot(object), ROOT_DEPTH, 0).kind !=
                    seL4_X_Kind_Null;

    return is_there ? object_cptr(object) : 0;
}

/* ---- Objects --------------------------------------------------------------------------------------- */

static bool is_moved(uint32_t object)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        if (spec->caps[i].target == object && (spec->caps[i].flags & PACKED_CAP_MOVE) != 0) {
            return true;
        }
    }
    return false;
}

static void verify_place(uint32_t object)
{
    seL4_ARM_Page_GetAddress_t place = seL4_ARM_Page_GetAddress(object_cptr(object));

    if (place.paddr != builder.spec.objects[object].place) {
        differ("%o is at physical address %x", object, place.paddr);
    }
}

static uint64_t number_of(uint32_t index)
{
    const struct packed_object *object = &builder.spec.objects[index];
    const struct packed_sgi *sgi;

    if (object->type == PACKED_IRQ) {
        return builder.spec.irqs[object->first].number;
    }
    if (object->type != PACKED_SGI) {
        return 0;
    }
    sgi = &builder.spec.sgis[object->first];
    return (uint64_t)sgi->irq << 32 | sgi->target;
}

void verify_objects(void)
{
    for (uint32_t i = 0; i < builder.spec.object_count; i++) {
        const struct packed_object *object = &builder.spec.objects[i];
        seL4_X_CNode_Inspect_t found;

        found = seL4_X_CNode_Inspect(builder.root, object_slot(i), ROOT_DEPTH, 0);
        if (found.kind == seL4_X_Kind_Null && is_moved(i)) {
            continue; /* compared where it is */
        }
        if (found.kind != kind_of(i)) {
            differ("%o is a capability of kind %u", i, found.kind);
        } else if (object->kernel_type != PACKED_NO_KERNEL_TYPE &&
                   object->type != PACKED_ASID_POOL &&
                   seL4_X_CapInfo_get_sizeBits(info_of(found.info)) != object->size_bits) {
            differ("%o has 2^%u bytes", i, seL4_X_CapInfo_get_sizeBits(info_of(found.info)));
        } else if ((object->type == PACKED_IRQ || object->type == PACKED_SGI) &&
                   found.data != number_of(i)) {
            differ("%o has the number %u", i, found.data);
        } else if (object->type == PACKED_FRAME && (object->flags & PACKED_OBJECT_HAS_PADDR) != 0) {
            verify_place(i);
        }
    }
}

/* ---- CNodes ---------------------------------------------------------------------------------------- */

seL4_X_CNode_Inspect_t slot_look(uint32_t cnode, uint64_t slot, seL4_CPtr compared)
{
    return seL4_X_CNode_Inspect(object_cptr(cnode), slot, radix_of(cnode), compared);
}

static uint64_t kind_of_cap(const struct packed_cap *cap)
{
    static const uint8_t kinds[PACKED_CAP_KIND_COUNT] = {
        [PACKED_CAP_IRQ_CONTROL] = seL4_X_Kind_IRQControl,
        [PACKED_CAP_ASID_CONTROL] = seL4_X_Kind_ASIDControl,
        [PACKED_CAP_DOMAIN] = seL4_X_Kind_Domain,
        [PACKED_CAP_SCHED_CONTROL] = seL4_X_Kind_SchedControl,
    };

    return cap->kind == PACKED_CAP_OBJECT ? kind_of(cap->target) : kinds[cap->kind];
}

/* Number that inspection tells of such a capability. */
static uint64_t data_of_cap(const struct packed_cap *cap, uint64_t found)
{
    switch (kind_of_cap(cap)) {
    case seL4_X_Kind_Endpoint:
    case seL4_X_Kind_Notification:
    case seL4_X_Kind_SMC:
    case seL4_X_Kind_SchedControl: return cap->data;
    case seL4_X_Kind_CNode: return cap->guard_size == 0 ? 0 : cap->data;
    case seL4_X_Kind_IRQHandler:
    case seL4_X_Kind_SGI: return number_of(cap->target);
    case seL4_X_Kind_Frame:
        return cap->mapping == PACKED_NONE ? 0 : builder.spec.maps[cap->mapping].vaddr;
    default: return found;
    }
}

/* A sentence about a slot of a CNode, and what differs there. */
static void differ_slot(const struct packed_cap *cap, const char *sentence, uint64_t first,
                        uint64_t second)
{
    differ("slot %u of%o ", cap->slot, cap->container);
    if (verified.differences <= SHOWN_MAX) {
        report_text(sentence, first, second);
    }
}

static void verify_cap(const struct packed_cap *cap)
{
    seL4_CPtr original = cap->kind == PACKED_CAP_OBJECT ? original_cptr(cap->target) : 0;
    seL4_X_CNode_Inspect_t found = slot_look(cap->container, cap->slot, original);
    seL4_X_CapInfo_t info = info_of(found.info);
    uint64_t rights = rights_of_kind(found.kind, cap->rights);
    uint64_t data = data_of_cap(cap, found.data);

    verified.capabilities++;
    if (found.kind != kind_of_cap(cap)) {
        differ_slot(cap, "has a capability of kind %u, not %u", found.kind, kind_of_cap(cap));
    } else if (original != 0 && !seL4_X_CapInfo_get_isSame(info)) {
        differ_slot(cap, "does not name%o", cap->target, 0);
    } else if (found.kind != seL4_X_Kind_Untyped && seL4_X_CapInfo_get_rights(info) != rights) {
        differ_slot(cap, "has the rights %x, not %x", seL4_X_CapInfo_get_rights(info), rights);
    } else if (found.data != data) {
        differ_slot(cap, "has the number %x, not %x", found.data, data);
    } else if (seL4_X_CapInfo_get_guardSize(info) != cap->guard_size) {
        differ_slot(cap, "has a guard of %u bits, not %u", seL4_X_CapInfo_get_guardSize(info),
                    cap->guard_size);
    } else if (found.kind == seL4_X_Kind_Untyped &&
               seL4_X_CapInfo_get_sizeBits(info) != builder.spec.objects[cap->target].size_bits) {
        differ_slot(cap, "has 2^%u bytes", seL4_X_CapInfo_get_sizeBits(info), 0);
    }
}

static void verify_empty(uint32_t cnode, uint64_t slot)
{
    if (slot_look(cnode, slot, 0).kind != seL4_X_Kind_Null) {
        differ("slot %u of%o is not empty", slot, cnode);
    }
}

/* Every slot: those of the spec have what is stated, the others nothing. */
static void verify_cnode(uint32_t cnode)
{
    const struct packed_object *object = &builder.spec.objects[cnode];
    const struct packed_cap *cap = &builder.spec.caps[object->first];
    const struct packed_cap *end = cap + object->count;

    for (uint64_t slot = 0; slot < 1ul << radix_of(cnode); slot++) {
        if (cap < end && cap->slot == slot) {
            verify_cap(cap++);
        } else {
            verify_empty(cnode, slot);
        }
    }
}

void verify_caps(void)
{
    for (uint32_t i = 0; i < builder.spec.object_count; i++) {
        if (builder.spec.objects[i].type == PACKED_CNODE) {
            verify_cnode(i);
        }
    }
}

/* ---- Keepers ---------------------------------------------------------------------------------------- */

/* Threads and the keeper itself come last, when nobody can look any more. */
static bool is_kept_yet(const struct packed_keep *keep)
{
    return keep->kind == PACKED_KEEP_MAP ||
           (keep->source != keep->keeper && builder.spec.objects[keep->source].type != PACKED_TCB);
}

static void verify_kept(const struct packed_keep *keep)
{
    bool is_map = keep->kind == PACKED_KEEP_MAP;
    uint32_t object = is_map ? builder.spec.maps[keep->source].object : keep->source;
    seL4_X_CNode_Inspect_t found = slot_look(keep->keeper, keep->slot, 0);

    verified.capabilities++;
    if (found.kind != kind_of(object)) {
        differ("slot %u of%o has another kind of capability", keep->slot, keep->keeper);
    } else if (is_map && found.data != builder.spec.maps[keep->source].vaddr) {
        differ("slot %u of%o keeps another mapping", keep->slot, keep->keeper);
    }
}

static bool ends_keeper(uint32_t index)
{
    const struct packed_view *spec = &builder.spec;

    return index + 1 == spec->keep_count ||
           spec->keeps[index + 1].keeper != spec->keeps[index].keeper;
}

void verify_keeps(void)
{
    for (uint32_t i = 0; i < builder.spec.keep_count; i++) {
        const struct packed_keep *keep = &builder.spec.keeps[i];

        if (is_kept_yet(keep)) {
            verify_kept(keep);
        } else {
            verify_empty(keep->keeper, keep->slot);
        }
        for (uint64_t slot = keep->slot + 1ul;
             ends_keeper(i) && slot < 1ul << radix_of(keep->keeper); slot++) {
            verify_empty(keep->keeper, slot);
        }
    }
}

/* ---- Originals that were given away ---------------------------------------------------------------- */

/* The original of something else than an untyped: others derive from it (packed.h). */
static bool is_given(const struct packed_cap *cap)
{
    return (cap->flags & PACKED_CAP_MOVE) != 0 && cap->target != PACKED_NONE &&
           builder.spec.objects[cap->target].type != PACKED_UNTYPED;
}

/* To compare with, copies of them where they were. */
static void borrow_given(void)
{
    for (uint32_t i = 0; i < builder.spec.cap_count; i++) {
        const struct packed_cap *cap = &builder.spec.caps[i];

        if (is_given(cap)) {
            check(seL4_CNode_Copy(builder.root, object_slot(cap->target), ROOT_DEPTH,
                                  object_cptr(cap->container), cap->slot, radix_of(cap->container),
                                  seL4_AllRights),
                  "look at", cap->target);
        }
    }
}

static void return_given(void)
{
    for (uint32_t i = 0; i < builder.spec.cap_count; i++) {
        const struct packed_cap *cap = &builder.spec.caps[i];

        if (is_given(cap)) {
            check(seL4_CNode_Delete(builder.root, object_slot(cap->target), ROOT_DEPTH),
                  "give back", cap->target);
        }
    }
}

void verify(void)
{
    borrow_given();
    verify_objects();
    verify_contents();
    verify_caps();
    verify_spaces();
    verify_threads();
    verify_contexts();
    verify_interrupts();
    return_given();
    stop_if_different();
}
