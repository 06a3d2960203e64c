/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The JSON form: caps
 */
#include "convert.h"

/* Words of the form for caps; NULL: the form has none. */
static const char *const cap_words[CAPDL_KIND_COUNT] = {
    [CAPDL_EP] = "Endpoint",
    [CAPDL_NOTIFICATION] = "Notification",
    [CAPDL_TCB] = "Tcb",
    [CAPDL_CNODE] = "CNode",
    [CAPDL_UT] = "Untyped",
    [CAPDL_ASID_POOL] = "AsidPool",
    [CAPDL_FRAME] = "Frame",
    [CAPDL_PT] = "PageTable",
    [CAPDL_PD] = "PageTable",
    [CAPDL_PDPT] = "PageTable",
    [CAPDL_PML4] = "PageTable",
    [CAPDL_PUD] = "PageTable",
    [CAPDL_PGD] = "PageTable",
    [CAPDL_IRQ] = "IrqHandler",
    [CAPDL_IOAPIC_IRQ] = "IrqIOApicHandler",
    [CAPDL_MSI_IRQ] = "IrqMsiHandler",
    [CAPDL_ARM_IRQ] = "ArmIrqHandler",
    [CAPDL_IO_PORTS] = "IOPorts",
    [CAPDL_IO_DEVICE] = "IOSpace",
    [CAPDL_IO_PT] = "IOPageTable",
    [CAPDL_VCPU] = "VCpu",
    [CAPDL_SC] = "SchedContext",
    [CAPDL_RTREPLY] = "Reply",
    [CAPDL_SMC] = "ArmSmc",
};

static bool check_cap(struct conversion *conversion, const struct capdl_cap *cap)
{
    struct capdl_diags *diags = conversion->diags;
    if (cap->kind == CAPDL_CAP_DOMAIN) {
        return true;
    }
    if (cap->kind != CAPDL_CAP_OBJECT) {
        capdl_error(diags, cap->pos, "the JSON form has no such cap");
        capdl_remedy(diags, "it knows neither reply caps nor irq_control, asid_control, "
                            "sched_control and io_space_master");
        return false;
    }
    if (cap->mapping_table != CAPDL_NONE) {
        capdl_warning(diags, cap->pos, "the JSON form does not say which cap holds a mapping");
        capdl_remedy(diags, "the loader maps by another copy; remove \"mapping\" if that will do");
    }
    if (cap->badge != 0 && conversion->spec->objects[cap->target].kind == CAPDL_SMC) {
        capdl_error(diags, cap->pos, "the JSON form has no badges of firmware calls");
        capdl_remedy(diags, "remove the badge");
        return false;
    }
    /* The kinds that the form has not are reported with their objects. */
    return cap_words[conversion->spec->objects[cap->target].kind] != NULL;
}

static void write_rights(struct json *json, uint8_t rights)
{
    json_open(json, "rights", '{');
    json_bool(json, "read", (rights & CAPDL_RIGHT_READ) != 0);
    json_bool(json, "write", (rights & CAPDL_RIGHT_WRITE) != 0);
    json_bool(json, "grant", (rights & CAPDL_RIGHT_GRANT) != 0);
    json_bool(json, "grant_reply", (rights & CAPDL_RIGHT_GRANT_REPLY) != 0);
    json_close(json, '}');
}

static void write_details(struct json *json, const struct capdl_cap *cap, enum capdl_kind kind)
{
    switch (kind) {
    case CAPDL_EP:
    case CAPDL_NOTIFICATION:
        json_number(json, "badge", cap->badge);
        write_rights(json, cap->rights);
        break;
    case CAPDL_CNODE:
        json_number(json, "guard", cap->guard);
        json_number(json, "guard_size", cap->guard_size);
        break;
    case CAPDL_FRAME:
        /* On frames, the right to grant stands for "executable", which has its own place here. */
        write_rights(json, cap->rights & (CAPDL_RIGHT_READ | CAPDL_RIGHT_WRITE));
        json_bool(json, "cached", !cap->is_uncached);
        json_bool(json, "executable", (cap->rights & CAPDL_RIGHT_GRANT) != 0);
        break;
    default: break;
    }
}

static void write_cap(struct conversion *conversion, const struct capdl_cap *cap)
{
    struct json *json = &conversion->json;
    json_open(json, NULL, '{');
    json_number(json, "slot", cap->slot);
    json_open(json, "cap", '{');
    if (cap->kind == CAPDL_CAP_DOMAIN) {
        json_open(json, "DomainSet", '{');
        json_number(json, "object", conversion->domain_id);
    } else {
        enum capdl_kind kind = conversion->spec->objects[cap->target].kind;
        json_open(json, cap_words[kind], '{');
        json_number(json, "object", conversion->ids[cap->target]);
        write_details(json, cap, kind);
    }
    json_close(json, '}');
    json_close(json, '}');
    json_close(json, '}');
}

void convert_slots(struct conversion *conversion, const struct capdl_object *object)
{
    json_open(&conversion->json, "slots", '[');
    for (uint32_t i = 0; i < object->cap_count; i++) {
        const struct capdl_cap *cap = &conversion->spec->caps[object->first_cap + i];
        if (check_cap(conversion, cap)) {
            write_cap(conversion, cap);
        }
    }
    json_close(&conversion->json, ']');
}

void convert_duration(struct conversion *conversion, const struct capdl_schedule_entry *entry)
{
    struct json *json = &conversion->json;
    if (entry->duration == 0) {
        json_string(json, "duration", "EndMarker");
        return;
    }
    json_open(json, "duration", '{');
    json_number(json, entry->unit == CAPDL_US ? "Us" : "Ticks", entry->duration);
    json_close(json, '}');
}
