/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads
 */
#include <core/endpoint.h>
#include <core/notification.h>
#include <core/reply.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/thread.h>

word_t thread_sanitise_spsr(const struct tcb *thread, word_t value)
{
    const word_t mode = value & CONTEXT_SPSR_MODE;

    if (thread->vcpu.raw != 0 &&
        (mode == CONTEXT_SPSR_EL0T || mode == CONTEXT_SPSR_EL1T || mode == CONTEXT_SPSR_EL1H)) {
        return value;
    }
    return (value & SPSR_FLAGS_MASK) |
           (kernel.config.is_debug ? SPSR_USER_DEBUG : SPSR_USER_RELEASE);
}

static struct endpoint *thread_blocking_endpoint(const struct tcb *thread)
{
    return endpoint_at((struct endpoint_ref){ thread->blocking_object });
}

static struct notification *thread_blocking_notification(const struct tcb *thread)
{
    return notification_at((struct notification_ref){ thread->blocking_object });
}

void thread_cancel_ipc(struct tcb *thread)
{
    struct reply *reply = reply_at(thread->reply);

    thread->fault.type = FAULT_NONE;
    switch (thread->state) {
    case THREAD_BLOCKED_ON_RECEIVE:
    case THREAD_BLOCKED_ON_SEND:
        endpoint_remove(thread_blocking_endpoint(thread), thread);
        if (reply != NULL) {
            reply_unlink(reply, thread);
        }
        thread->state = THREAD_INACTIVE;
        break;
    case THREAD_BLOCKED_ON_NOTIFICATION:
        notification_remove(thread_blocking_notification(thread), thread);
        thread->state = THREAD_INACTIVE;
        break;
    case THREAD_BLOCKED_ON_REPLY: reply_abandon(thread); break;
    case THREAD_INACTIVE:
    case THREAD_RUNNING:
    case THREAD_RESTART:
    case THREAD_IDLE: break;
    }
}

void thread_suspend(struct tcb *thread)
{
    thread_cancel_ipc(thread);
    if (thread->state == THREAD_RUNNING) {
        thread->context.regs[CONTEXT_FAULT_IP] = thread->context.regs[CONTEXT_NEXT_IP];
    }
    thread->state = THREAD_INACTIVE;
    scheduler_remove(thread);
    sched_context_cancel_yield(thread);
}

void thread_restart(struct tcb *thread)
{
    struct sched_context *context = sched_context_at(thread->sched_context);

    if (thread->state != THREAD_INACTIVE && !thread_is_blocked(thread)) {
        return;
    }
    thread_cancel_ipc(thread);
    thread->state = THREAD_RESTART;
    if (context != NULL) {
        sched_context_wake(context);
        sched_context_resume(context);
        scheduler_wake(thread);
    }
}

void thread_restart_cancelled(struct tcb *thread)
{
    if (thread->fault.type != FAULT_NONE) {
        thread->fault.type = FAULT_NONE;
        thread->state = THREAD_INACTIVE;
        return;
    }
    thread->state = THREAD_RESTART;
    sched_context_wake(sched_context_at(thread->sched_context));
    scheduler_wake(thread);
}

void thread_set_priority(struct tcb *thread, word_t priority)
{
    switch (thread->state) {
    case THREAD_RUNNING:
    case THREAD_RESTART:
        if (thread->in_ready_queue || thread_is_current(thread)) {
            scheduler_dequeue(thread);
            thread->priority = (uint8_t)priority;
            if (scheduler_can_run(thread)) {
                scheduler_enqueue(thread);
            }
            scheduler_reschedule();
        } else {
            thread->priority = (uint8_t)priority;
        }
        break;
    case THREAD_BLOCKED_ON_RECEIVE:
    case THREAD_BLOCKED_ON_SEND:
        endpoint_reorder(thread_blocking_endpoint(thread), thread, priority);
        break;
    case THREAD_BLOCKED_ON_NOTIFICATION:
        notification_reorder(thread_blocking_notification(thread), thread, priority);
        break;
    case THREAD_INACTIVE:
    case THREAD_BLOCKED_ON_REPLY:
    case THREAD_IDLE: thread->priority = (uint8_t)priority; break;
    }
    scheduler_renew_postponed(thread);
}
