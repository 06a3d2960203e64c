/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Short cuts through the core
 *
 * Every condition is tested before anything is changed. The conditions about scheduling: the
 * current thread blocks, so the one it hands its context to runs next, unless a more important
 * one is ready, which can only be if the next one is less important than the current one
 * (abi/04 §5.6, step 6). The context stays the current one, so there is no account to settle and
 * no deadline to set.
 */
#include <core/fastpath.h>

#include <abi/messages.h>
#include <abi/syscalls.h>
#include <core/cap.h>
#include <core/cspace.h>
#include <core/fault.h>
#include <core/ipc_transfer.h>
#include <core/reply.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/tcb_queue.h>
#include <core/thread.h>

/* extraCaps and length of a message info: together at most 120 iff there are no capabilities. */
#define INFO_SIZE_MASK 0x1fful
/* All fields but the label. */
#define INFO_REST_MASK 0xffful

#define ENDPOINT_STATE_MASK 3ul

/* May `next` run as soon as `current` blocks? */
static inline bool fastpath_can_switch(const struct cpu_state *cpu, const struct tcb *current,
                                       const struct tcb *next, word_t now)
{
    return cpu->release.first_time > now &&
           (next->priority >= current->priority ||
            scheduler_highest(&cpu->ready[0]) <= (int)next->priority);
}

/* Move a message of any length. */
static void fastpath_move_message(struct tcb *from, struct tcb *to, word_t info)
{
    to->context.regs[CONTEXT_INFO] =
        (info & ~INFO_REST_MASK) | ipc_copy_words(from, to, msginfo_length(info));
}

/* The end of a path: move the message and switch. A function of its own for messages that need
 * the IPC buffers, so that the short ones need no stack frame. */
static __attribute__((noinline)) void fastpath_finish_long(struct tcb *from, struct tcb *to,
                                                           word_t info)
{
    fastpath_move_message(from, to, info);
    scheduler_switch_to(to);
}

static inline void fastpath_finish(struct tcb *from, struct tcb *to, word_t info, word_t badge)
{
    const word_t length = msginfo_length(info);

    to->context.regs[CONTEXT_BADGE] = badge;
    if (length > MESSAGE_REGISTERS) {
        fastpath_finish_long(from, to, info);
        return;
    }
    for (word_t i = 0; i < length; i++) {
        to->context.regs[CONTEXT_MESSAGE + i] = from->context.regs[CONTEXT_MESSAGE + i];
    }
    to->context.regs[CONTEXT_INFO] = (info & ~INFO_REST_MASK) | length;
    scheduler_switch_to(to);
}

/* endpoint_remove of the first */
static inline void fastpath_remove_first(struct endpoint *endpoint, struct tcb *server)
{
    const struct tcb_ref next = server->queue_next;

    endpoint->head = next;
    if (next.raw != 0) {
        tcb_queue_lead(server, tcb_at(next));
        tcb_at(next)->queue_prev.raw = 0;
        server->queue_next.raw = 0;
    } else {
        endpoint->tail_state = ENDPOINT_IDLE;
    }
}

/* reply_push and sched_context_donate; words that are neighbours are written together */
static inline void fastpath_push(struct reply *reply, struct tcb *caller, struct tcb *server,
                                 struct sched_context *context)
{
    const struct reply_ref older = context->reply;

    server->reply.raw = 0;
    server->sched_context = sched_context_ref_of(context);
    caller->reply = reply_ref_of(reply);
    caller->sched_context.raw = 0;
    context->tcb = tcb_ref_of(server);
    context->reply = reply_ref_of(reply);
    reply->tcb = tcb_ref_of(caller);
    reply->prev = older;
    reply->next = sched_context_ref_of(context).raw | REPLY_NEXT_IS_SC;
    if (older.raw != 0) {
        reply_at(older)->next = reply_ref_of(reply).raw;
    }
}

/* May a thread with this context of its own be woken without more ado? */
static inline bool fastpath_can_wake(const struct tcb *thread, const struct sched_context *context)
{
    return context->refill_max != 0 && !thread->in_release_queue && thread->yield_to.raw == 0;
}

/* `thread` waits for the answer of `server`, which runs, on its own time. */
static __attribute__((noinline)) void fastpath_hand_over(struct tcb *thread, struct tcb *server,
                                                         struct reply *reply)
{
    server->reply.raw = 0;
    reply_link(reply, thread);
    thread->state = THREAD_BLOCKED_ON_REPLY;
    server->state = THREAD_RUNNING;
    sched_context_wake(sched_context_at(server->sched_context));
    scheduler_switch_to(server);
    scheduler_switch_context(this_cpu());
}

/* Call of a server that has a context of its own. Pre: the conditions of fastpath_call_slot up to
 * the call of this. */
static __attribute__((noinline)) void fastpath_call_active(struct tcb *caller, struct slot *slot,
                                                           word_t now)
{
    const word_t info = caller->context.regs[CONTEXT_INFO];
    const struct cap cap = slot->cap;
    struct endpoint *endpoint = cap_endpoint_object(cap);
    struct tcb *server = tcb_at(endpoint->head);

    if (!fastpath_can_wake(server, sched_context_at(server->sched_context))) {
        kernel_step_call(slot, caller->context.regs[CONTEXT_CAP]);
        return;
    }
    this_cpu()->now = now;
    fastpath_remove_first(endpoint, server);
    fastpath_move_message(caller, server, info);
    server->context.regs[CONTEXT_BADGE] = cap_endpoint_badge(cap);
    fastpath_hand_over(caller, server, reply_at(server->reply));
}

/* Pre: `caller` is current, and named `slot`. Kept apart from the lookups: of them only the simple
 * one does without a stack frame. */
static __attribute__((noinline)) void fastpath_call_slot(struct tcb *caller, struct slot *slot)
{
    struct cpu_state *cpu = this_cpu();
    const word_t info = caller->context.regs[CONTEXT_INFO];
    const word_t cptr = caller->context.regs[CONTEXT_CAP];
    const struct cap cap = slot->cap;

    if ((info & INFO_SIZE_MASK) > MESSAGE_MAX_LENGTH || cap_type(cap) != CAP_ENDPOINT ||
        !cap_endpoint_can_send(cap) ||
        !(cap_endpoint_can_grant(cap) || cap_endpoint_can_grant_reply(cap))) {
        kernel_step_call(slot, cptr);
        return;
    }
    struct endpoint *endpoint = cap_endpoint_object(cap);

    if ((endpoint->tail_state & ENDPOINT_STATE_MASK) != ENDPOINT_RECEIVING) {
        kernel_step_call(slot, cptr);
        return;
    }
    struct tcb *server = tcb_at(endpoint->head);
    struct reply *reply = reply_at(server->reply);
    struct sched_context *context = sched_context_at(caller->sched_context);
    const word_t now = machine_time_now();

    if (reply == NULL || !scheduler_has_fast_budget(cpu, now) ||
        !fastpath_can_switch(cpu, caller, server, now)) {
        kernel_step_call(slot, cptr);
        return;
    }
    if (server->sched_context.raw != 0) {
        fastpath_call_active(caller, slot, now);
        return;
    }
    cpu->now = now;
    fastpath_remove_first(endpoint, server);
    fastpath_push(reply, caller, server, context);
    caller->state = THREAD_BLOCKED_ON_REPLY;
    server->state = THREAD_RUNNING;
    fastpath_finish(caller, server, info, cap_endpoint_badge(cap));
}

/* With a CSpace of several levels. */
static __attribute__((noinline)) void fastpath_call_deep(struct tcb *caller)
{
    struct slot *slot;

    if (cspace_lookup_deep(caller->slots[TCB_SLOT_CSPACE].cap, caller->context.regs[CONTEXT_CAP],
                           &slot)) {
        fastpath_call_slot(caller, slot);
    } else {
        kernel_step_syscall_general((word_t)SYS_CALL);
    }
}

void fastpath_call(void)
{
    struct tcb *caller = thread_current();
    struct slot *slot =
        cspace_simple_slot(caller->slots[TCB_SLOT_CSPACE].cap, caller->context.regs[CONTEXT_CAP]);

    if (slot == NULL) {
        fastpath_call_deep(caller);
    } else {
        fastpath_call_slot(caller, slot);
    }
}

/* Is the bound notification, if there is one, nothing that a receive has to look after? */
static inline bool fastpath_is_unbound(const struct tcb *thread)
{
    const struct notification *bound = notification_at(thread->bound_notification);

    return bound == NULL || (bound->state != NOTIFICATION_ACTIVE && bound->sched_context.raw == 0);
}

/* reply_remove of the top of a stack */
static inline void fastpath_pop(struct reply *reply, struct tcb *caller,
                                struct sched_context *context)
{
    const struct reply_ref older = reply->prev;

    if (older.raw != 0) {
        reply_at(older)->next = reply->next;
    }
    context->tcb = tcb_ref_of(caller);
    context->reply = older;
    caller->sched_context = sched_context_ref_of(context);
    reply->prev.raw = 0;
    reply->next = 0;
}

/* endpoint_receive at an idle endpoint, with the reply object just answered through */
static inline void fastpath_wait(struct endpoint *endpoint, struct tcb *server, struct reply *reply)
{
    tcb_at(reply->tcb)->reply.raw = 0;
    reply->tcb = tcb_ref_of(server);
    server->reply = reply_ref_of(reply);
    endpoint->head = tcb_ref_of(server);
    endpoint->tail_state = tcb_ref_of(server).raw | ENDPOINT_RECEIVING;
    server->queue_peer = tcb_ref_of(server);
    server->blocking_object = endpoint_ref_of(endpoint).raw;
    server->state = THREAD_BLOCKED_ON_RECEIVE;
}

/* The answer to a fault, or to a caller that has kept its context. Pre: the conditions of
 * fastpath_reply_receive_slots up to the call of this. */
static __attribute__((noinline)) void fastpath_answer(struct endpoint *endpoint,
                                                      struct reply *reply, word_t now)
{
    struct cpu_state *cpu = this_cpu();
    struct tcb *server = tcb_at(cpu->current);
    struct tcb *caller = tcb_at(reply->tcb);
    const word_t info = server->context.regs[CONTEXT_INFO];
    const bool is_fault = caller->fault.type != FAULT_NONE;
    struct sched_context *context = sched_context_at(caller->sched_context);
    const bool is_lent = context == NULL;

    /* The context is the server's, lent with the fault, or the caller has kept its own. */
    if (is_lent) {
        context = sched_context_at(server->sched_context);
    }
    if (reply->next != (is_lent ? sched_context_ref_of(context).raw | REPLY_NEXT_IS_SC : 0) ||
        (!is_lent && reply->prev.raw != 0) || !fastpath_can_wake(caller, context) ||
        refill_head(context)->time > now ||
        refill_head(context)->amount < kernel.config.min_budget ||
        (is_fault && msginfo_label(info) != 0)) {
        kernel_step_syscall_general((word_t)SYS_REPLY_RECV);
        return;
    }
    cpu->now = now;
    if (is_lent) {
        fastpath_pop(reply, caller, context);
        server->sched_context.raw = 0;
    } else {
        sched_context_wake(context);
    }
    if (is_fault) {
        fault_answer(caller, server);
        caller->fault.type = FAULT_NONE;
        caller->context.regs[CONTEXT_NEXT_IP] = caller->context.regs[CONTEXT_FAULT_IP];
    } else {
        fastpath_move_message(server, caller, info);
        caller->context.regs[CONTEXT_BADGE] = 0;
    }
    fastpath_wait(endpoint, server, reply);
    caller->state = THREAD_RUNNING;
    scheduler_switch_to(caller);
    if (!is_lent) {
        scheduler_switch_context(cpu);
    }
}

/* Pre: `server` is current, and named the two slots. */
static __attribute__((noinline)) void fastpath_reply_receive_slots(struct tcb *server,
                                                                   const struct slot *slot,
                                                                   const struct slot *reply_slot)
{
    struct cpu_state *cpu = this_cpu();
    const word_t info = server->context.regs[CONTEXT_INFO];
    const struct cap cap = slot->cap;
    const struct cap reply_cap = reply_slot->cap;

    if ((info & INFO_SIZE_MASK) > MESSAGE_MAX_LENGTH || cap_type(cap) != CAP_ENDPOINT ||
        !cap_endpoint_can_receive(cap) || cap_type(reply_cap) != CAP_REPLY) {
        kernel_step_syscall_general((word_t)SYS_REPLY_RECV);
        return;
    }
    struct endpoint *endpoint = cap_endpoint_object(cap);
    struct reply *reply = cap_reply_object(reply_cap);
    struct tcb *caller = tcb_at(reply->tcb);
    struct sched_context *context = sched_context_at(server->sched_context);
    const word_t now = machine_time_now();

    if (caller == NULL || caller->state != THREAD_BLOCKED_ON_REPLY ||
        endpoint->tail_state != ENDPOINT_IDLE || !fastpath_is_unbound(server) ||
        !scheduler_has_fast_budget(cpu, now) || !fastpath_can_switch(cpu, server, caller, now)) {
        kernel_step_syscall_general((word_t)SYS_REPLY_RECV);
        return;
    }
    if (caller->fault.type != FAULT_NONE || caller->sched_context.raw != 0) {
        fastpath_answer(endpoint, reply, now);
        return;
    }
    /* The reply must be the top of the stack of the context that the server runs on. */
    if (reply->next != (sched_context_ref_of(context).raw | REPLY_NEXT_IS_SC)) {
        kernel_step_syscall_general((word_t)SYS_REPLY_RECV);
        return;
    }
    cpu->now = now;
    fastpath_pop(reply, caller, context);
    fastpath_wait(endpoint, server, reply);
    server->sched_context.raw = 0;
    caller->state = THREAD_RUNNING;
    fastpath_finish(server, caller, info, 0);
}

/* With a CSpace of several levels. Many have nobody to answer: then the second lookup is spared. */
static __attribute__((noinline)) void fastpath_reply_receive_deep(struct tcb *server)
{
    const struct cap root = server->slots[TCB_SLOT_CSPACE].cap;
    struct slot *slot;
    struct slot *reply_slot;

    if (!cspace_lookup_deep(root, server->context.regs[CONTEXT_REPLY], &reply_slot) ||
        cap_type(reply_slot->cap) != CAP_REPLY || cap_reply_object(reply_slot->cap)->tcb.raw == 0 ||
        !cspace_lookup_deep(root, server->context.regs[CONTEXT_CAP], &slot)) {
        kernel_step_syscall_general((word_t)SYS_REPLY_RECV);
        return;
    }
    fastpath_reply_receive_slots(server, slot, reply_slot);
}

void fastpath_reply_receive(void)
{
    struct tcb *server = thread_current();
    const struct cap root = server->slots[TCB_SLOT_CSPACE].cap;
    const struct slot *slot = cspace_simple_slot(root, server->context.regs[CONTEXT_CAP]);
    const struct slot *reply_slot = cspace_simple_slot(root, server->context.regs[CONTEXT_REPLY]);

    if (slot == NULL || reply_slot == NULL) {
        fastpath_reply_receive_deep(server);
    } else {
        fastpath_reply_receive_slots(server, slot, reply_slot);
    }
}

bool fastpath_fault(enum fault type, word_t word0, word_t word1, word_t word2)
{
    struct cpu_state *cpu = this_cpu();
    struct tcb *thread = tcb_at(cpu->current);
    const struct cap handler = thread->slots[TCB_SLOT_FAULT_HANDLER].cap;
    struct endpoint *endpoint = cap_endpoint_object(handler);

    if (cap_type(handler) != CAP_ENDPOINT ||
        (endpoint->tail_state & ENDPOINT_STATE_MASK) != ENDPOINT_RECEIVING ||
        !(cap_endpoint_can_grant(handler) || cap_endpoint_can_grant_reply(handler))) {
        return false;
    }
    struct tcb *server = tcb_at(endpoint->head);
    struct reply *reply = reply_at(server->reply);
    struct sched_context *context = sched_context_at(server->sched_context);
    const word_t now = machine_time_now();

    if (reply == NULL || (context != NULL && !fastpath_can_wake(server, context)) ||
        server->yield_to.raw != 0 || !scheduler_has_fast_budget(cpu, now) ||
        !fastpath_can_switch(cpu, thread, server, now)) {
        return false;
    }
    cpu->now = now;
    thread->fault.type = type;
    thread->fault.words[0] = word0;
    thread->fault.words[1] = word1;
    thread->fault.words[2] = word2;
    fastpath_remove_first(endpoint, server);
    server->context.regs[CONTEXT_INFO] = fault_transfer(thread, server);
    server->context.regs[CONTEXT_BADGE] = cap_endpoint_badge(handler);
    if (context == NULL) {
        thread->state = THREAD_BLOCKED_ON_REPLY;
        server->state = THREAD_RUNNING;
        fastpath_push(reply, thread, server, sched_context_at(thread->sched_context));
        scheduler_switch_to(server);
    } else {
        fastpath_hand_over(thread, server, reply);
    }
    return true;
}
