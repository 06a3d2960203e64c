/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Comparing what was built with the spec
 *
 * The kernel's inspection says what is in each CNode, thread and address space; it is compared
 * with the spec, object for object, right for right, badge for badge. Nothing the steps remember
 * is believed, but the slots in which originals are.
 */
#pragma once

#include <loader/build.h>
#include <sel4/tessera.h>

/** What was looked at. */
struct verified {
    uint64_t capabilities;
    uint64_t mappings;
    uint64_t bindings;
    uint64_t differences;
};

extern struct verified verified;

/** Compare everything; does not return if there is a difference. Pre: built, but nothing kept. */
void verify(void);
/** Compare the keepers. Pre: spaces_keep() is done. */
void verify_keeps(void);
/** Print the sum. Does not return if there was a difference. */
void verify_conclude(void);

/* ---- between the files of it ---------------------------------------------------------------------- */

/** Note a difference: a sentence as of fail_because. */
void differ(const char *sentence, uint64_t first, uint64_t second);
/** What is in slot `slot` of a CNode of the spec, compared with capability `compared`. */
seL4_X_CNode_Inspect_t slot_look(uint32_t cnode, uint64_t slot, seL4_CPtr compared);
/** Capability pointer of an object's original, to compare with; 0 if it has been moved away. */
seL4_CPtr original_cptr(uint32_t object);
/** seL4_X_Kind of an object. */
uint64_t kind_of(uint32_t object);
/** Rights that a capability of `kind` has when `rights` were stated. */
uint64_t rights_of_kind(uint64_t kind, uint64_t rights);

void verify_objects(void);
void verify_contents(void);
void verify_caps(void);
void verify_spaces(void);
void verify_threads(void);
void verify_contexts(void);
void verify_interrupts(void);

/* ---- honest.c ---------------------------------------------------------------------------------------- */

/** Called when everything is built, and when it is kept. Does nothing; a test program that is to be
 *  caught does something here. */
void after_building(void);
void after_keeping(void);
