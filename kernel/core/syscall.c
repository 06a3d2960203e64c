/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * System calls and other events
 *
 * The eleven calls are combinations of two phases: invoke a capability, and receive (abi/01 §5).
 * All events follow one pattern: account for time; unless the budget is gone, do the work; let
 * the scheduler decide.
 */
#include <abi/syscalls.h>
#include <core/cap.h>
#include <core/cspace.h>
#include <core/debug.h>
#include <core/endpoint.h>
#include <core/fastpath.h>
#include <core/fault.h>
#include <core/fpu.h>
#include <core/ipc_transfer.h>
#include <core/irq.h>
#include <core/notification.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/thread.h>
#include <core/vcpu.h>

/* ---- Interrupts ----------------------------------------------------------------------------- */

static void step_take_interrupt(void)
{
    const word_t irq = machine_irq_take();

    if (irq == MACHINE_IRQ_NONE) {
        return;
    }
    if (irq == kernel.config.timer_irq) {
        scheduler_timer_interrupt();
        machine_irq_finish(irq);
    } else if (irq == kernel.config.maintenance_irq) {
        vcpu_maintenance_interrupt();
        machine_irq_finish(irq);
    } else if (irq == kernel.config.vtimer_irq) {
        vcpu_timer_interrupt();
        machine_irq_finish(irq);
    } else {
        irq_handle(irq);
    }
}

/* ---- The send phase ------------------------------------------------------------------------- */

/* How a system call invokes a capability. */
struct invoke_mode {
    bool is_call, is_blocking, can_donate, first_phase;
};

static const struct invoke_mode mode_call = { .is_call = true,
                                              .is_blocking = true,
                                              .can_donate = true };

/* extraCaps and length of a message info: together above 4 iff the message is more than registers
 * hold. */
#define MSGINFO_SIZE_MASK 0x1fful

/* Fill in the part of the message that is in the IPC buffer. False if an extra capability does not
 * resolve. */
static bool syscall_take_buffer(struct invocation *inv, struct tcb *thread, word_t caps)
{
    const struct ipc_buffer *buffer = ipc_buffer(thread, false);
    const word_t max_length = buffer != NULL ? MESSAGE_MAX_LENGTH : MESSAGE_REGISTERS;

    if (inv->length > max_length) {
        inv->length = max_length;
    }
    if (buffer == NULL) {
        return true;
    }
    inv->buffer = &buffer->tag;
    for (word_t i = 0; i < caps; i++) {
        const word_t cptr = buffer->caps_or_badges[i];

        if (!cspace_lookup(thread, cptr, &inv->extra[i])) {
            if (inv->is_blocking) {
                fault_raise_cap(cptr, false);
            }
            return false;
        }
    }
    inv->extra_count = caps;
    return true;
}

/* Tell the caller how it ended, unless it waits or has its answer already. */
static void syscall_finish(struct tcb *thread, const struct invocation *inv, enum outcome outcome)
{
    if (thread->state != THREAD_RESTART) {
        return;
    }
    thread->state = THREAD_RUNNING;
    if (inv->is_call) {
        if (outcome == OUTCOME_ERROR) {
            ipc_reply_error(thread);
        } else {
            thread_set_register(thread, CONTEXT_BADGE, 0);
            thread_set_register(thread, CONTEXT_INFO, 0);
        }
    }
}

/* Returns false if the operation was preempted: the whole system call starts again. */
static bool syscall_invoke_slot(struct tcb *thread, struct slot *slot, word_t cptr,
                                struct invoke_mode mode)
{
    const word_t info = thread_register(thread, CONTEXT_INFO);
    struct invocation inv = { .label = msginfo_label(info),
                              .length = msginfo_length(info),
                              .slot = slot,
                              .cap = slot->cap,
                              .cptr = cptr,
                              .is_call = mode.is_call,
                              .is_blocking = mode.is_blocking,
                              .can_donate = mode.can_donate,
                              .first_phase = mode.first_phase };

    if ((info & MSGINFO_SIZE_MASK) > MESSAGE_REGISTERS &&
        !syscall_take_buffer(&inv, thread, msginfo_extra_caps(info))) {
        return true;
    }
    /* Until the operation is done the call counts as not made: whoever looks at the thread
     * meanwhile, or stops the operation, finds it about to execute its instruction. */
    thread->state = THREAD_RESTART;
    const enum outcome outcome = decode_invocation(&inv);

    if (outcome == OUTCOME_PREEMPTED) {
        scheduler_check_budget_preempted();
        step_take_interrupt();
        return false;
    }
    syscall_finish(thread, &inv, outcome);
    return true;
}

/* Returns false as syscall_invoke_slot does. */
static bool syscall_invoke(word_t cptr, struct invoke_mode mode)
{
    struct tcb *thread = thread_current();
    struct slot *slot = NULL;

    if (!cspace_lookup(thread, cptr, &slot)) {
        if (mode.is_blocking) {
            fault_raise_cap(cptr, false);
        }
        return true;
    }
    return syscall_invoke_slot(thread, slot, cptr, mode);
}

/* ---- The receive phase ------------------------------------------------------------------------ */

static void syscall_receive_endpoint(struct tcb *thread, struct cap cap, bool is_blocking,
                                     bool has_reply)
{
    struct reply *reply = NULL;

    if (has_reply) {
        const word_t cptr = thread_register(thread, CONTEXT_REPLY);
        struct slot *slot = NULL;

        if (!cspace_lookup(thread, cptr, &slot)) {
            fault_raise_cap(cptr, true);
            return;
        }
        if (cap_type(slot->cap) != CAP_REPLY) {
            fault_raise_cap_missing(cptr);
            return;
        }
        reply = cap_reply_object(slot->cap);
    }
    endpoint_receive(cap_endpoint_object(cap), thread, reply, is_blocking);
}

static void syscall_receive(bool is_blocking, bool has_reply)
{
    struct tcb *thread = thread_current();
    const word_t cptr = thread_register(thread, CONTEXT_CAP);
    struct slot *slot = NULL;

    if (!cspace_lookup(thread, cptr, &slot)) {
        fault_raise_cap(cptr, true);
        return;
    }
    const struct cap cap = slot->cap;

    if (cap_type(cap) == CAP_ENDPOINT && cap_endpoint_can_receive(cap)) {
        syscall_receive_endpoint(thread, cap, is_blocking, has_reply);
        return;
    }
    if (cap_type(cap) == CAP_NOTIFICATION && cap_notification_can_receive(cap)) {
        struct notification *notification = cap_notification_object(cap);
        const struct tcb *bound = tcb_at(notification->bound_tcb);

        if (bound == NULL || bound == thread) {
            notification_receive(notification, thread, is_blocking);
            return;
        }
    }
    fault_raise_cap_missing(cptr);
}

/* Invoke without blocking, then receive. */
static void syscall_send_receive(word_t cptr, bool has_reply)
{
    const struct invoke_mode mode = { .can_donate = true, .first_phase = true };

    if (syscall_invoke(cptr, mode)) {
        syscall_receive(true, has_reply);
    }
}

/* ---- Dispatch --------------------------------------------------------------------------------- */

static void syscall_dispatch(enum syscall number)
{
    const struct context *context = &thread_current()->context;
    const word_t cptr = context->regs[CONTEXT_CAP];

    switch (number) {
    case SYS_CALL: syscall_invoke(cptr, mode_call); break;
    case SYS_SEND: syscall_invoke(cptr, (struct invoke_mode){ .is_blocking = true }); break;
    case SYS_NB_SEND: syscall_invoke(cptr, (struct invoke_mode){ .is_blocking = false }); break;
    case SYS_REPLY_RECV: syscall_send_receive(context->regs[CONTEXT_REPLY], true); break;
    case SYS_NB_SEND_RECV: syscall_send_receive(context->regs[CONTEXT_DESTINATION], true); break;
    case SYS_NB_SEND_WAIT: syscall_send_receive(context->regs[CONTEXT_REPLY], false); break;
    case SYS_RECV: syscall_receive(true, true); break;
    case SYS_NB_RECV: syscall_receive(false, true); break;
    case SYS_WAIT: syscall_receive(true, false); break;
    case SYS_NB_WAIT: syscall_receive(false, false); break;
    default: scheduler_yield(); break; /* SYS_YIELD, the last of the range */
    }
}

/* Every event begins with this: account for time; false if the budget is gone, then the current
 * thread will do again what it did. */
static inline bool step_begin(void)
{
    const word_t now = machine_time_now();

    if (scheduler_has_fast_budget(this_cpu(), now)) {
        this_cpu()->now = now;
        return true;
    }
    scheduler_update_time();
    return scheduler_check_budget_restart();
}

static void step_fault(enum fault type, word_t word0, word_t word1, word_t word2)
{
    if (fastpath_fault(type, word0, word1, word2)) {
        return;
    }
    if (step_begin()) {
        fault_raise(thread_current(), type, word0, word1, word2);
    }
    scheduler_run();
}

/* Not merged into the short cuts, which then need no stack frame. */
__attribute__((noinline)) void kernel_step_syscall_general(word_t number)
{
    if (number < (word_t)SYS_API_LAST) {
        if (!debug_syscall(number)) {
            step_fault(FAULT_UNKNOWN_SYSCALL, number, 0, 0);
        }
        return;
    }
    if (step_begin()) {
        syscall_dispatch((enum syscall)number);
    }
    scheduler_run();
}

__attribute__((noinline)) void kernel_step_call(struct slot *slot, word_t cptr)
{
    if (step_begin()) {
        syscall_invoke_slot(thread_current(), slot, cptr, mode_call);
    }
    scheduler_run();
}

void kernel_step_syscall(word_t number)
{
    if (number == (word_t)SYS_CALL) {
        fastpath_call();
    } else if (number == (word_t)SYS_REPLY_RECV) {
        fastpath_reply_receive();
    } else {
        kernel_step_syscall_general(number);
    }
}

void kernel_step_interrupt(void)
{
    step_begin();
    step_take_interrupt();
    scheduler_run();
}

/* Where the fault is, as its handler can understand it: a guest's own addresses mean nothing to
 * its monitor. */
static word_t step_fault_address(const struct event *event)
{
    const word_t address =
        event->is_fetch ? thread_register(thread_current(), CONTEXT_FAULT_IP) : event->address;

    return this_cpu()->vcpu_active ? machine_vcpu_translate(address) : address;
}

void kernel_step(const struct event *event)
{
    switch (event->kind) {
    case EVENT_SYSCALL:
    case EVENT_UNKNOWN_SYSCALL: kernel_step_syscall(event->number); break;
    case EVENT_INTERRUPT: kernel_step_interrupt(); break;
    case EVENT_VM_FAULT:
        step_fault(FAULT_VM, step_fault_address(event), event->is_fetch, event->syndrome);
        break;
    case EVENT_FPU_TRAP:
        if (!fpu_take(thread_current())) {
            step_fault(FAULT_VCPU, event->syndrome, 0, 0);
        }
        break;
    case EVENT_USER_EXCEPTION: step_fault(FAULT_USER_EXCEPTION, event->syndrome, 0, 0); break;
    case EVENT_VCPU_FAULT: step_fault(FAULT_VCPU, event->syndrome, 0, 0); break;
    }
}
