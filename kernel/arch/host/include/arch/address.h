/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel addresses as pointers, on the host
 *
 * The model machine's memory is an array; the kernel address of its first byte is the one the
 * target would have for the model's physical base. Objects outside the array (kernel state, test
 * data) get an address by the same arithmetic modulo 2^64, so every pointer has one and back.
 */
#pragma once

#include <abi/types.h>
#include <stddef.h>

/** Kernel address of host address 0, modulo 2^64. Set by host_init. */
extern word_t host_address_offset;

static inline void *machine_pointer(word_t kaddr)
{
    return kaddr == 0 ? NULL : (void *)(uintptr_t)(kaddr - host_address_offset);
}

static inline word_t machine_address(const void *object)
{
    return object == NULL ? 0 : (word_t)(uintptr_t)object + host_address_offset;
}
