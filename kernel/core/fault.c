/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults
 */
#include <core/debug.h>
#include <core/endpoint.h>
#include <core/fault.h>
#include <core/ipc_transfer.h>
#include <core/sched_context.h>
#include <core/thread.h>

/* ---- Raising ------------------------------------------------------------------------------ */

static void fault_send(struct tcb *thread, struct cap handler, bool can_donate)
{
    const struct send_mode mode = {
        .badge = cap_endpoint_badge(handler),
        .is_blocking = true,
        .can_grant = cap_endpoint_can_grant(handler) != 0,
        .can_grant_reply = cap_endpoint_can_grant_reply(handler) != 0,
        .can_donate = can_donate,
    };

    endpoint_send(endpoint_at((struct endpoint_ref){ cap_endpoint_address(handler) }), thread,
                  mode);
}

void fault_raise(struct tcb *thread, enum fault type, word_t word0, word_t word1, word_t word2)
{
    const struct cap handler = thread->slots[TCB_SLOT_FAULT_HANDLER].cap;

    thread->fault.type = type;
    thread->fault.words[0] = word0;
    thread->fault.words[1] = word1;
    thread->fault.words[2] = word2;
    if (cap_type(handler) != CAP_ENDPOINT) {
        debug_report_fault(thread);
        thread->fault.type = FAULT_NONE;
        thread->state = THREAD_INACTIVE;
        return;
    }
    fault_send(thread, handler, true);
}

void fault_raise_cap(word_t cptr, bool in_receive)
{
    struct tcb *thread = thread_current();

    thread->fault.lookup = this_cpu()->lookup_fault;
    fault_raise(thread, FAULT_CAP, cptr, in_receive, 0);
}

void fault_raise_cap_missing(word_t cptr)
{
    this_cpu()->lookup_fault =
        (struct lookup_fault){ .failure = LOOKUP_MISSING_CAPABILITY, .bits_left = 0 };
    fault_raise_cap(cptr, true);
}

void fault_raise_timeout(struct tcb *thread, word_t badge)
{
    thread->fault.type = FAULT_TIMEOUT;
    thread->fault.words[0] = badge;
    fault_send(thread, thread->slots[TCB_SLOT_TIMEOUT_HANDLER].cap, false);
}

/* ---- The message --------------------------------------------------------------------------- */

/* Registers of an unknown-system-call message and of its answer, in order. */
static const uint8_t unknown_syscall_registers[UNKNOWN_SYSCALL_REPLY_LENGTH] = {
    CONTEXT_X0, CONTEXT_X1, CONTEXT_X2,       CONTEXT_X3, CONTEXT_X4,      CONTEXT_X5,
    CONTEXT_X6, CONTEXT_X7, CONTEXT_FAULT_IP, CONTEXT_SP, CONTEXT_NEXT_IP, CONTEXT_SPSR
};

static word_t fault_transfer_cap(struct tcb *sender, struct tcb *receiver)
{
    const struct thread_fault *fault = &sender->fault;
    const struct lookup_fault *lookup = &fault->lookup;
    const bool is_guard = lookup->failure == LOOKUP_GUARD_MISMATCH;
    const word_t words[CAP_FAULT_LENGTH] = {
        [CAP_FAULT_IP] = thread_register(sender, CONTEXT_FAULT_IP),
        [CAP_FAULT_ADDRESS] = fault->words[0],
        [CAP_FAULT_IN_RECV_PHASE] = fault->words[1],
        [CAP_FAULT_LOOKUP_FAILURE] = lookup->failure,
        [CAP_FAULT_BITS_LEFT] = lookup->bits_left,
        [CAP_FAULT_BITS_FOUND] = is_guard ? lookup->guard_found : lookup->bits_found,
        [CAP_FAULT_GUARD_BITS_FOUND] = lookup->bits_found,
    };

    /* Each kind of failure says one word more than the one before. */
    return ipc_set_words(receiver, words, CAP_FAULT_LOOKUP_FAILURE + lookup->failure);
}

/* Guests call their monitors like this: so straight to where each word goes. */
static word_t fault_transfer_syscall(struct tcb *sender, struct tcb *receiver)
{
    const word_t *from = sender->context.regs;
    struct ipc_buffer *buffer = ipc_buffer(receiver, true);

    for (word_t i = 0; i < MESSAGE_REGISTERS; i++) {
        receiver->context.regs[CONTEXT_MESSAGE + i] = from[CONTEXT_X0 + i];
    }
    if (buffer == NULL) {
        return MESSAGE_REGISTERS;
    }
    for (word_t i = MESSAGE_REGISTERS; i < UNKNOWN_SYSCALL_REPLY_LENGTH; i++) {
        buffer->msg[i] = from[unknown_syscall_registers[i]];
    }
    buffer->msg[UNKNOWN_SYSCALL_SYSCALL] = sender->fault.words[0];
    return UNKNOWN_SYSCALL_LENGTH;
}

static word_t fault_transfer_exception(struct tcb *sender, struct tcb *receiver)
{
    const word_t words[USER_EXCEPTION_LENGTH] = {
        [USER_EXCEPTION_FAULT_IP] = thread_register(sender, CONTEXT_FAULT_IP),
        [USER_EXCEPTION_SP] = thread_register(sender, CONTEXT_SP),
        [USER_EXCEPTION_SPSR] = thread_register(sender, CONTEXT_SPSR),
        [USER_EXCEPTION_NUMBER] = sender->fault.words[0],
        [USER_EXCEPTION_CODE] = sender->fault.words[1],
    };

    return ipc_set_words(receiver, words, USER_EXCEPTION_LENGTH);
}

static word_t fault_transfer_timeout(struct tcb *sender, struct tcb *receiver)
{
    struct sched_context *context = sched_context_at(sender->sched_context);
    word_t words[TIMEOUT_LENGTH] = { [TIMEOUT_DATA] = sender->fault.words[0] };

    if (context == NULL) {
        return ipc_set_words(receiver, words, TIMEOUT_CONSUMED);
    }
    words[TIMEOUT_CONSUMED] = sched_context_take_consumed(context);
    return ipc_set_words(receiver, words, TIMEOUT_LENGTH);
}

static word_t fault_transfer_vm(struct tcb *sender, struct tcb *receiver)
{
    const word_t words[VM_FAULT_LENGTH] = {
        [VM_FAULT_IP] = thread_register(sender, CONTEXT_FAULT_IP),
        [VM_FAULT_ADDRESS] = sender->fault.words[0],
        [VM_FAULT_PREFETCH_FAULT] = sender->fault.words[1],
        [VM_FAULT_FSR] = sender->fault.words[2],
    };

    return ipc_set_words(receiver, words, VM_FAULT_LENGTH);
}

word_t fault_transfer(struct tcb *sender, struct tcb *receiver)
{
    const enum fault type = sender->fault.type;
    word_t length = 0;

    switch (type) {
    case FAULT_NONE: break;
    case FAULT_CAP: length = fault_transfer_cap(sender, receiver); break;
    case FAULT_UNKNOWN_SYSCALL: length = fault_transfer_syscall(sender, receiver); break;
    case FAULT_USER_EXCEPTION: length = fault_transfer_exception(sender, receiver); break;
    case FAULT_TIMEOUT: length = fault_transfer_timeout(sender, receiver); break;
    case FAULT_VM: length = fault_transfer_vm(sender, receiver); break;
    case FAULT_VGIC_MAINTENANCE:
    case FAULT_VCPU:
    case FAULT_VPPI: length = ipc_set_words(receiver, sender->fault.words, 1); break;
    }
    return msginfo_new(type, 0, 0, length);
}

/* ---- The answer ------------------------------------------------------------------------------ */

/* The place in the context for word `i` of an answer to a fault of `type`. */
static word_t fault_answer_register(enum fault type, word_t i)
{
    if (type == FAULT_UNKNOWN_SYSCALL) {
        return unknown_syscall_registers[i];
    }
    /* Exceptions and timeouts use a beginning of the user context's order. */
    return context_user_index(i);
}

static void fault_answer_registers(struct tcb *thread, struct tcb *replier, word_t max)
{
    const struct ipc_buffer *buffer = NULL;
    word_t length = msginfo_length(thread_register(replier, CONTEXT_INFO));
    word_t i = 0;

    if (length > max) {
        length = max;
    }
    if (length > MESSAGE_REGISTERS) {
        buffer = ipc_buffer(replier, false);
        if (buffer == NULL) {
            length = MESSAGE_REGISTERS;
        }
    }
    /* Those of a guest's call are x0 and following, and often no more. */
    if (thread->fault.type == FAULT_UNKNOWN_SYSCALL) {
        for (; i < length && i < MESSAGE_REGISTERS; i++) {
            thread->context.regs[CONTEXT_X0 + i] = replier->context.regs[CONTEXT_MESSAGE + i];
        }
        for (; i < length && i < UNKNOWN_SYSCALL_FAULT_IP; i++) {
            thread->context.regs[CONTEXT_X0 + i] = buffer->msg[i];
        }
    }
    for (; i < length; i++) {
        const word_t index = fault_answer_register(thread->fault.type, i);
        word_t value =
            i < MESSAGE_REGISTERS ? thread_register(replier, CONTEXT_MESSAGE + i) : buffer->msg[i];

        if (index == CONTEXT_SPSR) {
            value = thread_sanitise_spsr(thread, value);
        }
        thread_set_register(thread, index, value);
    }
}

bool fault_answer(struct tcb *thread, struct tcb *replier)
{
    word_t max = 0;

    switch (thread->fault.type) {
    case FAULT_NONE:
    case FAULT_CAP:
    case FAULT_VM:
    case FAULT_VGIC_MAINTENANCE:
    case FAULT_VCPU:
    case FAULT_VPPI: return true;
    case FAULT_UNKNOWN_SYSCALL: max = UNKNOWN_SYSCALL_REPLY_LENGTH; break;
    case FAULT_USER_EXCEPTION: max = USER_EXCEPTION_REPLY_LENGTH; break;
    case FAULT_TIMEOUT: max = TIMEOUT_REPLY_LENGTH; break;
    }
    fault_answer_registers(thread, replier, max);
    return msginfo_label(thread_register(replier, CONTEXT_INFO)) == 0;
}
