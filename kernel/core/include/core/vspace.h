/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces: tables and frames
 *
 * The shape of the tables is in <arch/pte.h>. A mapping is recorded in the capability that made
 * it; the ASID in it leads to the root table (asid.h), and if the ASID has gone, or was given to
 * another root, the record is stale and means nothing.
 *
 * vspace.c has the tables, frame.c the frames.
 */
#pragma once

#include <core/asid.h>
#include <core/decode.h>

#define CAP_ADDRESS_BITS 48 /* of a capability's first word, from bit 0 on */

/* Where the walk for an address ended: at the last level, or at an entry that is no table. */
struct vspace_walk {
    word_t entry; /* kernel address of the entry */
    pte_t pte;    /* what is in it */
    word_t level;
};

static inline word_t vspace_paddr(word_t kaddr)
{
    return kaddr - KERNEL_WINDOW_BASE;
}

enum outcome vspace_decode(struct invocation *inv);
enum outcome page_table_decode(struct invocation *inv);
enum outcome frame_decode(struct invocation *inv);

/** Run following user code in the address space of `thread` (NULL: none); an empty one if it has
 *  none. */
void vspace_switch_to(struct tcb *thread);

/** The same for a thread whose VSpace has a VMID. False, with nothing changed: it has none. */
static inline bool vspace_switch_quick(const struct tcb *thread)
{
    const struct cap root = thread->slots[TCB_SLOT_VSPACE].cap;
    const struct cap mapped = cap_vspace_new(0, 1, 0);
    const word_t asid = cap_vspace_asid(root);

    /* Kind and "is mapped" at once: the rest of the upper bits is unused. */
    if (root.words[0] >> CAP_ADDRESS_BITS != mapped.words[0] >> CAP_ADDRESS_BITS) {
        return false;
    }
    const struct asid_pool *pool = asid_pool_at(kernel.asid_pools[asid >> ASID_POOL_INDEX_BITS]);

    if (pool == NULL) {
        return false;
    }
    const struct asid_entry entry = pool->entries[asid & (ASID_POOL_ENTRIES - 1)];

    if (asid_entry_root(entry) != cap_address(root) || asid_entry_vmid(entry) == 0) {
        return false;
    }
    machine_vspace_switch(vspace_paddr(cap_address(root)), asid_entry_vmid(entry));
    return true;
}

/** Is `cap` a VSpace root with an ASID? */
bool cap_is_valid_vspace_root(struct cap cap);
/** Can `cap` be the IPC buffer at `address`? Fails: illegal (no frame, device), alignment. */
enum outcome vspace_check_buffer_cap(struct cap cap, word_t address);

/** Follow the tables below the root at kernel address `root`. */
struct vspace_walk vspace_walk(word_t root, word_t vaddr);
/** The ASID of `root` still leads to it. Fails: failed lookup, invalid capability `number`. */
enum outcome vspace_check_asid(struct cap root, word_t number);

/** Remove the mapping that frame capability `cap` records, if it is there. */
void vspace_unmap_frame(struct cap cap);
/** Remove the table that page-table capability `cap` names from where it records to be. */
void vspace_unmap_table(struct cap cap);

/** Enter a mapped frame or table capability below `root`, as boot does for the first address space.
 *  False if the entry is of another level, or taken. */
bool vspace_boot_map_frame(word_t root, struct cap cap, word_t attributes);
bool vspace_boot_map_table(word_t root, struct cap cap);

/** What cache operation a holder of `rights` may do for `operation`: as the labels are ordered,
 *  0 clean, 1 invalidate, 2 both, 3 unify. */
enum cache_op vspace_cache_kind(word_t operation, word_t rights);
/** Do it on `bytes` at kernel address `kaddr`; no effect on memory that the kernel does not map. A
 *  long one can be preempted: message word 0 of the caller, where the range starts, then has been
 *  moved on to what is left. */
enum outcome vspace_cache_op(enum cache_op op, word_t kaddr, word_t bytes);
