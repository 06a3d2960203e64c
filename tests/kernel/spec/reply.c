/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: replies, call stacks, donation (abi/04 §5.9)
 */
#include "ipc.h"

void spec_context_take_away(struct spec_context *context)
{
    struct spec_thread *holder = spec_thread_by_id(context->thread);

    if (holder == NULL) {
        return;
    }
    spec_schedule_forget(holder);
    holder->context = 0;
    context->thread = 0;
    /* abi/ does not say whether this alone asks for a full choice; who loses its time while it runs
     * is found out at the end (spec_schedule). */
}

void spec_context_donate(struct spec_context *context, struct spec_thread *to)
{
    spec_context_take_away(context);
    context->thread = to->id;
    to->context = context->id;
}

void spec_reply_detach_receiver(struct spec_thread *thread)
{
    struct spec_reply *reply = spec_reply_by_id(thread->reply);

    if (reply != NULL) {
        reply->thread = 0;
    }
    thread->reply = 0;
}

void spec_reply_push(struct spec_thread *caller, struct spec_thread *callee, word_t reply,
                     bool can_donate)
{
    struct spec_reply *object = spec_reply_by_id(reply);
    struct spec_context *context = spec_context_by_id(caller->context);

    caller->state = SPEC_BLOCKED_REPLY;
    caller->reply = reply;
    object->thread = caller->id;
    if (spec_thread_is_current(caller)) {
        spec_schedule_reschedule();
    }
    if (can_donate && context != NULL && callee->context == 0) {
        struct spec_reply *older = spec_reply_by_id(context->reply);

        object->prev = context->reply;
        if (older != NULL) {
            older->is_top = false;
            older->next = reply;
        }
        object->next = context->id;
        object->is_top = true;
        context->reply = reply;
        spec_context_donate(context, callee);
        spec_schedule_check_context(callee);
    }
}

/* Cut the chain on both sides of an object in the middle of a stack. */
static void cut_middle(struct spec_reply *reply)
{
    struct spec_reply *older = spec_reply_by_id(reply->prev);
    struct spec_reply *newer = reply->is_top ? NULL : spec_reply_by_id(reply->next);

    if (older != NULL) {
        older->next = 0;
        older->is_top = false;
    }
    if (newer != NULL) {
        newer->prev = 0;
    }
    reply->prev = reply->next = 0;
    reply->is_top = false;
}

static void unlink_caller(struct spec_reply *reply)
{
    struct spec_thread *caller = spec_thread_by_id(reply->thread);

    caller->state = SPEC_INACTIVE;
    caller->reply = 0;
    reply->thread = 0;
}

void spec_reply_remove(struct spec_reply *reply)
{
    struct spec_thread *caller = spec_thread_by_id(reply->thread);

    if (reply->is_top) {
        struct spec_context *context = spec_context_by_id(reply->next);
        struct spec_reply *older = spec_reply_by_id(reply->prev);

        context->reply = reply->prev;
        if (older != NULL) {
            older->next = context->id;
            older->is_top = true;
        }
        reply->prev = reply->next = 0;
        reply->is_top = false;
        if (caller->context == 0) {
            spec_context_donate(context, caller);
        }
    } else {
        cut_middle(reply);
    }
    unlink_caller(reply);
}

void spec_context_cut_top(struct spec_context *context)
{
    struct spec_reply *top = spec_reply_by_id(context->reply);

    if (top != NULL) {
        top->next = 0;
        top->is_top = false;
        context->reply = 0;
    }
}

void spec_reply_remove_caller(struct spec_thread *caller)
{
    struct spec_reply *reply = spec_reply_by_id(caller->reply);

    if (reply->is_top) {
        spec_context_by_id(reply->next)->reply = 0;
    }
    cut_middle(reply);
    unlink_caller(reply);
}

void spec_reply_send(struct spec_thread *sender, struct spec_reply *reply, bool grant)
{
    struct spec_thread *to = spec_thread_by_id(reply->thread);

    if (to == NULL || to->state != SPEC_BLOCKED_REPLY) {
        return;
    }
    enum fault fault = to->fault.type;

    spec_reply_remove(reply);
    if (fault == FAULT_NONE) {
        spec_message_transfer(sender, to, 0, 0, grant);
        to->state = SPEC_RUNNING;
    } else {
        bool restarts = spec_fault_reply(to, sender);

        to->fault.type = FAULT_NONE;
        to->state = restarts ? SPEC_RESTART : SPEC_INACTIVE;
    }
    /* "Reply" counts as waking even if the fault handler chose not to restart the thread. */
    spec_refill_wake(to);
    if (to->context == 0 || to->state == SPEC_INACTIVE) {
        return;
    }
    const struct spec_context *context = spec_context_by_id(to->context);

    if (spec_context_is_ready(context) && spec_context_is_sufficient(context, 0)) {
        spec_schedule_wake(to);
    } else if (spec_ipc_has_timeout_handler(to) && fault != FAULT_TIMEOUT) {
        spec_ipc_timeout_fault(to);
    } else {
        spec_schedule_release_later(to);
    }
}
