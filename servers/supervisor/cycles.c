/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Taking a component away and building it anew, and seeing that nothing drifts
 *
 * For trials: each event on a channel is a cycle of one component. Before each, the account of
 * what is given out must be that of the first; after the component is taken away, nothing of it
 * may be left. After the last the supervisor ends.
 */
#include "cycles.h"

#include "print.h"
#include "subtree.h"
#include "workshop.h"

#include <string.h>

#define PATCHED __attribute__((used, section(".data.microkit")))

PATCHED char supervisor_cycled[64] = { 1 };
PATCHED uint64_t supervisor_cycles = 0;
PATCHED uint64_t supervisor_cycle_channel = UINT64_MAX;
PATCHED uint64_t supervisor_cycle_zero = 0;    /* look at the memory each time */
PATCHED uint64_t supervisor_cycle_goes_on = 0; /* after the last cycle the system runs on */

static uint32_t cycled = PACKED_NONE;
static uint64_t done;
static struct account first;
static uint64_t first_slots;

static bool is_empty(const struct account *account, const struct account *before)
{
    return account->used == 0 && account->capabilities == 0 && account->interrupts == 0 &&
           account->asids < before->asids;
}

bool cycle_once(uint32_t untyped, bool is_quiet)
{
    struct account before;
    struct account after;
    bool is_good;

    component_account(untyped, &before);
    component_destroy(untyped);
    component_account(untyped, &after);
    is_good = is_empty(&after, &before);
    if (!is_good || !is_quiet) {
        print_line("supervisor: %s: returned %lu of %lu bytes, %lu capabilities left, "
                   "%lu address spaces back",
                   packed_component(&builder.spec, untyped), after.size - after.used, after.size,
                   after.capabilities, before.asids - after.asids);
    }
    if (supervisor_cycle_zero != 0 && !component_is_zero(untyped)) {
        print_line("supervisor: %s: its memory is not zero",
                   packed_component(&builder.spec, untyped));
        is_good = false;
    }
    component_rebuild(untyped);
    return is_good;
}

void cycles_begin(void)
{
    if (supervisor_cycles == 0) {
        return;
    }
    cycled = component_named(supervisor_cycled);
    if (cycled == PACKED_NONE) {
        print_line("supervisor: there is no component %s", supervisor_cycled);
        supervisor_end(1);
    }
}

static void conclude(bool is_good)
{
    if (!is_good) {
        print_line("supervisor: WRONG in cycle %lu", done);
        supervisor_end(1);
    }
    if (done == supervisor_cycles) {
        uint64_t slots = workshop_slots_used();

        if (slots != first_slots) {
            print_line("supervisor: WRONG: %lu slots used, %lu at first", slots, first_slots);
            supervisor_end(1);
        }
        print_line("supervisor: %lu cycles of %s, %lu bytes and %lu capabilities each, drift 0",
                   done, supervisor_cycled, first.used, first.capabilities);
        if (supervisor_cycle_goes_on == 0) {
            supervisor_end(0);
        }
    }
}

bool cycles_event(uint64_t channel)
{
    struct account now;
    bool is_good;

    if (cycled == PACKED_NONE || channel != supervisor_cycle_channel || done == supervisor_cycles) {
        return false;
    }
    component_account(cycled, &now);
    if (done == 0) {
        first = now;
        first_slots = workshop_slots_used();
    }
    is_good = memcmp(&now, &first, sizeof now) == 0;
    if (!is_good) {
        print_line("supervisor: drift: %lu bytes, %lu capabilities, %lu address spaces, %lu "
                   "interrupts",
                   now.used, now.capabilities, now.asids, now.interrupts);
    }
    is_good = cycle_once(cycled, done > 0) && is_good;
    done++;
    conclude(is_good);
    return true;
}
