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
#define ROOT       seL4_CapInitThreadCNode
#define MAIN_PRIO  100

/* ---- Results ------------------------------------------------------------------------------- */

/* A place in the tests that checks a row of the interface. */
struct row {
    const char *id;
    struct row *next; /* in order of entry, once entered */
    bool is_entered;
    unsigned checks;
};

/* The checks from here to the next ROW belong to row `name`: the chapter of the interface
 * description, its section, and what is tried. */
#define ROW(name)                                          \
    do {                                                   \
        static struct row row_ = { name, NULL, false, 0 }; \
        row_enter(&row_);                                  \
    } while (0)

void row_enter(struct row *row);
/* Print how many rows of each chapter were checked. Returns how many were entered for nothing. */
unsigned rows_report(void);

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
/** The same as an untyped of a page. */
seL4_CPtr device_untyped(seL4_Word paddr);
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

/* ---- System calls word by word ---------------------------------------------------------------- */

/* Everything a thread has in registers, but for SP and the thread-local base. */
struct registers {
    seL4_Word x[31];
    seL4_Word nzcv;
    seL4_Word d[4]; /* d0, d8, d15, d31 */
};

/** Load all registers, execute `svc #0x55`, store all registers (raw.S). */
void raw_syscall(struct registers *registers);

/* How an invocation ended. */
struct answer {
    seL4_Word badge, label, length, info;
    seL4_Word sent[4]; /* what was in x2 to x5 */
    seL4_Word words[5];
};

#define LIST_(...)  ((const seL4_Word[]){ 0, __VA_ARGS__ })
#define COUNT_(...) (sizeof(LIST_(__VA_ARGS__)) / sizeof(seL4_Word) - 1)
/* Message words and extra capabilities of an invocation; and of answers. */
#define WORDS(...) LIST_(__VA_ARGS__), COUNT_(__VA_ARGS__)
#define CAPS(...)  LIST_(__VA_ARGS__), COUNT_(__VA_ARGS__)

/** Call `cap` with exactly these words and capabilities: invoke(cap, label, WORDS(..), CAPS(..)). */
struct answer invoke(seL4_CPtr cap, seL4_Word label, const seL4_Word *words, seL4_Word count,
                     const seL4_Word *caps, seL4_Word cap_count);
/** Check that it gave `label` and these words, and left the registers behind them as they were. */
void check_answer(struct answer answer, seL4_Word label, const seL4_Word *words, seL4_Word count,
                  const char *file, int line);

/* REFUSED(invoke(...), error, words of the error...) */
#define REFUSED(answer, ...)                                                                  \
    check_answer(answer, (seL4_Word[]){ __VA_ARGS__ }[0], (const seL4_Word[]){ __VA_ARGS__ }, \
                 sizeof((seL4_Word[]){ __VA_ARGS__ }) / sizeof(seL4_Word) - 1, __FILE__, __LINE__)
/* ACCEPTED(invoke(...)): no error and no result. */
#define ACCEPTED(answer) REFUSED(answer, seL4_NoError)

/* ---- A thread that is watched ----------------------------------------------------------------- */

/* What became of a thread that made one system call. */
struct probe {
    struct thread thread;
    struct registers registers; /* as the call left them, if it returned */
    bool has_returned;
    bool has_faulted; /* then: */
    seL4_Word badge, info, words[16];
};

#define PROBE_BADGE 0x5a

/** Make the system call in `registers` in a thread of higher priority. Its fault, if any, is taken
 *  and waits for an answer through probe_reply(). There is one such thread: the call before is
 *  given up. */
struct probe *probe_syscall(const struct registers *registers);
/** The same with the IPC buffer as it is. */
struct probe *probe_again(const struct registers *registers);
/** The same without IPC buffer. */
struct probe *probe_without_buffer(const struct registers *registers);
seL4_CPtr probe_reply(void);
/** A reply object for what the thread itself receives. */
seL4_CPtr probe_own_reply(void);
/** The IPC buffer of the thread, to be filled before a call. */
seL4_IPCBuffer *probe_buffer(void);
/** Give up what it does. */
void probe_stop(void);

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
void suite_syscall(void);
void suite_transfer(void);
void suite_retype(void);
void suite_cnode(void);
void suite_tcb(void);
void suite_registers(void);
void suite_context(void);
void suite_mapping(void);
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
