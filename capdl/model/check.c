/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Errors in a spec: what no loader could build
 *
 * What lies between the text and this (duplicate names, intersecting covers, twice-filled slots) is
 * refused while the model is built; here the finished whole is judged.
 */
#include "model/check.h"

#include <stdio.h>
#include <stdlib.h>

/* A set of cap kinds: bits by object kind, and two more for the reply kinds. */
#define KINDS(kind)       (UINT64_C(1) << (kind))
#define KIND_REPLY        (UINT64_C(1) << 40)
#define KIND_MASTER_REPLY (UINT64_C(1) << 41)
#define KIND_VSPACE       (UINT64_C(1) << 42) /* whatever is a root on the architecture */
#define KIND_ANY          UINT64_MAX

struct slot_rule {
    uint64_t kinds;
    const char *wants;
};

static const struct {
    const char *name;
    struct slot_rule rule;
} tcb_slots[] = {
    { "cspace", { KINDS(CAPDL_CNODE), "a cap to a cnode" } },
    { "vspace", { KIND_VSPACE, "a cap to the root of an address space" } },
    { "reply_slot", { KIND_MASTER_REPLY, "a master_reply cap" } },
    { "caller_slot", { KIND_REPLY, "a reply cap" } },
    { "ipc_buffer_slot", { KINDS(CAPDL_FRAME), "a cap to a frame" } },
    { "fault_ep_slot", { KINDS(CAPDL_EP), "a cap to an ep" } },
    { "sc_slot", { KINDS(CAPDL_SC), "a cap to an sc" } },
    { "temp_fault_ep_slot", { KINDS(CAPDL_EP), "a cap to an ep" } },
    { "bound_notification", { KINDS(CAPDL_NOTIFICATION), "a cap to a notification" } },
    { "bound_vcpu", { KINDS(CAPDL_VCPU), "a cap to a vcpu" } },
};

#define TCB_SLOT_NAMES (sizeof(tcb_slots) / sizeof(tcb_slots[0]))

static struct slot_rule slot_rule(const struct capdl_spec *spec, uint32_t container, uint64_t slot)
{
    static const struct slot_rule nothing = { 0, "nothing" };
    switch (spec->objects[container].kind) {
    case CAPDL_CNODE:
    case CAPDL_IO_DEVICE:
    case CAPDL_ARM_IO_DEVICE: return (struct slot_rule){ KIND_ANY, "any cap" };
    case CAPDL_TCB: return slot < TCB_SLOT_NAMES ? tcb_slots[slot].rule : nothing;
    case CAPDL_IRQ:
    case CAPDL_IOAPIC_IRQ:
    case CAPDL_MSI_IRQ:
    case CAPDL_ARM_IRQ:
        return slot == 0
                   ? (struct slot_rule){ KINDS(CAPDL_NOTIFICATION), "a cap to a notification" }
                   : nothing;
    case CAPDL_ASID_POOL:
        return (struct slot_rule){ KIND_VSPACE, "a cap to the root of an address space" };
    case CAPDL_PT:
        return spec->arch == CAPDL_RISCV
                   ? (struct slot_rule){ KINDS(CAPDL_FRAME) | KINDS(CAPDL_PT),
                                         "a cap to a frame or a pt" }
                   : (struct slot_rule){ KINDS(CAPDL_FRAME), "a cap to a frame" };
    case CAPDL_PD:
        return (struct slot_rule){ KINDS(CAPDL_FRAME) | KINDS(CAPDL_PT),
                                   "a cap to a frame or a pt" };
    case CAPDL_PDPT:
    case CAPDL_PUD:
        return (struct slot_rule){ KINDS(CAPDL_FRAME) | KINDS(CAPDL_PD),
                                   "a cap to a frame or a pd" };
    case CAPDL_PML4: return (struct slot_rule){ KINDS(CAPDL_PDPT), "a cap to a pdpt" };
    case CAPDL_PGD: return (struct slot_rule){ KINDS(CAPDL_PUD), "a cap to a pud" };
    case CAPDL_IO_PT:
        return (struct slot_rule){ KINDS(CAPDL_FRAME) | KINDS(CAPDL_IO_PT),
                                   "a cap to a frame or an io_pt" };
    default: return nothing;
    }
}

bool capdl_slot_allows(const struct capdl_spec *spec, const struct capdl_cap *cap)
{
    uint64_t kinds = slot_rule(spec, cap->container, cap->slot).kinds;
    if (kinds == KIND_ANY) {
        return true;
    }
    if (cap->kind == CAPDL_CAP_REPLY) {
        return (kinds & KIND_REPLY) != 0;
    }
    if (cap->kind == CAPDL_CAP_MASTER_REPLY) {
        return (kinds & KIND_MASTER_REPLY) != 0;
    }
    if (cap->kind != CAPDL_CAP_OBJECT) {
        return false;
    }
    enum capdl_kind kind = spec->objects[cap->target].kind;
    return (kinds & KINDS(kind)) != 0 ||
           ((kinds & KIND_VSPACE) != 0 && capdl_kind_is_vspace(kind, spec->arch));
}

const char *capdl_slot_wants(const struct capdl_spec *spec, uint32_t container, uint64_t slot)
{
    return slot_rule(spec, container, slot).wants;
}

const char *capdl_cap_words(const struct capdl_spec *spec, const struct capdl_cap *cap)
{
    switch ((enum capdl_cap_kind)cap->kind) {
    case CAPDL_CAP_REPLY: return "reply";
    case CAPDL_CAP_MASTER_REPLY: return "master_reply";
    case CAPDL_CAP_IRQ_CONTROL: return "irq_control";
    case CAPDL_CAP_ASID_CONTROL: return "asid_control";
    case CAPDL_CAP_DOMAIN: return "domain";
    case CAPDL_CAP_IO_SPACE_MASTER: return "io_space_master";
    case CAPDL_CAP_SCHED_CONTROL: return "sched_control";
    case CAPDL_CAP_OBJECT: break;
    }
    return capdl_kind_info(spec->objects[cap->target].kind)->keyword;
}

bool capdl_table_shape(const struct capdl_spec *spec, uint32_t table, uint32_t *entry_bits,
                       uint32_t *span_bits)
{
    static const struct {
        uint32_t arch;
        enum capdl_kind kind;
        uint32_t entry_bits, span_bits;
    } shapes[] = {
        { CAPDL_ARM11, CAPDL_PD, 12, 20 },   { CAPDL_ARM11, CAPDL_PT, 9, 12 },
        { CAPDL_IA32, CAPDL_PD, 10, 22 },    { CAPDL_IA32, CAPDL_PT, 10, 12 },
        { CAPDL_X86_64, CAPDL_PML4, 9, 39 }, { CAPDL_X86_64, CAPDL_PDPT, 9, 30 },
        { CAPDL_X86_64, CAPDL_PD, 9, 21 },   { CAPDL_X86_64, CAPDL_PT, 9, 12 },
        { CAPDL_AARCH64, CAPDL_PGD, 9, 39 }, { CAPDL_AARCH64, CAPDL_PUD, 10, 30 },
        { CAPDL_AARCH64, CAPDL_PD, 9, 21 },  { CAPDL_AARCH64, CAPDL_PT, 9, 12 },
        { CAPDL_RISCV, CAPDL_PT, 10, 0 },
    };
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (shapes[i].arch == spec->arch && shapes[i].kind == spec->objects[table].kind) {
            *entry_bits = shapes[i].entry_bits;
            *span_bits = shapes[i].span_bits;
            return true;
        }
    }
    return false;
}

static void check_objects(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    uint32_t last_name = CAPDL_NONE;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        const struct capdl_object *object = &spec->objects[i];
        const struct capdl_kind_info *info = capdl_kind_info(object->kind);
        if ((info->archs & spec->arch) == 0 && object->name != last_name) {
            capdl_error(diags, object->pos, "\"%s\": there is no %s on %s",
                        capdl_object_text(spec, i), info->keyword, capdl_arch_keyword(spec->arch));
            capdl_remedy(diags, "remove the object, or correct the \"arch\" line");
            last_name = object->name; /* one message for a whole array */
        }
    }
}

static bool cap_exists(const struct capdl_spec *spec, const struct capdl_cap *cap)
{
    if (cap->kind == CAPDL_CAP_IO_SPACE_MASTER) {
        return (spec->arch & CAPDL_ARCH_X86) != 0;
    }
    return cap->kind != CAPDL_CAP_OBJECT ||
           (capdl_kind_info(spec->objects[cap->target].kind)->archs & spec->arch) != 0;
}

/* "slot 8 (bound_notification) of \"t\"" */
static const char *slot_text(const struct capdl_spec *spec, uint32_t container, uint64_t slot)
{
    static char buffer[240];
    if (spec->objects[container].kind == CAPDL_TCB && slot < TCB_SLOT_NAMES) {
        snprintf(buffer, sizeof(buffer), "slot %u (%s) of \"%s\"", (unsigned)slot,
                 tcb_slots[slot].name, capdl_object_text(spec, container));
    } else {
        snprintf(buffer, sizeof(buffer), "slot %llu of \"%s\"", (unsigned long long)slot,
                 capdl_object_text(spec, container));
    }
    return buffer;
}

static void check_cap(const struct capdl_spec *spec, const struct capdl_cap *cap,
                      struct capdl_diags *diags)
{
    const char *where = slot_text(spec, cap->container, cap->slot);
    if (!cap_exists(spec, cap)) {
        capdl_error(diags, cap->pos, "%s: there is no %s cap on %s", where,
                    capdl_cap_words(spec, cap), capdl_arch_keyword(spec->arch));
        capdl_remedy(diags, "remove the cap");
        return;
    }
    if (!capdl_slot_allows(spec, cap)) {
        capdl_error(diags, cap->pos, "%s cannot hold a cap to %s: it wants %s", where,
                    capdl_cap_words(spec, cap), capdl_slot_wants(spec, cap->container, cap->slot));
        capdl_remedy(diags, "put another cap there, or this one into another slot");
        return;
    }
    if (cap->mapping_table != CAPDL_NONE && spec->objects[cap->container].kind != CAPDL_CNODE) {
        capdl_error(diags, cap->pos, "%s: mapping is for caps in cnodes", where);
        capdl_remedy(diags, "remove \"mapping\" here; the slot of a table is a mapping itself");
    }
}

/* Slots of tables that caps in CNodes claim to be the mapping of. */
struct mapping_claims {
    struct capdl_map slots; /* (table, slot) -> cap */
    bool is_partial;        /* something of the spec is missing because it was wrong */
};

/* A frame cap in a CNode that must be the one that made a mapping. */
static void check_mapping(const struct capdl_spec *spec, const struct capdl_cap *cap,
                          struct mapping_claims *claims, uint32_t self, struct capdl_diags *diags)
{
    uint32_t table = cap->mapping_table;
    enum capdl_kind kind = spec->objects[table].kind;
    unsigned long long slot = (unsigned long long)cap->mapping_slot;
    const char *name = capdl_object_text(spec, table);
    if (kind != CAPDL_PT && kind != CAPDL_PD) {
        capdl_error(diags, cap->pos, "mapping (%s, %llu): \"%s\" is neither pt nor pd", name, slot,
                    name);
        capdl_remedy(diags, "name the table that holds the frame");
        return;
    }
    uint32_t mapped = capdl_cap_find(spec, table, cap->mapping_slot);
    if (mapped == CAPDL_NONE && claims->is_partial) {
        return; /* the cap may be missing because it was wrong itself */
    }
    if (mapped == CAPDL_NONE || spec->caps[mapped].kind != CAPDL_CAP_OBJECT ||
        spec->objects[spec->caps[mapped].target].kind != CAPDL_FRAME) {
        capdl_error(diags, cap->pos, "mapping (%s, %llu): no frame is mapped there", name, slot);
        capdl_remedy(diags, "fill the slot of the table with a cap to the frame");
        return;
    }
    uint32_t other = capdl_map_get(&claims->slots, table, cap->mapping_slot);
    if (other != UINT32_MAX) {
        capdl_error(diags, cap->pos, "mapping (%s, %llu) is claimed by two caps", name, slot);
        capdl_remedy(diags, "one cap made the mapping; the other claim is in line %u",
                     spec->caps[other].pos.line);
        return;
    }
    capdl_map_set(&claims->slots, table, cap->mapping_slot, self);
}

static void check_caps(const struct capdl_spec *spec, bool is_partial, struct capdl_diags *diags)
{
    struct mapping_claims claims = { .is_partial = is_partial };
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct capdl_cap *cap = &spec->caps[i];
        check_cap(spec, cap, diags);
        if (cap->mapping_table != CAPDL_NONE && spec->objects[cap->container].kind == CAPDL_CNODE) {
            check_mapping(spec, cap, &claims, i, diags);
        }
    }
    capdl_map_free(&claims.slots);
}

/* Each page directory is in one ASID pool, each page table in one directory. */
static void check_sharing(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    struct capdl_map holders = { 0 };
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct capdl_cap *cap = &spec->caps[i];
        enum capdl_kind container = spec->objects[cap->container].kind;
        if (cap->kind != CAPDL_CAP_OBJECT) {
            continue;
        }
        enum capdl_kind target = spec->objects[cap->target].kind;
        if (!(container == CAPDL_ASID_POOL && target == CAPDL_PD) &&
            !(container == CAPDL_PD && target == CAPDL_PT)) {
            continue;
        }
        uint32_t other = capdl_map_get(&holders, 0, cap->target);
        if (other != UINT32_MAX && other != cap->container) {
            capdl_error(diags, cap->pos, "\"%s\" is in both \"%s\" and \"%s\"",
                        capdl_object_text(spec, cap->target), capdl_object_text(spec, other),
                        capdl_object_text(spec, cap->container));
            capdl_remedy(diags, "declare a table of its own for each");
        }
        capdl_map_set(&holders, 0, cap->target, cap->container);
    }
    capdl_map_free(&holders);
}

static void check_irqs(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    for (uint32_t i = 0; i < spec->irq_count; i++) {
        const struct capdl_irq_line *irq = &spec->irqs[i];
        enum capdl_kind kind = spec->objects[irq->object].kind;
        if (!capdl_kind_is_irq(kind)) {
            capdl_error(diags, irq->pos, "irq %llu: \"%s\" is not an interrupt, it is of type %s",
                        (unsigned long long)irq->number, capdl_object_text(spec, irq->object),
                        capdl_kind_info(kind)->keyword);
            capdl_remedy(diags, "name an object of type irq or arm_irq");
        }
    }
}

void capdl_check(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    bool is_partial = diags->error_count > 0;
    check_objects(spec, diags);
    check_caps(spec, is_partial, diags);
    check_sharing(spec, diags);
    check_irqs(spec, diags);
}
