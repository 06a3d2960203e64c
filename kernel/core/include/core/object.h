/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel objects
 *
 * The memory layout of every object that user memory is retyped into, and of the kernel's own
 * state. Types only: what may be done with an object is in the file named after it.
 *
 * Invariant: sizes are part of the API (abi/02 §1) and are asserted here.
 * Invariant: objects name each other by typed references (machine/ref.h), never by pointer.
 */
#pragma once

#include <abi/caps.h>
#include <abi/errors.h>
#include <abi/faults.h>
#include <abi/objects.h>
#include <abi/types.h>
#include <arch/context.h>
#include <arch/fpu.h>
#include <arch/vcpu.h>
#include <machine/ref.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- Capability slots --------------------------------------------------------------------- */

/* Place of a capability in the derivation list. `next_flags` is the kernel address of the next
 * slot (32-byte aligned) with CDT_REVOCABLE and CDT_FIRST_BADGED in its low bits. */
struct cdt_node {
    struct slot_ref prev;
    word_t next_flags;
};

#define CDT_REVOCABLE    1ul
#define CDT_FIRST_BADGED 2ul
#define CDT_FLAGS        3ul

struct slot {
    struct cap cap;
    struct cdt_node cdt;
};
_Static_assert(sizeof(struct slot) == 1u << SLOT_BITS, "a slot is 32 bytes (abi/02 §1)");

/* ---- Queues of threads -------------------------------------------------------------------- */

struct tcb_queue {
    struct tcb_ref head;
    struct tcb_ref tail;
};

/* ---- Endpoint, notification, reply ---------------------------------------------------------- */

enum endpoint_state { ENDPOINT_IDLE, ENDPOINT_SENDING, ENDPOINT_RECEIVING };

/* Both words are kernel addresses of TCBs (2 KiB aligned); the state is kept in the low bits of
 * `tail_state`, so that an endpoint is 16 bytes. */
struct endpoint {
    struct tcb_ref head;
    word_t tail_state;
};
_Static_assert(sizeof(struct endpoint) == 1u << ENDPOINT_BITS, "abi/02 §1");

enum notification_state { NOTIFICATION_IDLE, NOTIFICATION_WAITING, NOTIFICATION_ACTIVE };

struct notification {
    word_t state; /* enum notification_state */
    word_t badge; /* signals not yet delivered, when active */
    struct tcb_queue queue;
    struct tcb_ref bound_tcb;
    struct sched_context_ref sched_context;
    word_t unused[2];
};
_Static_assert(sizeof(struct notification) == 1u << NOTIFICATION_BITS, "abi/02 §1");

/* Links of the call stack (abi/04 §5.9): `prev` is the older call; `next` the newer reply object,
 * or, with REPLY_NEXT_IS_SC set, the scheduling context whose stack this reply is the top of. */
#define REPLY_NEXT_IS_SC 1ul

struct reply {
    struct tcb_ref tcb; /* the caller blocked on it, or the receiver waiting with it */
    struct reply_ref prev;
    word_t next;
    word_t unused;
};
_Static_assert(sizeof(struct reply) == 1u << REPLY_BITS, "abi/02 §1");

/* ---- Scheduling context ------------------------------------------------------------------- */

struct refill {
    word_t time; /* ticks: usable from then on */
    word_t amount;
};

/* The refill ring follows the structure directly: refill[0 .. capacity). */
struct sched_context {
    word_t period; /* ticks; 0 = round robin */
    word_t consumed;
    struct tcb_ref tcb;
    struct reply_ref reply; /* top of the call stack */
    struct notification_ref notification;
    word_t badge;
    struct tcb_ref yield_from;
    uint32_t refill_max; /* 0 = inactive */
    uint32_t refill_head;
    uint32_t refill_count;
    uint32_t core;
    uint32_t sporadic;
    uint32_t unused[5];
    struct refill refills[];
};
_Static_assert(sizeof(struct sched_context) == 96, "core part of a context (abi/02 §1)");

/* ---- Threads ------------------------------------------------------------------------------ */

enum thread_state {
    THREAD_INACTIVE,
    THREAD_RUNNING,
    THREAD_RESTART,
    THREAD_BLOCKED_ON_RECEIVE,
    THREAD_BLOCKED_ON_SEND,
    THREAD_BLOCKED_ON_REPLY,
    THREAD_BLOCKED_ON_NOTIFICATION,
    THREAD_IDLE
};

/* Why a capability lookup failed (abi/01 §6): values as reported to the user. */
struct lookup_fault {
    enum lookup_failure failure;
    word_t bits_left;
    word_t guard_found;
    word_t bits_found;
};

/* A pending fault, kept until the reply (abi/04 §4). */
struct thread_fault {
    enum fault type;
    word_t words[4]; /* cap: address, in_receive; unknown: number; exception: number, code;
                        timeout: badge; vm: address, is_fetch, syndrome; vgic: index; vcpu: syndrome;
                        vppi: irq */
    struct lookup_fault lookup; /* cap faults */
};

/* A thread's place in the release queue (release_queue.h). */
struct release_node {
    struct tcb_ref parent;
    struct tcb_ref child[2]; /* earlier, later */
    word_t time;             /* ticks: when its context may be used again */
    uint8_t height;          /* of the tree below, itself included */
    uint8_t top;             /* highest priority in that tree */
};

/* What a switch to or from a thread must do besides changing the address space. */
enum thread_hardware {
    THREAD_HAS_VCPU = 1,
    THREAD_OWNS_FPU = 2,
    THREAD_HAS_COUNTERS = 4 /* more than every thread has */
};

#define TCB_NAME_BYTES 64

/* What message passing and scheduling look at is together, and near the start. */
struct tcb {
    struct slot slots[TCB_SLOT_COUNT]; /* by enum tcb_slot; first, so that slot i is at the TCB's
                                          address + 32 i */
    enum thread_state state;
    uint8_t hardware; /* enum thread_hardware */
    uint8_t priority;
    uint8_t domain;
    uint8_t flags;          /* enum tcb_flag */
    struct reply_ref reply; /* blocked on receive: waits with it; on reply: linked to it */
    struct sched_context_ref sched_context;
    struct tcb_ref queue_next; /* endpoint or notification queue */
    struct tcb_ref queue_prev;
    struct tcb_ref
        queue_peer; /* first of its priority: the last; last of its priority: the first */
    struct tcb_ref queue_scan; /* head of a queue only: where a scan goes on (tcb_queue.h) */
    word_t queue_scan_badge;
    /* Blocked threads: what on, and how (abi/01 §5). */
    word_t blocking_object; /* kernel address of the endpoint or notification */
    word_t blocking_badge;
    bool blocking_can_grant;
    bool blocking_can_grant_reply;
    bool blocking_is_call;
    bool in_release_queue;
    bool in_ready_queue;
    uint8_t mcp;
    struct tcb_ref sched_next; /* ready queue */
    struct tcb_ref sched_prev;
    struct release_node release;
    struct sched_context_ref yield_to;
    struct notification_ref bound_notification;
    struct vcpu_ref vcpu;
    word_t ipc_buffer;     /* user address */
    word_t counter_access; /* CNTKCTL_EL1 bits granted to this thread; our addition to the API */
    struct thread_fault fault;
    struct context context;
    struct fpu_state fpu;
    char name[TCB_NAME_BYTES]; /* debug builds */
};
_Static_assert(sizeof(struct tcb) <= 1u << TCB_BITS, "abi/02 §1");

/* ---- Virtual CPU, ASID pool ------------------------------------------------------------------ */

struct vcpu {
    struct tcb_ref tcb;
    bool vppi_masked; /* interrupt 27 was delivered and not yet acknowledged */
    struct vcpu_registers registers;
};
_Static_assert(sizeof(struct vcpu) <= 1u << VCPU_BITS, "abi/02 §1");

/* One entry per ASID of a pool: the root table, and the VMID lent to it (0 = none). */
struct asid_entry {
    word_t root_vmid; /* bits 55..0 kernel address of the root table, 63..56 VMID; 0 = free */
};

#define ASID_POOL_ENTRIES (1u << ASID_POOL_INDEX_BITS)
struct asid_pool {
    struct asid_entry entries[ASID_POOL_ENTRIES];
};
_Static_assert(sizeof(struct asid_pool) == 1u << ASID_POOL_BITS, "abi/02 §1");
