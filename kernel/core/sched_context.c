/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling contexts
 *
 * Binding and lending. The invocations are in sched_context_invoke.c.
 */
#include <core/ipc_transfer.h>
#include <core/notification.h>
#include <core/reply.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/thread.h>

#define US_PER_MS 1000ul

word_t ticks_from_us(word_t us)
{
    return us * kernel.config.ticks_per_ms / US_PER_MS;
}

word_t ticks_to_us(word_t ticks)
{
    return ticks * US_PER_MS / kernel.config.ticks_per_ms;
}

void sched_context_init_limits(void)
{
    struct kernel_config *config = &kernel.config;

    config->min_budget = ticks_from_us(MIN_BUDGET_US);
    /* With domains there is more to look at than a short cut does: no budget is enough for it. */
    config->fast_budget = config->domain_count == 1 ? config->min_budget : UINT64_MAX / 2;
    config->max_period_us = UINT64_MAX / config->ticks_per_ms / MAX_PERIOD_DIVISOR;
    config->max_release = UINT64_MAX - MAX_RELEASE_PERIODS * ticks_from_us(config->max_period_us);
}

void sched_context_init(struct sched_context *context, word_t max_refills, word_t budget_ticks,
                        word_t period_ticks)
{
    refill_new(context, max_refills, budget_ticks, period_ticks);
}

void sched_context_wake(struct sched_context *context)
{
    if (context != NULL && context->sporadic != 0 && sched_context_is_active(context) &&
        sched_context_ref_of(context).raw != this_cpu()->current_sc.raw) {
        refill_unblock(context);
    }
}

void sched_context_resume(struct sched_context *context)
{
    struct tcb *thread = tcb_at(context->tcb);

    if (thread != NULL && scheduler_can_run(thread) &&
        !(refill_is_ready(context) && refill_is_sufficient(context, 0))) {
        scheduler_postpone(thread);
    }
}

void sched_context_donate(struct sched_context *context, struct tcb *thread)
{
    struct tcb *from = tcb_at(context->tcb);

    if (from != NULL) {
        scheduler_remove(from);
        from->sched_context = (struct sched_context_ref){ 0 };
    }
    context->tcb = tcb_ref_of(thread);
    thread->sched_context = sched_context_ref_of(context);
}

void sched_context_bind_tcb(struct sched_context *context, struct tcb *thread)
{
    context->tcb = tcb_ref_of(thread);
    thread->sched_context = sched_context_ref_of(context);
    sched_context_wake(context);
    sched_context_resume(context);
    if (scheduler_can_run(thread)) {
        scheduler_enqueue(thread);
        scheduler_reschedule();
    }
}

void sched_context_unbind_tcb(struct sched_context *context)
{
    struct tcb *thread = tcb_at(context->tcb);

    if (thread != NULL) {
        scheduler_remove(thread);
        thread->sched_context = (struct sched_context_ref){ 0 };
        context->tcb = (struct tcb_ref){ 0 };
    }
}

void sched_context_finalise(struct sched_context *context)
{
    struct tcb *yielder = tcb_at(context->yield_from);

    sched_context_unbind_tcb(context);
    if (context->notification.raw != 0) {
        notification_unbind_context(notification_at(context->notification));
    }
    reply_cut_stack(context);
    if (yielder != NULL) {
        sched_context_complete_yield(yielder);
    }
    context->refill_max = 0;
}

word_t sched_context_take_consumed(struct sched_context *context)
{
    const word_t max = UINT64_MAX / kernel.config.ticks_per_ms;
    word_t ticks = context->consumed;

    if (ticks > max) {
        ticks = max;
    }
    context->consumed -= ticks;
    return ticks_to_us(ticks);
}

void sched_context_cancel_yield(struct tcb *thread)
{
    if (thread->yield_to.raw != 0) {
        sched_context_at(thread->yield_to)->yield_from = (struct tcb_ref){ 0 };
        thread->yield_to = (struct sched_context_ref){ 0 };
    }
}

void sched_context_complete_yield(struct tcb *thread)
{
    const word_t consumed = sched_context_take_consumed(sched_context_at(thread->yield_to));

    sched_context_cancel_yield(thread);
    ipc_set_result(thread, &consumed, 1);
}
