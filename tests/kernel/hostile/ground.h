/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the hostile root tasks stand on: console, objects, threads without memory
 *
 * Objects come from the largest boot untypeds, in runs of consecutive slots of the root CNode, which
 * must be large (--root-cnode-bits 18). Everything here ends the run with a line when it fails.
 */
#pragma once

#include <sel4/sel4.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 0x1000ul
#define DEPTH      64
#define ROOT       seL4_CapInitThreadCNode
#define SPACE      seL4_CapInitThreadVSpace
#define TICK_INSNS 16 /* instructions in a tick of the 62.5 MHz counter under -icount shift=0 */

extern seL4_BootInfo *boot;

__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
/** Print, and power the machine off. */
__attribute__((format(printf, 1, 2), noreturn)) void give_up(const char *format, ...);
_Noreturn void power_off(void);
/** give_up if a call failed, naming it. */
#define MUST(call) must((call), #call, __LINE__)
void must(seL4_Error error, const char *what, int line);

/** Console and memory. Pre: called first. */
void ground_init(seL4_BootInfo *bootinfo);

/** The first of `count` consecutive free slots. */
seL4_CPtr slots_new(seL4_Word count);
/** Fill a run of `count` new slots with objects of RAM. */
seL4_CPtr objects_new(seL4_Word type, seL4_Word size_bits, seL4_Word count);
/** The same out of `untyped`, into slots that are there. */
void objects_from(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits, seL4_CPtr first,
                  seL4_Word count);
seL4_CPtr mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge);

/** Page-aligned address space of `bytes` with its page tables, nothing mapped. */
seL4_Word space_new(seL4_Word bytes);
/** A new page, mapped read-write at `vaddr`; returns its frame. */
seL4_CPtr page_at(seL4_Word vaddr);

/** An interrupt-free way for a thread without thread-local storage to make a system call: returns
 * x0; `info` becomes x1. */
seL4_Word bare_syscall(seL4_Word x0, seL4_Word *info, seL4_Word number);

static inline seL4_Word time_now(void)
{
    seL4_Word value;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value) : : "memory");
    return value;
}

/* Xorshift: a sequence that depends on `*state` alone, which must not be 0. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x;
}
