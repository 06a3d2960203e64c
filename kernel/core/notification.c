/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Notifications
 */
#include <core/cap.h>
#include <core/notification.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/tcb_queue.h>
#include <core/thread.h>

/* Lend the notification's context to a thread that has none. */
static void notification_lend_context(struct notification *notification, struct tcb *thread)
{
    struct sched_context *context = sched_context_at(notification->sched_context);

    if (thread->sched_context.raw == 0 && context != NULL && context->tcb.raw == 0) {
        sched_context_donate(context, thread);
        sched_context_wake(context);
        sched_context_resume(context);
    }
}

void notification_return_context(struct notification *notification, struct tcb *thread)
{
    struct sched_context *context = sched_context_at(notification->sched_context);

    if (context != NULL && context == sched_context_at(thread->sched_context)) {
        thread->sched_context = (struct sched_context_ref){ 0 };
        context->tcb = (struct tcb_ref){ 0 };
    }
}

/* Pre: the thread is in no queue. */
static void notification_deliver(struct notification *notification, struct tcb *thread,
                                 word_t badge)
{
    thread->state = THREAD_RUNNING;
    thread_set_register(thread, CONTEXT_BADGE, badge);
    notification_lend_context(notification, thread);
    sched_context_wake(sched_context_at(thread->sched_context));
    scheduler_wake(thread);
}

void notification_signal(struct notification *notification, word_t badge)
{
    struct tcb *thread = NULL;

    switch ((enum notification_state)notification->state) {
    case NOTIFICATION_IDLE:
        thread = tcb_at(notification->bound_tcb);
        if (thread != NULL && thread->state == THREAD_BLOCKED_ON_RECEIVE) {
            thread_cancel_ipc(thread);
            notification_deliver(notification, thread, badge);
        } else {
            notification->badge = badge;
            notification->state = NOTIFICATION_ACTIVE;
        }
        break;
    case NOTIFICATION_WAITING:
        thread = tcb_at(notification->queue.head);
        notification_remove(notification, thread);
        notification_deliver(notification, thread, badge);
        break;
    case NOTIFICATION_ACTIVE: notification->badge |= badge; break;
    }
}

void notification_complete(struct notification *notification, struct tcb *receiver)
{
    thread_set_register(receiver, CONTEXT_BADGE, notification->badge);
    notification->badge = 0;
    notification->state = NOTIFICATION_IDLE;
    notification_lend_context(notification, receiver);
}

void notification_receive(struct notification *notification, struct tcb *receiver, bool is_blocking)
{
    if (notification->state == NOTIFICATION_ACTIVE) {
        notification_complete(notification, receiver);
    } else if (is_blocking) {
        receiver->state = THREAD_BLOCKED_ON_NOTIFICATION;
        receiver->blocking_object = notification_ref_of(notification).raw;
        notification_return_context(notification, receiver);
        tcb_queue_insert(&notification->queue, receiver);
        notification->state = NOTIFICATION_WAITING;
    } else {
        thread_set_register(receiver, CONTEXT_BADGE, 0);
    }
}

void notification_remove(struct notification *notification, struct tcb *thread)
{
    tcb_queue_remove(&notification->queue, thread);
    if (tcb_queue_is_empty(&notification->queue)) {
        notification->state = NOTIFICATION_IDLE;
    }
}

void notification_reorder(struct notification *notification, struct tcb *thread, word_t priority)
{
    tcb_queue_remove(&notification->queue, thread);
    thread->priority = (uint8_t)priority;
    tcb_queue_insert(&notification->queue, thread);
}

void notification_bind_tcb(struct notification *notification, struct tcb *thread)
{
    notification->bound_tcb = tcb_ref_of(thread);
    thread->bound_notification = notification_ref_of(notification);
}

void notification_unbind_tcb(struct notification *notification)
{
    struct tcb *thread = tcb_at(notification->bound_tcb);

    if (thread != NULL) {
        thread->bound_notification = (struct notification_ref){ 0 };
        notification->bound_tcb = (struct tcb_ref){ 0 };
    }
}

void notification_unbind_context(struct notification *notification)
{
    struct sched_context *context = sched_context_at(notification->sched_context);

    if (context != NULL) {
        context->notification = (struct notification_ref){ 0 };
        notification->sched_context = (struct sched_context_ref){ 0 };
    }
}

bool notification_cancel_first(struct notification *notification)
{
    struct tcb *thread = tcb_at(notification->queue.head);

    if (thread != NULL) {
        notification_remove(notification, thread);
        thread_restart_cancelled(thread);
        scheduler_reschedule();
    }
    return tcb_queue_is_empty(&notification->queue);
}

enum outcome notification_invoke(struct invocation *inv)
{
    notification_signal(cap_notification_object(inv->cap), cap_notification_badge(inv->cap));
    return OUTCOME_DONE;
}
