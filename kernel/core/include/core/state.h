/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel state
 *
 * The one mutable structure of the core. Per-CPU state is one struct already, so that further
 * CPUs are further elements; everything else is shared and will be guarded by the kernel lock.
 */
#pragma once

#include <core/object.h>
#include <machine/machine.h>

#define DOMAIN_COUNT    DOMAIN_COUNT_MAX
#define DOMAIN_ENTRIES  DOMAIN_SCHEDULE_LENGTH
#define ASID_POOL_COUNT (1u << ASID_POOL_COUNT_BITS)
#define IRQ_COUNT       1020 /* most a GIC can have (INTIDs 0..1019) */

enum irq_state { IRQ_INACTIVE, IRQ_SIGNAL, IRQ_TIMER, IRQ_RESERVED };

/* What the next schedule() has to decide. */
enum sched_action { SCHED_RESUME_CURRENT, SCHED_CHOOSE_NEW, SCHED_CANDIDATE };

/* Details of an error found by decode; copied to the caller's message registers (abi/01 §6). */
struct syscall_error {
    enum err code;
    word_t argument;   /* InvalidArgument, InvalidCapability: number */
    word_t min, max;   /* RangeError */
    word_t bytes_left; /* NotEnoughMemory */
    bool lookup_was_source;
    struct lookup_fault lookup; /* FailedLookup */
};

/* A balanced tree, and what is asked most often. */
struct release_queue {
    struct tcb_ref root;
    struct tcb_ref first;
    word_t first_time; /* UINT64_MAX: nobody waits */
};

struct ready_queues {
    word_t summary;                     /* bit w set iff bitmap[w] is not 0 */
    word_t bitmap[PRIORITY_COUNT / 64]; /* bit p set iff queue[p] is not empty */
    struct tcb_queue queue[PRIORITY_COUNT];
};

/* What every system call looks at comes first, so that it is a short offset away. */
struct cpu_state {
    struct tcb_ref current;
    struct sched_context_ref current_sc;
    word_t now;     /* ticks at kernel entry */
    word_t charged; /* moment up to which current_sc has been charged: abi/04 §5.2 calls what
                        has passed since then, now - charged, "consumed" */
    enum sched_action action;
    bool reprogram;   /* the timer deadline must be set anew */
    bool vcpu_active; /* vcpu_current is in hardware wholly, group A too */
    bool fpu_enabled; /* user code may use FP/SIMD now */
    struct tcb_ref fpu_owner;
    word_t counter_access; /* mask in hardware, for native threads */
    struct release_queue release;
    word_t release_pause;     /* until then, threads that are due are not let go in numbers */
    struct tcb_ref candidate; /* with SCHED_CANDIDATE */
    struct tcb_ref idle;      /* idle thread and its scheduling context: given by boot */
    struct sched_context_ref idle_sc;
    struct vcpu_ref vcpu_current; /* group B is in hardware */
    word_t work_units;            /* since the last preemption check */
    struct syscall_error error;   /* of the invocation being decoded */
    struct lookup_fault lookup_fault;
    struct ready_queues ready[DOMAIN_COUNT];
};

struct domain_entry {
    word_t domain;
    word_t duration; /* ticks; 0 = end marker */
};

struct kernel_config {
    word_t max_irq;
    word_t domain_count;
    word_t timer_irq, maintenance_irq, vtimer_irq;
    word_t ticks_per_ms;   /* 62500 at 62.5 MHz */
    word_t min_budget;     /* least budget, ticks; this and the next three: scheduler_init */
    word_t fast_budget;    /* what a short cut needs left, see fastpath.c */
    word_t max_period_us;  /* longest period and budget */
    word_t max_release;    /* refills due after this moment are not moved any more */
    word_t counter_access; /* granted to every native thread */
    bool extensions;       /* labels from 0x10000 exist */
    bool is_debug;         /* debug system calls exist; SPSR 0x40 instead of 0x140 */
};

struct kernel_state {
    struct kernel_config config;
    word_t domain_start, domain_index;
    word_t domain_current;
    word_t domain_time_left; /* ticks */
    struct cpu_state cpu;
    struct asid_pool_ref asid_pools[ASID_POOL_COUNT];
    struct slot irq_slots[IRQ_COUNT];      /* the notification of each interrupt */
    uint8_t irq_state[IRQ_COUNT];          /* enum irq_state */
    word_t vmid_owner[MACHINE_VMID_COUNT]; /* ASID that holds the VMID, 0 = none */
    word_t vmid_next;                      /* next VMID to take back */
    struct domain_entry domain_schedule[DOMAIN_ENTRIES];
};

/** The state. Defined in state.c; boot fills it. */
extern struct kernel_state kernel;

static inline struct cpu_state *this_cpu(void)
{
    return &kernel.cpu;
}
