/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A small system for the tests of the core
 *
 * One thread, running, whose CSpace is one CNode of 2^ROOT_RADIX slots with the usual guard, so
 * that a capability pointer is a slot number.
 */
#pragma once

#include <core/cap.h>
#include <core/decode.h>
#include <host/model.h>

#define ROOT_RADIX   8
#define ROOT_SLOTS   (1u << ROOT_RADIX)
#define UNTYPED_BITS 24
#define TICKS_PER_MS 62500
#define TIMER_IRQ    26
#define MAINTENANCE  25
#define VTIMER_IRQ   27

/* Slots of the root CNode that world_init fills. */
enum world_slot {
    SLOT_NULL,
    SLOT_TCB,
    SLOT_CNODE,
    SLOT_VSPACE, /* ASID 1, of the boot pool */
    SLOT_IRQ_CONTROL,
    SLOT_ASID_CONTROL,
    SLOT_ASID_POOL,
    SLOT_DOMAIN,
    SLOT_SCHED_CONTROL,
    SLOT_SCHED_CONTEXT,
    SLOT_SMC,
    SLOT_UNTYPED, /* 2^UNTYPED_BITS bytes of normal memory, watermark full, contents dirty */
    SLOT_DEVICE,  /* 2^32 bytes of device memory at 0, watermark full */
    SLOT_FREE     /* first empty slot */
};

struct world {
    struct tcb *root;
    struct cap cnode;
    word_t untyped; /* kernel address of the memory of SLOT_UNTYPED */
    word_t used;    /* kernel address of the memory not yet given out by world_alloc */
};

extern struct world world;

/** Start afresh. */
void world_init(void);
/** Aligned zero memory for an object of 2^bits bytes, outside of any untyped. */
word_t world_alloc(word_t bits);
/** Slot `number` of the root CNode. */
struct slot *world_slot(word_t number);
/** A second thread, inactive, without any capability in its slots. */
struct tcb *world_thread(void);

/* An invocation: capability, label, message words, and extra capabilities by slot number. */
struct call {
    word_t cptr;
    word_t label;
    word_t words[40];
    word_t length;
    word_t extra[3];
    word_t extra_count;
};

#define WORDS(...) \
    .words = { __VA_ARGS__ }, .length = sizeof((word_t[]){ __VA_ARGS__ }) / sizeof(word_t)
#define CAPS(...) \
    .extra = { __VA_ARGS__ }, .extra_count = sizeof((word_t[]){ __VA_ARGS__ }) / sizeof(word_t)

/** Decode and perform once. */
enum outcome world_call(const struct call *call);
#define CALL(cap, name, ...) world_call(&(struct call){ .cptr = cap, .label = name, __VA_ARGS__ })
/** The same until it is not preempted any more; with a preemption at every possible point. */
enum outcome world_call_stubborn(const struct call *call);

/** Let the next preemption point stop, or never stop. */
void world_preempt(bool always);

/** Retype from SLOT_UNTYPED into slot `slot` of the root CNode; fails the test if it fails. */
void world_retype(word_t type, word_t size_bits, word_t slot, word_t count);

/** What the next random numbers depend on, and nothing else; not 0. */
extern uint64_t random_state;
/** A random number below `limit`. */
word_t random_below(word_t limit);

/** Fail the test unless the last error was `code`. */
void assert_error(enum outcome outcome, enum err code);
void assert_range_error(enum outcome outcome, word_t min, word_t max);
/** InvalidArgument or InvalidCapability with `number`. */
void assert_numbered_error(enum outcome outcome, enum err code, word_t number);
void assert_lookup_error(enum outcome outcome, bool source, enum lookup_failure failure,
                         word_t bits_left);
#define assert_done(outcome) assert_int_equal(outcome, OUTCOME_DONE)

/** Fail the test unless the derivation list that `slot` is in is well linked. */
void assert_cdt_sound(const struct slot *slot);
