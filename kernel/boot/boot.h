/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the chapters of boot share
 *
 * boot.c sets the machine and the core up, memory.c finds room and makes the untyped list,
 * root_space.c and root_thread.c build the root task. They pass one `struct boot` along.
 */
#pragma once

#include <abi/boot_table.h>
#include <abi/bootinfo.h>
#include <core/state.h>

/* Kernel addresses of the root task's objects, which lie together in one block. */
struct root_objects {
    word_t cnode, vspace, asid_pool, ipc_buffer, boot_info, page_tables, tcb, sched_context;
    word_t extra; /* extra boot information; 0 if none */
};

struct boot {
    const struct boot_table *table;
    struct boot_info *info;
    word_t next_slot; /* of the root CNode */

    word_t image_end;        /* user virtual address behind the image: IPC buffer */
    word_t extra_bytes;      /* extra boot information with headers */
    word_t extra_bits;       /* log2 of the memory set aside for it */
    word_t space_end;        /* user virtual address behind everything mapped */
    word_t page_table_count; /* of both levels */
    struct root_objects objects;
    struct boot_range block; /* physical, of the objects */
};

#define BOOT_PAGE_BYTES (1ul << SMALL_FRAME_BITS)

/** Entered by head.S with the MMU on. */
void boot_main(const struct boot_table *table);

/* memory.c */

/** Find a place for the root task's objects and clear it. Fails: says so and halts. */
void boot_objects_place(struct boot *boot);
/** Fill the untyped list and its slots. */
void boot_untyped_create(struct boot *boot);

/* root_space.c */

/** Sizes of the address space, from the boot table. */
void boot_space_measure(struct boot *boot);
/** Page tables, and frames of extra boot information. Pre: the VSpace has its ASID. */
void boot_space_tables(struct boot *boot);
/** Frames of the image, IPC buffer and boot information. */
void boot_space_frames(struct boot *boot);
/** User address of the boot information. */
word_t boot_info_vaddr(const struct boot *boot);

/* root_thread.c */

/** The fixed slots that are neither memory nor the thread. */
void boot_fixed_caps(struct boot *boot);
/** The thread and its scheduling context; it is ready to run. */
void boot_thread(struct boot *boot);

/** Slot of the root CNode. */
static inline struct slot *boot_slot(const struct boot *boot, word_t index)
{
    return slot_at((struct slot_ref){ boot->objects.cnode + (index << SLOT_BITS) });
}

/** Put `cap` into the next free slot. Fails: says that the CNode is too small, and halts. */
void boot_slot_fill(struct boot *boot, struct cap cap);
