/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Refills
 *
 * The budget of a scheduling context is a ring of refills: amounts of time, each usable from a
 * given moment on. Using time moves it to the end of the ring, one period later.
 *
 * Invariant (after configuration): the amounts sum to the budget; the head has at least the least
 * budget; unless round robin, refills are in order and do not overlap.
 */
#pragma once

#include <core/state.h>

static inline struct refill *refill_head(struct sched_context *context)
{
    return &context->refills[context->refill_head];
}

/** The refill `place` places behind the head; after the last place of the ring comes the first.
 *  Pre: `place` is less than refill_max. */
static inline struct refill *refill_at(struct sched_context *context, word_t place)
{
    const word_t index = context->refill_head + place;

    return &context->refills[index >= context->refill_max ? index - context->refill_max : index];
}

static inline bool refill_is_ready(struct sched_context *context)
{
    return refill_head(context)->time <= this_cpu()->now;
}

/** Would the head still have the least budget after `usage`? */
static inline bool refill_is_sufficient(struct sched_context *context, word_t usage)
{
    const word_t amount = refill_head(context)->amount;

    return amount >= usage && amount - usage >= kernel.config.min_budget;
}

/** Start afresh with the whole budget now. Period 0 is round robin. */
void refill_new(struct sched_context *context, word_t max, word_t budget, word_t period);
/** Change the parameters of a context in use, keeping what is left of the head. */
void refill_update(struct sched_context *context, word_t period, word_t budget, word_t max);
/** Move `usage` from the head to a later refill. Pre: not round robin. */
void refill_charge(struct sched_context *context, word_t usage);
/** The thread was asleep: start the head now, and merge what has become due. */
void refill_unblock(struct sched_context *context);
