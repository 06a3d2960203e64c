/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * On-target conformance tests: what they share
 *
 * The test program is a root task. Each suite is one function that calls CHECK; objects are made
 * from the boot untypeds and never given back. Console output goes to the UART, which is mapped
 * from its device untyped, so the tests run on the release kernel too.
 */
#pragma once

#include <sel4/sel4.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 0x1000ul
#define DEPTH      64
#define MAIN_PRIO  100

/* ---- Results ------------------------------------------------------------------------------- */

void check_report(bool holds, const char *what, const char *file, int line);
void check_equal(seL4_Word is, seL4_Word expected, const char *what, const char *file, int line);

/* True if the check held. */
#define CHECK(condition) check_report((condition), #condition, __FILE__, __LINE__)
/* The same, printing both values. */
#define CHECK_EQ(is, expected) \
    check_equal((seL4_Word)(is), (seL4_Word)(expected), #is " == " #expected, __FILE__, __LINE__)

__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* ---- Objects -------------------------------------------------------------------------------- */

extern seL4_BootInfo *boot;

/** Set up console and memory. Pre: called first. */
void environment_init(seL4_BootInfo *bootinfo);
/** A free slot of the root CNode. */
seL4_CPtr slot_new(void);
/** A new object of RAM. */
seL4_CPtr object_new(seL4_Word type, seL4_Word size_bits);
/** A new untyped of RAM, of its own. */
seL4_CPtr untyped_new(seL4_Word size_bits);
/** The device page at `paddr`, as a frame capability. Each page can be had once. */
seL4_CPtr device_frame(seL4_Word paddr);
/** A page-aligned piece of address space of `bytes`, page tables in place, nothing mapped. */
seL4_Word space_new(seL4_Word bytes);
/** A copy of `source` in a new slot, with badge. */
seL4_CPtr cap_mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge);
seL4_Error cap_delete(seL4_CPtr cap);
seL4_Error cap_revoke(seL4_CPtr cap);
/** Frame capability of a page of our own image. */
seL4_CPtr image_frame(const void *page);

/* ---- Threads ---------------------------------------------------------------------------------- */

struct thread {
    seL4_CPtr tcb, sched_context, reply;
    seL4_IPCBuffer *buffer;
};

typedef void thread_fn(seL4_Word a, seL4_Word b);

/** A thread with its own stack, buffer, reply object and 5 ms round-robin time; not started. */
struct thread thread_new(seL4_Word priority);
void thread_run(const struct thread *thread, thread_fn *function, seL4_Word a, seL4_Word b);
/** Run `function` at `priority` in a new thread. */
struct thread thread_spawn(seL4_Word priority, thread_fn *function, seL4_Word a, seL4_Word b);
/** Give it a budget in microseconds every period. */
seL4_Error thread_budget(const struct thread *thread, seL4_Word budget_us, seL4_Word period_us);
/** Faults go to this endpoint. */
void thread_fault_endpoint(const struct thread *thread, seL4_CPtr endpoint);
void thread_priority(const struct thread *thread, seL4_Word priority);

/* ---- Time ------------------------------------------------------------------------------------- */

/** Physical counter, and its frequency; the main thread may read it. */
static inline seL4_Word time_now(void)
{
    seL4_Word value;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value) : : "memory");
    return value;
}

static inline seL4_Word time_us(seL4_Word ticks)
{
    return ticks * 2 / 125; /* 62.5 MHz */
}

static inline void spin_us(seL4_Word us)
{
    seL4_Word end = time_now() + us * 125 / 2;

    while (time_now() < end) {
    }
}

/* ---- Suites --------------------------------------------------------------------------------------- */

void suite_boot(void);
void suite_cspace(void);
void suite_untyped(void);
void suite_ipc(void);
void suite_notification(void);
void suite_fault(void);
void suite_sched(void);
void suite_vspace(void);
void suite_irq(void);
void suite_fpu(void);
void suite_vcpu(void);
void suite_cost(void);
