/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The workshop that the initialiser left behind (<loader/handover.h>), opened
 */
#pragma once

#include <loader/build.h>

/* Capability pointers of our CSpace: capdl/compose/README.md, "The supervisor's CNode". */
#define SUPERVISED          ((seL4_CPtr)1 << 58) /* slot 0: the CNode itself */
#define SUPERVISED_DEPTH    11u
#define SUPERVISED_PDS      64u
#define SUPERVISED_PD_COUNT 63u
#define SUPERVISED_CONTROL  2u
#define SUPERVISED_CONTROLS 14u
#define SUPERVISED_IRQS     512u
#define OWN_VSPACE          3u

/** End the supervisor, after what it printed has left the machine. */
_Noreturn void supervisor_end(int code);
/** Map what was left behind and open the spec; fails in words. */
void workshop_open(void);
/** Close the image again; after payload_at. */
void payload_close(void);
/** Slot in the supervised CNode that holds the capability to `object`; PACKED_NONE if none does. */
uint32_t supervised_slot(uint32_t object);
/** Where the original of `object` is kept; NULL if it is in the workshop. */
const struct packed_keep *keep_of(uint32_t object);
