/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads
 *
 * Life and death of a thread as far as the other chapters see it: starting, stopping, taking it
 * out of whatever it waits for. The TCB invocations are in tcb.h.
 *
 * Invariant: a thread is in at most one IPC queue, and then in a blocked state; it is in at most
 * one of the ready and release queues, and then runnable.
 */
#pragma once

#include <core/state.h>

static inline struct tcb *thread_current(void)
{
    return tcb_at(this_cpu()->current);
}

static inline bool thread_is_current(const struct tcb *thread)
{
    return thread == thread_current();
}

static inline word_t thread_register(const struct tcb *thread, word_t index)
{
    return thread->context.regs[index];
}

static inline void thread_set_register(struct tcb *thread, word_t index, word_t value)
{
    thread->context.regs[index] = value;
}

static inline bool thread_is_runnable(const struct tcb *thread)
{
    return thread->state == THREAD_RUNNING || thread->state == THREAD_RESTART;
}

/** Is the thread inside an IPC operation, waiting for another party? */
static inline bool thread_is_blocked(const struct tcb *thread)
{
    return thread->state >= THREAD_BLOCKED_ON_RECEIVE &&
           thread->state <= THREAD_BLOCKED_ON_NOTIFICATION;
}

/** What a thread may have in SPSR: `value` freed of everything that is not its to choose. */
word_t thread_sanitise_spsr(const struct tcb *thread, word_t value);

/** Take the thread out of the IPC it is in; it becomes inactive unless it is running. The pending
 *  fault is dropped. */
void thread_cancel_ipc(struct tcb *thread);

/** Stop the thread. */
void thread_suspend(struct tcb *thread);

/** Start a stopped or blocked thread at its FAULT_IP; no effect on a running one. */
void thread_restart(struct tcb *thread);

/** A thread leaves an IPC queue because the object goes away: run its system call again, or
 *  become inactive if it was delivering a fault. Pre: it is in no queue any more. */
void thread_restart_cancelled(struct tcb *thread);

void thread_set_priority(struct tcb *thread, word_t priority);
