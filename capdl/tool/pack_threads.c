/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Packing, step 4: fills; threads, scheduling contexts, interrupts
 */
#include <abi/objects.h>
#include <string.h>

#include "model/order.h"
#include "pack.h"

#define DEFAULT_PRIO 125 /* of a tcb that states none: what other capDL loaders take */

/* Numbers of the boot information blocks a fill can name. */
static bool block_number(const char *word, uint64_t *number)
{
    static const char *const words[] = {
        "Padding",         "X86_VBE",      "X86_MBMMAP", "X86_ACPI_RSDP",
        "X86_Framebuffer", "X86_TSC_Freq", "FDT"
    };
    const char *prefix = "CDL_FrameFill_BootInfo_";
    if (strncmp(word, prefix, strlen(prefix)) == 0) {
        word += strlen(prefix);
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i]) == 0) {
            *number = i;
            return true;
        }
    }
    return false;
}

static void add_fill(struct packer *packer, uint32_t frame, const struct capdl_fill *fill)
{
    struct packed_fill record = { .frame = packer->objects[frame].packed,
                                  .offset = fill->offset,
                                  .length = fill->length,
                                  .source = fill->source };
    if (fill->file != CAPDL_NONE) {
        uint32_t file = capdl_map_get(&packer->file_map, 0, fill->file);
        record.kind = PACKED_FILL_PAYLOAD;
        record.source += packer->files[file].placed_at;
    } else {
        const char *word = capdl_name_text(packer->spec, fill->block_word);
        record.kind = PACKED_FILL_BOOT_INFO;
        if (!block_number(word, &record.block)) {
            capdl_error(packer->diags, fill->pos,
                        "\"%s\": unknown block of boot information \"%s\"",
                        capdl_object_text(packer->spec, frame), word);
            capdl_remedy(packer->diags, "on this machine there is CDL_FrameFill_BootInfo_FDT");
        }
    }
    packed_builder_add(&packer->builder, PACKED_FILLS, &record);
}

void pack_fills(struct packer *packer)
{
    for (uint32_t i = 0; i < packer->order_count; i++) {
        uint32_t self = packer->order[i];
        if (self == CAPDL_NONE || packer->spec->objects[self].kind != CAPDL_FRAME ||
            packer->objects[self].file != CAPDL_NONE) {
            continue;
        }
        const struct capdl_object *object = &packer->spec->objects[self];
        uint32_t count = object->u.frame.fill_count;
        struct packed_object *record = packer_object(packer, self);
        record->first = count == 0 ? 0 : packed_builder_count(&packer->builder, PACKED_FILLS);
        record->count = count;
        for (uint32_t k = 0; k < count; k++) {
            add_fill(packer, self, &packer->spec->fills[object->u.frame.first_fill + k]);
        }
    }
}

/* The cap in a slot of a TCB or interrupt; NULL if empty. */
static const struct capdl_cap *cap_in(const struct packer *packer, uint32_t container,
                                      uint64_t slot)
{
    uint32_t cap = capdl_cap_find(packer->spec, container, slot);
    return cap == CAPDL_NONE ? NULL : &packer->spec->caps[cap];
}

static uint32_t number_in(const struct packer *packer, uint32_t container, uint64_t slot)
{
    const struct capdl_cap *cap = cap_in(packer, container, slot);
    return cap == NULL ? PACKED_NONE : packer_number(packer, cap->target);
}

static struct packed_handler handler_in(const struct packer *packer, uint32_t tcb, uint64_t slot)
{
    const struct capdl_cap *cap = cap_in(packer, tcb, slot);
    struct packed_handler handler = { PACKED_NONE, 0, 0 };
    if (cap != NULL) {
        handler.endpoint = packer_number(packer, cap->target);
        handler.rights = cap->rights;
        handler.badge = cap->badge;
    }
    return handler;
}

static void check_thread(struct packer *packer, uint32_t self, const struct packed_tcb *tcb)
{
    struct capdl_pos pos = packer->spec->objects[self].pos;
    const char *name = capdl_object_text(packer->spec, self);
    bool has_all = tcb->cspace != PACKED_NONE && tcb->vspace != PACKED_NONE;
    if ((tcb->flags & PACKED_TCB_RESUME) != 0 && !has_all) {
        capdl_error(packer->diags, pos, "\"%s\" is to start but has no %s", name,
                    tcb->cspace == PACKED_NONE ? "cspace" : "vspace");
        capdl_remedy(packer->diags, "put a cap into that slot, or write resume: False");
    } else if ((tcb->cspace == PACKED_NONE) != (tcb->vspace == PACKED_NONE)) {
        capdl_error(packer->diags, pos, "\"%s\" has a %s but no %s", name,
                    tcb->cspace == PACKED_NONE ? "vspace" : "cspace",
                    tcb->cspace == PACKED_NONE ? "cspace" : "vspace");
        capdl_remedy(packer->diags, "the kernel sets both at once: state both, or neither");
    }
    if (tcb->ipc_address % (UINT64_C(1) << IPC_BUFFER_BITS) != 0 ||
        tcb->ipc_address >= UINT64_C(1) << USER_ADDRESS_BITS) {
        capdl_error(packer->diags, pos, "\"%s\": IPC buffer at 0x%llx", name,
                    (unsigned long long)tcb->ipc_address);
        capdl_remedy(packer->diags, "use a multiple of 1024 below 2^40");
    }
    if (tcb->affinity > 63) {
        capdl_error(packer->diags, pos, "\"%s\": no such core", name);
        capdl_remedy(packer->diags, "cores are 0 to 63");
    }
}

static void set_cspace(struct packer *packer, uint32_t self, struct packed_tcb *tcb)
{
    const struct capdl_cap *root = cap_in(packer, self, 0);
    if (root == NULL) {
        return;
    }
    uint64_t radix = packer->spec->objects[root->target].bits;
    tcb->guard = root->guard;
    tcb->guard_size = (uint8_t)root->guard_size;
    if (root->guard_size > 63 || root->guard_size + radix > 64 ||
        root->guard >> root->guard_size != 0) {
        capdl_error(packer->diags, root->pos, "\"%s\": guard of %llu bits does not fit the cspace",
                    capdl_object_text(packer->spec, self), (unsigned long long)root->guard_size);
        capdl_remedy(packer->diags, "for a cspace of one cnode: guard_size: %llu",
                     (unsigned long long)(64 - radix));
    }
}

static void add_thread(struct packer *packer, uint32_t self)
{
    const struct capdl_object *object = &packer->spec->objects[self];
    const struct capdl_tcb_attrs *attrs = &object->u.tcb;
    const struct capdl_cap *notification = cap_in(packer, self, 8);
    bool has_prio = (object->present & CAPDL_HAS_PRIO) != 0;
    struct packed_tcb tcb = {
        .object = packer->objects[self].packed,
        .cspace = number_in(packer, self, 0),
        .vspace = number_in(packer, self, 1),
        .ipc_frame = number_in(packer, self, 4),
        .sched_context = number_in(packer, self, 6),
        .notification = number_in(packer, self, 8),
        .vcpu = number_in(packer, self, 9),
        .notification_rights = notification == NULL ? 0 : notification->rights,
        .ipc_address = attrs->addr,
        .ip = attrs->ip,
        .sp = attrs->sp,
        .counter_access = attrs->counter_access,
        .fault = handler_in(packer, self, 5),
        .timeout = handler_in(packer, self, 7),
        .first_argument = packed_builder_count(&packer->builder, PACKED_WORDS),
        .argument_count = attrs->init_count,
        .affinity = (uint32_t)(attrs->affinity > 64 ? 64 : attrs->affinity),
        .prio = (uint8_t)(has_prio ? attrs->prio : DEFAULT_PRIO),
        .max_prio = (uint8_t)(has_prio ? attrs->max_prio : DEFAULT_PRIO),
        .domain = (uint32_t)(attrs->dom > 256 ? 256 : attrs->dom),
        .flags = (uint8_t)((attrs->resume ? PACKED_TCB_RESUME : 0) |
                           (attrs->fpu_disabled ? PACKED_TCB_FPU_DISABLED : 0)),
    };
    set_cspace(packer, self, &tcb);
    check_thread(packer, self, &tcb);
    for (uint32_t i = 0; i < attrs->init_count; i++) {
        packed_builder_add(&packer->builder, PACKED_WORDS,
                           &packer->spec->words[attrs->first_init + i]);
    }
    packer_object(packer, self)->first = packed_builder_add(&packer->builder, PACKED_TCBS, &tcb);
    packer_object(packer, self)->count = 1;
}

static void add_sched_context(struct packer *packer, uint32_t self)
{
    const struct capdl_object *object = &packer->spec->objects[self];
    uint64_t bytes = UINT64_C(1) << capdl_object_size_bits(packer->spec, self);
    struct packed_sc sc = {
        .object = packer->objects[self].packed,
        .core = packer->objects[self].affinity > 63 ? 63 : packer->objects[self].affinity,
        .budget_us = object->u.sc.budget,
        .period_us = object->u.sc.period,
        .badge = object->u.sc.data,
        .extra_refills = (uint32_t)((bytes - SCHED_CONTEXT_USER_CORE_BYTES) / REFILL_BYTES),
    };
    bool has_time = (object->present & CAPDL_HAS_BUDGET) != 0;
    if (sc.budget_us > sc.period_us) {
        capdl_error(packer->diags, object->pos, "\"%s\": budget of %llu us in a period of %llu us",
                    capdl_object_text(packer->spec, self), (unsigned long long)sc.budget_us,
                    (unsigned long long)sc.period_us);
        capdl_remedy(packer->diags, "make the budget at most the period");
    } else if (has_time && sc.budget_us < MIN_BUDGET_US) {
        capdl_error(packer->diags, object->pos, "\"%s\": budget of %llu us",
                    capdl_object_text(packer->spec, self), (unsigned long long)sc.budget_us);
        capdl_remedy(packer->diags, "the least budget is %u us", MIN_BUDGET_US);
    }
    packer_object(packer, self)->first = packed_builder_add(&packer->builder, PACKED_SCS, &sc);
    packer_object(packer, self)->count = 1;
}

static void add_irq(struct packer *packer, uint32_t self)
{
    const struct capdl_object *object = &packer->spec->objects[self];
    const struct capdl_irq_line *line = &packer->spec->irqs[capdl_irq_of(packer->spec, self)];
    const struct capdl_cap *cap = cap_in(packer, self, 0);
    bool has_trigger = object->kind == CAPDL_ARM_IRQ;
    struct packed_irq irq = {
        .object = packer->objects[self].packed,
        .number = (uint32_t)line->number,
        .trigger = has_trigger ? (uint32_t)object->u.device.number[0] : PACKED_TRIGGER_DEFAULT,
        .core = has_trigger ? (uint32_t)object->u.device.number[1] : 0,
        .notification = number_in(packer, self, 0),
        .rights = cap == NULL ? 0 : cap->rights,
        .badge = cap == NULL ? 0 : cap->badge,
    };
    if (line->number >= 1020 || (has_trigger && object->u.device.number[1] > 63)) {
        capdl_error(packer->diags, line->pos, "\"%s\": no interrupt %llu, or no such core",
                    capdl_object_text(packer->spec, self), (unsigned long long)line->number);
        capdl_remedy(packer->diags, "interrupts are 16 to 1019 (shared ones start at 32)");
    }
    packer_object(packer, self)->first = packed_builder_add(&packer->builder, PACKED_IRQS, &irq);
    packer_object(packer, self)->count = 1;
}

static void add_sgi(struct packer *packer, uint32_t self)
{
    const uint64_t *number = packer->spec->objects[self].u.device.number;
    struct packed_sgi sgi = { packer->objects[self].packed, (uint32_t)number[0],
                              (uint32_t)number[1], 0 };
    if (number[0] >= SGI_COUNT || number[1] > UINT32_MAX) {
        capdl_error(packer->diags, packer->spec->objects[self].pos, "\"%s\": no such SGI",
                    capdl_object_text(packer->spec, self));
        capdl_remedy(packer->diags, "SGIs are 0 to 15");
    }
    packer_object(packer, self)->first = packed_builder_add(&packer->builder, PACKED_SGIS, &sgi);
    packer_object(packer, self)->count = 1;
}

/* One interrupt object under two numbers cannot be built: a handler has one number. */
static void check_lines(struct packer *packer)
{
    for (uint32_t i = 0; i < packer->spec->irq_count; i++) {
        const struct capdl_irq_line *line = &packer->spec->irqs[i];
        if (capdl_irq_of(packer->spec, line->object) != i) {
            capdl_error(packer->diags, line->pos, "\"%s\" is given two interrupt numbers",
                        capdl_object_text(packer->spec, line->object));
            capdl_remedy(packer->diags, "declare an interrupt object for each number");
        }
    }
}

void pack_threads(struct packer *packer)
{
    check_lines(packer);
    for (uint32_t i = 0; i < packer->order_count; i++) {
        uint32_t self = packer->order[i];
        switch (self == CAPDL_NONE ? CAPDL_KIND_COUNT : packer->spec->objects[self].kind) {
        case CAPDL_TCB: add_thread(packer, self); break;
        case CAPDL_SC: add_sched_context(packer, self); break;
        case CAPDL_IRQ:
        case CAPDL_ARM_IRQ: add_irq(packer, self); break;
        case CAPDL_SGI: add_sgi(packer, self); break;
        default: break;
        }
    }
}
