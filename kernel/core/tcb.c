/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB objects
 *
 * Life of the object, dispatch of its invocations, and the short ones among them. Those that
 * install capabilities are in tcb_space.c, those that move registers in tcb_registers.c.
 */
#include <abi/labels.h>
#include <core/cap.h>
#include <core/fpu.h>
#include <core/ipc_transfer.h>
#include <core/notification.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/tcb.h>
#include <core/thread.h>
#include <core/vcpu.h>

/* The name of a new thread says whose child it is. */
static void tcb_init_name(struct tcb *thread, const struct tcb *creator)
{
    static const char prefix[] = "child of: '";
    word_t length = 0;

    for (word_t i = 0; prefix[i] != '\0'; i++) {
        thread->name[length++] = prefix[i];
    }
    for (word_t i = 0; creator->name[i] != '\0' && length < TCB_NAME_BYTES - 2; i++) {
        thread->name[length++] = creator->name[i];
    }
    thread->name[length] = '\'';
}

void tcb_init(struct tcb *thread)
{
    thread->domain = (uint8_t)kernel.domain_current;
    thread_set_register(thread, CONTEXT_SPSR, thread_sanitise_spsr(thread, 0));
    if (kernel.config.is_debug && thread_current() != NULL) {
        tcb_init_name(thread, thread_current());
    }
}

void tcb_finalise(struct tcb *thread)
{
    if (thread->bound_notification.raw != 0) {
        notification_unbind_tcb(notification_at(thread->bound_notification));
    }
    if (thread->sched_context.raw != 0) {
        struct sched_context *context = sched_context_at(thread->sched_context);
        struct tcb *yielder = tcb_at(context->yield_from);

        sched_context_unbind_tcb(context);
        if (yielder != NULL) {
            sched_context_complete_yield(yielder);
        }
    }
    thread_suspend(thread);
    if (thread->vcpu.raw != 0) {
        vcpu_dissociate(vcpu_at(thread->vcpu));
    }
    fpu_forget(thread);
}

/* ---- Priorities ------------------------------------------------------------------------------- */

/* Check `value` against what the authority in extra capability 0 may give away. */
static enum outcome tcb_check_authority(struct invocation *inv, word_t value)
{
    const struct cap cap = inv->extra[0]->cap;

    if (cap_type(cap) != CAP_TCB) {
        return error_capability(1);
    }
    const word_t mcp = cap_tcb_object(cap)->mcp;

    return value > mcp ? error_range(0, mcp) : OUTCOME_DONE;
}

static enum outcome tcb_decode_set_priority(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 1 || inv->extra_count < 1) {
        return error_truncated();
    }
    const word_t priority = invocation_arg(inv, 0);

    if (tcb_check_authority(inv, priority) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    thread_set_priority(thread, priority);
    return OUTCOME_DONE;
}

static enum outcome tcb_decode_set_mcp(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 1 || inv->extra_count < 1) {
        return error_truncated();
    }
    const word_t mcp = invocation_arg(inv, 0);

    if (tcb_check_authority(inv, mcp) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    thread->mcp = (uint8_t)mcp;
    return OUTCOME_DONE;
}

/* ---- Notification, TLS, flags, counters ----------------------------------------------------------- */

static enum outcome tcb_decode_bind_notification(struct invocation *inv, struct tcb *thread)
{
    if (inv->extra_count < 1) {
        return error_truncated();
    }
    const struct cap cap = inv->extra[0]->cap;

    if (thread->bound_notification.raw != 0 || cap_type(cap) != CAP_NOTIFICATION ||
        !cap_notification_can_receive(cap)) {
        return error_illegal();
    }
    struct notification *notification = cap_notification_object(cap);

    if (notification->queue.head.raw != 0 || notification->bound_tcb.raw != 0) {
        return error_illegal();
    }
    notification_bind_tcb(notification, thread);
    return OUTCOME_DONE;
}

static enum outcome tcb_decode_unbind_notification(struct tcb *thread)
{
    if (thread->bound_notification.raw == 0) {
        return error_illegal();
    }
    notification_unbind_tcb(notification_at(thread->bound_notification));
    return OUTCOME_DONE;
}

static enum outcome tcb_decode_set_tls_base(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 1) {
        return error_truncated();
    }
    thread_set_register(thread, CONTEXT_TLS, invocation_arg(inv, 0));
    return OUTCOME_DONE;
}

static enum outcome tcb_decode_set_flags(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 2) {
        return error_truncated();
    }
    const word_t clear = invocation_arg(inv, 0);
    const word_t set = invocation_arg(inv, 1) & TCB_FLAG_MASK;
    const word_t flags = (thread->flags & ~clear) | set;

    if (flags & TCB_FLAG_FPU_DISABLED) {
        fpu_release(thread);
    }
    thread->flags = (uint8_t)flags;
    if (thread_is_current(thread)) {
        fpu_switch(thread);
    }
    invocation_reply_words(inv, &flags, 1);
    return OUTCOME_DONE;
}

/* Our addition: who holds the authority over time may let a thread read clocks. */
static enum outcome tcb_decode_set_counter_access(struct invocation *inv, struct tcb *thread)
{
    const word_t allowed = COUNTER_ACCESS_PHYSICAL_COUNTER | COUNTER_ACCESS_VIRTUAL_COUNTER |
                           COUNTER_ACCESS_VIRTUAL_TIMER | COUNTER_ACCESS_PHYSICAL_TIMER;

    if (inv->length < 1 || inv->extra_count < 1) {
        return error_truncated();
    }
    const word_t mask = invocation_arg(inv, 0);

    if ((mask & ~allowed) != 0) {
        return error_range(0, allowed);
    }
    if (cap_type(inv->extra[0]->cap) != CAP_SCHED_CONTROL) {
        return error_capability(1);
    }
    thread->counter_access = mask;
    thread->hardware &= (uint8_t)~THREAD_HAS_COUNTERS;
    if ((mask & ~kernel.config.counter_access) != 0) {
        thread->hardware |= THREAD_HAS_COUNTERS;
    }
    scheduler_renew_counter_access();
    return OUTCOME_DONE;
}

enum outcome tcb_decode(struct invocation *inv)
{
    struct tcb *thread = cap_tcb_object(inv->cap);

    switch (inv->label) {
    case LABEL_TCB_READ_REGISTERS: return tcb_decode_read_registers(inv, thread);
    case LABEL_TCB_WRITE_REGISTERS: return tcb_decode_write_registers(inv, thread);
    case LABEL_TCB_COPY_REGISTERS: return tcb_decode_copy_registers(inv, thread);
    case LABEL_TCB_CONFIGURE: return tcb_decode_configure(inv, thread);
    case LABEL_TCB_SET_PRIORITY: return tcb_decode_set_priority(inv, thread);
    case LABEL_TCB_SET_MC_PRIORITY: return tcb_decode_set_mcp(inv, thread);
    case LABEL_TCB_SET_SCHED_PARAMS: return tcb_decode_set_sched_params(inv, thread);
    case LABEL_TCB_SET_TIMEOUT_ENDPOINT: return tcb_decode_set_timeout_endpoint(inv, thread);
    case LABEL_TCB_SET_IPC_BUFFER: return tcb_decode_set_ipc_buffer(inv, thread);
    case LABEL_TCB_SET_SPACE: return tcb_decode_set_space(inv, thread);
    case LABEL_TCB_SUSPEND: thread_suspend(thread); return OUTCOME_DONE;
    case LABEL_TCB_RESUME: thread_restart(thread); return OUTCOME_DONE;
    case LABEL_TCB_BIND_NOTIFICATION: return tcb_decode_bind_notification(inv, thread);
    case LABEL_TCB_UNBIND_NOTIFICATION: return tcb_decode_unbind_notification(thread);
    case LABEL_TCB_SET_TLS_BASE: return tcb_decode_set_tls_base(inv, thread);
    case LABEL_TCB_SET_FLAGS: return tcb_decode_set_flags(inv, thread);
    case LABEL_X_TCB_SET_COUNTER_ACCESS:
        return kernel.config.extensions ? tcb_decode_set_counter_access(inv, thread)
                                        : error_illegal();
    default: return error_illegal();
    }
}
