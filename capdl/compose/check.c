/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks that need the whole system
 *
 * In the order in which the reference makes them, so that a file with several mistakes is
 * told about the same one first. What was not understood is left out.
 */
#include "composer.h"

#include <inttypes.h>
#include <string.h>

/* The monitor is this channel of the serial virtualiser. */
enum { MONITOR_CHANNEL = 61 };

static void check_child_vcpus(struct composer *composer, const struct pd *pd,
                              const struct pd *child, const struct vm *vm)
{
    for (size_t i = 0; i < vm->vcpus.count; i++) {
        const struct vcpu *vcpu = vm->vcpus.items[i];
        if (vcpu->id == child->id) {
            diag_error(&composer->diag, child->at,
                       "child id %" PRIu64 " of '%s' is taken by the vcpu in %s\n"
                       "use another id",
                       child->id, pd->name, diag_place(&composer->diag, vcpu->at, child->at));
        }
    }
}

/* E3: ids of children and vCPUs are one number space. */
static void check_child_ids(struct composer *composer, const struct pd *pd)
{
    for (size_t i = 0; i < pd->children.count; i++) {
        const struct pd *child = pd->children.items[i];
        for (size_t j = 0; j < i; j++) {
            const struct pd *other = pd->children.items[j];
            if (other->id == child->id) {
                diag_error(&composer->diag, child->at,
                           "child id %" PRIu64 " of '%s' is taken by '%s'\n"
                           "use another id",
                           child->id, pd->name, other->name);
            }
        }
        for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
            check_child_vcpus(composer, pd, child, vm);
        }
    }
}

/* E5, and the rules of supervisors. */
static void check_user_caps(struct composer *composer, struct pd *pd)
{
    for (size_t i = 0; i < pd->user_caps.count; i++) {
        struct user_cap *cap = pd->user_caps.items[i];
        cap->pd = system_pd(&composer->system, cap->pd_name);
        if (cap->pd == NULL) {
            diag_error(&composer->diag, cap->at,
                       "this capability names the protection domain '%s', which does not "
                       "exist\n"
                       "correct the name, or add the protection_domain",
                       cap->pd_name);
        }
        if (pd->supervisor && (cap->slot == 1 || cap->slot == 2)) {
            diag_error(&composer->diag, cap->at,
                       "slot %" PRIu64 " of the supervisor '%s' holds what it supervises\n"
                       "use 3 to %d",
                       cap->slot, pd->name, USER_CAP_LIMIT - 1);
        }
        if (pd->wide_end > 0 && cap->slot == WIDE_ROOT_SLOT) {
            diag_error(&composer->diag, cap->at,
                       "slot %d of '%s' holds what its ids above %d stand for\n"
                       "use another slot, or ids up to %d",
                       WIDE_ROOT_SLOT, pd->name, ID_LIMIT - 1, ID_LIMIT - 1);
        }
        for (size_t j = 0; j < i; j++) {
            const struct user_cap *other = pd->user_caps.items[j];
            if (other->slot == cap->slot) {
                diag_error(&composer->diag, cap->at,
                           "slot %" PRIu64 " of '%s' is taken by the capability in %s\n"
                           "use another slot",
                           cap->slot, pd->name, diag_place(&composer->diag, other->at, cap->at));
            }
        }
    }
}

/* E6 to E10: counts and names. */
static bool check_names(struct composer *composer)
{
    struct system *system = &composer->system;
    struct diag *diag = &composer->diag;
    if (system->pds.count == 0) {
        return diag_error(diag, system->at,
                          "this system has no protection domain\n"
                          "add a protection_domain");
    }
    for (size_t i = 0; i < system->pds.count; i++) {
        const struct pd *pd = system->pds.items[i];
        if (i == PD_LIMIT) {
            return diag_error(diag, pd->at,
                              "more than %d protection domains, children counted\n"
                              "remove some, or join components",
                              PD_LIMIT);
        }
        if (text_equal(pd->name, "monitor")) {
            diag_error(diag, pd->at,
                       "the name 'monitor' is taken by the system's own monitor\n"
                       "use another name");
        }
        if (system_pd(system, pd->name) != pd) {
            diag_error(diag, pd->at,
                       "two protection domains are named '%s', the first in %s\n"
                       "rename one",
                       pd->name, diag_place(diag, system_pd(system, pd->name)->at, pd->at));
        }
    }
    for (size_t i = 0; i < system->regions.count; i++) {
        const struct region *region = system->regions.items[i];
        if (system_region(system, region->name) != region) {
            diag_error(diag, region->at,
                       "two memory regions are named '%s', the first in %s\n"
                       "rename one",
                       region->name,
                       diag_place(diag, system_region(system, region->name)->at, region->at));
        }
    }
    return true;
}

/* The first virtual machine of this name. */
static const struct vm *vm_find(const struct system *system, const char *name)
{
    for (size_t i = 0; i < system->pds.count; i++) {
        const struct vm *vm = ((struct pd *)system->pds.items[i])->vms;
        for (; vm != NULL; vm = vm->next) {
            if (text_equal(vm->name, name)) {
                return vm;
            }
        }
    }
    return NULL;
}

static void check_vm_names(struct composer *composer)
{
    const struct list *pds = &composer->system.pds;
    for (size_t i = 0; i < pds->count; i++) {
        const struct vm *vm = ((struct pd *)pds->items[i])->vms;
        for (; vm != NULL; vm = vm->next) {
            const struct vm *other = vm_find(&composer->system, vm->name);
            if (other != vm) {
                diag_error(&composer->diag, vm->at,
                           "two virtual machines are named '%s', the first in %s\n"
                           "rename one",
                           vm->name, diag_place(&composer->diag, other->at, vm->at));
            }
        }
    }
}

/* Something is marked main; `first` is what was before, if anything. */
static void check_main(struct composer *composer, struct position at, struct position *first)
{
    if (first->line != 0) {
        diag_error(&composer->diag, at,
                   "two things are marked main, the first in %s\n"
                   "keep one t:main",
                   diag_place(&composer->diag, *first, at));
    } else {
        *first = at;
    }
}

/* While a component is rebuilt, nobody that knows it may run. */
static void check_supervised(struct composer *composer, const struct pd *supervisor)
{
    const struct list *pds = &composer->system.pds;
    bool restarts = false;
    for (size_t i = 0; i < pds->count; i++) {
        restarts |= ((const struct pd *)pds->items[i])->restart != RESTART_NEVER;
    }
    for (size_t i = 0; restarts && i < pds->count; i++) {
        const struct pd *pd = pds->items[i];
        if (pd != supervisor && pd->priority >= supervisor->priority) {
            diag_error(&composer->diag, pd->at,
                       "'%s' could run while the supervisor '%s' restarts a component\n"
                       "give it a priority below %" PRIu64,
                       pd->name, supervisor->name, supervisor->priority);
        }
    }
}

/* At most one thing is main, at most one PD supervises. */
static void check_marks(struct composer *composer)
{
    const struct list *pds = &composer->system.pds;
    const struct pd *supervisor = NULL;
    struct position main = { 0 };
    for (size_t i = 0; i < pds->count; i++) {
        const struct pd *pd = pds->items[i];
        if (pd->main) {
            check_main(composer, pd->at, &main);
        }
        for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
            if (vm->main) {
                check_main(composer, vm->at, &main);
            }
        }
        if (pd->supervisor && supervisor != NULL) {
            diag_error(&composer->diag, pd->at,
                       "two supervisors, '%s' and '%s'\n"
                       "keep one t:supervisor",
                       supervisor->name, pd->name);
        }
        supervisor = pd->supervisor ? pd : supervisor;
    }
    if (supervisor != NULL) {
        check_supervised(composer, supervisor);
    }
    if (supervisor != NULL && pds->count > SUPERVISED_LIMIT) {
        diag_error(&composer->diag, supervisor->at,
                   "'%s' supervises %zu protection domains, it can at most %d\n"
                   "join components, or drop t:supervisor",
                   supervisor->name, pds->count, SUPERVISED_LIMIT);
    }
}

/* E11: an interrupt has one handler in the whole system. */
static void check_irq_numbers(struct composer *composer)
{
    const struct pd *owner[IRQ_LIMIT] = { NULL };
    const struct list *pds = &composer->system.pds;
    for (size_t i = 0; i < pds->count; i++) {
        const struct pd *pd = pds->items[i];
        for (size_t j = 0; j < pd->irqs.count; j++) {
            const struct irq *irq = pd->irqs.items[j];
            if (owner[irq->number] != NULL) {
                diag_error(&composer->diag, irq->at,
                           "interrupt %" PRIu64 " of '%s' is taken by '%s'\n"
                           "let one component handle it and notify the other",
                           irq->number, pd->name, owner[irq->number]->name);
            }
            owner[irq->number] = pd;
        }
    }
}

struct id_table {
    uint64_t used[PD_LIMIT][WIDE_ID_LIMIT / 64];
};

static void id_take(struct composer *composer, struct id_table *table, const struct pd *pd,
                    uint64_t id, struct position at)
{
    uint64_t *word = &table->used[pd->index][id / 64];
    if ((*word & 1ull << id % 64) != 0) {
        diag_error(&composer->diag, at,
                   "id %" PRIu64 " of '%s' is taken by another channel or interrupt\n"
                   "use another id; channels and interrupts share 0 to %d",
                   id, pd->name, ID_LIMIT - 1);
    }
    *word |= 1ull << id % 64;
}

/* E12 and E13: channels and interrupts of a PD share one number space. */
static void check_ids(struct composer *composer)
{
    struct id_table table = { 0 };
    struct system *system = &composer->system;
    for (size_t i = 0; i < system->pds.count; i++) {
        const struct pd *pd = system->pds.items[i];
        for (size_t j = 0; j < pd->irqs.count; j++) {
            const struct irq *irq = pd->irqs.items[j];
            id_take(composer, &table, pd, irq->id, irq->at);
        }
    }
    for (size_t i = 0; i < system->channels.count; i++) {
        const struct channel *channel = system->channels.items[i];
        /* A channel from a PD to itself may have one id for both ends. */
        bool same = channel->ends[0].pd == channel->ends[1].pd &&
                    channel->ends[0].id == channel->ends[1].id;
        for (size_t j = 0; j < (same ? 1 : 2); j++) {
            const struct channel_end *end = &channel->ends[j];
            id_take(composer, &table, end->pd, end->id, end->at);
        }
    }
    const struct pd *serial = system_pd(system, "serial_virt");
    if (serial != NULL && system_region(system, "console_monitor") != NULL &&
        (table.used[serial->index][0] & 1ull << MONITOR_CHANNEL) != 0) {
        diag_error(&composer->diag, serial->at,
                   "id %d of 'serial_virt' is taken, but the monitor's console uses it\n"
                   "use another id, or remove the region 'console_monitor'",
                   MONITOR_CHANNEL);
    }
}

/* E14: calls go upwards, which excludes circles of waiting. */
static void check_calls(struct composer *composer)
{
    const struct list *channels = &composer->system.channels;
    for (size_t i = 0; i < channels->count; i++) {
        const struct channel *channel = channels->items[i];
        for (size_t j = 0; j < 2; j++) {
            const struct channel_end *from = &channel->ends[j];
            const struct pd *to = channel->ends[1 - j].pd;
            bool known = !from->pd->broken && !to->broken;
            if (from->call && known && from->pd->priority >= to->priority) {
                diag_error(&composer->diag, from->at,
                           "'%s' (priority %" PRIu64 ") calls '%s' (priority %" PRIu64 ")\n"
                           "give '%s' a higher priority than '%s'",
                           from->pd->name, from->pd->priority, to->name, to->priority, to->name,
                           from->pd->name);
            }
        }
    }
}

bool check_system(struct composer *composer)
{
    const struct list *pds = &composer->system.pds;
    if (!check_names(composer)) {
        return false;
    }
    for (size_t i = 0; i < pds->count; i++) {
        check_child_ids(composer, pds->items[i]);
        check_user_caps(composer, pds->items[i]);
    }
    check_vm_names(composer);
    check_marks(composer);
    check_irq_numbers(composer);
    check_ids(composer);
    check_calls(composer);
    return !composer->diag.failed;
}
