/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: scheduling contexts and their control (abi/03 §8, abi/04 §5.8, §5.11)
 */
#include "invoke.h"

bool spec_context_is_released(const struct spec_context *context)
{
    return context->max > 0 && spec_context_is_ready(context);
}

word_t spec_context_report(struct spec_context *context)
{
    word_t ticks = context->consumed >= SPEC_MAX_TICKS ? SPEC_MAX_TICKS : context->consumed;

    context->consumed -= ticks;
    return SPEC_MICROS(ticks);
}

void spec_ipc_complete_yield(struct spec_thread *thread)
{
    struct spec_context *context = spec_context_by_id(thread->yield_to);
    word_t report = spec_context_report(context);

    /* Also after Send; of x0 and x1 abi/ says nothing then, so it is the answer to a Call. */
    spec_message_put(thread, 0, &report, 1);
    thread->regs[CONTEXT_BADGE] = 0;
    context->yield_from = 0;
    thread->yield_to = 0;
}

void spec_context_complete_yield(struct spec_context *context)
{
    struct spec_thread *thread = spec_thread_by_id(context->yield_from);

    if (thread != NULL) {
        spec_ipc_complete_yield(thread);
    }
}

void spec_context_bind_thread(struct spec_context *context, struct spec_thread *thread)
{
    thread->context = context->id;
    context->thread = thread->id;
    spec_refill_wake(thread);
    spec_schedule_check_context(thread);
    if (spec_thread_is_schedulable(thread)) {
        spec_schedule_enqueue(thread);
        spec_schedule_reschedule();
    }
}

void spec_context_unbind_thread(struct spec_context *context)
{
    spec_context_take_away(context);
}

static struct answer bind(const struct call *call, struct spec_context *context)
{
    struct spec_cap cap = spec_call_extra(call, 0);

    if (call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (cap.type == CAP_TCB) {
        struct spec_thread *thread = spec_thread_by_id(cap.object);

        if (context->thread != 0 || thread->context != 0 ||
            (spec_thread_is_blocked(thread) && !spec_context_is_released(context))) {
            return spec_answer_error(ERR_ILLEGAL_OPERATION);
        }
        spec_context_bind_thread(context, thread);
        return spec_answer_done();
    }
    if (cap.type == CAP_NOTIFICATION) {
        struct spec_notification *notification = spec_notification_by_id(cap.object);

        if (context->notification != 0 || notification->context != 0) {
            return spec_answer_error(ERR_ILLEGAL_OPERATION);
        }
        context->notification = notification->id;
        notification->context = context->id;
        return spec_answer_done();
    }
    return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
}

static void unbind_notification(struct spec_context *context)
{
    struct spec_notification *notification = spec_notification_by_id(context->notification);

    if (notification != NULL) {
        notification->context = 0;
        context->notification = 0;
    }
}

static struct answer unbind(const struct call *call, struct spec_context *context)
{
    if (context->thread == call->caller->id) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    spec_context_unbind_thread(context);
    unbind_notification(context);
    spec_context_cut_top(context);
    return spec_answer_done();
}

static struct answer unbind_object(const struct call *call, struct spec_context *context)
{
    struct spec_cap cap = spec_call_extra(call, 0);

    if (call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (cap.type == CAP_TCB) {
        if (context->thread != cap.object || cap.object == call->caller->id) {
            return spec_answer_error(ERR_ILLEGAL_OPERATION);
        }
        spec_context_unbind_thread(context);
        return spec_answer_done();
    }
    if (cap.type == CAP_NOTIFICATION) {
        if (context->notification != cap.object) {
            return spec_answer_error(ERR_ILLEGAL_OPERATION);
        }
        unbind_notification(context);
        return spec_answer_done();
    }
    return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
}

/* The call returns at once; its result arrives even after Send. */
static struct answer yield_done(struct spec_thread *caller, struct spec_context *context)
{
    caller->yield_to = context->id;
    spec_ipc_complete_yield(caller);
    return spec_answer_word(caller->regs[CONTEXT_MESSAGE]);
}

static struct answer yield_to(const struct call *call, struct spec_context *context)
{
    struct spec_thread *target = spec_thread_by_id(context->thread), *caller = call->caller;

    if (target == NULL || target == caller || target->priority > caller->mcp ||
        caller->yield_to != 0) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    spec_context_complete_yield(context);
    spec_schedule_check_context(target);
    if (!spec_thread_is_schedulable(target)) {
        return yield_done(caller, context);
    }
    spec_schedule_forget(target);
    if (target->priority < caller->priority) {
        spec_schedule_enqueue(target);
        return yield_done(caller, context);
    }
    caller->yield_to = context->id;
    context->yield_from = caller->id;
    spec_schedule_enqueue(caller);
    spec_schedule_enqueue(target);
    spec_schedule_reschedule();
    return spec_answer_done();
}

struct answer spec_context_invoke(const struct call *call)
{
    struct spec_context *context = spec_context_by_id(call->cap.object);

    switch (call->label) {
    case LABEL_SCHED_CONTEXT_BIND: return bind(call, context);
    case LABEL_SCHED_CONTEXT_UNBIND: return unbind(call, context);
    case LABEL_SCHED_CONTEXT_UNBIND_OBJECT: return unbind_object(call, context);
    case LABEL_SCHED_CONTEXT_CONSUMED: return spec_answer_word(spec_context_report(context));
    case LABEL_SCHED_CONTEXT_YIELD_TO: return yield_to(call, context);
    default: return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
}

/* ---- SchedControl_ConfigureFlags ------------------------------------------------------------- */

static void configure(struct spec_context *context, word_t budget, word_t period, word_t max)
{
    struct spec_thread *thread = spec_thread_by_id(context->thread);
    bool runnable =
        thread != NULL && (thread->state == SPEC_RUNNING || thread->state == SPEC_RESTART);

    if (thread != NULL) {
        spec_schedule_forget(thread);
        if (context->id == spec.current_context) {
            spec_schedule_commit();
        }
    }
    if (budget == period) {
        period = 0;
        max = MIN_REFILLS;
    }
    if (period != 0 && context->max > 0 && runnable) {
        spec_refill_update(context, max, budget, period);
    } else {
        spec_refill_new(context, max, budget, period);
    }
    /* abi/ does not say when exactly; the old deadline need not hold any more. */
    spec.reprogram = true;
    if (thread == NULL) {
        return;
    }
    spec_schedule_check_context(thread);
    if (spec_thread_is_current(thread)) {
        spec_schedule_reschedule();
    } else if (runnable) {
        spec_schedule_wake(thread);
    }
}

struct answer spec_sched_control_invoke(const struct call *call)
{
    word_t budget_us = spec_call_word(call, 0), period_us = spec_call_word(call, 1);
    word_t extra = spec_call_word(call, 2), badge = spec_call_word(call, 3),
           flags = spec_call_word(call, 4);
    struct spec_cap cap = spec_call_extra(call, 0);

    if (call->label != LABEL_SCHED_CONTROL_CONFIGURE_FLAGS) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (call->extra_count < 1 || call->length < 5) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (budget_us > SPEC_MAX_US || period_us > SPEC_MAX_US ||
        SPEC_TICKS(budget_us) < SPEC_MIN_BUDGET || SPEC_TICKS(period_us) < SPEC_MIN_BUDGET) {
        return spec_answer_range(MIN_BUDGET_US, SPEC_MAX_US);
    }
    if (SPEC_TICKS(budget_us) > SPEC_TICKS(period_us)) {
        return spec_answer_range(MIN_BUDGET_US, period_us);
    }
    if (cap.type != CAP_SCHED_CONTEXT) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    struct spec_context *context = spec_context_by_id(cap.object);
    word_t most = ((1ul << context->size_bits) - 96) / 16 - MIN_REFILLS;

    if (extra > most) {
        return spec_answer_range(0, most);
    }
    configure(context, SPEC_TICKS(budget_us), SPEC_TICKS(period_us), MIN_REFILLS + extra);
    context->badge = badge;
    context->sporadic = flags & 1;
    return spec_answer_done();
}
