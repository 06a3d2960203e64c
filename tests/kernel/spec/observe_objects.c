/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: looking at the core, threads and what they wait for
 */
#include "observe.h"

#include "caps.h"
#include "objects.h"

#include <core/object.h>
#include <core/release_queue.h>
#include <core/state.h>
#include <host/model.h>

#define same          observe_same
#define same_numbered observe_same_numbered

enum queue_kind { QUEUE_IPC, QUEUE_READY, QUEUE_RELEASE };

static struct tcb_ref next_in_queue(const struct tcb *tcb, enum queue_kind kind)
{
    switch (kind) {
    case QUEUE_IPC: return tcb->queue_next;
    case QUEUE_READY: return tcb->sched_next;
    default: return tcb_ref_of(release_queue_next(tcb));
    }
}

/* A queue of the core against ours from element `i` on. */
static bool queue_agrees(const char *what, word_t id, const struct spec_queue *queue, unsigned *i,
                         struct tcb_ref head, enum queue_kind kind)
{
    while (head.raw != 0) {
        word_t wanted = *i < queue->count ? spec.threads[queue->at[*i]].id : 0;
        const struct tcb *tcb = tcb_at(head);

        if (!same(what, id, wanted, head.raw)) {
            return false;
        }
        *i += 1;
        head = next_in_queue(tcb, kind);
    }
    return true;
}

static bool whole_queue_agrees(const char *what, word_t id, const struct spec_queue *queue,
                               struct tcb_ref head, enum queue_kind kind)
{
    unsigned i = 0;

    return queue_agrees(what, id, queue, &i, head, kind) &&
           same("length of queue", id, queue->count, i);
}

static bool blocking_agrees(const struct spec_thread *thread, const struct tcb *tcb)
{
    word_t id = thread->id;

    if (thread->state == SPEC_BLOCKED_SEND) {
        return same("blocked on", id, thread->on, tcb->blocking_object) &&
               same("badge", id, thread->badge, tcb->blocking_badge) &&
               (thread->fault.type != FAULT_NONE ||
                same("is call", id, thread->is_call, tcb->blocking_is_call)) &&
               same("grant", id, thread->grant, tcb->blocking_can_grant) &&
               same("grant reply", id, thread->grant_reply, tcb->blocking_can_grant_reply);
    }
    if (thread->state == SPEC_BLOCKED_RECEIVE || thread->state == SPEC_BLOCKED_REPLY) {
        return same("reply", id, thread->reply, tcb->reply.raw);
    }
    return true;
}

/* Only who waits with a fault can still deliver it or be answered: when a thread that is inactive
 * goes on, its fault is forgotten first. */
static bool fault_agrees(const struct spec_thread *thread, const struct tcb *tcb)
{
    bool waits = thread->state == SPEC_BLOCKED_SEND || thread->state == SPEC_BLOCKED_REPLY;

    return !waits || same("fault", thread->id, thread->fault.type, tcb->fault.type);
}

static bool thread_agrees(const struct spec_thread *thread)
{
    const struct tcb *tcb = tcb_at((struct tcb_ref){ thread->id });
    word_t id = thread->id;

    for (word_t i = 0; i < CONTEXT_UNUSED; i++) {
        if (thread->regs[i] != tcb->context.regs[i]) {
            return same_numbered("register", i, id, thread->regs[i], tcb->context.regs[i]);
        }
    }
    return same("state", id, thread->state, tcb->state) && blocking_agrees(thread, tcb) &&
           same("bound notification", id, thread->notification, tcb->bound_notification.raw) &&
           same("context", id, thread->context, tcb->sched_context.raw) &&
           same("yield to", id, thread->yield_to, tcb->yield_to.raw) &&
           same("IPC buffer", id, thread->buffer, tcb->ipc_buffer) &&
           same("priority", id, thread->priority, tcb->priority) &&
           same("domain", id, thread->domain, tcb->domain) &&
           same("MCP", id, thread->mcp, tcb->mcp) && same("flags", id, thread->flags, tcb->flags) &&
           fault_agrees(thread, tcb) &&
           same("in ready queue", id, spec_queue_has(&spec.ready, thread), tcb->in_ready_queue) &&
           same("in release queue", id, spec_queue_has(&spec.release, thread),
                tcb->in_release_queue);
}

static bool context_agrees(const struct spec_context *context)
{
    const struct sched_context *sc = sched_context_at((struct sched_context_ref){ context->id });
    word_t id = context->id;

    if (!same("refill max", id, context->max, sc->refill_max) ||
        !same("consumed", id, context->consumed, sc->consumed) ||
        !same("thread", id, context->thread, sc->tcb.raw) ||
        !same("call stack", id, context->reply, sc->reply.raw) ||
        !same("notification", id, context->notification, sc->notification.raw) ||
        !same("yield from", id, context->yield_from, sc->yield_from.raw) ||
        !same("badge", id, context->badge, sc->badge) ||
        !same("sporadic", id, context->sporadic, sc->sporadic)) {
        return false;
    }
    if (context->max == 0) {
        return true;
    }
    for (unsigned i = 0; i < context->count && i < sc->refill_count; i++) {
        const struct refill *refill = &sc->refills[(sc->refill_head + i) % sc->refill_max];

        if (!same("refill time", id, context->refills[i].time, refill->time) ||
            !same("refill amount", id, context->refills[i].amount, refill->amount)) {
            return false;
        }
    }
    return same("period", id, context->period, sc->period) &&
           same("refills", id, context->count, sc->refill_count);
}

static bool endpoint_agrees(const struct spec_endpoint *endpoint)
{
    const struct endpoint *object = machine_pointer(endpoint->id);
    word_t state = endpoint->queue.count == 0 ? ENDPOINT_IDLE
                   : endpoint->receiving      ? ENDPOINT_RECEIVING
                                              : ENDPOINT_SENDING;

    return same("state", endpoint->id, state, object->tail_state & 3) &&
           whole_queue_agrees("queue", endpoint->id, &endpoint->queue, object->head, QUEUE_IPC);
}

static bool notification_agrees(const struct spec_notification *notification)
{
    const struct notification *object = machine_pointer(notification->id);
    word_t id = notification->id;
    word_t state = notification->active            ? NOTIFICATION_ACTIVE
                   : notification->queue.count > 0 ? NOTIFICATION_WAITING
                                                   : NOTIFICATION_IDLE;

    return same("state", id, state, object->state) &&
           (!notification->active || same("word", id, notification->word, object->badge)) &&
           same("bound thread", id, notification->thread, object->bound_tcb.raw) &&
           same("context", id, notification->context, object->sched_context.raw) &&
           whole_queue_agrees("queue", id, &notification->queue, object->queue.head, QUEUE_IPC);
}

static bool reply_agrees(const struct spec_reply *reply)
{
    const struct reply *object = machine_pointer(reply->id);

    return same("thread", reply->id, reply->thread, object->tcb.raw) &&
           same("older call", reply->id, reply->prev, object->prev.raw) &&
           same("newer call", reply->id, reply->next, object->next & ~REPLY_NEXT_IS_SC) &&
           same("top of stack", reply->id, reply->is_top, object->next & REPLY_NEXT_IS_SC);
}

static bool buffer_agrees(const struct spec_buffer *buffer)
{
    const word_t *words = machine_pointer(buffer->address);

    for (word_t i = 0; i < 128; i++) {
        if (buffer->words[i] != words[i]) {
            return same_numbered("IPC buffer word", i, buffer->address, buffer->words[i], words[i]);
        }
    }
    return true;
}

#define ALL(table, agrees)                                            \
    for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++) { \
        if ((table)[i].id != 0 && !agrees(&(table)[i])) {             \
            return false;                                             \
        }                                                             \
    }

bool observe_objects_agree(void)
{
    ALL(spec.threads, thread_agrees)
    ALL(spec.contexts, context_agrees)
    ALL(spec.endpoints, endpoint_agrees)
    ALL(spec.notifications, notification_agrees)
    ALL(spec.replies, reply_agrees)
    for (size_t i = 0; i < SPEC_BUFFERS; i++) {
        if (spec.buffers[i].address != 0 && !buffer_agrees(&spec.buffers[i])) {
            return false;
        }
    }
    return true;
}

/* The ready queues of one domain, the highest first. */
static bool ready_queues_agree(word_t domain)
{
    struct spec_queue ours = { .count = 0 };
    unsigned i = 0;

    for (unsigned k = 0; k < spec.ready.count; k++) {
        if (spec.threads[spec.ready.at[k]].domain == domain) {
            ours.at[ours.count++] = spec.ready.at[k];
        }
    }
    for (word_t p = PRIORITY_COUNT; p-- > 0;) {
        if (!queue_agrees("ready queue", p, &ours, &i, kernel.cpu.ready[domain].queue[p].head,
                          QUEUE_READY)) {
            return false;
        }
    }
    return same("length of ready queues", domain, ours.count, i);
}

bool observe_scheduler_agrees(void)
{
    const struct cpu_state *cpu = &kernel.cpu;
    const struct spec_thread *current = spec_current_thread();

    for (word_t domain = 0; domain < spec.domains; domain++) {
        if (!ready_queues_agree(domain)) {
            return false;
        }
    }
    return same("domain", 0, spec.domain, kernel.domain_current) &&
           same("time left to the domain", 0, spec.domain_left, kernel.domain_time_left) &&
           whole_queue_agrees("release queue", 0, &spec.release, cpu->release.first,
                              QUEUE_RELEASE) &&
           same("current thread", 0, current == NULL ? cpu->idle.raw : current->id,
                cpu->current.raw) &&
           same("current context", 0,
                spec.current_context == 0 ? cpu->idle_sc.raw : spec.current_context,
                cpu->current_sc.raw) &&
           ((current == NULL && spec.release.count == 0 && spec.domains == 1) ||
            same("deadline", 0, spec.deadline, host.deadline));
}
