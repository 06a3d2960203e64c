/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The initialiser: what its own parts share, besides the steps of <loader/build.h>
 */
#pragma once

#include <loader/build.h>

#define MEMORY_MAX   1024u /* boot untypeds (at most 230) and what is left before fixed addresses */
#define REPORT_SLOTS 80u   /* kept back so that a full root CNode can be reported */

/* A piece of untyped memory that objects can be made from. `next` mirrors the kernel's
 * watermark: physical address of the first free byte. */
struct memory {
    seL4_CPtr slot;
    uint64_t start;
    uint64_t next;
    uint64_t end;
    bool is_device;
};

struct initialiser {
    seL4_BootInfo *boot;
    const uint8_t *payload;
    struct memory memory[MEMORY_MAX];
    uint32_t memory_count;
};

extern struct initialiser initialiser;

/* ---- memory.c -------------------------------------------------------------------------------- */

/* memory_take: untyped capability with room for `*count` objects of 2^size_bits bytes, taken as
 * used; `*count` becomes less (but not 0) when memory does not have so many in one piece. With
 * `paddr` the first of them is at that address. Fails in words about the object. */

void memory_init(void);
/** Device page at `paddr` in a fresh slot, or 0. For the failure report only. */
seL4_CPtr memory_device_page(uint64_t paddr);

/* ---- domains.c ------------------------------------------------------------------------------- */

/** Write the schedule of domains. */
void domains_write(void);
/** Start it at an entry; PACKED_NONE: leave it to domain 0. May not return for long. */
void domains_start(uint32_t start);

/* ---- finish.c, handover.c, uart.c -------------------------------------------------------------------------- */

_Noreturn void finish(void);
/** Give the supervisor the root CNode; before the originals go into keepers. */
void hand_over_root(void);
/** Leave it what else it needs there; at the end. */
void hand_over(void);

/** Find and map the board's serial port (device tree), wherever its frame is now. */
bool uart_open(void);
void uart_put(char character);
