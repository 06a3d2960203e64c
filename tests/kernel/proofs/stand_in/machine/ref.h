/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Typed references, in the proofs
 *
 * Stands in for kernel/machine's header of the same name: the one place where a reference becomes
 * a pointer. Here a reference names an element of a small pool of its kind (pool.h), so that a
 * reference to nothing, or to the wrong kind of thing, is a failed assertion and not a wild
 * access. Everything else that a proof compiles is the kernel's own source.
 */
#pragma once

#include <abi/types.h>
#include <stdbool.h>
#include <stddef.h>

#define KERNEL_WINDOW_BASE 0x8000000000ul /**< kernel address of physical address 0 */

/** Pointer to translation-table entries, the one thing named by a bare address. */
void *machine_pointer(word_t kaddr);
/** Address of a slot, the one thing whose address the core computes with. */
word_t machine_address(const void *object);

/* As in the kernel, with the two conversions left to pool.h. */
#define MACHINE_REF(noun)                                                    \
    struct noun;                                                             \
    struct noun##_ref {                                                      \
        word_t raw;                                                          \
    };                                                                       \
    struct noun *noun##_of_raw(word_t raw);                                  \
    word_t noun##_raw_of(const struct noun *object);                         \
    static inline struct noun *noun##_at(struct noun##_ref ref)              \
    {                                                                        \
        return noun##_of_raw(ref.raw);                                       \
    }                                                                        \
    static inline struct noun##_ref noun##_ref_of(const struct noun *object) \
    {                                                                        \
        return (struct noun##_ref){ noun##_raw_of(object) };                 \
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
