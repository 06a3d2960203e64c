/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Reply objects and the call stack
 */
#include <core/cap.h>
#include <core/fault.h>
#include <core/ipc_transfer.h>
#include <core/reply.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/thread.h>

static bool reply_is_top(const struct reply *reply)
{
    return (reply->next & REPLY_NEXT_IS_SC) != 0;
}

/* The context whose stack `reply` is the top of. Pre: reply_is_top(reply). */
static struct sched_context *reply_context(const struct reply *reply)
{
    return sched_context_at((struct sched_context_ref){ reply->next & ~REPLY_NEXT_IS_SC });
}

/* The newer call above `reply`, NULL if there is none. Pre: !reply_is_top(reply). */
static struct reply *reply_newer(const struct reply *reply)
{
    return reply_at((struct reply_ref){ reply->next });
}

/* Break the chain at `reply`, above and below. */
static void reply_cut(struct reply *reply)
{
    if (reply_is_top(reply)) {
        reply_context(reply)->reply = (struct reply_ref){ 0 };
    } else if (reply->next != 0) {
        reply_newer(reply)->prev = (struct reply_ref){ 0 };
    }
    if (reply->prev.raw != 0) {
        reply_at(reply->prev)->next = 0;
    }
    reply->next = 0;
    reply->prev = (struct reply_ref){ 0 };
}

void reply_push(struct reply *reply, struct tcb *caller, struct tcb *callee, bool can_donate)
{
    struct sched_context *context = sched_context_at(caller->sched_context);

    reply_link(reply, caller);
    caller->state = THREAD_BLOCKED_ON_REPLY;
    if (!can_donate || context == NULL || callee->sched_context.raw != 0) {
        return;
    }
    reply->prev = context->reply;
    if (context->reply.raw != 0) {
        reply_at(context->reply)->next = reply_ref_of(reply).raw;
    }
    reply->next = sched_context_ref_of(context).raw | REPLY_NEXT_IS_SC;
    context->reply = reply_ref_of(reply);
    sched_context_donate(context, callee);
}

void reply_remove(struct reply *reply, struct tcb *caller)
{
    if (reply_is_top(reply)) {
        struct sched_context *context = reply_context(reply);

        context->reply = reply->prev;
        if (reply->prev.raw != 0) {
            reply_at(reply->prev)->next = reply->next;
        }
        reply->next = 0;
        reply->prev = (struct reply_ref){ 0 };
        if (caller->sched_context.raw == 0) {
            sched_context_donate(context, caller);
        }
    } else {
        reply_cut(reply);
    }
    reply_unlink(reply, caller);
    caller->state = THREAD_INACTIVE;
}

void reply_abandon(struct tcb *caller)
{
    struct reply *reply = reply_at(caller->reply);

    reply_cut(reply);
    reply_unlink(reply, caller);
    caller->state = THREAD_INACTIVE;
}

void reply_cut_stack(struct sched_context *context)
{
    struct reply *reply = reply_at(context->reply);

    if (reply != NULL) {
        reply->next = 0;
        context->reply = (struct reply_ref){ 0 };
    }
}

void reply_finalise(struct reply *reply)
{
    struct tcb *thread = tcb_at(reply->tcb);

    if (thread == NULL) {
        return;
    }
    if (thread->state == THREAD_BLOCKED_ON_REPLY) {
        thread->fault.type = FAULT_NONE;
        reply_remove(reply, thread);
    } else {
        thread_cancel_ipc(thread);
    }
}

/* The caller goes on; what if its context has no time left? */
static void reply_schedule(struct tcb *caller, enum fault answered)
{
    struct sched_context *context = sched_context_at(caller->sched_context);

    if (context == NULL || !scheduler_can_run(caller)) {
        return;
    }
    if (refill_is_ready(context) && refill_is_sufficient(context, 0)) {
        scheduler_wake(caller);
    } else if (answered != FAULT_TIMEOUT && fault_has_timeout_handler(caller)) {
        fault_raise_timeout(caller, context->badge);
    } else {
        scheduler_postpone(caller);
    }
}

void reply_transfer(struct reply *reply, struct tcb *sender, bool can_grant)
{
    struct tcb *caller = tcb_at(reply->tcb);

    if (caller == NULL || caller->state != THREAD_BLOCKED_ON_REPLY) {
        return;
    }
    const enum fault answered = caller->fault.type;

    reply_remove(reply, caller);
    sched_context_wake(sched_context_at(caller->sched_context));
    if (answered == FAULT_NONE) {
        ipc_transfer(sender, caller, NULL, 0, can_grant);
        caller->state = THREAD_RUNNING;
    } else {
        const bool goes_on = fault_answer(caller, sender);

        caller->fault.type = FAULT_NONE;
        caller->state = goes_on ? THREAD_RESTART : THREAD_INACTIVE;
    }
    reply_schedule(caller, answered);
}

enum outcome reply_invoke(struct invocation *inv)
{
    reply_transfer(cap_reply_object(inv->cap), thread_current(),
                   cap_reply_can_grant(inv->cap) != 0);
    return OUTCOME_DONE;
}
