/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The XML form of a spec (capdl.dtd)
 */
#include <libxml/xmlwriter.h>
#include <stdlib.h>

#include "lang/convert.h"
#include "model/order.h"
#include "print.h"

/* Where the document goes, and the order of objects. */
struct xml {
    const struct capdl_spec *spec;
    xmlTextWriterPtr writer;
    uint32_t *sorted;
};

/* The writer remembers failures of memory no better than we: its results are checked at the end. */
static void element(struct xml *xml, const char *name)
{
    xmlTextWriterStartElement(xml->writer, (const xmlChar *)name);
}

static void end(struct xml *xml)
{
    xmlTextWriterEndElement(xml->writer);
}

static void attribute(struct xml *xml, const char *name, const char *value)
{
    xmlTextWriterWriteAttribute(xml->writer, (const xmlChar *)name, (const xmlChar *)value);
}

static void number(struct xml *xml, const char *name, uint64_t value)
{
    xmlTextWriterWriteFormatAttribute(xml->writer, (const xmlChar *)name, "%llu",
                                      (unsigned long long)value);
}

static void named(struct xml *xml, const char *attribute_name, uint32_t object)
{
    struct capdl_text name = { 0 };
    print_name(xml->spec, object, &name);
    attribute(xml, attribute_name, name.bytes);
    capdl_text_free(&name);
}

static void slot_of(struct xml *xml, const char *attribute_name, uint32_t object, uint64_t slot)
{
    struct capdl_text text = { 0 };
    print_slot(xml->spec, object, slot, &text);
    attribute(xml, attribute_name, text.bytes);
    capdl_text_free(&text);
}

/* Words of the form for objects and for caps to them. */
static const struct {
    const char *object, *cap;
} words[CAPDL_KIND_COUNT] = {
    [CAPDL_EP] = { "Endpoint", "EndpointCap" },
    [CAPDL_NOTIFICATION] = { "Notification", "NotificationCap" },
    [CAPDL_TCB] = { "TCB", "TCBCap" },
    [CAPDL_CNODE] = { "CNode", "CNodeCap" },
    [CAPDL_UT] = { "Untyped", "UntypedCap" },
    [CAPDL_ASID_POOL] = { "ASIDPool", "ASIDPoolCap" },
    [CAPDL_FRAME] = { "Frame", "FrameCap" },
    [CAPDL_PT] = { "PT", "PTCap" },
    [CAPDL_PD] = { "PD", "PDCap" },
    [CAPDL_PDPT] = { "PDPT", "PDPTCap" },
    [CAPDL_PML4] = { "PML4", "PML4Cap" },
    [CAPDL_PUD] = { "PUD", "PUDCap" },
    [CAPDL_PGD] = { "PGD", "PGDCap" },
    [CAPDL_IRQ] = { "CNode", "IRQHandlerCap" },
    [CAPDL_IOAPIC_IRQ] = { "IOAPICIrq", "IRQIOAPICHandlerCap" },
    [CAPDL_MSI_IRQ] = { "MSIIrq", "IRQMSIHandlerCap" },
    [CAPDL_ARM_IRQ] = { "ARMIrq", "ARMIRQHandlerCap" },
    [CAPDL_IO_PORTS] = { "IOPorts", "IOPortsCap" },
    [CAPDL_IO_DEVICE] = { "IODevice", "IOSpaceCap" },
    [CAPDL_IO_PT] = { "IOPT", "IOPTCap" },
    [CAPDL_ARM_IO_DEVICE] = { "ARMIODevice", "ARMIOSpaceCap" },
    [CAPDL_VCPU] = { "VCPU", "VCPUCap" },
    [CAPDL_SC] = { "SC", "SCCap" },
    [CAPDL_RTREPLY] = { "RTReply", "RTReplyCap" },
    [CAPDL_STREAMID] = { "ARMSID", "ARMSIDCap" },
    [CAPDL_CONTEXTBANK] = { "ARMCB", "ARMCBCap" },
    [CAPDL_SMC] = { "ARMSMC", "ARMSMCCap" },
    [CAPDL_SGI] = { "ARMSGISignal", "ARMSGISignalCap" },
};

static void cap_type(struct xml *xml, const struct capdl_cap *cap)
{
    static const struct {
        const char *type, *id;
    } globals[] = {
        [CAPDL_CAP_IRQ_CONTROL] = { "IRQControlCap", "globalIRQControlCap" },
        [CAPDL_CAP_ASID_CONTROL] = { "ASIDControlCap", "globalASIDControlCap" },
        [CAPDL_CAP_DOMAIN] = { "DomainCap", "globalDomainCap" },
        [CAPDL_CAP_IO_SPACE_MASTER] = { "IOSpaceMasterCap", "globalIOSpaceMasterCap" },
        [CAPDL_CAP_SCHED_CONTROL] = { "SchedControlCap", "globalSchedControlCap" },
    };
    if (cap->target == CAPDL_NONE) {
        attribute(xml, "id", globals[cap->kind].id);
        attribute(xml, "type", globals[cap->kind].type);
        return;
    }
    named(xml, "id", cap->target);
    attribute(xml, "type",
              cap->kind == CAPDL_CAP_REPLY ? "ReplyCap"
              : cap->kind == CAPDL_CAP_MASTER_REPLY
                  ? "MasterReplyCap"
                  : words[xml->spec->objects[cap->target].kind].cap);
}

static void cap_details(struct xml *xml, const struct capdl_cap *cap)
{
    const struct capdl_object *target = &xml->spec->objects[cap->target];
    switch (target->kind) {
    case CAPDL_EP:
    case CAPDL_NOTIFICATION:
    case CAPDL_FRAME: {
        char rights[5] = "";
        size_t length = 0;
        static const char letters[] = { 'w', 'r', 'g', 'p' };
        static const uint8_t order[] = { 1, 0, 2, 3 };
        for (size_t i = 0; i < 4; i++) {
            if ((cap->rights >> order[i] & 1) != 0) {
                rights[length++] = letters[order[i]];
            }
        }
        attribute(xml, "rights", rights);
        break;
    }
    case CAPDL_CNODE:
        if (cap->guard_size != 0 || cap->guard != 0) {
            number(xml, "guard", cap->guard);
            number(xml, "guardSize", cap->guard_size);
        }
        break;
    case CAPDL_IO_PORTS:
        xmlTextWriterWriteFormatAttribute(xml->writer, (const xmlChar *)"ports", "(%llu, %llu)",
                                          (unsigned long long)target->u.device.number[0],
                                          (unsigned long long)target->u.device.number[1]);
        break;
    default: break;
    }
    if (cap->badge != 0) {
        number(xml, "badge", cap->badge);
    }
    if (target->kind == CAPDL_FRAME) {
        attribute(xml, "cached", cap->is_uncached ? "False" : "True");
    }
}

static void write_cap(struct xml *xml, const struct capdl_cap *cap)
{
    element(xml, "cap");
    cap_type(xml, cap);
    number(xml, "slot", cap->slot);
    if (cap->kind == CAPDL_CAP_OBJECT) {
        cap_details(xml, cap);
    }
    end(xml);
}

static void object_details(struct xml *xml, const struct capdl_object *object)
{
    const uint64_t *n = object->u.device.number;
    if (object->kind == CAPDL_IRQ) {
        number(xml, "size", 0);
    } else if ((object->present & CAPDL_HAS_BITS) != 0) {
        number(xml, "size", object->bits);
    }
    if ((object->present & CAPDL_HAS_PADDR) != 0 || object->kind == CAPDL_UT) {
        number(xml, "paddr", object->paddr);
    }
    switch (object->kind) {
    case CAPDL_TCB: number(xml, "domain", object->u.tcb.dom); break;
    case CAPDL_IO_PT: number(xml, "level", n[0]); break;
    case CAPDL_IO_DEVICE:
        number(xml, "domain", n[0]);
        xmlTextWriterWriteFormatAttribute(xml->writer, (const xmlChar *)"device",
                                          "(%llu, %llu, %llu)", (unsigned long long)n[1],
                                          (unsigned long long)n[2], (unsigned long long)n[3]);
        break;
    case CAPDL_ARM_IRQ: number(xml, "target", n[1]); break;
    case CAPDL_SGI:
        number(xml, "irq", n[0]);
        number(xml, "target", n[1]);
        break;
    default: break;
    }
}

static void write_objects(struct xml *xml)
{
    element(xml, "objects");
    for (uint32_t i = 0; i < xml->spec->object_count; i++) {
        const struct capdl_object *object = &xml->spec->objects[xml->sorted[i]];
        element(xml, "object");
        named(xml, "id", xml->sorted[i]);
        attribute(xml, "type", words[object->kind].object);
        object_details(xml, object);
        for (uint32_t k = 0; k < object->cap_count; k++) {
            write_cap(xml, &xml->spec->caps[object->first_cap + k]);
        }
        end(xml);
    }
    end(xml);
}

static void write_covers(struct xml *xml)
{
    element(xml, "untypedCovers");
    for (uint32_t i = 0; i < xml->spec->object_count; i++) {
        const struct capdl_object *object = &xml->spec->objects[xml->sorted[i]];
        if (object->first_child == CAPDL_NONE) {
            continue;
        }
        element(xml, "cover");
        named(xml, "untyped", xml->sorted[i]);
        element(xml, "covered");
        for (uint32_t child = object->first_child; child != CAPDL_NONE;
             child = xml->spec->objects[child].next_sibling) {
            element(xml, "id");
            named(xml, "id", child);
            end(xml);
        }
        end(xml);
        end(xml);
    }
    end(xml);
}

static void write_rest(struct xml *xml)
{
    const struct capdl_spec *spec = xml->spec;
    element(xml, "cdt");
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        element(xml, "cdtRelation");
        slot_of(xml, "child", spec->edges[i].child, spec->edges[i].child_slot);
        slot_of(xml, "parent", spec->edges[i].parent, spec->edges[i].parent_slot);
        end(xml);
    }
    end(xml);
    if (!spec->has_schedule) {
        return;
    }
    element(xml, "domains");
    if (spec->has_no_start) {
        attribute(xml, "domain_set_start", "no_start");
    } else {
        number(xml, "domain_set_start", spec->domain_start);
    }
    number(xml, "index_shift", spec->index_shift);
    element(xml, "schedule");
    for (uint32_t i = 0; i < spec->schedule_count; i++) {
        const struct capdl_schedule_entry *entry = &spec->schedule[i];
        element(xml, "item");
        number(xml, "domain", entry->domain);
        xmlTextWriterWriteFormatAttribute(xml->writer, (const xmlChar *)"duration", "%llu%s",
                                          (unsigned long long)entry->duration,
                                          entry->unit == CAPDL_US ? " us" : "");
        end(xml);
    }
    end(xml);
    end(xml);
}

static const char *arch_word(uint32_t arch)
{
    switch (arch) {
    case CAPDL_IA32: return "IA32";
    case CAPDL_ARM11: return "ARM11";
    case CAPDL_X86_64: return "X86_64";
    case CAPDL_AARCH64: return "AARCH64";
    default: return "RISCV";
    }
}

bool capdl_convert_xml(const struct capdl_spec *spec, struct capdl_text *out)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    struct xml xml = { spec, buffer == NULL ? NULL : xmlNewTextWriterMemory(buffer, 0), NULL };
    bool good = xml.writer != NULL;
    if (good) {
        xml.sorted = capdl_sorted_by_name(spec);
        xmlTextWriterSetIndent(xml.writer, 1);
        xmlTextWriterStartDocument(xml.writer, NULL, "UTF-8", NULL);
        element(&xml, "model");
        attribute(&xml, "arch", arch_word(spec->arch));
        write_objects(&xml);
        write_covers(&xml);
        write_rest(&xml);
        good = xmlTextWriterEndDocument(xml.writer) >= 0;
        xmlFreeTextWriter(xml.writer);
        capdl_text_add(out, (const char *)xmlBufferContent(buffer),
                       (size_t)xmlBufferLength(buffer));
        free(xml.sorted);
    }
    if (buffer != NULL) {
        xmlBufferFree(buffer);
    }
    return good;
}
