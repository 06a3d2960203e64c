/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The JSON form: objects, and what relates them
 *
 * Objects are numbered: those that no untyped covers first, in the order in which they are placed
 * in memory; then, for one untyped after the other, what it covers, so that these numbers are a
 * range. An untyped comes before its own.
 */
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "model/order.h"

/* Priority of a thread that states none, as other loaders take it. */
#define DEFAULT_PRIO 125u

/* Number the objects. Those in a cycle of covers are not reached: returns how many were. */
static uint32_t number_objects(struct conversion *conversion, uint32_t *root_count)
{
    const struct capdl_spec *spec = conversion->spec;
    uint32_t count = 0;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (spec->objects[i].parent == CAPDL_NONE) {
            conversion->order[count++] = i;
        }
    }
    *root_count = count;
    capdl_sort(spec, conversion->order, count, capdl_placement_compare);
    for (uint32_t at = 0; at < count; at++) {
        for (uint32_t child = spec->objects[conversion->order[at]].first_child; child != CAPDL_NONE;
             child = spec->objects[child].next_sibling) {
            conversion->order[count++] = child;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        /* One more object, for authority over domains, is the last of those without untyped. */
        bool is_behind = conversion->domain_id != CAPDL_NONE && i >= *root_count;
        conversion->ids[conversion->order[i]] = i + is_behind;
    }
    return count;
}

static void find_roots(struct conversion *conversion)
{
    const struct capdl_spec *spec = conversion->spec;
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct capdl_cap *cap = &spec->caps[i];
        enum capdl_kind container = spec->objects[cap->container].kind;
        if (cap->target != CAPDL_NONE &&
            ((container == CAPDL_TCB && cap->slot == 1) || container == CAPDL_ASID_POOL)) {
            conversion->is_root[cap->target] = true;
            conversion->has_three_levels =
                conversion->has_three_levels || spec->objects[cap->target].kind == CAPDL_PUD;
        }
        if (cap->kind == CAPDL_CAP_DOMAIN) {
            conversion->domain_id = 0; /* set when the objects are numbered */
        }
    }
}

/* 0 is the root; RISC-V has one kind of table for all levels. */
static bool table_level(const struct conversion *conversion, enum capdl_kind kind, uint64_t *level)
{
    uint32_t arch = conversion->spec->arch;
    uint64_t above = arch == CAPDL_ARM11 || arch == CAPDL_IA32               ? 2
                     : arch == CAPDL_AARCH64 && conversion->has_three_levels ? 1
                                                                             : 0;
    uint64_t of_four = kind == CAPDL_PGD || kind == CAPDL_PML4   ? 0
                       : kind == CAPDL_PUD || kind == CAPDL_PDPT ? 1
                       : kind == CAPDL_PD                        ? 2
                                                                 : 3;
    *level = of_four < above ? 0 : of_four - above;
    return arch != CAPDL_RISCV;
}

static void write_table(struct conversion *conversion, uint32_t self)
{
    const struct capdl_object *object = &conversion->spec->objects[self];
    struct json *json = &conversion->json;
    uint64_t level = 0;
    bool has_level = table_level(conversion, object->kind, &level);
    json_bool(json, "is_root", conversion->is_root[self] || (has_level && level == 0));
    if (has_level) {
        json_number(json, "level", level);
    } else {
        json_null(json, "level");
    }
}

static void write_tcb(struct conversion *conversion, const struct capdl_object *object)
{
    const struct capdl_tcb_attrs *tcb = &object->u.tcb;
    struct json *json = &conversion->json;
    bool has_prio = (object->present & CAPDL_HAS_PRIO) != 0;
    json_open(json, "extra", '{');
    json_number(json, "ipc_buffer_addr", tcb->addr);
    json_number(json, "affinity", tcb->affinity);
    json_number(json, "prio", has_prio ? tcb->prio : DEFAULT_PRIO);
    json_number(json, "max_prio", has_prio ? tcb->max_prio : DEFAULT_PRIO);
    json_bool(json, "fpu_disabled", tcb->fpu_disabled);
    json_bool(json, "resume", tcb->resume);
    json_number(json, "domain", tcb->dom);
    json_number(json, "ip", tcb->ip);
    json_number(json, "sp", tcb->sp);
    json_open(json, "gprs", '[');
    for (uint32_t i = 0; i < tcb->init_count; i++) {
        json_number(json, NULL, conversion->spec->words[tcb->first_init + i]);
    }
    json_close(json, ']');
    if ((object->present & CAPDL_HAS_FAULT_EP) != 0) {
        json_number(json, "master_fault_ep", tcb->fault_ep);
    } else {
        json_null(json, "master_fault_ep");
    }
    json_close(json, '}');
    if (tcb->counter_access != 0) {
        capdl_warning(conversion->diags, object->pos, "the JSON form has no counter_access");
        capdl_remedy(conversion->diags, "it is an addition of this system: others ignore it");
    }
}

/* The word of the form for a block of boot information; NULL if it has none. */
static const char *block_word(const char *word)
{
    static const char *const words[][2] = {
        { "Padding", "Padding" },
        { "X86_VBE", "X86Vbe" },
        { "X86_MBMMAP", "X86Mbmmap" },
        { "X86_ACPI_RSDP", "X86AcpiRsdp" },
        { "X86_Framebuffer", "X86FrameBuffer" },
        { "X86_TSC_Freq", "X86TscFreq" },
        { "FDT", "Fdt" },
    };
    static const char prefix[] = "CDL_FrameFill_BootInfo_";
    if (strncmp(word, prefix, sizeof(prefix) - 1) == 0) {
        word += sizeof(prefix) - 1;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i][0]) == 0) {
            return words[i][1];
        }
    }
    return NULL;
}

static void write_fill(struct conversion *conversion, const struct capdl_fill *fill)
{
    const struct capdl_spec *spec = conversion->spec;
    struct json *json = &conversion->json;
    const char *block = fill->is_understood && fill->file == CAPDL_NONE
                            ? block_word(capdl_name_text(spec, fill->block_word))
                            : NULL;
    if (!fill->is_understood || (fill->file == CAPDL_NONE && block == NULL)) {
        capdl_error(conversion->diags, fill->pos, "the JSON form has no such fill");
        capdl_remedy(conversion->diags, "it knows file data and blocks of boot information");
        return;
    }
    json_open(json, NULL, '{');
    json_open(json, "range", '{');
    json_number(json, "start", fill->offset);
    json_number(json, "end", fill->offset + fill->length);
    json_close(json, '}');
    json_open(json, "content", '{');
    if (block == NULL) {
        json_open(json, "Data", '{');
        json_string(json, "file", capdl_name_text(spec, fill->file));
        json_number(json, "file_offset", fill->source);
    } else {
        json_open(json, "BootInfo", '{');
        json_string(json, "id", block);
        json_number(json, "offset", fill->source);
    }
    json_close(json, '}');
    json_close(json, '}');
    json_close(json, '}');
}

static void write_memory(struct conversion *conversion, const struct capdl_object *object)
{
    struct json *json = &conversion->json;
    json_number(json, "size_bits", object->bits);
    if (object->kind == CAPDL_CNODE) {
        return;
    }
    if ((object->present & CAPDL_HAS_PADDR) != 0) {
        json_number(json, "paddr", object->paddr);
    } else {
        json_null(json, "paddr");
    }
    if (object->kind == CAPDL_UT) {
        return;
    }
    json_open(json, "init", '{');
    json_open(json, "entries", '[');
    for (uint32_t i = 0; i < object->u.frame.fill_count; i++) {
        write_fill(conversion, &conversion->spec->fills[object->u.frame.first_fill + i]);
    }
    json_close(json, ']');
    json_close(json, '}');
}

/* "extra": the numbers of a device object under the names of the form. */
static void write_extra(struct conversion *conversion, const struct capdl_object *object,
                        const char *const names[4])
{
    struct json *json = &conversion->json;
    json_open(json, "extra", '{');
    for (uint32_t i = 0; i < 4 && names[i] != NULL; i++) {
        if (object->kind == CAPDL_ARM_IRQ && i == 0) {
            json_string(json, names[i], object->u.device.number[0] == 0 ? "Level" : "Edge");
        } else {
            json_number(json, names[i], object->u.device.number[i]);
        }
    }
    json_close(json, '}');
}

static void write_device(struct conversion *conversion, const struct capdl_object *object)
{
    static const char *const arm[4] = { "trigger", "target" };
    static const char *const msi[4] = { "handle", "pci_bus", "pci_dev", "pci_func" };
    static const char *const ioapic[4] = { "ioapic", "pin", "level", "polarity" };
    const uint64_t *n = object->u.device.number;
    struct json *json = &conversion->json;
    switch (object->kind) {
    case CAPDL_ARM_IRQ: write_extra(conversion, object, arm); break;
    case CAPDL_MSI_IRQ: write_extra(conversion, object, msi); break;
    case CAPDL_IOAPIC_IRQ: write_extra(conversion, object, ioapic); break;
    case CAPDL_IO_PT: json_number(json, "level", n[0]); break;
    case CAPDL_ASID_POOL: json_number(json, "high", n[0]); break;
    case CAPDL_IO_PORTS:
        json_number(json, "start_port", n[0]);
        json_number(json, "end_port", n[1]);
        break;
    case CAPDL_IO_DEVICE:
        json_number(json, "domain_id", n[0]);
        json_open(json, "pci_device", '{');
        json_number(json, "bus", n[1]);
        json_number(json, "device", n[2]);
        json_number(json, "function", n[3]);
        json_close(json, '}');
        break;
    default: break;
    }
}

static void write_sc(struct conversion *conversion, uint32_t self)
{
    const struct capdl_object *object = &conversion->spec->objects[self];
    struct json *json = &conversion->json;
    json_number(json, "size_bits", capdl_object_size_bits(conversion->spec, self));
    json_open(json, "extra", '{');
    json_number(json, "period", object->u.sc.period);
    json_number(json, "budget", object->u.sc.budget);
    json_number(json, "badge", object->u.sc.data);
    json_close(json, '}');
}

/* Words of the form for objects; those with a mark have no details, and are bare strings. */
static const struct {
    const char *word;
    bool is_bare;
} object_words[CAPDL_KIND_COUNT] = {
    [CAPDL_EP] = { "Endpoint", true },
    [CAPDL_NOTIFICATION] = { "Notification", true },
    [CAPDL_TCB] = { "Tcb", false },
    [CAPDL_CNODE] = { "CNode", false },
    [CAPDL_UT] = { "Untyped", false },
    [CAPDL_ASID_POOL] = { "AsidPool", false },
    [CAPDL_FRAME] = { "Frame", false },
    [CAPDL_PT] = { "PageTable", false },
    [CAPDL_PD] = { "PageTable", false },
    [CAPDL_PDPT] = { "PageTable", false },
    [CAPDL_PML4] = { "PageTable", false },
    [CAPDL_PUD] = { "PageTable", false },
    [CAPDL_PGD] = { "PageTable", false },
    [CAPDL_IRQ] = { "Irq", false },
    [CAPDL_IOAPIC_IRQ] = { "IrqIOApic", false },
    [CAPDL_MSI_IRQ] = { "IrqMsi", false },
    [CAPDL_ARM_IRQ] = { "ArmIrq", false },
    [CAPDL_IO_PORTS] = { "IOPorts", false },
    [CAPDL_IO_DEVICE] = { "IOSpace", false },
    [CAPDL_IO_PT] = { "IOPageTable", false },
    [CAPDL_VCPU] = { "VCpu", true },
    [CAPDL_SC] = { "SchedContext", false },
    [CAPDL_RTREPLY] = { "Reply", true },
    [CAPDL_SMC] = { "ArmSmc", true },
};

static void write_details(struct conversion *conversion, uint32_t self)
{
    const struct capdl_object *object = &conversion->spec->objects[self];
    /* An ASID pool hands out pools: what is in it is the loader's. */
    if (capdl_kind_info(object->kind)->has_slots && object->kind != CAPDL_ASID_POOL) {
        convert_slots(conversion, object);
    }
    switch (object->kind) {
    case CAPDL_TCB: write_tcb(conversion, object); break;
    case CAPDL_CNODE:
    case CAPDL_UT:
    case CAPDL_FRAME: write_memory(conversion, object); break;
    case CAPDL_SC: write_sc(conversion, self); break;
    default:
        if (capdl_kind_is_table(object->kind)) {
            write_table(conversion, self);
        } else {
            write_device(conversion, object);
        }
    }
}

static void write_object(struct conversion *conversion, uint32_t self)
{
    const struct capdl_object *object = &conversion->spec->objects[self];
    struct json *json = &conversion->json;
    struct capdl_text name = { 0 };
    if (object_words[object->kind].word == NULL) {
        capdl_error(conversion->diags, object->pos, "\"%s\": the JSON form has no %s",
                    capdl_object_text(conversion->spec, self),
                    capdl_kind_info(object->kind)->words);
        capdl_remedy(conversion->diags, "remove the object, or use the text or XML");
        return;
    }
    capdl_text_printf(&name, "%s", capdl_name_text(conversion->spec, object->name));
    if (object->index != CAPDL_NONE) {
        capdl_text_printf(&name, "[%u]", object->index);
    }
    json_open(json, NULL, '{');
    json_string(json, "name", name.bytes);
    if (object_words[object->kind].is_bare) {
        json_string(json, "object", object_words[object->kind].word);
    } else {
        json_open(json, "object", '{');
        json_open(json, object_words[object->kind].word, '{');
        write_details(conversion, self);
        json_close(json, '}');
        json_close(json, '}');
    }
    json_close(json, '}');
    capdl_text_free(&name);
}

static void write_objects(struct conversion *conversion, uint32_t count, uint32_t root_count)
{
    struct json *json = &conversion->json;
    json_open(json, "objects", '[');
    for (uint32_t i = 0; i < count || i == root_count; i++) {
        if (i == root_count && conversion->domain_id != CAPDL_NONE) {
            json_open(json, NULL, '{');
            json_string(json, "name", "domain");
            json_string(json, "object", "DomainSet");
            json_close(json, '}');
        }
        if (i < count) {
            write_object(conversion, conversion->order[i]);
        }
    }
    json_close(json, ']');
}

static void write_range(struct json *json, const char *key, uint64_t start, uint64_t end)
{
    json_open(json, key, '{');
    json_number(json, "start", start);
    json_number(json, "end", end);
    json_close(json, '}');
}

static void write_covers(struct conversion *conversion, uint32_t count)
{
    const struct capdl_spec *spec = conversion->spec;
    struct json *json = &conversion->json;
    json_open(json, "untyped_covers", '[');
    for (uint32_t i = 0; i < count; i++) {
        const struct capdl_object *object = &spec->objects[conversion->order[i]];
        if (object->first_child != CAPDL_NONE) {
            json_open(json, NULL, '{');
            json_number(json, "parent", conversion->ids[conversion->order[i]]);
            write_range(json, "children", conversion->ids[object->first_child],
                        (uint64_t)conversion->ids[object->last_child] + 1);
            json_close(json, '}');
        }
    }
    json_close(json, ']');
}

static int high_compare(const struct capdl_spec *spec, uint32_t a, uint32_t b)
{
    uint64_t left = spec->objects[a].u.device.number[0];
    uint64_t right = spec->objects[b].u.device.number[0];
    return left < right ? -1 : left > right;
}

static void write_pools(struct conversion *conversion)
{
    const struct capdl_spec *spec = conversion->spec;
    uint32_t *pools = capdl_alloc(spec->object_count, sizeof(*pools));
    uint32_t count = 0;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (spec->objects[i].kind == CAPDL_ASID_POOL) {
            pools[count++] = i;
        }
    }
    capdl_sort(spec, pools, count, high_compare);
    json_open(&conversion->json, "asid_slots", '[');
    for (uint32_t i = 0; i < count; i++) {
        json_number(&conversion->json, NULL, conversion->ids[pools[i]]);
    }
    json_close(&conversion->json, ']');
    free(pools);
}

static void write_irqs(struct conversion *conversion)
{
    struct json *json = &conversion->json;
    json_open(json, "irqs", '[');
    for (uint32_t i = 0; i < conversion->spec->irq_count; i++) {
        const struct capdl_irq_line *irq = &conversion->spec->irqs[i];
        json_open(json, NULL, '{');
        json_number(json, "irq", irq->number);
        json_number(json, "handler", conversion->ids[irq->object]);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_domains(struct conversion *conversion)
{
    const struct capdl_spec *spec = conversion->spec;
    struct json *json = &conversion->json;
    if (!spec->has_schedule) {
        json_null(json, "domain_schedule");
        json_null(json, "domain_set_start");
        json_null(json, "domain_idx_shift");
        return;
    }
    json_open(json, "domain_schedule", '[');
    for (uint32_t i = 0; i < spec->schedule_count; i++) {
        json_open(json, NULL, '{');
        json_number(json, "domain", spec->schedule[i].domain);
        convert_duration(conversion, &spec->schedule[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
    if (spec->has_no_start) {
        json_null(json, "domain_set_start");
    } else {
        json_number(json, "domain_set_start", spec->domain_start);
    }
    json_number(json, "domain_idx_shift", spec->index_shift);
}

void capdl_convert_json(const struct capdl_spec *spec, struct capdl_diags *diags,
                        struct capdl_text *out)
{
    struct conversion conversion = {
        .spec = spec, .diags = diags, .json = { out, 0, false }, .domain_id = CAPDL_NONE
    };
    uint32_t roots = 0;
    conversion.ids = capdl_alloc(spec->object_count, sizeof(*conversion.ids));
    conversion.order = capdl_alloc(spec->object_count, sizeof(*conversion.order));
    conversion.is_root = capdl_alloc(spec->object_count, sizeof(*conversion.is_root));
    find_roots(&conversion);
    uint32_t count = number_objects(&conversion, &roots);
    bool has_domain = conversion.domain_id != CAPDL_NONE;
    conversion.domain_id = has_domain ? roots : CAPDL_NONE;
    if (count < spec->object_count) {
        capdl_error(diags, (struct capdl_pos){ 0, 0 }, "some untypeds cover themselves");
        capdl_remedy(diags, "remove the cycle: the form lists each untyped before what it covers");
    }
    if (spec->edge_count > 0) {
        capdl_warning(diags, spec->edges[0].pos, "the JSON form leaves derivation out");
        capdl_remedy(diags, "every cap derives from its object's original then");
    }
    json_open(&conversion.json, NULL, '{');
    write_objects(&conversion, count, roots);
    write_irqs(&conversion);
    write_domains(&conversion);
    write_pools(&conversion);
    write_range(&conversion.json, "root_objects", 0, (uint64_t)roots + has_domain);
    write_covers(&conversion, count);
    json_close(&conversion.json, '}');
    free(conversion.ids);
    free(conversion.order);
    free(conversion.is_root);
}
