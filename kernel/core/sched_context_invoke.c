/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling contexts: the invocations
 *
 * Those on the context itself, and the one on a SchedControl capability that gives a context its
 * budget (abi/03 §8, abi/04 §5.8, §5.11).
 */
#include <abi/labels.h>
#include <core/cap.h>
#include <core/ipc_transfer.h>
#include <core/notification.h>
#include <core/reply.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/thread.h>

/* ---- Bind and unbind ------------------------------------------------------------------------ */

static enum outcome sched_context_decode_bind_tcb(struct sched_context *context, struct tcb *thread)
{
    if (context->tcb.raw != 0 || thread->sched_context.raw != 0) {
        return error_illegal();
    }
    if (thread_is_blocked(thread) && !sched_context_is_released(context)) {
        return error_illegal();
    }
    sched_context_bind_tcb(context, thread);
    return OUTCOME_DONE;
}

static enum outcome sched_context_decode_bind_notification(struct sched_context *context,
                                                           struct notification *notification)
{
    if (context->notification.raw != 0 || notification->sched_context.raw != 0) {
        return error_illegal();
    }
    context->notification = notification_ref_of(notification);
    notification->sched_context = sched_context_ref_of(context);
    return OUTCOME_DONE;
}

static enum outcome sched_context_decode_bind(struct invocation *inv, struct sched_context *context)
{
    if (inv->extra_count < 1) {
        return error_truncated();
    }
    const struct cap cap = inv->extra[0]->cap;

    if (cap_type(cap) == CAP_TCB) {
        return sched_context_decode_bind_tcb(context, cap_tcb_object(cap));
    }
    if (cap_type(cap) == CAP_NOTIFICATION) {
        return sched_context_decode_bind_notification(context, cap_notification_object(cap));
    }
    return error_capability(1);
}

static enum outcome sched_context_decode_unbind(struct sched_context *context)
{
    if (context->tcb.raw == this_cpu()->current.raw) {
        return error_illegal();
    }
    sched_context_unbind_tcb(context);
    if (context->notification.raw != 0) {
        notification_unbind_context(notification_at(context->notification));
    }
    reply_cut_stack(context);
    return OUTCOME_DONE;
}

static enum outcome sched_context_decode_unbind_object(struct invocation *inv,
                                                       struct sched_context *context)
{
    if (inv->extra_count < 1) {
        return error_truncated();
    }
    const struct cap cap = inv->extra[0]->cap;

    if (cap_type(cap) == CAP_TCB) {
        if (cap_tcb_address(cap) != context->tcb.raw ||
            context->tcb.raw == this_cpu()->current.raw) {
            return error_illegal();
        }
        sched_context_unbind_tcb(context);
        return OUTCOME_DONE;
    }
    if (cap_type(cap) == CAP_NOTIFICATION) {
        if (cap_notification_address(cap) != context->notification.raw) {
            return error_illegal();
        }
        notification_unbind_context(cap_notification_object(cap));
        return OUTCOME_DONE;
    }
    return error_capability(1);
}

/* ---- YieldTo ---------------------------------------------------------------------------------- */

static void sched_context_yield_to(struct sched_context *context)
{
    struct tcb *caller = thread_current();
    struct tcb *target = tcb_at(context->tcb);

    if (context->yield_from.raw != 0) {
        sched_context_complete_yield(tcb_at(context->yield_from));
    }
    sched_context_resume(context);
    caller->yield_to = sched_context_ref_of(context);
    context->yield_from = tcb_ref_of(caller);
    if (!scheduler_can_run(target) || target->priority < caller->priority) {
        if (scheduler_can_run(target)) {
            scheduler_dequeue(target);
            scheduler_enqueue(target);
        }
        /* Nothing to wait for. */
        sched_context_complete_yield(caller);
        caller->state = THREAD_RUNNING;
        return;
    }
    scheduler_dequeue(target);
    scheduler_enqueue(caller);
    scheduler_enqueue(target);
    scheduler_reschedule();
}

static enum outcome sched_context_decode_yield_to(struct sched_context *context)
{
    struct tcb *caller = thread_current();
    const struct tcb *target = tcb_at(context->tcb);

    if (target == NULL || target == caller || target->priority > caller->mcp ||
        caller->yield_to.raw != 0) {
        return error_illegal();
    }
    sched_context_yield_to(context);
    return OUTCOME_DONE;
}

enum outcome sched_context_decode(struct invocation *inv)
{
    struct sched_context *context = cap_sched_context_object(inv->cap);
    word_t consumed;

    switch (inv->label) {
    case LABEL_SCHED_CONTEXT_BIND: return sched_context_decode_bind(inv, context);
    case LABEL_SCHED_CONTEXT_UNBIND: return sched_context_decode_unbind(context);
    case LABEL_SCHED_CONTEXT_UNBIND_OBJECT: return sched_context_decode_unbind_object(inv, context);
    case LABEL_SCHED_CONTEXT_CONSUMED:
        consumed = sched_context_take_consumed(context);
        invocation_reply_words(inv, &consumed, 1);
        return OUTCOME_DONE;
    case LABEL_SCHED_CONTEXT_YIELD_TO: return sched_context_decode_yield_to(context);
    default: return error_illegal();
    }
}

/* ---- SchedControl ------------------------------------------------------------------------------- */

struct sched_parameters {
    word_t budget, period; /* ticks; equal: round robin */
    word_t max_refills;
    word_t badge;
    bool is_sporadic;
};

static void sched_control_configure(struct sched_context *context,
                                    const struct sched_parameters *parameters)
{
    struct cpu_state *cpu = this_cpu();
    struct tcb *thread = tcb_at(context->tcb);

    if (thread != NULL) {
        scheduler_remove(thread);
        if (sched_context_ref_of(context).raw == cpu->current_sc.raw) {
            scheduler_commit();
        }
    }
    if (parameters->budget == parameters->period) {
        refill_new(context, MIN_REFILLS, parameters->budget, 0);
    } else if (sched_context_is_active(context) && thread != NULL && thread_is_runnable(thread)) {
        refill_update(context, parameters->period, parameters->budget, parameters->max_refills);
    } else {
        refill_new(context, parameters->max_refills, parameters->budget, parameters->period);
    }
    if (thread != NULL) {
        sched_context_resume(context);
        if (thread_is_current(thread)) {
            scheduler_reschedule();
        } else {
            scheduler_wake(thread);
        }
    }
    /* The deadline was computed from the old refills. */
    cpu->reprogram = true;
    context->badge = parameters->badge;
    context->sporadic = parameters->is_sporadic;
}

static enum outcome sched_control_decode_configure(struct invocation *inv)
{
    const word_t max_us = kernel.config.max_period_us;

    if (inv->extra_count < 1 || inv->length < 5) {
        return error_truncated();
    }
    const word_t budget_us = invocation_arg(inv, 0);
    const word_t period_us = invocation_arg(inv, 1);
    const word_t extra_refills = invocation_arg(inv, 2);
    struct sched_parameters parameters = {
        .badge = invocation_arg(inv, 3),
        .is_sporadic = (invocation_arg(inv, 4) & SCHED_CONTEXT_SPORADIC) != 0,
    };

    if (budget_us > max_us || period_us > max_us) {
        return error_range(MIN_BUDGET_US, max_us);
    }
    parameters.budget = ticks_from_us(budget_us);
    parameters.period = ticks_from_us(period_us);
    if (parameters.budget < kernel.config.min_budget ||
        parameters.period < kernel.config.min_budget) {
        return error_range(MIN_BUDGET_US, max_us);
    }
    if (parameters.budget > parameters.period) {
        return error_range(MIN_BUDGET_US, period_us);
    }
    const struct cap cap = inv->extra[0]->cap;

    if (cap_type(cap) != CAP_SCHED_CONTEXT) {
        return error_capability(1);
    }
    const word_t bytes = 1ul << cap_sched_context_size_bits(cap);
    const word_t max_refills = (bytes - SCHED_CONTEXT_CORE_BYTES) / REFILL_BYTES;

    if (extra_refills > max_refills - MIN_REFILLS) {
        return error_range(0, max_refills - MIN_REFILLS);
    }
    parameters.max_refills = MIN_REFILLS + extra_refills;
    if (parameters.max_refills > MAX_REFILLS) {
        parameters.max_refills = MAX_REFILLS;
    }
    sched_control_configure(cap_sched_context_object(cap), &parameters);
    return OUTCOME_DONE;
}

enum outcome sched_control_decode(struct invocation *inv)
{
    if (inv->label != LABEL_SCHED_CONTROL_CONFIGURE_FLAGS) {
        return error_illegal();
    }
    return sched_control_decode_configure(inv);
}
