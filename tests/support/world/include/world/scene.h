/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Several threads in one CSpace, for the tests of threads
 *
 * Builds on world.h. Threads act through system calls: a test plays their programs by setting
 * registers and stepping the kernel. Capability pointers are slot numbers. The root thread of the
 * world has an IPC buffer here.
 */
#pragma once

#include <world/world.h>

#include <abi/messages.h>
#include <abi/syscalls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Start afresh; cmocka's setup function. */
int scene_setup(void **state);

/** Put `cap` as a root into the next free slot; return its pointer. */
word_t scene_put(struct cap cap);
/** Put a copy of `cap`, made from slot `source`, into the next free slot. */
word_t scene_copy(word_t source, struct cap cap);
/** Number of an empty slot. */
word_t scene_free_slot(void);

/* New objects; each returns the pointer of a capability with all rights. */
word_t scene_endpoint(void);
word_t scene_notification(void);
word_t scene_reply(void);
/** A thread in the common CSpace with an IPC buffer, inactive, without context; MCP 255. */
word_t scene_tcb(word_t priority);
/** An unconfigured context of 2^10 bytes. */
word_t scene_context(void);
/** The same endpoint or notification with another badge. */
word_t scene_badged(word_t source, word_t badge);
/** The same endpoint or notification with fewer rights. */
word_t scene_masked(word_t source, word_t rights);

struct tcb *scene_tcb_at(word_t cptr);
struct sched_context *scene_context_at(word_t cptr);
struct reply *scene_reply_at(word_t cptr);
struct notification *scene_notification_at(word_t cptr);
struct ipc_buffer *scene_buffer(struct tcb *thread);
/** The thread loses its IPC buffer. */
void scene_drop_buffer(struct tcb *thread);

/** Configure a context as through SchedControl (microseconds); equal: round robin. */
void scene_configure(word_t context, word_t budget, word_t period, word_t extra, word_t flags);
/** Thread `priority` with a round-robin context of 5 ms, resumed; it preempts as it would. */
struct tcb *scene_runner(word_t priority);
/** Bind a fresh round-robin context of 5 ms to the thread. */
word_t scene_give_time(struct tcb *thread);
/** Pointer of some capability to the thread. */
word_t scene_cptr(const struct tcb *thread);
/** Resume as somebody would by TCB_Resume, and schedule. */
void scene_resume(struct tcb *thread);

/* A system call: registers not named are zero, but x1, which is made of the message. */
struct request {
    word_t cap;        /* x0 */
    word_t label;      /* x1 … */
    word_t words[120]; /* into x2..x5 and the IPC buffer */
    word_t length;
    word_t caps[3]; /* extra capabilities, into the IPC buffer */
    word_t cap_count;
    word_t reply;       /* x6 */
    word_t destination; /* x8 */
};

/** `thread`, which must be running, makes system call `number`. */
void scene_syscall(struct tcb *thread, int number, const struct request *request);
#define SYSCALL(thread, number, ...) scene_syscall(thread, number, &(struct request){ __VA_ARGS__ })
#define EXTRA(...) \
    .caps = { __VA_ARGS__ }, .cap_count = sizeof((word_t[]){ __VA_ARGS__ }) / sizeof(word_t)

/** The same as a Call on a kernel object; returns the label of the answer. */
word_t scene_invoke(struct tcb *thread, const struct request *request);
#define INVOKE(thread, cptr, invocation, ...) \
    scene_invoke(thread, &(struct request){ .cap = cptr, .label = invocation, __VA_ARGS__ })

/** Let time pass while `thread` (which must be running) computes: until `us` have passed for it
 *  or it has been preempted. Returns how many ticks it ran. */
word_t scene_run_ticks(struct tcb *thread, word_t ticks);
word_t scene_run(struct tcb *thread, word_t us);
/** Advance the clock without the kernel noticing. */
void scene_pass(word_t us);
#define TICKS(us) ((us)*TICKS_PER_MS / 1000)

struct tcb *scene_current(void);
bool scene_is_idle(void);
word_t scene_reg(const struct tcb *thread, word_t index);
/** Message word `i` as the thread would read it. */
word_t scene_word(struct tcb *thread, word_t i);

/** Fail unless `thread` has got a message with these. */
void assert_message(struct tcb *thread, word_t badge, word_t label, word_t length);
#define assert_running(thread) assert_ptr_equal(scene_current(), thread)
