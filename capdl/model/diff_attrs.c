/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What differs between the attributes of two objects
 */
#include "diff_parts.h"

#include <string.h>

#define ATTRIBUTES_MAX 12

struct attribute {
    const char *name;
    bool has;
    uint64_t value;
};

static uint32_t tcb_attributes(const struct capdl_object *object, struct attribute *list)
{
    const struct capdl_tcb_attrs *tcb = &object->u.tcb;
    uint32_t present = object->present;
    const struct attribute all[] = {
        { "addr", (present & CAPDL_HAS_ADDR) != 0, tcb->addr },
        { "ip", (present & CAPDL_HAS_IP) != 0, tcb->ip },
        { "sp", (present & CAPDL_HAS_SP) != 0, tcb->sp },
        { "prio", (present & CAPDL_HAS_PRIO) != 0, tcb->prio },
        { "max_prio", (present & CAPDL_HAS_MAX_PRIO) != 0, tcb->max_prio },
        { "affinity", (present & CAPDL_HAS_AFFINITY) != 0, tcb->affinity },
        { "resume", true, tcb->resume },
        { "fpu_disabled", true, tcb->fpu_disabled },
        { "dom", true, tcb->dom },
        { "fault_ep", (present & CAPDL_HAS_FAULT_EP) != 0, tcb->fault_ep },
        { "counter_access", true, tcb->counter_access },
    };
    memcpy(list, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}

static uint32_t sc_attributes(const struct capdl_object *object, struct attribute *list)
{
    const struct attribute all[] = {
        { "period", (object->present & CAPDL_HAS_PERIOD) != 0, object->u.sc.period },
        { "budget", (object->present & CAPDL_HAS_BUDGET) != 0, object->u.sc.budget },
        { "data", (object->present & CAPDL_HAS_DATA) != 0, object->u.sc.data },
        { "bits", (object->present & CAPDL_HAS_BITS) != 0, object->bits },
    };
    memcpy(list, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}

/* Names of the numbers of a device object, as in the text. */
static const char *device_name(enum capdl_kind kind, uint32_t place)
{
    static const struct {
        enum capdl_kind kind;
        const char *names[4];
    } table[] = {
        { CAPDL_IOAPIC_IRQ, { "ioapic_num", "ioapic_pin", "ioapic_level", "ioapic_polarity" } },
        { CAPDL_MSI_IRQ, { "msi_handle", "msi_pci_bus", "msi_pci_dev", "msi_pci_fun" } },
        { CAPDL_ARM_IRQ, { "trigger (1: edge)", "target", NULL, NULL } },
        { CAPDL_IO_PORTS, { "first port", "last port", NULL, NULL } },
        { CAPDL_IO_DEVICE, { "domainID", "bus", "device", "function" } },
        { CAPDL_IO_PT, { "level", NULL, NULL, NULL } },
        { CAPDL_ARM_IO_DEVICE, { "iospace", NULL, NULL, NULL } },
        { CAPDL_SGI, { "irq", "target", NULL, NULL } },
        { CAPDL_CONTEXTBANK, { "bank", NULL, NULL, NULL } },
        { CAPDL_ASID_POOL, { "asid_high", NULL, NULL, NULL } },
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].kind == kind) {
            return table[i].names[place];
        }
    }
    return NULL;
}

static uint32_t attributes_of(const struct capdl_object *object, struct attribute *list)
{
    uint32_t count = 0;
    if (object->kind == CAPDL_TCB) {
        return tcb_attributes(object, list);
    }
    if (object->kind == CAPDL_SC) {
        return sc_attributes(object, list);
    }
    for (uint32_t i = 0; i < 4; i++) {
        const char *name = device_name(object->kind, i);
        bool has =
            (object->kind != CAPDL_CONTEXTBANK || (object->present & CAPDL_HAS_BANK) != 0) &&
            (object->kind != CAPDL_ASID_POOL || (object->present & CAPDL_HAS_ASID_HIGH) != 0);
        if (name != NULL) {
            list[count++] = (struct attribute){ name, has, object->u.device.number[i] };
        }
    }
    list[count++] =
        (struct attribute){ "bits", (object->present & CAPDL_HAS_BITS) != 0, object->bits };
    list[count++] =
        (struct attribute){ "paddr", (object->present & CAPDL_HAS_PADDR) != 0, object->paddr };
    return count;
}

static void words_value(const struct attribute *attribute, struct capdl_text *out)
{
    if (!attribute->has) {
        capdl_text_printf(out, "not given");
    } else if (strcmp(attribute->name, "resume") == 0 ||
               strcmp(attribute->name, "fpu_disabled") == 0) {
        capdl_text_printf(out, "%s", attribute->value != 0 ? "True" : "False");
    } else if (attribute->value >= 4096) {
        capdl_text_printf(out, "0x%llx", (unsigned long long)attribute->value);
    } else {
        capdl_text_printf(out, "%llu", (unsigned long long)attribute->value);
    }
}

/* The lists of an object as text: initial registers of a thread, fills of a frame. */
static void words_list(const struct capdl_spec *spec, const struct capdl_object *object,
                       struct capdl_text *out)
{
    capdl_text_printf(out, "[");
    for (uint32_t i = 0; object->kind == CAPDL_TCB && i < object->u.tcb.init_count; i++) {
        capdl_text_printf(out, "%s%llu", i == 0 ? "" : ", ",
                          (unsigned long long)spec->words[object->u.tcb.first_init + i]);
    }
    for (uint32_t i = 0; object->kind == CAPDL_FRAME && i < object->u.frame.fill_count; i++) {
        uint32_t words = spec->fills[object->u.frame.first_fill + i].words;
        capdl_text_printf(out, "%s{%s}", i == 0 ? "" : ", ", capdl_name_text(spec, words));
    }
    capdl_text_printf(out, "]");
}

static void diff_lists(struct diff *diff, uint32_t a, uint32_t b)
{
    const struct capdl_object *left = &diff->a.spec->objects[a];
    const struct capdl_object *right = &diff->b.spec->objects[b];
    if (left->kind != CAPDL_TCB && left->kind != CAPDL_FRAME) {
        return;
    }
    struct capdl_text before = { 0 };
    struct capdl_text after = { 0 };
    words_list(diff->a.spec, left, &before);
    words_list(diff->b.spec, right, &after);
    if (strcmp(before.bytes, after.bytes) != 0) {
        diff_start(diff, DIFF_OTHER);
        words_object(&diff->b, b, diff->out);
        diff_end(diff, ": %s was %s, is %s", left->kind == CAPDL_TCB ? "init" : "fill",
                 before.bytes, after.bytes);
    }
    capdl_text_free(&before);
    capdl_text_free(&after);
}

void diff_attributes(struct diff *diff, uint32_t a, uint32_t b)
{
    struct attribute left[ATTRIBUTES_MAX];
    struct attribute right[ATTRIBUTES_MAX];
    uint32_t count = attributes_of(&diff->a.spec->objects[a], left);
    attributes_of(&diff->b.spec->objects[b], right);
    for (uint32_t i = 0; i < count; i++) {
        if (left[i].has == right[i].has && (!left[i].has || left[i].value == right[i].value)) {
            continue;
        }
        diff_start(diff, DIFF_OTHER);
        words_object(&diff->b, b, diff->out);
        capdl_text_printf(diff->out, ": %s was ", left[i].name);
        words_value(&left[i], diff->out);
        capdl_text_printf(diff->out, ", is ");
        words_value(&right[i], diff->out);
        diff_end(diff, "%s", "");
    }
    diff_lists(diff, a, b);
}
