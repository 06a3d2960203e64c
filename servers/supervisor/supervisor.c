/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Supervisor: restarts its children by their policies
 *
 * The components it looks after are its children, so their faults and ends arrive here. One that
 * crashes (a fault, or an end with a code other than 0) and whose policy (t:restart) allows it is
 * taken away whole and built anew from the packed spec; its peers are signalled on each channel.
 *
 * Invariant: it has the highest priority of all but the monitor and never waits but for an event,
 * so no other component runs while one is away.
 */
#include "cycles.h"
#include "policy.h"
#include "print.h"
#include "subtree.h"
#include "workshop.h"

#include <console/console.h>
#include <microkit.h>
#include <string.h>
#include <tessera.h>

#define BADGE_FAULT (1ull << 62) /* of faults, by child: libs/microkit */
#define PATCHED     __attribute__((used, section(".data.microkit")))

PATCHED uint64_t supervisor_restart[SUPERVISED_PD_COUNT + 1] = { 0 }; /* by number of the PD */
PATCHED char supervisor_main[64] = { 1 }; /* when it has ended or stays stopped, all ends */

static struct policy_history histories[SUPERVISED_PD_COUNT];
static uint64_t restarts[SUPERVISED_PD_COUNT];

/* Whole seconds since the counter started. Needs t:counter. */
static uint64_t seconds(void)
{
    uint64_t value;
    uint64_t frequency;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value));
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    return value / frequency;
}

static bool may_restart(uint32_t pd)
{
    uint64_t policy = supervisor_restart[pd];

    return policy_allows(policy, &histories[pd], policy_has_time(policy) ? seconds() : 0);
}

/* `code`: what the system ends with if this was what it is there for. */
static void stay_stopped(const char *name, int code)
{
    if (strcmp(name, supervisor_main) == 0) {
        supervisor_end(code);
    }
}

static void crashed(uint32_t component)
{
    const char *name = packed_component(&builder.spec, component);
    uint32_t pd = supervised_slot(component) - SUPERVISED_PDS;

    if (pd >= SUPERVISED_PD_COUNT || !may_restart(pd)) {
        print_line("supervisor: %s stays stopped", name);
        stay_stopped(name, 1);
        return;
    }
    if (!cycle_once(component, false)) {
        print_line("supervisor: WRONG: something of %s was left", name);
        supervisor_end(1);
    }
    print_line("supervisor: %s runs again, restart %lu", name, ++restarts[pd]);
}

void init(void)
{
    console_init(NULL);
    workshop_open();
    cycles_begin();
}

void notified(microkit_channel ch)
{
    (void)cycles_event(ch);
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    uint32_t component = component_of_badge(BADGE_FAULT | child);
    seL4_Word label = microkit_msginfo_get_label(msginfo);
    seL4_Word words[2] = { microkit_mr_get(0), microkit_mr_get(1) };
    const char *name;

    (void)reply_msginfo;
    if (component == PACKED_NONE) {
        return seL4_False;
    }
    name = packed_component(&builder.spec, component);
    if (label == TESSERA_EXIT_LABEL && words[0] == 0) {
        print_line("supervisor: %s has ended", name);
        stay_stopped(name, 0);
        return seL4_False;
    }
    if (label == TESSERA_EXIT_LABEL) {
        print_line("supervisor: %s ended with code %ld", name, (long)words[0]);
    } else {
        print_line("supervisor: %s crashed: fault %lu, pc %#lx, address %#lx", name, label,
                   words[0], words[1]);
    }
    crashed(component);
    return seL4_False;
}
