/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: TCB invocations (abi/03 §4)
 */
#include "invoke.h"

static struct spec_thread *target_of(const struct call *call)
{
    return spec_thread_by_id(call->cap.object);
}

void spec_thread_suspend(struct spec_thread *thread)
{
    struct spec_context *yielded = spec_context_by_id(thread->yield_to);

    spec_ipc_cancel(thread);
    if (thread->state == SPEC_RUNNING) {
        thread->regs[CONTEXT_FAULT_IP] = thread->regs[CONTEXT_NEXT_IP];
    }
    spec_schedule_forget(thread);
    if (yielded != NULL) {
        yielded->yield_from = 0;
        thread->yield_to = 0;
    }
    thread->state = SPEC_INACTIVE;
    if (spec_thread_is_current(thread)) {
        spec_schedule_reschedule();
    }
}

static void thread_resume(struct spec_thread *thread)
{
    if (thread->state != SPEC_INACTIVE && !spec_thread_is_blocked(thread)) {
        return;
    }
    spec_ipc_cancel(thread);
    thread->state = SPEC_RESTART;
    spec_refill_wake(thread);
    spec_schedule_check_context(thread);
    if (spec_thread_is_schedulable(thread)) {
        spec_schedule_wake(thread);
    }
}

/* ---- Registers ------------------------------------------------------------------------------- */

static struct answer read_registers(const struct call *call)
{
    struct spec_thread *target = target_of(call);
    struct answer answer = spec_answer_done();

    if (call->length < 2) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (spec_call_word(call, 1) < 1 || spec_call_word(call, 1) > USER_CONTEXT_COUNT) {
        return spec_answer_range(1, USER_CONTEXT_COUNT);
    }
    if (target == call->caller) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    answer.count = spec_call_word(call, 1);
    if (spec_call_word(call, 0) & 1) {
        spec_thread_suspend(target);
    }
    for (word_t i = 0; i < answer.count; i++) {
        answer.words[i] = target->regs[context_user_index(i)];
    }
    return answer;
}

static struct answer write_registers(const struct call *call)
{
    struct spec_thread *target = target_of(call);
    word_t count = spec_call_word(call, 1);

    if (call->length < 2 || call->length - 2 < count) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (target == call->caller) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    for (word_t i = 0; i < count && i < USER_CONTEXT_COUNT; i++) {
        word_t value = spec_call_word(call, 2 + i);

        target->regs[context_user_index(i)] =
            i == USER_CONTEXT_SPSR ? spec_sanitised_spsr(target, value) : value;
    }
    target->regs[CONTEXT_NEXT_IP] = target->regs[CONTEXT_FAULT_IP];
    if (spec_call_word(call, 0) & 1) {
        thread_resume(target);
    }
    return spec_answer_done();
}

static struct answer copy_registers(const struct call *call)
{
    struct spec_thread *to = target_of(call);
    struct spec_cap cap = spec_call_extra(call, 0);
    word_t flags = spec_call_word(call, 0);

    if (call->length < 1 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (cap.type != CAP_TCB) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    struct spec_thread *from = spec_thread_by_id(cap.object);

    if (flags & 1) {
        spec_thread_suspend(from);
    }
    if (flags & 2) {
        thread_resume(to);
    }
    for (word_t i = 0; i < USER_CONTEXT_COUNT; i++) {
        if (flags & (i < USER_CONTEXT_FRAME_COUNT ? 4u : 8u)) {
            to->regs[context_user_index(i)] = from->regs[context_user_index(i)];
        }
    }
    if (flags & 4) {
        /* abi/ has it copied as it is. That would let a thread that has no VCPU run at EL1. */
        to->regs[CONTEXT_SPSR] = spec_sanitised_spsr(to, to->regs[CONTEXT_SPSR]);
        to->regs[CONTEXT_NEXT_IP] = to->regs[CONTEXT_FAULT_IP];
    }
    return spec_answer_done();
}

/* ---- Capabilities in a TCB ------------------------------------------------------------------- */

static word_t slot_of(const struct call *call, word_t index)
{
    return call->cap.object + (index << SLOT_BITS);
}

/* Replace the capability of a TCB slot; type null empties it. */
static void install(const struct call *call, word_t index, struct spec_cap cap, word_t source)
{
    spec_cap_delete(slot_of(call, index));
    if (cap.type == CAP_NULL) {
        return;
    }
    struct spec_cap now = spec_caps_value(source), invoked = spec_caps_value(call->place);

    if (spec_caps_same_object(&cap, &now) && spec_caps_same_object(&call->cap, &invoked)) {
        spec_caps_insert_derived(cap, source, slot_of(call, index));
    }
}

static bool is_final_container(word_t place)
{
    const struct spec_entry *entry = spec_caps_at(place);

    return entry != NULL && spec_caps_is_final(entry) &&
           (entry->cap.type == CAP_CNODE || entry->cap.type == CAP_TCB ||
            entry->cap.type == CAP_ZOMBIE);
}

/* Checks of cspace_root (extra capability k) and vspace_root (k + 1). */
static struct answer check_roots(const struct call *call, word_t k, struct spec_cap roots[2])
{
    const enum cap_type wanted[2] = { CAP_CNODE, CAP_VSPACE };

    if (is_final_container(slot_of(call, TCB_SLOT_CSPACE)) ||
        is_final_container(slot_of(call, TCB_SLOT_VSPACE))) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    for (word_t i = 0; i < 2; i++) {
        struct spec_cap cap = spec_call_extra(call, k + i);
        enum err error;

        if (spec_call_word(call, i) != 0) {
            cap = spec_caps_update(cap, spec_call_word(call, i), false);
        }
        error = spec_caps_derive(&cap, call->extra[k + i], &cap);
        if (error != ERR_NONE) {
            return spec_answer_error(error);
        }
        if (cap.type != wanted[i] || (i == 1 && !cap.mapped)) {
            return spec_answer_error(ERR_ILLEGAL_OPERATION);
        }
        roots[i] = cap;
    }
    return spec_answer_done();
}

static struct answer check_buffer(const struct call *call, word_t k, word_t address,
                                  struct spec_cap *frame)
{
    *frame = (struct spec_cap){ .type = CAP_NULL };
    if (address == 0) {
        return spec_answer_done();
    }
    struct spec_cap cap = spec_call_extra(call, k);
    enum err error = spec_caps_derive(&cap, call->extra[k], frame);

    if (error != ERR_NONE) {
        return spec_answer_error(error);
    }
    if (frame->type != CAP_FRAME || frame->device) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (address % (1ul << IPC_BUFFER_BITS) != 0) {
        return spec_answer_error(ERR_ALIGNMENT);
    }
    return spec_answer_done();
}

static bool is_handler(const struct spec_cap *cap)
{
    return cap->type == CAP_NULL ||
           (cap->type == CAP_ENDPOINT && cap->send && (cap->grant || cap->grant_reply));
}

static void install_buffer(const struct call *call, word_t address, struct spec_cap frame, word_t k)
{
    struct spec_thread *target = target_of(call);

    target->buffer = address;
    install(call, TCB_SLOT_BUFFER, frame, address == 0 ? 0 : call->extra[k]);
}

static struct answer configure(const struct call *call)
{
    struct spec_cap roots[2], frame;
    struct answer answer;

    if (call->length < 3 || call->extra_count < 3) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    word_t address = spec_call_word(call, 2);

    answer = check_buffer(call, 2, address, &frame);
    if (answer.code == ERR_NONE) {
        answer = check_roots(call, 0, roots);
    }
    if (answer.code == ERR_NONE) {
        install(call, TCB_SLOT_CSPACE, roots[0], call->extra[0]);
        install(call, TCB_SLOT_VSPACE, roots[1], call->extra[1]);
        install_buffer(call, address, frame, 2);
    }
    return answer;
}

static struct answer set_space(const struct call *call)
{
    struct spec_cap roots[2], handler = spec_call_extra(call, 0);
    struct answer answer;

    if (call->length < 2 || call->extra_count < 3) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    answer = check_roots(call, 1, roots);
    if (answer.code == ERR_NONE && !is_handler(&handler)) {
        answer = spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    if (answer.code == ERR_NONE) {
        install(call, TCB_SLOT_FAULT_HANDLER, handler, call->extra[0]);
        install(call, TCB_SLOT_CSPACE, roots[0], call->extra[1]);
        install(call, TCB_SLOT_VSPACE, roots[1], call->extra[2]);
    }
    return answer;
}

static struct answer set_ipc_buffer(const struct call *call)
{
    struct spec_cap frame;

    if (call->length < 1 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    struct answer answer = check_buffer(call, 0, spec_call_word(call, 0), &frame);

    if (answer.code == ERR_NONE) {
        install_buffer(call, spec_call_word(call, 0), frame, 0);
    }
    return answer;
}

static struct answer set_timeout_endpoint(const struct call *call)
{
    struct spec_cap handler = spec_call_extra(call, 0);

    if (call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (!is_handler(&handler)) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    install(call, TCB_SLOT_TIMEOUT_HANDLER, handler, call->extra[0]);
    return spec_answer_done();
}

/* ---- Priorities ------------------------------------------------------------------------------ */

static void set_priority(struct spec_thread *thread, word_t priority)
{
    if (spec_queue_has(&spec.ready, thread) ||
        (spec_thread_is_current(thread) && spec_thread_is_schedulable(thread))) {
        spec_queue_remove(&spec.ready, thread);
        thread->priority = priority;
        spec_schedule_enqueue(thread);
        spec_schedule_reschedule();
        return;
    }
    thread->priority = priority;
    struct spec_queue *queue = NULL;

    if (thread->state == SPEC_BLOCKED_RECEIVE || thread->state == SPEC_BLOCKED_SEND) {
        queue = &spec_endpoint_by_id(thread->on)->queue;
    } else if (thread->state == SPEC_BLOCKED_NOTIFICATION) {
        queue = &spec_notification_by_id(thread->on)->queue;
    }
    if (queue != NULL) {
        spec_queue_remove(queue, thread);
        spec_queue_add_by_priority(queue, thread);
    }
}

/* SetPriority and SetMCPriority. */
static struct answer set_one_priority(const struct call *call)
{
    struct spec_thread *target = target_of(call);
    struct spec_cap authority = spec_call_extra(call, 0);

    if (call->length < 1 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (authority.type != CAP_TCB) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    if (spec_call_word(call, 0) > spec_thread_by_id(authority.object)->mcp) {
        return spec_answer_range(0, spec_thread_by_id(authority.object)->mcp);
    }
    if (call->label == LABEL_TCB_SET_PRIORITY) {
        set_priority(target, spec_call_word(call, 0));
    } else {
        target->mcp = spec_call_word(call, 0);
    }
    return spec_answer_done();
}

/* The scheduling context of SetSchedParams. */
static struct answer check_context_change(const struct call *call, const struct spec_cap *cap)
{
    const struct spec_thread *target = target_of(call);
    const struct spec_context *context = spec_context_by_id(cap->object);

    if (cap->type == CAP_NULL) {
        return target == call->caller ? spec_answer_error(ERR_ILLEGAL_OPERATION)
                                      : spec_answer_done();
    }
    if (cap->type != CAP_SCHED_CONTEXT) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 2);
    }
    if (context->id != target->context && (target->context != 0 || context->thread != 0)) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (spec_thread_is_blocked(target) && !spec_context_is_released(context)) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    return spec_answer_done();
}

static struct answer set_sched_params(const struct call *call)
{
    struct spec_thread *target = target_of(call);
    struct spec_cap authority = spec_call_extra(call, 0), context = spec_call_extra(call, 1);
    struct spec_cap handler = spec_call_extra(call, 2);

    if (call->length < 2 || call->extra_count < 3) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (authority.type != CAP_TCB) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    word_t most = spec_thread_by_id(authority.object)->mcp;

    if (spec_call_word(call, 0) > most || spec_call_word(call, 1) > most) {
        return spec_answer_range(0, most);
    }
    struct answer answer = check_context_change(call, &context);

    if (answer.code == ERR_NONE && !is_handler(&handler)) {
        answer = spec_answer_number(ERR_INVALID_CAPABILITY, 3);
    }
    if (answer.code != ERR_NONE) {
        return answer;
    }
    word_t mcp = spec_call_word(call, 0), priority = spec_call_word(call, 1);

    install(call, TCB_SLOT_FAULT_HANDLER, handler, call->extra[2]);
    target->mcp = mcp;
    set_priority(target, priority);
    if (context.type == CAP_NULL && target->context != 0) {
        spec_context_unbind_thread(spec_context_by_id(target->context));
    } else if (context.type != CAP_NULL && target->context != context.object) {
        spec_context_bind_thread(spec_context_by_id(context.object), target);
    }
    return answer;
}

/* ---- The rest -------------------------------------------------------------------------------- */

static struct answer bind_notification(const struct call *call)
{
    struct spec_thread *target = target_of(call);
    struct spec_cap cap = spec_call_extra(call, 0);

    if (call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (target->notification != 0 || cap.type != CAP_NOTIFICATION || !cap.receive) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    struct spec_notification *notification = spec_notification_by_id(cap.object);

    if (notification->queue.count > 0 || notification->thread != 0) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    target->notification = notification->id;
    notification->thread = target->id;
    return spec_answer_done();
}

static struct answer unbind_notification(const struct call *call)
{
    struct spec_thread *target = target_of(call);

    if (target->notification == 0) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    spec_notification_by_id(target->notification)->thread = 0;
    target->notification = 0;
    return spec_answer_done();
}

static struct answer set_flags(const struct call *call)
{
    struct spec_thread *target = target_of(call);

    if (call->length < 2) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    target->flags =
        (target->flags & ~spec_call_word(call, 0)) | (spec_call_word(call, 1) & TCB_FLAG_MASK);
    return spec_answer_word(target->flags);
}

static struct answer set_tls_base(const struct call *call)
{
    if (call->length < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    target_of(call)->regs[CONTEXT_TLS] = spec_call_word(call, 0);
    return spec_answer_done();
}

struct answer spec_thread_invoke(const struct call *call)
{
    switch (call->label) {
    case LABEL_TCB_READ_REGISTERS: return read_registers(call);
    case LABEL_TCB_WRITE_REGISTERS: return write_registers(call);
    case LABEL_TCB_COPY_REGISTERS: return copy_registers(call);
    case LABEL_TCB_CONFIGURE: return configure(call);
    case LABEL_TCB_SET_PRIORITY:
    case LABEL_TCB_SET_MC_PRIORITY: return set_one_priority(call);
    case LABEL_TCB_SET_SCHED_PARAMS: return set_sched_params(call);
    case LABEL_TCB_SET_TIMEOUT_ENDPOINT: return set_timeout_endpoint(call);
    case LABEL_TCB_SET_IPC_BUFFER: return set_ipc_buffer(call);
    case LABEL_TCB_SET_SPACE: return set_space(call);
    case LABEL_TCB_SUSPEND: spec_thread_suspend(target_of(call)); return spec_answer_done();
    case LABEL_TCB_RESUME: thread_resume(target_of(call)); return spec_answer_done();
    case LABEL_TCB_BIND_NOTIFICATION: return bind_notification(call);
    case LABEL_TCB_UNBIND_NOTIFICATION: return unbind_notification(call);
    case LABEL_TCB_SET_TLS_BASE: return set_tls_base(call);
    case LABEL_TCB_SET_FLAGS: return set_flags(call);
    default: return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
}
