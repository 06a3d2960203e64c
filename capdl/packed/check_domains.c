/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks of the domain schedule of a packed spec
 *
 * Invariant established: a kernel booted with domain_count domains accepts every entry, in order,
 * and then the start.
 */
#include <abi/objects.h>

#include "check.h"

static const char *check_entry(const struct packed_view *view, uint32_t self)
{
    const struct packed_domain *entry = &view->domains[self];
    if (entry->index >= DOMAIN_SCHEDULE_LENGTH - 1 ||
        (self > 0 && entry[-1].index >= entry->index)) {
        return "domain schedule is not in order, or too long";
    }
    if (entry->domain >= view->header->domain_count || entry->duration > DOMAIN_DURATION_MAX ||
        entry->unit > PACKED_MICROSECONDS) {
        return "entry of the domain schedule with wrong numbers";
    }
    if (entry->duration == 0 && (entry->domain != 0 || entry->index == 0)) {
        return "end marker in a wrong place of the domain schedule";
    }
    return NULL;
}

/* Is this entry there, and no end marker? */
static bool can_start(const struct packed_view *view, uint32_t index)
{
    for (uint32_t i = 0; i < view->domain_count; i++) {
        if (view->domains[i].index == index) {
            return view->domains[i].duration != 0;
        }
    }
    return false;
}

const char *packed_check_domains(struct packed_view *view)
{
    const struct packed_header *header = view->header;
    const char *wrong = NULL;
    view->fault_section = PACKED_DOMAINS;
    view->fault_index = 0;
    if (header->domain_count == 0 || header->domain_count > DOMAIN_COUNT_MAX ||
        (view->domain_count > 0 && header->domain_count == 1)) {
        return "wrong number of domains";
    }
    for (uint32_t i = 0; i < view->domain_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_entry(view, i);
    }
    if (wrong == NULL && header->domain_start != PACKED_NONE &&
        !can_start(view, header->domain_start)) {
        return "domain schedule starts at an entry that is not there";
    }
    return wrong;
}
