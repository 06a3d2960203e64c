/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The untrusted thread: random system calls with random words
 *
 * Values are chosen so that many get past the first check: addresses of slots that are full,
 * aligned addresses, object types and sizes, labels that exist.
 */
#include "prowl.h"

#include "ground.h"

#define LABEL_END 61 /* one behind the last label of the API */
#define EXTENSION 0x10000ul
#define PROWL     __attribute__((section(".text.prowl"), aligned(PAGE_BYTES), noinline))
#define INLINE    static inline __attribute__((always_inline))

/* What is loaded for a system call. */
struct call {
    seL4_Word x0, x1, x2, x3, x4, x5, x6, x7, x8;
};

INLINE seL4_Word below(uint64_t *random, seL4_Word limit)
{
    return (random_next(random) >> 3) % limit;
}

/* A word that an argument might be. */
INLINE seL4_Word word_pick(uint64_t *random)
{
    seL4_Word r = random_next(random);
    seL4_Word kind = below(random, 10);

    if (kind < 4) {
        return r % CELL_SLOTS;
    }
    if (kind < 6) {
        return CELL_LOOT + r % 16 * PAGE_BYTES;
    }
    if (kind == 6) {
        return 0;
    }
    if (kind == 7) {
        return 1ul << r % 64;
    }
    if (kind == 8) {
        return r % 256;
    }
    return r;
}

INLINE seL4_Word info_pick(uint64_t *random)
{
    seL4_Word kind = below(random, 16);
    seL4_Word label = 1 + below(random, LABEL_END);

    if (kind == 0) {
        return random_next(random);
    }
    if (kind == 1) {
        label = EXTENSION + below(random, 0x20);
    }
    return label << 12 | below(random, 8) << 9 | below(random, 4) << 7 |
           (kind == 2 ? below(random, 128) : below(random, 9));
}

/* Mostly Call, so that invocations answer; now and then a number that is no system call. */
INLINE seL4_Word number_pick(uint64_t *random)
{
    seL4_Word kind = below(random, 32);

    if (kind == 0) {
        return word_pick(random);
    }
    return kind < 27 ? (seL4_Word)seL4_SysCall : -(1 + below(random, 11));
}

INLINE void buffer_fill(uint64_t *random, seL4_IPCBuffer *buffer)
{
    for (unsigned i = 0; i < 3; i++) {
        buffer->caps_or_badges[i] = word_pick(random);
    }
    for (unsigned i = 4; i < 9; i++) {
        buffer->msg[i] = word_pick(random);
    }
    buffer->msg[9 + below(random, 111)] = word_pick(random);
    buffer->receiveCNode = word_pick(random);
    buffer->receiveIndex = word_pick(random);
    buffer->receiveDepth = below(random, 2) == 0 ? CELL_CNODE_BITS : word_pick(random);
}

INLINE void call_make(const struct call *call)
{
    register seL4_Word x0 __asm__("x0") = call->x0;
    register seL4_Word x1 __asm__("x1") = call->x1;
    register seL4_Word x2 __asm__("x2") = call->x2;
    register seL4_Word x3 __asm__("x3") = call->x3;
    register seL4_Word x4 __asm__("x4") = call->x4;
    register seL4_Word x5 __asm__("x5") = call->x5;
    register seL4_Word x6 __asm__("x6") = call->x6;
    register seL4_Word x7 __asm__("x7") = call->x7;
    register seL4_Word x8 __asm__("x8") = call->x8;

    __asm__ volatile("svc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x6), "r"(x7), "r"(x8)
                     : "memory");
}

PROWL void prowl(uint64_t seed, seL4_IPCBuffer *buffer, volatile uint64_t *calls)
{
    uint64_t random = seed | 1;

    for (;;) {
        buffer_fill(&random, buffer);
        struct call call = {
            .x0 = below(&random, 10) == 0 ? word_pick(&random) : 1 + below(&random, CELL_SLOTS - 1),
            .x1 = info_pick(&random),
            .x2 = word_pick(&random),
            .x3 = word_pick(&random),
            .x4 = word_pick(&random),
            .x5 = word_pick(&random),
            .x6 = word_pick(&random),
            .x7 = number_pick(&random),
            .x8 = word_pick(&random),
        };
        call_make(&call);
        *calls += 1;
        if (below(&random, 200) == 0) {
            (void)*(volatile uint64_t *)word_pick(
                &random); /* a fault, or what it has mapped there */
        }
    }
}
