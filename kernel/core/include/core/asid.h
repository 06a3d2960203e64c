/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Address-space identifiers
 *
 * An ASID is pool number (7 bits) and entry (9 bits); 0 is none. Behind them are the few VMIDs of
 * the hardware (1..255), lent to an ASID when its address space is first run and taken back in
 * turn.
 *
 * Invariant: kernel.vmid_owner[v] is the ASID whose entry has VMID v, or 0.
 */
#pragma once

#include <core/decode.h>

#define ASID_ENTRY_ROOT       0x00fffffffffffffful
#define ASID_ENTRY_VMID_SHIFT 56

static inline word_t asid_entry_root(struct asid_entry entry)
{
    return entry.root_vmid & ASID_ENTRY_ROOT;
}

static inline word_t asid_entry_vmid(struct asid_entry entry)
{
    return entry.root_vmid >> ASID_ENTRY_VMID_SHIFT;
}

enum outcome asid_control_decode(struct invocation *inv);
enum outcome asid_pool_decode(struct invocation *inv);

/** The entry of `asid`, or NULL if there is no such pool or nothing is assigned. */
struct asid_entry *asid_find(word_t asid);
/** The entry's VMID; one is lent to it if it has none. */
word_t asid_vmid(word_t asid, struct asid_entry *entry);
/** Forget the translations of `asid`: those of one page, or all. */
void asid_flush_page(word_t asid, word_t vaddr);
void asid_flush(word_t asid);
/** A VSpace root goes: free its ASID, if it is still the one of this root (a kernel address). */
void asid_delete(word_t asid, word_t root);
/** A pool goes, with all its ASIDs. */
void asid_pool_finalise(struct asid_pool *pool, word_t base);
/** Register the boot pool as number 0 and give `root` the ASID 1. */
void asid_boot(struct asid_pool *pool, word_t root);
