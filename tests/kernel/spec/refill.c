/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: refills (abi/04 §5.3, §5.4)
 */
#include "objects.h"

#include <string.h>

bool spec_context_is_ready(const struct spec_context *context)
{
    return context->refills[0].time <= spec.now;
}

bool spec_context_is_sufficient(const struct spec_context *context, word_t usage)
{
    word_t amount = context->refills[0].amount;

    return amount >= usage && amount - usage >= SPEC_MIN_BUDGET;
}

static struct spec_refill refill_pop(struct spec_context *context)
{
    struct spec_refill head = context->refills[0];

    context->count--;
    memmove(&context->refills[0], &context->refills[1], context->count * sizeof(head));
    return head;
}

static void refill_append(struct spec_context *context, word_t time, word_t amount)
{
    context->refills[context->count++] = (struct spec_refill){ time, amount };
}

void spec_refill_new(struct spec_context *context, word_t max, word_t budget, word_t period)
{
    if (max > SPEC_REFILLS) {
        spec_give_up("too many refills");
    }
    context->max = max;
    context->budget = budget;
    context->period = period;
    context->count = 0;
    refill_append(context, spec.now, budget);
    if (period == 0) {
        refill_append(context, spec.now, 0);
    }
}

void spec_refill_update(struct spec_context *context, word_t max, word_t budget, word_t period)
{
    struct spec_refill *head = &context->refills[0];

    if (max > SPEC_REFILLS) {
        spec_give_up("too many refills");
    }
    context->count = 1;
    context->max = max;
    context->budget = budget;
    context->period = period;
    if (head->time <= spec.now) {
        head->time = spec.now;
    }
    if (head->amount >= budget) {
        head->amount = budget;
        if (period == 0) {
            refill_append(context, head->time, 0);
        }
    } else {
        refill_append(context, head->time + period, budget - head->amount);
    }
}

static void schedule_used(struct spec_context *context, struct spec_refill used)
{
    struct spec_refill *tail = &context->refills[context->count - 1];

    if (tail->time + tail->amount >= used.time) {
        tail->amount += used.amount;
    } else if (context->count < context->max) {
        refill_append(context, used.time, used.amount);
    } else {
        tail->time = used.time - tail->amount;
        tail->amount += used.amount;
    }
}

void spec_refill_budget_check(struct spec_context *context, word_t usage)
{
    struct spec_refill *head = &context->refills[0];

    while (head->amount <= usage && head->time < SPEC_MAX_RELEASE) {
        usage -= head->amount;
        if (context->count == 1) {
            head->time += context->period;
        } else {
            struct spec_refill old = refill_pop(context);

            old.time += context->period;
            schedule_used(context, old);
        }
    }
    if (usage > 0 && head->time < SPEC_MAX_RELEASE) {
        struct spec_refill used = { head->time + context->period, usage };

        head->amount -= usage;
        head->time += usage;
        schedule_used(context, used);
    }
    while (head->amount < SPEC_MIN_BUDGET) {
        struct spec_refill old = refill_pop(context);

        head->amount += old.amount;
        head->time -= old.amount;
    }
}

void spec_refill_unblock_check(struct spec_context *context)
{
    struct spec_refill *head = &context->refills[0];

    if (context->max == 0 || context->period == 0 || !spec_context_is_ready(context)) {
        return;
    }
    head->time = spec.now;
    spec.reprogram = true;
    while (context->count > 1 && context->refills[1].time <= head->time + head->amount) {
        struct spec_refill old = refill_pop(context);

        head->time = old.time;
        head->amount += old.amount;
    }
}

void spec_refill_wake(const struct spec_thread *thread)
{
    struct spec_context *context = spec_context_by_id(thread->context);

    if (context != NULL && context->sporadic && context->id != spec.current_context) {
        spec_refill_unblock_check(context);
    }
}
