/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Components as subtrees of the spec: taken away whole, built anew from the packed spec
 *
 * A component is named by its untyped, an object of the spec. All it is made of comes from there,
 * so one revocation takes it away: objects, capabilities to them wherever they are, mappings. What
 * it had of others (shared memory, channels to peers, interrupts) is given to it again from the
 * keepers of those.
 */
#pragma once

#include <loader/build.h>

/** What the system has given out; before and after a cycle it must be the same. */
struct account {
    uint64_t size;         /* bytes of the component's untyped */
    uint64_t used;         /* of them, given to objects */
    uint64_t capabilities; /* to objects of the component, in the workshop and with its peers */
    uint64_t asids;        /* address spaces of the whole system */
    uint64_t interrupts;   /* that signal the component */
};

/** The untyped of the component with this name, or that of a thread; PACKED_NONE if none. */
uint32_t component_named(const char *name);
/** The component whose faults arrive with this badge at the supervisor. */
uint32_t component_of_badge(uint64_t badge);

void component_account(uint32_t untyped, struct account *account);
/** Slots of the workshop that are not empty. Looks at all of them, which takes a while. */
uint64_t workshop_slots_used(void);
/** Take it away. Post: nothing of it is left, and its memory is free. */
void component_destroy(uint32_t untyped);
/** Build it anew, let those go on who called it, and signal each of its channels. Pre: destroyed. */
void component_rebuild(uint32_t untyped);
/** Is all of its memory zero? Pre: destroyed, and not more than 1 MiB. */
bool component_is_zero(uint32_t untyped);
