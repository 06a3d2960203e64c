/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Packing, step 4b: scheduling domains
 */
#include <abi/objects.h>

#include "pack.h"

/* Entries of the kernel's schedule that can be written; the last one stays an end marker. */
#define ENTRIES_MAX (DOMAIN_SCHEDULE_LENGTH - 1)

static void add_entry(struct packer *packer, uint32_t self)
{
    const struct capdl_spec *spec = packer->spec;
    const struct capdl_schedule_entry *entry = &spec->schedule[self];
    struct packed_domain record = { .index = (uint32_t)(self + spec->index_shift),
                                    .domain = (uint32_t)entry->domain,
                                    .duration = entry->duration,
                                    .unit = entry->unit == CAPDL_US && entry->duration != 0
                                                ? PACKED_MICROSECONDS
                                                : PACKED_TICKS };
    if (entry->domain >= DOMAIN_COUNT_MAX) {
        capdl_error(packer->diags, entry->pos, "domain %llu: this kernel has %u at most",
                    (unsigned long long)entry->domain, (unsigned)DOMAIN_COUNT_MAX);
        capdl_remedy(packer->diags, "number the domains from 0 to %u",
                     (unsigned)DOMAIN_COUNT_MAX - 1);
        return;
    }
    if (entry->duration == 0 && record.index == 0) {
        capdl_error(packer->diags, entry->pos, "the schedule begins with an end marker");
        capdl_remedy(packer->diags, "remove it, or write index_shift: 1: the kernel starts at its "
                                    "entry 0, which must give time");
        return;
    }
    packed_builder_add(&packer->builder, PACKED_DOMAINS, &record);
}

static void pack_schedule(struct packer *packer)
{
    const struct capdl_spec *spec = packer->spec;
    uint64_t count = spec->schedule_count;
    /* An end marker behind all that can be written is there already. */
    bool ends_itself = count > 0 && spec->schedule[count - 1].duration == 0;
    if (ends_itself && spec->index_shift <= ENTRIES_MAX &&
        count + spec->index_shift == (uint64_t)ENTRIES_MAX + 1) {
        count--;
    }
    if (spec->index_shift > ENTRIES_MAX || count + spec->index_shift > ENTRIES_MAX) {
        capdl_error(packer->diags, spec->schedule[0].pos,
                    "the schedule needs entries 0 to %llu, the kernel has 0 to %u",
                    (unsigned long long)(count - 1 + spec->index_shift), (unsigned)ENTRIES_MAX - 1);
        capdl_remedy(packer->diags, "make the schedule or index_shift smaller");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        add_entry(packer, i);
        if (spec->schedule[i].domain < DOMAIN_COUNT_MAX &&
            spec->schedule[i].domain >= packer->header.domain_count) {
            packer->header.domain_count = (uint32_t)spec->schedule[i].domain + 1;
        }
    }
    if (packer->header.domain_count < 2) {
        packer->header.domain_count = 2; /* with one, the kernel has no schedule */
    }
    if (!spec->has_no_start) {
        packer->header.domain_start = (uint32_t)(spec->domain_start + spec->index_shift);
    }
}

/*
 * From the start, the schedule goes on to the next end marker, and then back to the start: what
 * stands before gets no time. Where nothing is started, somebody with authority over domains may.
 */
static bool has_time(const struct capdl_spec *spec, uint64_t domain)
{
    if (!spec->has_schedule) {
        return domain == 0; /* the schedule the kernel boots with */
    }
    bool ends = !spec->has_no_start;
    uint64_t first = spec->has_no_start ? 0 : spec->domain_start;
    for (uint64_t i = first; i < spec->schedule_count; i++) {
        if (spec->schedule[i].duration == 0 && ends) {
            break;
        }
        if (spec->schedule[i].domain == domain && spec->schedule[i].duration != 0) {
            return true;
        }
    }
    return spec->has_no_start && domain == 0;
}

static void check_thread(struct packer *packer, const struct capdl_object *object, uint32_t self)
{
    uint64_t domain = object->u.tcb.dom;
    if (domain >= DOMAIN_COUNT_MAX) {
        capdl_error(packer->diags, object->pos, "\"%s\": domain %llu, this kernel has %u at most",
                    capdl_object_text(packer->spec, self), (unsigned long long)domain,
                    (unsigned)DOMAIN_COUNT_MAX);
        capdl_remedy(packer->diags, "number the domains from 0 to %u",
                     (unsigned)DOMAIN_COUNT_MAX - 1);
        return;
    }
    if (domain >= packer->header.domain_count) {
        packer->header.domain_count = (uint32_t)domain + 1;
    }
    if (!has_time(packer->spec, domain)) {
        capdl_warning(packer->diags, object->pos, "\"%s\" is in domain %llu, which gets no time",
                      capdl_object_text(packer->spec, self), (unsigned long long)domain);
        capdl_remedy(packer->diags, "give the domain an entry in domains { schedule: [...] }");
    }
}

void pack_domains(struct packer *packer)
{
    const struct capdl_spec *spec = packer->spec;
    packer->header.domain_count = 1;
    packer->header.domain_start = PACKED_NONE;
    if (spec->has_schedule && spec->schedule_count > 0) {
        pack_schedule(packer);
    }
    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (spec->objects[i].kind == CAPDL_TCB) {
            check_thread(packer, &spec->objects[i], i);
        }
    }
}
