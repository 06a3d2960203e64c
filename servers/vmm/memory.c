/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Guest memory (see memory.h)
 */
#include <vmm/memory.h>

void *guest_memory_at(const struct guest_memory *memory, uint64_t address, uint64_t bytes)
{
    uint64_t offset = address - GUEST_RAM_BASE;

    if (address < GUEST_RAM_BASE || offset > memory->bytes || bytes > memory->bytes - offset) {
        return NULL;
    }
    return memory->base + offset;
}
