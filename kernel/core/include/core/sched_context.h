/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling contexts
 *
 * The right to use the processor: a budget every period. A thread runs only while it has one; it
 * may be lent along calls and by notifications.
 *
 * Invariant: context.tcb and tcb.sched_context name each other, as do context.notification and
 * notification.sched_context, context.yield_from and tcb.yield_to.
 */
#pragma once

#include <core/decode.h>
#include <core/refill.h>
#include <core/state.h>

static inline bool sched_context_is_active(const struct sched_context *context)
{
    return context->refill_max > 0;
}

static inline bool sched_context_is_released(struct sched_context *context)
{
    return sched_context_is_active(context) && refill_is_ready(context);
}

static inline bool sched_context_is_round_robin(const struct sched_context *context)
{
    return context->period == 0;
}

/** Times in microseconds to ticks and back (abi/04 §5.1). */
word_t ticks_from_us(word_t us);
word_t ticks_to_us(word_t ticks);
/** Compute the limits in kernel.config from ticks_per_ms. */
void sched_context_init_limits(void);

/** A new object: no thread, no budget. `core` as boot needs it. Configure it at once: period 0 is
 *  round robin. */
void sched_context_init(struct sched_context *context, word_t max_refills, word_t budget_ticks,
                        word_t period_ticks);
/** A thread of a sporadic context wakes up. */
void sched_context_wake(struct sched_context *context);
/** The bound thread has (got) this context: if it could run but the context has no time now, it
 *  waits in the release queue. */
void sched_context_resume(struct sched_context *context);
/** Move the context from whoever has it to `thread`. Pre: `thread` has none. */
void sched_context_donate(struct sched_context *context, struct tcb *thread);

void sched_context_bind_tcb(struct sched_context *context, struct tcb *thread);
void sched_context_unbind_tcb(struct sched_context *context);
void sched_context_finalise(struct sched_context *context);

/** Time used since last asked, in microseconds; forgets it. */
word_t sched_context_take_consumed(struct sched_context *context);
/** Give `thread`, which yielded, its result, and end that. Pre: it is in YieldTo. */
void sched_context_complete_yield(struct tcb *thread);
/** End a YieldTo of `thread` without a result, if there is one. */
void sched_context_cancel_yield(struct tcb *thread);

enum outcome sched_context_decode(struct invocation *inv);
enum outcome sched_control_decode(struct invocation *inv);
