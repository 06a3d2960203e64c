/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Refills
 *
 * The operations of abi/04 §5.4. The ring uses the first refill_max places after the structure.
 */
#include <core/refill.h>
#include <core/sched_context.h>

static struct refill *refill_tail(struct sched_context *context)
{
    return refill_at(context, context->refill_count - 1);
}

/* Pre: the ring is not full. */
static void refill_append(struct sched_context *context, struct refill refill)
{
    context->refill_count++;
    *refill_tail(context) = refill;
}

/* Pre: more than one refill. */
static struct refill refill_pop(struct sched_context *context)
{
    const struct refill head = *refill_head(context);

    context->refill_head++;
    if (context->refill_head == context->refill_max) {
        context->refill_head = 0;
    }
    context->refill_count--;
    return head;
}

void refill_new(struct sched_context *context, word_t max, word_t budget, word_t period)
{
    const word_t now = this_cpu()->now;

    context->period = period;
    context->refill_max = (uint32_t)max;
    context->refill_head = 0;
    context->refill_count = 1;
    context->refills[0] = (struct refill){ .time = now, .amount = budget };
    if (period == 0) {
        refill_append(context, (struct refill){ .time = now, .amount = 0 });
    }
}

void refill_update(struct sched_context *context, word_t period, word_t budget, word_t max)
{
    struct refill head = *refill_head(context);

    if (head.time <= this_cpu()->now) {
        head.time = this_cpu()->now;
    }
    word_t rest = 0;
    word_t rest_time = head.time;
    if (head.amount >= budget) {
        head.amount = budget;
    } else {
        rest = budget - head.amount;
        rest_time = head.time + period;
    }

    context->period = period;
    context->refill_max = (uint32_t)max;
    context->refill_head = 0;
    context->refill_count = 1;
    context->refills[0] = head;
    if (rest != 0 || period == 0) {
        refill_append(context, (struct refill){ .time = rest_time, .amount = rest });
    }
}

/* Give time that was used back at the end of the ring. */
static void refill_schedule_used(struct sched_context *context, struct refill used)
{
    struct refill *tail = refill_tail(context);

    if (tail->time + tail->amount >= used.time) {
        tail->amount += used.amount;
    } else if (context->refill_count < context->refill_max) {
        refill_append(context, used);
    } else {
        /* No place: delay the tail so that both end when the later one would. */
        tail->time = used.time - tail->amount;
        tail->amount += used.amount;
    }
}

void refill_charge(struct sched_context *context, word_t usage)
{
    const word_t max_release = kernel.config.max_release;
    struct refill *head = refill_head(context);

    /* Bound: each round uses up a refill, of at least one tick. `usage` is the head refill and what
     * the timer interrupt that ended it was late, or less. */
    while (head->amount <= usage && head->time < max_release) {
        usage -= head->amount;
        if (context->refill_count == 1) {
            head->time += context->period;
        } else {
            struct refill used = refill_pop(context);

            used.time += context->period;
            refill_schedule_used(context, used);
            head = refill_head(context);
        }
    }
    if (usage > 0 && head->time < max_release) {
        const struct refill used = { .time = head->time + context->period, .amount = usage };

        head->amount -= usage;
        head->time += usage;
        refill_schedule_used(context, used);
    }
    /* Bound: MAX_REFILLS. */
    while (context->refill_count > 1 && refill_head(context)->amount < kernel.config.min_budget) {
        const struct refill small = refill_pop(context);

        head = refill_head(context);
        head->amount += small.amount;
        head->time -= small.amount;
    }
}

void refill_unblock(struct sched_context *context)
{
    struct cpu_state *cpu = this_cpu();

    if (sched_context_is_round_robin(context) || !refill_is_ready(context)) {
        return;
    }
    refill_head(context)->time = cpu->now;
    cpu->reprogram = true;
    /* Bound: MAX_REFILLS. */
    while (context->refill_count > 1) {
        const struct refill *head = refill_head(context);

        if (refill_at(context, 1)->time > head->time + head->amount) {
            break;
        }
        const struct refill first = refill_pop(context);

        refill_head(context)->time = first.time;
        refill_head(context)->amount += first.amount;
    }
}
