/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The canonical text of a spec
 *
 * Objects by name, untypeds last; caps by container; all numbers decimal but addresses. Names of
 * caps, copies and the order of sections of the original are gone. Reading the text again gives the
 * same text.
 */
#include <stdlib.h>

#include "model/order.h"
#include "print.h"

static void list_number_if(struct list *list, uint32_t present, uint32_t bit, const char *name,
                           uint64_t number)
{
    if ((present & bit) != 0) {
        list_number(list, name, number);
    }
}

static void list_flag_if(struct list *list, uint32_t present, uint32_t bit, const char *name,
                         bool value)
{
    if ((present & bit) != 0) {
        list_item(list);
        capdl_text_printf(list->out, "%s: %s", name, value ? "True" : "False");
    }
}

static void print_tcb(const struct capdl_spec *spec, const struct capdl_object *object,
                      struct list *list)
{
    const struct capdl_tcb_attrs *tcb = &object->u.tcb;
    uint32_t present = object->present;
    list_number_if(list, present, CAPDL_HAS_ADDR, "addr", tcb->addr);
    list_number_if(list, present, CAPDL_HAS_IP, "ip", tcb->ip);
    list_number_if(list, present, CAPDL_HAS_SP, "sp", tcb->sp);
    list_number_if(list, present, CAPDL_HAS_PRIO, "prio", tcb->prio);
    list_number_if(list, present, CAPDL_HAS_MAX_PRIO, "max_prio", tcb->max_prio);
    list_number_if(list, present, CAPDL_HAS_AFFINITY, "affinity", tcb->affinity);
    list_flag_if(list, present, CAPDL_HAS_RESUME, "resume", tcb->resume);
    list_flag_if(list, present, CAPDL_HAS_FPU_DISABLED, "fpu_disabled", tcb->fpu_disabled);
    list_number(list, "dom", tcb->dom);
    list_number_if(list, present, CAPDL_HAS_FAULT_EP, "fault_ep", tcb->fault_ep);
    list_number_if(list, present, CAPDL_HAS_COUNTER_ACCESS, "counter_access", tcb->counter_access);
    if ((present & CAPDL_HAS_INIT) != 0) {
        list_item(list);
        capdl_text_printf(list->out, "init: [");
        for (uint32_t i = 0; i < tcb->init_count; i++) {
            capdl_text_printf(list->out, "%s%llu", i == 0 ? "" : ", ",
                              (unsigned long long)spec->words[tcb->first_init + i]);
        }
        capdl_text_printf(list->out, "]");
    }
}

static void print_memory(const struct capdl_spec *spec, const struct capdl_object *object,
                         struct list *list)
{
    if ((object->present & CAPDL_HAS_BITS) != 0) {
        uint64_t bits = object->bits;
        list_item(list);
        if (object->kind != CAPDL_FRAME) {
            capdl_text_printf(list->out, "%llu bits", (unsigned long long)bits);
        } else if (bits >= 20) {
            capdl_text_printf(list->out, "%lluM", 1ull << (bits - 20));
        } else {
            capdl_text_printf(list->out, "%lluk", 1ull << (bits - 10));
        }
    }
    if ((object->present & CAPDL_HAS_PADDR) != 0) {
        list_item(list);
        capdl_text_printf(list->out, "paddr: 0x%llx", (unsigned long long)object->paddr);
    }
    if ((object->present & CAPDL_HAS_FILL) != 0) {
        list_item(list);
        capdl_text_printf(list->out, "fill: [");
        for (uint32_t i = 0; i < object->u.frame.fill_count; i++) {
            const struct capdl_fill *fill = &spec->fills[object->u.frame.first_fill + i];
            capdl_text_printf(list->out, "%s{%s}", i == 0 ? "" : ", ",
                              capdl_name_text(spec, fill->words));
        }
        capdl_text_printf(list->out, "]");
    }
}

static void print_device(const struct capdl_object *object, struct list *list)
{
    const uint64_t *n = object->u.device.number;
    switch (object->kind) {
    case CAPDL_IOAPIC_IRQ:
        list_number(list, "ioapic_num", n[0]);
        list_number(list, "ioapic_pin", n[1]);
        list_number(list, "ioapic_level", n[2]);
        list_number(list, "ioapic_polarity", n[3]);
        break;
    case CAPDL_MSI_IRQ:
        list_number(list, "msi_handle", n[0]);
        list_number(list, "msi_pci_bus", n[1]);
        list_number(list, "msi_pci_dev", n[2]);
        list_number(list, "msi_pci_fun", n[3]);
        break;
    case CAPDL_ARM_IRQ:
        list_item(list);
        capdl_text_printf(list->out, "trigger: %s", n[0] == 0 ? "level" : "edge");
        list_number(list, "target", n[1]);
        break;
    case CAPDL_IO_PORTS:
        list_item(list);
        capdl_text_printf(list->out, "ports: [%llu..%llu]", (unsigned long long)n[0],
                          (unsigned long long)n[1]);
        break;
    case CAPDL_IO_DEVICE:
        list_number(list, "domainID", n[0]);
        list_item(list);
        capdl_text_printf(list->out, "%llu:%llu.%llu", (unsigned long long)n[1],
                          (unsigned long long)n[2], (unsigned long long)n[3]);
        break;
    case CAPDL_IO_PT: list_number(list, "level", n[0]); break;
    case CAPDL_ARM_IO_DEVICE: list_number(list, "iospace", n[0]); break;
    case CAPDL_SGI:
        list_number(list, "irq", n[0]);
        list_number(list, "target", n[1]);
        break;
    case CAPDL_CONTEXTBANK:
        list_number_if(list, object->present, CAPDL_HAS_BANK, "bank", n[0]);
        break;
    case CAPDL_ASID_POOL:
        if ((object->present & CAPDL_HAS_ASID_HIGH) != 0) {
            list_item(list);
            capdl_text_printf(list->out, "asid_high: 0x%llx", (unsigned long long)n[0]);
        }
        break;
    default: break;
    }
}

static void print_attrs(const struct capdl_spec *spec, const struct capdl_object *object,
                        struct capdl_text *out)
{
    struct list list = { out, " (", false };
    if (object->kind == CAPDL_TCB) {
        print_tcb(spec, object, &list);
    } else if (object->kind == CAPDL_SC) {
        list_number_if(&list, object->present, CAPDL_HAS_PERIOD, "period", object->u.sc.period);
        list_number_if(&list, object->present, CAPDL_HAS_BUDGET, "budget", object->u.sc.budget);
        list_number_if(&list, object->present, CAPDL_HAS_DATA, "data", object->u.sc.data);
        print_memory(spec, object, &list);
    } else {
        print_memory(spec, object, &list);
        print_device(object, &list);
    }
    list_end(&list, ")");
}

/* The first object from child on that a list of children names. */
static uint32_t listed(const struct capdl_spec *spec, const struct layout *layout, uint32_t child)
{
    while (child != CAPDL_NONE && layout->has_path[child]) {
        child = spec->objects[child].next_sibling;
    }
    return child;
}

static void print_children(const struct capdl_spec *spec, const struct layout *layout,
                           const struct capdl_object *untyped, struct capdl_text *out)
{
    capdl_text_printf(out, " {");
    uint32_t child = listed(spec, layout, untyped->first_child);
    while (child != CAPDL_NONE) {
        struct run run = { 0 };
        run_start(spec, &run, child);
        child = listed(spec, layout, spec->objects[child].next_sibling);
        while (child != CAPDL_NONE && run_add(spec, &run, child)) {
            child = listed(spec, layout, spec->objects[child].next_sibling);
        }
        capdl_text_printf(out, " ");
        run_end(&run, out);
    }
    capdl_text_printf(out, " }");
}

static bool has_listed(const struct capdl_spec *spec, const struct layout *layout, uint32_t object)
{
    return listed(spec, layout, spec->objects[object].first_child) != CAPDL_NONE;
}

/* One object, or one array of which sorted[0 .. count) are the elements. */
static void print_declaration(const struct capdl_spec *spec, const struct layout *layout,
                              const uint32_t *sorted, uint32_t count, struct capdl_text *out)
{
    const struct capdl_object *object = &spec->objects[sorted[0]];
    const char *name = capdl_name_text(spec, object->name);
    capdl_text_printf(out, "    ");
    if (layout->has_path[sorted[0]]) {
        print_path(spec, layout, sorted[0], out);
    }
    capdl_text_printf(out, "%s", name);
    if (object->index != CAPDL_NONE) {
        capdl_text_printf(out, "[%u]", count);
    }
    capdl_text_printf(out, " = %s", capdl_kind_info(object->kind)->keyword);
    print_attrs(spec, object, out);
    if (object->index == CAPDL_NONE && has_listed(spec, layout, sorted[0])) {
        print_children(spec, layout, object, out);
    }
    capdl_text_printf(out, "\n");
    for (uint32_t i = 0; i < count && object->index != CAPDL_NONE; i++) {
        if (has_listed(spec, layout, sorted[i])) {
            capdl_text_printf(out, "    %s[%u] = ut", name, spec->objects[sorted[i]].index);
            print_children(spec, layout, &spec->objects[sorted[i]], out);
            capdl_text_printf(out, "\n");
        }
    }
}

uint32_t same_name(const struct capdl_spec *spec, const uint32_t *sorted, uint32_t count)
{
    uint32_t same = 1;
    while (same < count && spec->objects[sorted[same]].name == spec->objects[sorted[0]].name) {
        same++;
    }
    return same;
}

static void print_objects(const struct capdl_spec *spec, const uint32_t *sorted,
                          struct capdl_text *out)
{
    struct layout layout;
    layout_make(&layout, spec, sorted);
    capdl_text_printf(out, "objects {\n");
    for (int untypeds = 0; untypeds < 2; untypeds++) {
        for (uint32_t i = 0; i < spec->object_count;) {
            uint32_t count = same_name(spec, sorted + i, spec->object_count - i);
            uint32_t run = layout_run(spec, sorted + i, count);
            if (run > 0 && (spec->objects[sorted[i]].kind == CAPDL_UT) == (untypeds == 1)) {
                print_declaration(spec, &layout, sorted + i, run, out);
            }
            i += count;
        }
    }
    capdl_text_printf(out, "}\n");
    layout_free(&layout);
}

static void print_domains(const struct capdl_spec *spec, struct capdl_text *out)
{
    capdl_text_printf(out, "domains {\n    schedule: [");
    for (uint32_t i = 0; i < spec->schedule_count; i++) {
        const struct capdl_schedule_entry *entry = &spec->schedule[i];
        capdl_text_printf(out, "%s(%llu, %llu", i == 0 ? "" : ", ",
                          (unsigned long long)entry->domain, (unsigned long long)entry->duration);
        bool is_end = entry->duration == 0;
        capdl_text_printf(out, "%s)", is_end ? "" : entry->unit == CAPDL_US ? " us" : " ticks");
    }
    capdl_text_printf(out, "]\n    domain_set_start: ");
    if (spec->has_no_start) {
        capdl_text_printf(out, "no_start\n");
    } else {
        capdl_text_printf(out, "%llu\n", (unsigned long long)spec->domain_start);
    }
    capdl_text_printf(out, "    index_shift: %llu\n}\n", (unsigned long long)spec->index_shift);
}

void capdl_print(const struct capdl_spec *spec, struct capdl_text *out)
{
    uint32_t *sorted = capdl_sorted_by_name(spec);
    capdl_text_printf(out, "arch %s\n\n", capdl_arch_keyword(spec->arch));
    print_objects(spec, sorted, out);
    capdl_text_printf(out, "\n");
    print_caps(spec, sorted, out);
    capdl_text_printf(out, "\n");
    print_cdt(spec, sorted, out);
    capdl_text_printf(out, "\nirq maps {\n");
    for (uint32_t i = 0; i < spec->irq_count; i++) {
        capdl_text_printf(out, "    %llu: ", (unsigned long long)spec->irqs[i].number);
        print_name(spec, spec->irqs[i].object, out);
        capdl_text_printf(out, "\n");
    }
    capdl_text_printf(out, "}\n");
    if (spec->has_schedule) {
        capdl_text_printf(out, "\n");
        print_domains(spec, out);
    }
    free(sorted);
}
