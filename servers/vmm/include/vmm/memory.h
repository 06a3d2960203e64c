/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Guest memory
 *
 * The monitor's own mapping of the guest's RAM. Every access that follows a guest's address goes
 * through `guest_memory_at`, which refuses what is not wholly inside RAM.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_RAM_BASE 0x40000000ul /* guest-physical, as on QEMU's virt board */

struct guest_memory {
    uint8_t *base; /* where the monitor sees GUEST_RAM_BASE */
    uint64_t bytes;
};

/** Pointer to guest-physical [address, address + bytes), or NULL if any of it is not RAM. */
void *guest_memory_at(const struct guest_memory *memory, uint64_t address, uint64_t bytes);
