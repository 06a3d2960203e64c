/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The untrusted code, and what its compartment looks like from inside
 */
#pragma once

#include <sel4/sel4.h>

#include <stdint.h>

#define CELL_CNODE_BITS 6 /* its CSpace: slots 0 to 63, at these addresses */
#define CELL_SLOTS      (1ul << CELL_CNODE_BITS)

/* Its address space. */
#define CELL_CODE           0x400000ul
#define CELL_PAGES          0x500000ul /* of each thread: IPC buffer, stack */
#define CELL_BUFFER(thread) (CELL_PAGES + (thread)*0x4000ul)
#define CELL_STACK(thread)  (CELL_BUFFER(thread) + 0x1000ul)
#define CELL_LOOT           0x600000ul /* free pages begin */

/**
 * Make system calls that `seed` decides, for ever; `*calls` counts them.
 *
 * It fits a page of its own and uses nothing outside of it but its stack and the IPC buffer, so it
 * can be mapped anywhere.
 */
void prowl(uint64_t seed, seL4_IPCBuffer *buffer, volatile uint64_t *calls);
