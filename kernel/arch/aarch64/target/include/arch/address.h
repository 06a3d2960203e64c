/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel addresses as pointers, on the target
 *
 * Every kernel address is mapped, so both directions are casts. (The host's version of this file
 * adds the base of the model machine's memory.)
 */
#pragma once

#include <abi/types.h>

/** Pointer to what lives at kernel address `kaddr`; NULL for 0. */
static inline void *machine_pointer(word_t kaddr)
{
    return (void *)kaddr; /* the one place where integers become pointers */
}

/** Kernel address of `object`; 0 for NULL. */
static inline word_t machine_address(const void *object)
{
    return (word_t)object;
}
