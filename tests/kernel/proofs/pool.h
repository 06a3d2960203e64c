/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Pools of objects
 *
 * Defines what <machine/ref.h> of the proofs leaves open. Before including this, a proof says how
 * many objects of each kind its world has; a kind that it does not name has none. The k-th object
 * of a pool has the address BASE + k * size, so that alignment and flag bits are as on the target.
 */
#pragma once

#include "proof.h"

#include <core/object.h>

#ifndef SLOTS
#define SLOTS 0
#endif
#ifndef TCBS
#define TCBS 0
#endif
#ifndef ENDPOINTS
#define ENDPOINTS 0
#endif
#ifndef NOTIFICATIONS
#define NOTIFICATIONS 0
#endif
#ifndef REPLIES
#define REPLIES 0
#endif
#ifndef SCHED_CONTEXTS
#define SCHED_CONTEXTS 0
#endif
#ifndef VCPUS
#define VCPUS 0
#endif
#ifndef ASID_POOLS
#define ASID_POOLS 0
#endif

/* Address of the first object of each pool: far apart, aligned to every size. */
#define POOL_BASE(number) (KERNEL_WINDOW_BASE + 0x40000000ul + ((word_t)(number) << 24))
#define SLOT_BASE         POOL_BASE(0)

#define POOL_IS(noun, k, count, object) ((count) > (k) && (object) == &noun##_pool[k])

/* Index of an object in a pool of at most 8: compared one by one, which is cheaper for the prover
 * than a division by the size. */
#define POOL_INDEX(noun, count, object)      \
    (POOL_IS(noun, 0, count, object)   ? 0ul \
     : POOL_IS(noun, 1, count, object) ? 1ul \
     : POOL_IS(noun, 2, count, object) ? 2ul \
     : POOL_IS(noun, 3, count, object) ? 3ul \
     : POOL_IS(noun, 4, count, object) ? 4ul \
     : POOL_IS(noun, 5, count, object) ? 5ul \
     : POOL_IS(noun, 6, count, object) ? 6ul \
     : POOL_IS(noun, 7, count, object) ? 7ul \
                                       : 8ul)

/* The object of an index of at most 8, chosen among constants: a computed index into large objects is
 * what the prover finds hardest. */
#define POOL_AT(noun, count, index)                                    \
    ((count) > 1 && (index) == 1   ? &noun##_pool[(count) > 1 ? 1 : 0] \
     : (count) > 2 && (index) == 2 ? &noun##_pool[(count) > 2 ? 2 : 0] \
     : (count) > 3 && (index) == 3 ? &noun##_pool[(count) > 3 ? 3 : 0] \
     : (count) > 4 && (index) == 4 ? &noun##_pool[(count) > 4 ? 4 : 0] \
     : (count) > 5 && (index) == 5 ? &noun##_pool[(count) > 5 ? 5 : 0] \
     : (count) > 6 && (index) == 6 ? &noun##_pool[(count) > 6 ? 6 : 0] \
     : (count) > 7 && (index) == 7 ? &noun##_pool[(count) > 7 ? 7 : 0] \
                                   : &noun##_pool[0])

/* One kind: `count` objects from POOL_BASE(number) on, each of 1 << bits bytes of address. */
#define POOL(noun, count, number, bits)                                                 \
    struct noun noun##_pool[(count) == 0 ? 1 : (count)];                                \
    struct noun *noun##_of_raw(word_t raw)                                              \
    {                                                                                   \
        const word_t offset = raw - POOL_BASE(number);                                  \
                                                                                        \
        if (raw == 0) {                                                                 \
            return NULL;                                                                \
        }                                                                               \
        prove(offset < ((word_t)(count) << (bits)) && offset % (1ul << (bits)) == 0,    \
              "a reference names a " #noun);                                            \
        assume(offset < ((word_t)(count) << (bits)) && offset % (1ul << (bits)) == 0);  \
        return POOL_AT(noun, count, offset >> (bits));                                  \
    }                                                                                   \
    word_t noun##_raw_of(const struct noun *object)                                     \
    {                                                                                   \
        const word_t index = POOL_INDEX(noun, count, object);                           \
                                                                                        \
        if (object == NULL) {                                                           \
            return 0;                                                                   \
        }                                                                               \
        prove(index < (count), "a pointer is to a " #noun " of the pool");              \
        assume(index < (count));                                                        \
        return POOL_BASE(number) + (index << (bits));                                   \
    }                                                                                   \
    /* An arbitrary element, and an arbitrary reference to one or to none. */           \
    static inline struct noun *any_##noun(void)                                         \
    {                                                                                   \
        const unsigned char index = nondet_byte();                                      \
                                                                                        \
        assume(index < (count));                                                        \
        return &noun##_pool[index];                                                     \
    }                                                                                   \
    static inline word_t any_##noun##_raw(void)                                         \
    {                                                                                   \
        const unsigned char index = nondet_byte();                                      \
                                                                                        \
        return index < (count) ? POOL_BASE(number) + ((word_t)index << (bits)) : 0;     \
    }                                                                                   \
    static inline bool is_##noun##_or_none(word_t raw)                                  \
    {                                                                                   \
        const word_t offset = raw - POOL_BASE(number);                                  \
                                                                                        \
        return raw == 0 ||                                                              \
               (offset < ((word_t)(count) << (bits)) && offset % (1ul << (bits)) == 0); \
    }

POOL(slot, SLOTS, 0, SLOT_BITS)
POOL(tcb, TCBS, 1, TCB_BITS)
POOL(endpoint, ENDPOINTS, 2, ENDPOINT_BITS)
POOL(notification, NOTIFICATIONS, 3, NOTIFICATION_BITS)
POOL(reply, REPLIES, 4, REPLY_BITS)
POOL(vcpu, VCPUS, 6, VCPU_BITS)
POOL(asid_pool, ASID_POOLS, 7, ASID_POOL_BITS)

word_t machine_address(const void *object)
{
    return slot_raw_of(object);
}
