/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: address spaces (abi/03 §9, abi/02 §6)
 *
 * What an address space maps is a function of (ASID, address). It is kept in the tables, as users
 * make it: an entry leads from a table to a lower table or to a frame.
 */
#pragma once

#include "invoke.h"

/* Where the way from a root to an address ends. */
struct spec_walk {
    word_t table, index;
    word_t bits;            /* log2 of what an entry there covers */
    struct spec_pte *entry; /* NULL: empty */
};

struct spec_walk spec_vspace_walk(word_t root, word_t vaddr);
/** The root that has that ASID, or 0. */
word_t spec_vspace_root(word_t asid);
/** Root that user code of `thread` runs under, 0 if none. */
word_t spec_vspace_of(const struct spec_thread *thread);

struct answer spec_vspace_invoke(const struct call *call);
struct answer spec_page_table_invoke(const struct call *call);
struct answer spec_frame_invoke(const struct call *call);
struct answer spec_asid_control_invoke(const struct call *call);
struct answer spec_asid_pool_invoke(const struct call *call);

/** A capability to a frame goes. */
void spec_vspace_frame_end(const struct spec_cap *cap);
/** The last capability to a table, a root or a pool goes. */
void spec_vspace_table_end(const struct spec_cap *cap);
void spec_vspace_root_end(const struct spec_cap *cap);
void spec_vspace_pool_end(const struct spec_cap *cap);
