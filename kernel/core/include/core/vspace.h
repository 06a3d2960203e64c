/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces: page tables and frames
 *
 * The shape of the tables is in <arch/pte.h>. A mapping is recorded in the capability that made
 * it; the ASID in it leads to the root table (asid.h), and if the ASID has gone, or was given to
 * another root, the record is stale and means nothing.
 */
#pragma once

#include <core/decode.h>

enum outcome vspace_decode(struct invocation *inv);
enum outcome page_table_decode(struct invocation *inv);
enum outcome frame_decode(struct invocation *inv);

/** Run following user code in the address space of `thread`; an empty one if it has none. */
void vspace_switch_to(struct tcb *thread);

/** Is `cap` a VSpace root with an ASID? */
bool cap_is_valid_vspace_root(struct cap cap);
/** Can `cap` be the IPC buffer at `address`? Fails: illegal (no frame, device), alignment. */
enum outcome vspace_check_buffer_cap(struct cap cap, word_t address);

/** Remove the mapping that frame capability `cap` records, if it is there. */
void vspace_unmap_frame(struct cap cap);
/** Remove the table that page-table capability `cap` names from where it records to be. */
void vspace_unmap_table(struct cap cap);
/** Enter a frame or table at boot, without checks but for the walk: false if the level fails. */
bool vspace_boot_map_frame(word_t root, struct cap cap, word_t attributes);
bool vspace_boot_map_table(word_t root, struct cap cap);
