/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: endpoints and notifications (abi/01 §5, abi/04 §5.10)
 */
#include "ipc.h"

static struct spec_thread *queue_take(struct spec_queue *queue)
{
    struct spec_thread *first = &spec.threads[queue->at[0]];

    spec_queue_remove(queue, first);
    return first;
}

static void run_again(struct spec_thread *thread)
{
    thread->state = SPEC_RUNNING;
    spec_refill_wake(thread);
    spec_schedule_wake(thread);
}

static void block(struct spec_thread *thread, enum spec_thread_state state, word_t on,
                  struct spec_queue *queue)
{
    thread->state = state;
    thread->on = on;
    spec_queue_add_by_priority(queue, thread);
    if (spec_thread_is_current(thread)) {
        spec_schedule_reschedule();
    }
}

void spec_ipc_send(struct spec_thread *thread, struct spec_endpoint *endpoint,
                   const struct send *how)
{
    if (endpoint->queue.count == 0 || !endpoint->receiving) {
        if (how->blocking) {
            thread->badge = how->badge;
            thread->is_call = how->is_call;
            thread->grant = how->grant;
            thread->grant_reply = how->grant_reply;
            endpoint->receiving = false;
            block(thread, SPEC_BLOCKED_SEND, endpoint->id, &endpoint->queue);
        }
        return;
    }
    struct spec_thread *to = queue_take(&endpoint->queue);
    word_t reply = to->reply;

    spec_message_transfer(thread, to, endpoint->id, how->badge, how->grant);
    spec_reply_detach_receiver(to);
    if (how->is_call || thread->fault.type != FAULT_NONE) {
        if (reply != 0 && (how->grant || how->grant_reply)) {
            spec_reply_push(thread, to, reply, how->can_donate);
        } else {
            thread->state = SPEC_INACTIVE;
            if (spec_thread_is_current(thread)) {
                spec_schedule_reschedule();
            }
        }
    } else if (how->can_donate && to->context == 0 && thread->context != 0) {
        spec_context_donate(spec_context_by_id(thread->context), to);
    }
    run_again(to);
}

/* ---- Notifications --------------------------------------------------------------------------- */

/* A thread that is woken by a notification and has no context gets that of the notification. */
static void lend_context(struct spec_notification *notification, struct spec_thread *thread)
{
    struct spec_context *context = spec_context_by_id(notification->context);

    if (thread->context == 0 && context != NULL && context->thread == 0) {
        spec_context_donate(context, thread);
        spec_schedule_check_context(thread);
    }
}

static void return_context(struct spec_notification *notification, struct spec_thread *thread)
{
    if (notification->context != 0 && thread->context == notification->context) {
        spec_context_take_away(spec_context_by_id(thread->context));
    }
}

static void deliver_word(struct spec_notification *notification, struct spec_thread *thread)
{
    thread->regs[CONTEXT_BADGE] = notification->word;
    notification->active = false;
    notification->word = 0;
    lend_context(notification, thread);
    spec_refill_wake(thread);
}

void spec_ipc_signal(struct spec_notification *notification, word_t badge)
{
    struct spec_thread *to = spec_thread_by_id(notification->thread);

    if (notification->active) {
        notification->word |= badge;
        return;
    }
    if (notification->queue.count > 0) {
        to = queue_take(&notification->queue);
    } else if (to != NULL && to->state == SPEC_BLOCKED_RECEIVE) {
        spec_ipc_cancel(to);
    } else {
        notification->active = true;
        notification->word = badge;
        return;
    }
    to->state = SPEC_RUNNING;
    to->regs[CONTEXT_BADGE] = badge;
    lend_context(notification, to);
    spec_refill_wake(to);
    spec_schedule_wake(to);
}

void spec_ipc_wait(struct spec_thread *thread, struct spec_notification *notification,
                   bool blocking)
{
    if (notification->active) {
        deliver_word(notification, thread);
    } else if (blocking) {
        block(thread, SPEC_BLOCKED_NOTIFICATION, notification->id, &notification->queue);
        return_context(notification, thread);
    } else {
        thread->regs[CONTEXT_BADGE] = 0;
    }
}

/* ---- Receiving ------------------------------------------------------------------------------- */

static void receive_from(struct spec_thread *thread, struct spec_endpoint *endpoint, word_t reply)
{
    struct spec_thread *from = queue_take(&endpoint->queue);
    enum fault fault = from->fault.type;

    spec_message_transfer(from, thread, endpoint->id, from->badge, from->grant);
    if (!from->is_call && fault == FAULT_NONE) {
        run_again(from);
    } else if (reply != 0 && (from->grant || from->grant_reply)) {
        spec_refill_wake(from);
        spec_reply_push(from, thread, reply, fault != FAULT_TIMEOUT);
    } else {
        spec_refill_wake(from);
        from->state = SPEC_INACTIVE;
    }
}

void spec_ipc_receive(struct spec_thread *thread, struct spec_endpoint *endpoint, bool blocking,
                      word_t reply)
{
    struct spec_notification *bound = spec_notification_by_id(thread->notification);
    struct spec_reply *object = spec_reply_by_id(reply);

    if (object != NULL && object->thread != 0 && object->thread != thread->id) {
        spec_ipc_cancel(spec_thread_by_id(object->thread));
    }
    if (bound != NULL && bound->active) {
        deliver_word(bound, thread);
        return;
    }
    if (bound != NULL && blocking) {
        return_context(bound, thread);
    }
    if (endpoint->queue.count > 0 && !endpoint->receiving) {
        receive_from(thread, endpoint, reply);
    } else if (blocking) {
        endpoint->receiving = true;
        thread->reply = reply;
        if (object != NULL) {
            object->thread = thread->id;
        }
        block(thread, SPEC_BLOCKED_RECEIVE, endpoint->id, &endpoint->queue);
    } else {
        thread->regs[CONTEXT_BADGE] = 0;
    }
}

/* ---- Cancelling (abi/02 §6) ----------------------------------------------------------------- */

void spec_ipc_cancel(struct spec_thread *thread)
{
    thread->fault.type = FAULT_NONE;
    switch (thread->state) {
    case SPEC_BLOCKED_RECEIVE:
        spec_reply_detach_receiver(thread);
        spec_queue_remove(&spec_endpoint_by_id(thread->on)->queue, thread);
        break;
    case SPEC_BLOCKED_SEND:
        spec_queue_remove(&spec_endpoint_by_id(thread->on)->queue, thread);
        break;
    case SPEC_BLOCKED_NOTIFICATION:
        spec_queue_remove(&spec_notification_by_id(thread->on)->queue, thread);
        break;
    case SPEC_BLOCKED_REPLY: spec_reply_remove_caller(thread); break;
    default: return;
    }
    thread->state = SPEC_INACTIVE;
}

/* The thread was taken out of a queue that goes away. */
static void send_back(struct spec_thread *thread)
{
    spec_reply_detach_receiver(thread);
    if (thread->fault.type != FAULT_NONE) {
        thread->state = SPEC_INACTIVE;
        return;
    }
    thread->state = SPEC_RESTART;
    spec_refill_wake(thread);
    spec_schedule_check_context(thread);
    spec_schedule_wake(thread);
}

void spec_ipc_cancel_all(struct spec_queue *queue)
{
    while (queue->count > 0) {
        send_back(queue_take(queue));
        if (queue->count > 0) {
            spec_preemption_point();
        }
    }
}

void spec_ipc_cancel_badged(struct spec_endpoint *endpoint, word_t badge)
{
    struct spec_queue all = endpoint->queue;

    if (badge == 0 || endpoint->receiving) {
        return;
    }
    for (unsigned i = 0; i < all.count; i++) {
        struct spec_thread *thread = &spec.threads[all.at[i]];

        if (thread->badge == badge) {
            spec_queue_remove(&endpoint->queue, thread);
            send_back(thread);
        }
        spec_preemption_point();
    }
}
