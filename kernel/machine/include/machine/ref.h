/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Typed references
 *
 * Kernel objects live in memory that users donate, so the core has no arrays of them: objects
 * name each other by *kernel address* (physical address + KERNEL_WINDOW_BASE), wrapped in one
 * struct type per object kind so that the compiler keeps the kinds apart. Zero is the null
 * reference.
 *
 * `machine_pointer` and `machine_address` (from <arch/address.h>) turn a kernel address into a
 * pointer and back. On the target both are casts; on the host they add the base of the model
 * machine's memory. No other code converts between integers and pointers.
 */
#pragma once

#include <abi/types.h>
#include <arch/address.h>
#include <stdbool.h>

#define KERNEL_WINDOW_BASE 0x8000000000ul /**< kernel address of physical address 0 */

/* Declares `struct noun_ref` with noun_at (pointer, NULL for null), noun_ref_of and noun_is. */
#define MACHINE_REF(noun)                                                    \
    struct noun;                                                             \
    struct noun##_ref {                                                      \
        word_t raw;                                                          \
    };                                                                       \
    static inline struct noun *noun##_at(struct noun##_ref ref)              \
    {                                                                        \
        return (struct noun *)machine_pointer(ref.raw);                      \
    }                                                                        \
    static inline struct noun##_ref noun##_ref_of(const struct noun *object) \
    {                                                                        \
        return (struct noun##_ref){ machine_address(object) };               \
    }

MACHINE_REF(slot)
MACHINE_REF(tcb)
MACHINE_REF(endpoint)
MACHINE_REF(notification)
MACHINE_REF(reply)
MACHINE_REF(sched_context)
MACHINE_REF(vcpu)
MACHINE_REF(asid_pool)
MACHINE_REF(ipc_buffer)
