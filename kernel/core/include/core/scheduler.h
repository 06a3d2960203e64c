/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The scheduler
 *
 * Highest priority first, among the threads of the current domain that have a scheduling context
 * with time left. Threads whose context must wait for its next refill are in the release queue
 * (release_queue.h). The head refill of their contexts does not change meanwhile.
 *
 * Invariant: the running thread is in no queue between two kernel steps.
 * Invariant: bitmap bit p of a domain is set iff its queue p is not empty.
 */
#pragma once

#include <core/sched_context.h>
#include <core/state.h>
#include <core/thread.h>

/** Could the thread run now if it were its turn? */
static inline bool scheduler_can_run(const struct tcb *thread)
{
    return thread_is_runnable(thread) && thread->sched_context.raw != 0 &&
           !thread->in_release_queue &&
           sched_context_is_active(sched_context_at(thread->sched_context));
}

/** Prepare the state and what all native threads have of the hardware. Pre: kernel.config, idle
 *  and idle_sc are set. Post: the idle thread runs. */
void scheduler_init(void);

/** Insert at the head, or append at the tail, of the thread's ready queue; no effect if queued. */
void scheduler_enqueue(struct tcb *thread);
void scheduler_append(struct tcb *thread);
/** Take out of the ready queue, if in it. */
void scheduler_dequeue(struct tcb *thread);
/** Put into the release queue. Pre: it has a context, and is not in the release queue. */
void scheduler_postpone(struct tcb *thread);
/** The priority of a thread changed that may be in the release queue. */
void scheduler_renew_postponed(struct tcb *thread);
/** Take out of the release queue, if in it. */
void scheduler_unpostpone(struct tcb *thread);
/** Take out of both. */
void scheduler_remove(struct tcb *thread);

/** A thread can run again: it may preempt the current one. */
void scheduler_wake(struct tcb *thread);
/** Choose anew at the end of this step. */
void scheduler_reschedule(void);

/** Read the clock and account for the time since the last reading. */
void scheduler_update_time(void);
/** Has the current context enough budget for a kernel operation, and the domain time left? If not,
 *  its time slice is ended. */
bool scheduler_check_budget(void);
/** As scheduler_check_budget; if not, the current thread will run its instruction again. */
bool scheduler_check_budget_restart(void);
/** After a preempted operation, which may have deleted the current thread or its context. */
void scheduler_check_budget_preempted(void);
/** Read the clock; has the current thread to stop? For preemption points. */
bool scheduler_is_time_up(void);
/** Charge the time used so far to the current context. */
void scheduler_commit(void);
/** Charge `usage` and end the time slice. */
void scheduler_charge(word_t usage, bool can_timeout);
/** Yield of the current thread. */
void scheduler_yield(void);
/** The timer interrupt came. */
void scheduler_timer_interrupt(void);

/** Make `thread` the current one, and the hardware its own. */
void scheduler_switch_to(struct tcb *thread);
/** The current thread may have another context than before: settle the account of the old one, and
 *  set the timer. */
void scheduler_switch_context(struct cpu_state *cpu);
/** Decide who runs, switch to it, and set the timer. */
void scheduler_run(void);

/** Ticks that the current context has used and not been charged for. */
static inline word_t scheduler_consumed(const struct cpu_state *cpu)
{
    return cpu->now - cpu->charged;
}

/** Has the current context at `now` budget left for a kernel operation? No, if there is more to
 *  find out about time: then scheduler_check_budget does. */
static inline bool scheduler_has_fast_budget(const struct cpu_state *cpu, word_t now)
{
    const struct refill *head = refill_head(sched_context_at(cpu->current_sc));

    return head->amount >= now - cpu->charged + kernel.config.fast_budget;
}

/** Highest priority with a ready thread; -1 if there is none. */
static inline int scheduler_highest(const struct ready_queues *ready)
{
    if (ready->summary == 0) {
        return -1;
    }
    const int word = WORD_BITS - 1 - __builtin_clzl(ready->summary);

    return word * WORD_BITS + WORD_BITS - 1 - __builtin_clzl(ready->bitmap[word]);
}

/** Has the time of a thread in the release queue come? */
static inline bool scheduler_has_due_release(const struct cpu_state *cpu)
{
    return cpu->release.first_time <= cpu->now;
}

/** Has the time of the current domain run out? Never with one domain. */
static inline bool scheduler_domain_has_expired(void)
{
    return kernel.config.domain_count > 1 && kernel.domain_time_left == 0;
}

/** Let the current thread use the counters that it may (enum counter_access). */
void scheduler_renew_counter_access(void);

void scheduler_set_domain(struct tcb *thread, word_t domain);
/** Restart the domain schedule at kernel.domain_start. */
void scheduler_restart_domains(void);
