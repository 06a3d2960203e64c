/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The executable specification: its state
 *
 * What a kernel with this interface has to remember, and nothing about how. Objects are named by
 * the address that their memory has; a capability is a record of plain values; the whole
 * derivation forest is one array of capabilities in derivation order; every queue is a small array
 * in service order. Written from abi/ alone; references are to its sections.
 *
 * Invariant: the specification never looks at the core. Only observe.c looks at both.
 * Invariant: the state is flat, without pointers, so that a copy of it is a snapshot.
 */
#pragma once

#include <abi/caps.h>
#include <abi/errors.h>
#include <abi/faults.h>
#include <abi/labels.h>
#include <abi/messages.h>
#include <abi/objects.h>
#include <abi/registers.h>
#include <abi/syscalls.h>
#include <abi/types.h>
#include <arch/context.h>
#include <stdbool.h>
#include <stddef.h>

/* A state that outgrows these ends the run (spec_give_up); nothing of the interface does. */
#define SPEC_CAPS    1500
#define SPEC_THREADS 24
#define SPEC_OBJECTS 40
#define SPEC_REFILLS 16
#define SPEC_BUFFERS 40
#define SPEC_ENTRIES 160
#define SPEC_ASIDS   24
#define SPEC_POOLS   128
#define SPEC_VCPUS   6
#define SPEC_LISTS   4   /* list registers of the VGIC */
#define SPEC_IRQS    160 /* abi/03 §6: numbers up to 159 */

#define SPEC_WINDOW           (1ul << 39) /* kernel address of physical address 0 (abi/02 §4) */
#define SPEC_RESET_CHUNK      256ul
#define SPEC_IRQ_MAINTENANCE  25
#define SPEC_IRQ_TIMER_NUMBER 26
#define SPEC_IRQ_VTIMER       27
#define SPEC_SMC_WORDS        8
#define SPEC_MIN_BUDGET       1250ul /* ticks (abi/04 §5.1), as are all times below */
#define SPEC_TICKS(us)        ((us)*62500ul / 1000ul)
#define SPEC_MICROS(t)        ((t)*1000ul / 62500ul)
#define SPEC_MAX_TICKS        (~0ul / 62500ul)
#define SPEC_MAX_US           0x218DEF416BDBul
#define SPEC_MAX_RELEASE      (~0ul - 5ul * SPEC_TICKS(SPEC_MAX_US))

/* ---- Capabilities and their derivation (abi/02 §5) ------------------------------------------ */

/* All fields are words, so that two capabilities are equal iff their bytes are. */
struct spec_cap {
    word_t type; /* enum cap_type */
    word_t object;
    word_t badge;
    word_t send, receive, grant, grant_reply;
    word_t size_bits;         /* untyped, scheduling context, frame; of a CNode: radix */
    word_t device;            /* untyped, frame */
    word_t watermark;         /* untyped: bytes from the base */
    word_t guard, guard_size; /* CNode */
    word_t rights;            /* frame */
    word_t mapped, asid, vaddr;
    word_t number, target; /* interrupt; pool base; core; SGI */
};

/* A place is the address of a slot: object + 32 * index, of a CNode or of a TCB. */
struct spec_entry {
    word_t place;
    word_t list; /* every boot capability starts a list of its own */
    bool revocable, first_badged;
    struct spec_cap cap;
};

/* ---- Objects -------------------------------------------------------------------------------- */

/* Threads in service order; elements are indices into spec.threads. */
struct spec_queue {
    unsigned count;
    unsigned at[SPEC_THREADS];
};

enum spec_thread_state {
    SPEC_INACTIVE,
    SPEC_RUNNING,
    SPEC_RESTART,
    SPEC_BLOCKED_RECEIVE,
    SPEC_BLOCKED_SEND,
    SPEC_BLOCKED_REPLY,
    SPEC_BLOCKED_NOTIFICATION,
    SPEC_IDLE
};

struct spec_lookup {
    enum lookup_failure failure;
    word_t bits_left, guard, bits_found;
};

struct spec_fault {
    enum fault type;
    word_t words[3];
    struct spec_lookup lookup;
};

struct spec_thread {
    word_t id; /* 0: unused */
    enum spec_thread_state state;
    word_t regs[CONTEXT_COUNT];
    word_t on; /* endpoint or notification that it is blocked on */
    word_t badge;
    bool is_call, grant, grant_reply;
    word_t reply; /* reply object it waits with or on */
    word_t notification, context, yield_to;
    word_t buffer; /* user address of the IPC buffer */
    word_t priority, mcp, flags, domain;
    struct spec_fault fault;
};

struct spec_endpoint {
    word_t id;
    bool receiving; /* what its queue waits for */
    struct spec_queue queue;
};

struct spec_notification {
    word_t id;
    bool active;
    word_t word;
    word_t thread, context; /* bound */
    struct spec_queue queue;
};

struct spec_reply {
    word_t id;
    word_t thread; /* the caller blocked on it, or the receiver that waits with it */
    word_t prev;   /* older call of the stack */
    word_t next;   /* newer one, or the context that it is the top of */
    bool is_top;
};

struct spec_refill {
    word_t time, amount;
};

struct spec_context {
    word_t id;
    word_t size_bits;
    word_t period, consumed, badge;
    word_t thread, reply, notification, yield_from;
    bool sporadic;
    word_t max;    /* 0: inactive */
    word_t budget; /* for the invariant that refills add up to it */
    unsigned count;
    struct spec_refill refills[SPEC_REFILLS]; /* head first */
};

/* 1 KiB of user memory that a thread has used as an IPC buffer; all other memory is zero. */
struct spec_buffer {
    word_t address; /* 0: unused */
    word_t words[128];
};

/* Entry `index` of a table at `table` leads to another table, or to a frame of 2^frame_bits. */
struct spec_pte {
    word_t table; /* 0: unused */
    word_t index, target;
    word_t frame_bits; /* 0: a table */
    word_t rights, attributes, device;
};

struct spec_asid {
    word_t asid, root; /* root 0: unused */
};

enum spec_irq_state { SPEC_IRQ_INACTIVE, SPEC_IRQ_SIGNAL, SPEC_IRQ_TIMER, SPEC_IRQ_RESERVED };

struct spec_irq {
    enum spec_irq_state state;
    bool enabled, edge;
    bool held; /* has come, and was not acknowledged yet */
};

struct spec_sgi {
    word_t number, target;
};

struct spec_slice {
    word_t domain, duration; /* ticks; 0: end marker */
};

struct spec_vcpu_registers {
    word_t fields[VCPU_REG_COUNT];
    word_t hcr, list[SPEC_LISTS];
};

struct spec_vcpu {
    word_t id; /* 0: unused */
    word_t thread;
    bool timer_masked;
    struct spec_vcpu_registers saved;
};

enum spec_action { SPEC_CONTINUE, SPEC_CHOOSE, SPEC_CANDIDATE };

struct spec {
    word_t now, consumed, deadline;
    bool reprogram;
    enum spec_action action;
    unsigned candidate;
    unsigned current;        /* index of a thread, or SPEC_THREADS: idle */
    word_t current_context;  /* 0: that of the idle thread */
    struct spec_queue ready; /* highest priority first, then service order */
    struct spec_queue release;
    struct spec_thread threads[SPEC_THREADS];
    struct spec_endpoint endpoints[SPEC_OBJECTS];
    struct spec_notification notifications[SPEC_OBJECTS];
    struct spec_reply replies[SPEC_OBJECTS];
    struct spec_context contexts[SPEC_OBJECTS];
    struct spec_buffer buffers[SPEC_BUFFERS];
    struct spec_pte entries[SPEC_ENTRIES];
    struct spec_asid asids[SPEC_ASIDS];
    word_t pools[SPEC_POOLS]; /* object of each ASID pool in use */
    bool is_debug;
    word_t domains; /* how many there are */
    word_t domain, domain_start, domain_index, domain_left;
    struct spec_slice domain_schedule[DOMAIN_SCHEDULE_LENGTH];
    struct spec_vcpu vcpus[SPEC_VCPUS];
    word_t vcpu;      /* whose lazy registers are in hardware; 0: nobody's */
    bool vcpu_active; /* the others are too */
    struct spec_vcpu_registers hardware;
    word_t smc_in[SPEC_SMC_WORDS], smc_out[SPEC_SMC_WORDS], smc_calls;
    struct spec_irq irqs[SPEC_IRQS];
    word_t irq_place; /* of the notification of interrupt 0; the others follow */
    word_t sgis_sent;
    struct spec_sgi sgi; /* the last one */
    word_t cache_end;    /* where the last cache operation ended */
    unsigned count;      /* of caps; last, so that a snapshot can be short */
    struct spec_entry caps[SPEC_CAPS];
};

extern struct spec spec;

/** Leave the step: the specification does not cover what was asked; the event is forgotten. */
_Noreturn void spec_give_up(const char *why);

/* ---- Events --------------------------------------------------------------------------------- */

enum spec_event_kind {
    SPEC_SYSCALL,
    SPEC_TIMER,
    SPEC_INTERRUPT, /* `number`, not the timer's */
    SPEC_VM_FAULT,
    SPEC_USER_EXCEPTION,
    SPEC_VCPU_FAULT,
    SPEC_FPU_TRAP
};

struct spec_event {
    enum spec_event_kind kind;
    word_t time; /* when it happens */
    word_t number;
    word_t address, syndrome; /* address: of a maintenance interrupt, the list register */
    bool is_fetch;
};

/* A long operation is stopped at its preemption point number `at` (from 1; 0: never), at time
 * `time`, because interrupt `irq` has come (SPEC_IRQS: none) or the budget is used up. */
struct spec_stop {
    unsigned at;
    word_t time, irq;
};

/** What the kernel does at `event` of the current thread.
 *  Post: false, and nothing is changed, if the event is not covered; `why` says why. */
bool spec_step(const struct spec_event *event, const struct spec_stop *stop, const char **why);
/** How many preemption points the last step has passed. */
unsigned spec_step_points(void);
/** Take the last step back. */
void spec_step_undo(void);
/** A long operation could be stopped here; it does not return if it is. */
void spec_preemption_point(void);
