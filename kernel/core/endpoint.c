/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Endpoints
 */
#include <core/cap.h>
#include <core/endpoint.h>
#include <core/ipc_transfer.h>
#include <core/notification.h>
#include <core/reply.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/tcb_queue.h>
#include <core/thread.h>

/* ---- The queue in two words --------------------------------------------------------------- */

#define ENDPOINT_STATE_MASK 3ul

static enum endpoint_state endpoint_state(const struct endpoint *endpoint)
{
    return (enum endpoint_state)(endpoint->tail_state & ENDPOINT_STATE_MASK);
}

static struct tcb_queue endpoint_queue(const struct endpoint *endpoint)
{
    return (struct tcb_queue){ .head = endpoint->head,
                               .tail = { endpoint->tail_state & ~ENDPOINT_STATE_MASK } };
}

/* Write the queue back; an empty one makes the endpoint idle. */
static void endpoint_set_queue(struct endpoint *endpoint, struct tcb_queue queue,
                               enum endpoint_state state)
{
    endpoint->head = queue.head;
    endpoint->tail_state = queue.head.raw == 0 ? ENDPOINT_IDLE : queue.tail.raw | state;
}

static void endpoint_insert(struct endpoint *endpoint, struct tcb *thread,
                            enum endpoint_state state)
{
    struct tcb_queue queue = endpoint_queue(endpoint);

    tcb_queue_insert(&queue, thread);
    endpoint_set_queue(endpoint, queue, state);
}

void endpoint_remove(struct endpoint *endpoint, struct tcb *thread)
{
    struct tcb_queue queue = endpoint_queue(endpoint);

    tcb_queue_remove(&queue, thread);
    endpoint_set_queue(endpoint, queue, endpoint_state(endpoint));
}

void endpoint_reorder(struct endpoint *endpoint, struct tcb *thread, word_t priority)
{
    const enum endpoint_state state = endpoint_state(endpoint);

    endpoint_remove(endpoint, thread);
    thread->priority = (uint8_t)priority;
    endpoint_insert(endpoint, thread, state);
}

/* ---- Send and receive --------------------------------------------------------------------- */

/* A message met its receiver. The sender gets what its kind of sending deserves. */
static void endpoint_settle_sender(struct tcb *sender, struct tcb *receiver, struct reply *reply,
                                   bool wants_reply, bool may_reply, bool can_donate)
{
    if (wants_reply) {
        if (reply != NULL && may_reply) {
            reply_push(reply, sender, receiver, can_donate);
        } else {
            sender->state = THREAD_INACTIVE;
        }
    } else if (can_donate && receiver->sched_context.raw == 0 && sender->sched_context.raw != 0) {
        sched_context_donate(sched_context_at(sender->sched_context), receiver);
    }
}

void endpoint_send(struct endpoint *endpoint, struct tcb *sender, struct send_mode mode)
{
    if (endpoint_state(endpoint) != ENDPOINT_RECEIVING) {
        if (mode.is_blocking) {
            sender->state = THREAD_BLOCKED_ON_SEND;
            sender->blocking_object = endpoint_ref_of(endpoint).raw;
            sender->blocking_badge = mode.badge;
            sender->blocking_can_grant = mode.can_grant;
            sender->blocking_can_grant_reply = mode.can_grant_reply;
            sender->blocking_is_call = mode.is_call;
            endpoint_insert(endpoint, sender, ENDPOINT_SENDING);
        }
        return;
    }
    struct tcb *receiver = tcb_at(endpoint->head);
    struct reply *reply = reply_at(receiver->reply);

    endpoint_remove(endpoint, receiver);
    ipc_transfer(sender, receiver, endpoint, mode.badge, mode.can_grant);
    if (reply != NULL) {
        reply_unlink(reply, receiver);
    }
    endpoint_settle_sender(sender, receiver, reply,
                           mode.is_call || sender->fault.type != FAULT_NONE,
                           mode.can_grant || mode.can_grant_reply, mode.can_donate);
    receiver->state = THREAD_RUNNING;
    sched_context_wake(sched_context_at(receiver->sched_context));
    scheduler_wake(receiver);
}

/* Take the message of the first sender. */
static void endpoint_take_message(struct endpoint *endpoint, struct tcb *receiver,
                                  struct reply *reply)
{
    struct tcb *sender = tcb_at(endpoint->head);
    const bool has_fault = sender->fault.type != FAULT_NONE;

    endpoint_remove(endpoint, sender);
    ipc_transfer(sender, receiver, endpoint, sender->blocking_badge, sender->blocking_can_grant);
    sched_context_wake(sched_context_at(sender->sched_context));
    if (sender->blocking_is_call || has_fault) {
        endpoint_settle_sender(sender, receiver, reply, true,
                               sender->blocking_can_grant || sender->blocking_can_grant_reply,
                               sender->fault.type != FAULT_TIMEOUT);
    } else {
        sender->state = THREAD_RUNNING;
        scheduler_wake(sender);
    }
}

void endpoint_receive(struct endpoint *endpoint, struct tcb *receiver, struct reply *reply,
                      bool is_blocking)
{
    struct notification *bound = notification_at(receiver->bound_notification);

    if (reply != NULL && reply->tcb.raw != 0) {
        thread_cancel_ipc(tcb_at(reply->tcb));
    }
    if (bound != NULL) {
        if (bound->state == NOTIFICATION_ACTIVE) {
            notification_complete(bound, receiver);
            return;
        }
        if (is_blocking) {
            notification_return_context(bound, receiver);
        }
    }
    if (endpoint_state(endpoint) == ENDPOINT_SENDING) {
        endpoint_take_message(endpoint, receiver, reply);
    } else if (is_blocking) {
        receiver->state = THREAD_BLOCKED_ON_RECEIVE;
        receiver->blocking_object = endpoint_ref_of(endpoint).raw;
        if (reply != NULL) {
            reply_link(reply, receiver);
        }
        endpoint_insert(endpoint, receiver, ENDPOINT_RECEIVING);
    } else {
        thread_set_register(receiver, CONTEXT_BADGE, 0);
    }
}

/* ---- Cancelling --------------------------------------------------------------------------- */

#define CANCEL_UNITS 4 /* what waking a thread counts for; passing one counts for 1 */

bool endpoint_cancel_first(struct endpoint *endpoint)
{
    struct tcb *thread = tcb_at(endpoint->head);

    if (thread != NULL) {
        struct reply *reply = reply_at(thread->reply);

        endpoint_remove(endpoint, thread);
        if (reply != NULL) {
            reply_unlink(reply, thread);
        }
        thread_restart_cancelled(thread);
        scheduler_reschedule();
    }
    return endpoint->head.raw == 0;
}

/* Why it ends: a restarted call goes on where it was stopped, so it passes each thread of the queue
 * once, and those that come to wait behind its place meanwhile: each at the price of a whole system
 * call of its own, which is more than passing it costs. Only who scans the same endpoint for
 * another badge makes it begin anew: that takes all rights to the endpoint. */
enum progress endpoint_cancel_badged(struct endpoint *endpoint, word_t badge)
{
    struct tcb_queue queue = endpoint_queue(endpoint);
    struct tcb *thread;

    if (endpoint_state(endpoint) != ENDPOINT_SENDING || badge == 0) {
        return PROGRESS_DONE;
    }
    tcb_queue_scan_begin(&queue, badge);
    while ((thread = tcb_queue_scan_next(&queue)) != NULL) {
        word_t units = 1;

        if (thread->blocking_badge == badge) {
            endpoint_remove(endpoint, thread);
            queue = endpoint_queue(endpoint);
            thread_restart_cancelled(thread);
            scheduler_reschedule();
            units = CANCEL_UNITS;
        }
        if (preemption_point_after(units)) {
            return PROGRESS_PREEMPTED;
        }
    }
    return PROGRESS_DONE;
}

enum outcome endpoint_invoke(struct invocation *inv)
{
    const struct send_mode mode = {
        .badge = cap_endpoint_badge(inv->cap),
        .is_blocking = inv->is_blocking,
        .is_call = inv->is_call,
        .can_grant = cap_endpoint_can_grant(inv->cap) != 0,
        .can_grant_reply = cap_endpoint_can_grant_reply(inv->cap) != 0,
        .can_donate = inv->can_donate,
    };

    endpoint_send(cap_endpoint_object(inv->cap), thread_current(), mode);
    return OUTCOME_DONE;
}
