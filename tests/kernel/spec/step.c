/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: one event (abi/01 §5, abi/04 §3, §5.2)
 */
#include "interrupt.h"
#include "invoke.h"
#include "vcpu.h"
#include "vspace.h"

#include <setjmp.h>
#include <string.h>

struct spec spec;

static struct spec snapshot;
static jmp_buf gave_up, stopped;
static struct spec_stop stop_at;
static unsigned points;
static const char *reason;

_Noreturn void spec_give_up(const char *why)
{
    reason = why;
    longjmp(gave_up, 1);
}

/* ---- Answers --------------------------------------------------------------------------------- */

struct answer spec_answer_error(enum err code)
{
    return (struct answer){ .code = code };
}

struct answer spec_answer_done(void)
{
    return spec_answer_error(ERR_NONE);
}

struct answer spec_answer_word(word_t value)
{
    return (struct answer){ .words = { value }, .count = 1 };
}

struct answer spec_answer_number(enum err code, word_t number)
{
    return (struct answer){ .code = code, .first = number };
}

struct answer spec_answer_range(word_t min, word_t max)
{
    return (struct answer){ .code = ERR_RANGE, .first = min, .second = max };
}

struct answer spec_answer_lookup(bool source, struct spec_lookup lookup)
{
    return (struct answer){ .code = ERR_FAILED_LOOKUP, .first = source, .lookup = lookup };
}

/* Message registers of an error (abi/01 §6). */
static void put_error(struct spec_thread *thread, const struct answer *answer)
{
    word_t words[5] = { answer->first, answer->second };
    word_t count = 0;

    switch (answer->code) {
    case ERR_INVALID_ARGUMENT:
    case ERR_INVALID_CAPABILITY:
    case ERR_NOT_ENOUGH_MEMORY: count = 1; break;
    case ERR_RANGE: count = 2; break;
    case ERR_FAILED_LOOKUP:
        words[1] = answer->lookup.failure;
        words[2] = answer->lookup.bits_left;
        words[3] = answer->lookup.bits_found;
        count = 1 + answer->lookup.failure;
        if (answer->lookup.failure == LOOKUP_GUARD_MISMATCH) {
            words[3] = answer->lookup.guard;
            words[4] = answer->lookup.bits_found;
        }
        break;
    default: break;
    }
    spec_message_put(thread, answer->code, words, count);
}

static void put_answer(struct spec_thread *thread, const struct answer *answer)
{
    if (answer->code != ERR_NONE) {
        put_error(thread, answer);
    } else {
        spec_message_put(thread, 0, answer->words, answer->count);
    }
    thread->regs[CONTEXT_BADGE] = 0;
}

/* ---- Send phase ------------------------------------------------------------------------------ */

word_t spec_call_word(const struct call *call, word_t i)
{
    if (i >= MESSAGE_REGISTERS && spec_buffer_of(call->caller, false) == NULL) {
        return 0;
    }
    return spec_message_word(call->caller, i);
}

struct spec_cap spec_call_extra(const struct call *call, word_t i)
{
    return i < call->extra_count ? spec_caps_value(call->extra[i])
                                 : (struct spec_cap){ .type = CAP_NULL };
}

static struct answer invoke_endpoint(const struct call *call)
{
    const struct spec_cap *cap = &call->cap;
    const struct send how = { .blocking = call->blocking,
                              .is_call = call->is_call,
                              .can_donate = call->is_call || call->first_phase,
                              .badge = cap->badge,
                              .grant = cap->grant,
                              .grant_reply = cap->grant_reply };

    if (!cap->send) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 0);
    }
    spec_ipc_send(call->caller, spec_endpoint_by_id(cap->object), &how);
    return spec_answer_done();
}

struct answer spec_invoke(const struct call *call)
{
    switch (call->cap.type) {
    case CAP_NULL:
    case CAP_ZOMBIE: return spec_answer_number(ERR_INVALID_CAPABILITY, 0);
    case CAP_ENDPOINT: return invoke_endpoint(call);
    case CAP_NOTIFICATION:
        if (!call->cap.send) {
            return spec_answer_number(ERR_INVALID_CAPABILITY, 0);
        }
        spec_ipc_signal(spec_notification_by_id(call->cap.object), call->cap.badge);
        return spec_answer_done();
    case CAP_REPLY:
        spec_reply_send(call->caller, spec_reply_by_id(call->cap.object), call->cap.grant);
        return spec_answer_done();
    case CAP_UNTYPED: return spec_untyped_invoke(call);
    default: break;
    }
    if (call->first_phase &&
        (call->cap.type == CAP_TCB || call->cap.type == CAP_CNODE || call->cap.type == CAP_DOMAIN ||
         call->cap.type == CAP_SCHED_CONTROL || call->cap.type == CAP_SCHED_CONTEXT)) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 0);
    }
    switch (call->cap.type) {
    case CAP_CNODE: return spec_cnode_invoke(call);
    case CAP_TCB: return spec_thread_invoke(call);
    case CAP_SCHED_CONTEXT: return spec_context_invoke(call);
    case CAP_SCHED_CONTROL: return spec_sched_control_invoke(call);
    case CAP_DOMAIN: return spec_domain_invoke(call);
    case CAP_SMC: return spec_smc_invoke(call);
    case CAP_VCPU: return spec_vcpu_invoke(call);
    case CAP_IRQ_CONTROL: return spec_irq_control_invoke(call);
    case CAP_IRQ_HANDLER: return spec_irq_handler_invoke(call);
    case CAP_SGI: return spec_sgi_invoke(call);
    case CAP_VSPACE: return spec_vspace_invoke(call);
    case CAP_PAGE_TABLE: return spec_page_table_invoke(call);
    case CAP_FRAME: return spec_frame_invoke(call);
    case CAP_ASID_CONTROL: return spec_asid_control_invoke(call);
    case CAP_ASID_POOL: return spec_asid_pool_invoke(call);
    default: spec_give_up("invocation of this kind");
    }
}

/* Resolve what the message names. Post: false if the send phase has ended. */
static bool gather(struct call *call, word_t cptr)
{
    struct spec_thread *caller = call->caller;
    const struct spec_buffer *buffer = spec_buffer_of(caller, false);
    word_t info = caller->regs[CONTEXT_INFO];
    word_t most = buffer == NULL ? MESSAGE_REGISTERS : MESSAGE_MAX_LENGTH;
    struct spec_lookup lookup = spec_lookup_thread(caller, cptr, &call->place);

    call->label = msginfo_label(info);
    call->length = msginfo_length(info) > most ? most : msginfo_length(info);
    call->extra_count = buffer == NULL ? 0 : msginfo_extra_caps(info);
    for (word_t i = 0; lookup.failure == LOOKUP_NONE && i < call->extra_count; i++) {
        cptr = buffer->words[122 + i];
        lookup = spec_lookup_thread(caller, cptr, &call->extra[i]);
    }
    if (lookup.failure != LOOKUP_NONE && call->blocking) {
        spec_ipc_cap_fault(caller, cptr, false, lookup);
    }
    return lookup.failure == LOOKUP_NONE;
}

static void send_phase(struct spec_thread *thread, word_t cptr, struct call call)
{
    call.caller = thread;
    if (!gather(&call, cptr)) {
        return;
    }
    call.cap = spec_caps_value(call.place);
    thread->state = SPEC_RESTART;
    struct answer answer = spec_invoke(&call);

    if (thread->state == SPEC_RESTART) {
        if (call.is_call) {
            put_answer(thread, &answer);
        }
        thread->state = SPEC_RUNNING;
    }
}

/* ---- Receive phase --------------------------------------------------------------------------- */

static void receive_phase(struct spec_thread *thread, bool blocking, bool has_reply)
{
    const struct spec_lookup missing = { .failure = LOOKUP_MISSING_CAPABILITY };
    word_t cptr = thread->regs[CONTEXT_CAP], reply_cptr = thread->regs[CONTEXT_REPLY];
    word_t place, reply = 0;
    struct spec_lookup lookup = spec_lookup_thread(thread, cptr, &place);

    if (lookup.failure != LOOKUP_NONE) {
        spec_ipc_cap_fault(thread, cptr, true, lookup);
        return;
    }
    struct spec_cap cap = spec_caps_value(place);

    if (cap.type == CAP_NOTIFICATION && cap.receive) {
        struct spec_notification *notification = spec_notification_by_id(cap.object);

        if (notification->thread == 0 || notification->thread == thread->id) {
            spec_ipc_wait(thread, notification, blocking);
            return;
        }
    }
    if (cap.type != CAP_ENDPOINT || !cap.receive) {
        spec_ipc_cap_fault(thread, cptr, true, missing);
        return;
    }
    if (has_reply) {
        lookup = spec_lookup_thread(thread, reply_cptr, &place);
        if (lookup.failure == LOOKUP_NONE && spec_caps_value(place).type != CAP_REPLY) {
            lookup = missing;
        }
        if (lookup.failure != LOOKUP_NONE) {
            spec_ipc_cap_fault(thread, reply_cptr, true, lookup);
            return;
        }
        reply = spec_caps_value(place).object;
    }
    spec_ipc_receive(thread, spec_endpoint_by_id(cap.object), blocking, reply);
}

static void yield(void)
{
    struct spec_context *context = spec_context_by_id(spec.current_context);
    word_t consumed = context->consumed + spec.consumed;

    spec_schedule_charge(context->refills[0].amount, false);
    context->consumed = consumed;
}

static void syscall(struct spec_thread *thread, word_t number)
{
    const struct call send = { .blocking = true }, first = { .first_phase = true };
    const word_t *regs = thread->regs;

    switch ((long)number) {
    case SYS_CALL:
        send_phase(thread, regs[CONTEXT_CAP], (struct call){ .blocking = true, .is_call = true });
        break;
    case SYS_SEND: send_phase(thread, regs[CONTEXT_CAP], send); break;
    case SYS_NB_SEND:
        send_phase(thread, regs[CONTEXT_CAP], (struct call){ .is_call = false });
        break;
    case SYS_RECV: receive_phase(thread, true, true); break;
    case SYS_NB_RECV: receive_phase(thread, false, true); break;
    case SYS_WAIT: receive_phase(thread, true, false); break;
    case SYS_NB_WAIT: receive_phase(thread, false, false); break;
    case SYS_REPLY_RECV:
        send_phase(thread, regs[CONTEXT_REPLY], first);
        receive_phase(thread, true, true);
        break;
    case SYS_NB_SEND_RECV:
        send_phase(thread, regs[CONTEXT_DESTINATION], first);
        receive_phase(thread, true, true);
        break;
    case SYS_NB_SEND_WAIT:
        send_phase(thread, regs[CONTEXT_REPLY], first);
        receive_phase(thread, true, false);
        break;
    case SYS_YIELD: yield(); break;
    default:
        spec_ipc_fault(thread,
                       (struct spec_fault){ .type = FAULT_UNKNOWN_SYSCALL, .words = { number } });
        break;
    }
}

static void perform(struct spec_thread *thread, const struct spec_event *event)
{
    struct spec_fault fault = { .words = { event->syndrome } };

    switch (event->kind) {
    case SPEC_SYSCALL: syscall(thread, event->number); return;
    case SPEC_VM_FAULT:
        fault =
            (struct spec_fault){ .type = FAULT_VM,
                                 .words = { event->address, event->is_fetch, event->syndrome } };
        if (event->is_fetch) {
            fault.words[0] = thread->regs[CONTEXT_FAULT_IP];
        }
        break;
    case SPEC_FPU_TRAP: fault.type = FAULT_VCPU; break;
    case SPEC_USER_EXCEPTION: fault.type = FAULT_USER_EXCEPTION; break;
    default: fault.type = FAULT_VCPU; break;
    }
    spec_ipc_fault(thread, fault);
}

static void copy(struct spec *to, const struct spec *from)
{
    memcpy(to, from, offsetof(struct spec, caps) + from->count * sizeof(from->caps[0]));
}

/* May the operation be stopped here (abi/04 §5.13)? */
static bool has_cause_to_stop(void)
{
    const struct spec_context *context = spec_context_by_id(spec.current_context);
    word_t passed = stop_at.time - spec.now;

    if (spec.domains > 1 && spec.domain_left <= passed + SPEC_MIN_BUDGET) {
        return true;
    }
    return stop_at.irq < SPEC_IRQS || context == NULL || context->max == 0 ||
           !spec_context_is_sufficient(context, spec.consumed + passed);
}

void spec_preemption_point(void)
{
    if (++points == stop_at.at && has_cause_to_stop()) {
        longjmp(stopped, 1);
    }
}

unsigned spec_step_points(void)
{
    return points;
}

void spec_step_undo(void)
{
    copy(&spec, &snapshot);
}

/* Time has passed; is there budget left? */
static void read_clock(word_t now)
{
    spec_domain_pass(now - spec.now);
    spec.consumed += now - spec.now;
    spec.now = now;
}

static bool pass_time(word_t now)
{
    read_clock(now);
    return spec_schedule_budget_check() && !spec_domain_has_expired();
}

/* A long operation of the current thread stops: what it has done stays, the thread will make the
 * same call again, and what has stopped it is dealt with. */
static void stop(void)
{
    const struct spec_context *context = spec_context_by_id(spec.current_context);
    const struct spec_thread *thread = spec_current_thread();

    read_clock(stop_at.time);
    /* Who has paid so far may be gone by now, or stopped; abi/ does not say what then happens to
     * the time used. */
    if (context == NULL || context->max == 0) {
        spec.consumed = 0;
    } else if (thread->id != 0 && spec_thread_is_schedulable(thread)) {
        spec_schedule_budget_check();
    } else {
        spec_schedule_charge(spec.consumed, false);
    }
    if (stop_at.irq < SPEC_IRQS) {
        spec_irq_handle(stop_at.irq);
    }
}

/* The thread gets the registers of the floating-point unit, which were another's. abi/ does not know
 * of this, so it must not be noticed. */
static bool is_lazy_switch(const struct spec_event *event)
{
    return event->kind == SPEC_FPU_TRAP && !(spec_current_thread()->flags & TCB_FLAG_FPU_DISABLED);
}

/* Debug calls answer at once, without accounting and scheduling (abi/01 §8). Post: false if the
 * call is none. */
static bool debug_call(const struct spec_event *event)
{
    struct spec_thread *thread = spec_current_thread();
    long number = (long)event->number;
    word_t place;

    if (!spec.is_debug || event->kind != SPEC_SYSCALL || number > SYS_DEBUG_PUT_CHAR ||
        number < SYS_DEBUG_NAME_THREAD) {
        return false;
    }
    bool found =
        spec_lookup_thread(thread, thread->regs[CONTEXT_CAP], &place).failure == LOOKUP_NONE;

    switch (number) {
    case SYS_DEBUG_HALT: spec_give_up("the machine stops");
    case SYS_DEBUG_CAP_IDENTIFY:
        thread->regs[CONTEXT_CAP] = found ? spec_caps_value(place).type : 0;
        break;
    case SYS_DEBUG_NAME_THREAD:
        if (!found || spec_caps_value(place).type != CAP_TCB ||
            spec_buffer_of(thread, false) == NULL ||
            memchr(&spec_buffer_of(thread, false)->words[1], 0, 960) == NULL) {
            spec_give_up("the machine stops");
        }
        break;
    default: break; /* text only */
    }
    return true;
}

static void handle(const struct spec_event *event)
{
    struct spec_thread *thread = spec_current_thread();
    bool has_budget = pass_time(event->time);

    if (!has_budget && thread != NULL && thread->state == SPEC_RUNNING) {
        thread->state = SPEC_RESTART;
    }
    if (event->kind == SPEC_TIMER) {
        spec.deadline = ~0ul;
        spec.reprogram = true;
    } else if (event->kind == SPEC_INTERRUPT) {
        if (!spec_irq_can_come(event->number)) {
            spec_give_up("an interrupt that cannot come");
        }
        if (event->number == SPEC_IRQ_MAINTENANCE) {
            spec_vcpu_maintenance(event->address);
        } else if (event->number == SPEC_IRQ_VTIMER) {
            spec_vcpu_timer();
        } else {
            spec_irq_handle(event->number);
        }
    } else if (has_budget) {
        perform(thread, event);
    }
}

bool spec_step(const struct spec_event *event, const struct spec_stop *at, const char **why)
{
    copy(&snapshot, &spec);
    stop_at = *at;
    points = 0;
    if (setjmp(gave_up) != 0) {
        copy(&spec, &snapshot);
        *why = reason;
        return false;
    }
    if (debug_call(event) || is_lazy_switch(event)) {
        return true;
    }
    if (setjmp(stopped) == 0) {
        handle(event);
    } else {
        stop();
    }
    spec_schedule();
    return true;
}
