/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Caches and bulk memory
 *
 * Line sizes differ between CPUs and are read from CTR_EL0 each time: a register read costs less
 * than a cache maintenance instruction.
 */
#include <arch/sysreg.h>
#include <machine/machine.h>

#define CTR_DLINE_SHIFT 16
#define CTR_LINE_MASK   15u
#define ZERO_BLOCK      64u /* bytes that DC ZVA clears on all the CPUs we know; checked below */

/* Apply one cache instruction to each line of [from, to). */
#define EACH_LINE(instruction, from, to, line)                        \
    for (word_t at = (from) & ~((line)-1); at < (to); at += (line)) { \
        __asm__ volatile(instruction ", %0" : : "r"(at) : "memory");  \
    }

static word_t data_line(void)
{
    return 4ul << (SYSREG_READ(ctr_el0) >> CTR_DLINE_SHIFT & CTR_LINE_MASK);
}

static word_t code_line(void)
{
    return 4ul << (SYSREG_READ(ctr_el0) & CTR_LINE_MASK);
}

void machine_memory_clear(word_t kaddr, word_t bytes)
{
    word_t end = kaddr + bytes;
    word_t zva = SYSREG_READ(dczid_el0); /* log2 of the block in words; bit 4: not allowed */

    if (bytes >= 2 * ZERO_BLOCK && zva == 4) {
        for (; (kaddr & (ZERO_BLOCK - 1)) != 0; kaddr += 16) {
            __asm__ volatile("stp xzr, xzr, [%0]" : : "r"(kaddr) : "memory");
        }
        for (; kaddr + ZERO_BLOCK <= end; kaddr += ZERO_BLOCK) {
            __asm__ volatile("dc zva, %0" : : "r"(kaddr) : "memory");
        }
    }
    for (; kaddr < end; kaddr += 16) {
        __asm__ volatile("stp xzr, xzr, [%0]" : : "r"(kaddr) : "memory");
    }
}

void machine_frame_clean(word_t kaddr, word_t bytes)
{
    word_t line = data_line();

    EACH_LINE("dc cvac", kaddr, kaddr + bytes, line);
    BARRIER_DSB(sy);
}

/* Lines that are only partly in the range hold somebody else's data: those are written back. */
static void invalidate(word_t from, word_t to, word_t line)
{
    if ((from & (line - 1)) != 0) {
        __asm__ volatile("dc civac, %0" : : "r"(from) : "memory");
        from = (from | (line - 1)) + 1;
    }
    if ((to & (line - 1)) != 0 && to > from) {
        __asm__ volatile("dc civac, %0" : : "r"(to) : "memory");
        to &= ~(line - 1);
    }
    EACH_LINE("dc ivac", from, to, line);
}

void machine_cache_op(enum cache_op op, word_t kaddr, word_t bytes)
{
    word_t line = data_line();
    word_t end = kaddr + bytes;

    switch (op) {
    case CACHE_CLEAN: EACH_LINE("dc cvac", kaddr, end, line); break;
    case CACHE_INVALIDATE: invalidate(kaddr, end, line); break;
    case CACHE_CLEAN_INVALIDATE: EACH_LINE("dc civac", kaddr, end, line); break;
    case CACHE_UNIFY:
        EACH_LINE("dc cvau", kaddr, end, line);
        BARRIER_DSB(ish);
        line = code_line();
        EACH_LINE("ic ivau", kaddr, end, line);
        break;
    }
    BARRIER_DSB(sy);
    BARRIER_ISB();
}
