/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: faults (abi/04 §1, §2, §4)
 */
#include "vcpu.h"

word_t spec_sanitised_spsr(const struct spec_thread *thread, word_t value)
{
    word_t mode = value & 31;

    if (spec_vcpu_of(thread) != NULL && (mode == 0 || mode == 4 || mode == 5)) {
        return value;
    }
    return (value & SPSR_FLAGS_MASK) | (spec.is_debug ? SPSR_USER_DEBUG : SPSR_USER_RELEASE);
}

static struct spec_cap handler_of(const struct spec_thread *thread, word_t slot)
{
    return spec_caps_value(thread->id + (slot << SLOT_BITS));
}

bool spec_ipc_has_timeout_handler(const struct spec_thread *thread)
{
    return handler_of(thread, TCB_SLOT_TIMEOUT_HANDLER).type == CAP_ENDPOINT;
}

static void send_to(struct spec_thread *thread, const struct spec_cap *handler, bool can_donate)
{
    const struct send how = { .blocking = true,
                              .is_call = true,
                              .can_donate = can_donate,
                              .badge = handler->badge,
                              .grant = handler->grant,
                              .grant_reply = handler->grant_reply };

    spec_ipc_send(thread, spec_endpoint_by_id(handler->object), &how);
}

void spec_ipc_timeout_fault(struct spec_thread *thread)
{
    struct spec_cap handler = handler_of(thread, TCB_SLOT_TIMEOUT_HANDLER);

    thread->fault = (struct spec_fault){ .type = FAULT_TIMEOUT,
                                         .words = { spec_context_by_id(thread->context)->badge } };
    send_to(thread, &handler, false);
}

void spec_ipc_fault(struct spec_thread *thread, struct spec_fault fault)
{
    struct spec_cap handler = handler_of(thread, TCB_SLOT_FAULT_HANDLER);

    if (handler.type != CAP_ENDPOINT) {
        thread->state = SPEC_INACTIVE;
        spec_schedule_reschedule();
        return;
    }
    thread->fault = fault;
    send_to(thread, &handler, true);
}

void spec_ipc_cap_fault(struct spec_thread *thread, word_t cptr, bool receiving,
                        struct spec_lookup lookup)
{
    spec_ipc_fault(thread, (struct spec_fault){
                               .type = FAULT_CAP, .words = { cptr, receiving }, .lookup = lookup });
}

static word_t cap_fault_words(const struct spec_thread *from, word_t *words)
{
    const struct spec_lookup *lookup = &from->fault.lookup;

    words[CAP_FAULT_IP] = from->regs[CONTEXT_FAULT_IP];
    words[CAP_FAULT_ADDRESS] = from->fault.words[0];
    words[CAP_FAULT_IN_RECV_PHASE] = from->fault.words[1];
    words[CAP_FAULT_LOOKUP_FAILURE] = lookup->failure;
    words[CAP_FAULT_BITS_LEFT] = lookup->bits_left;
    switch (lookup->failure) {
    case LOOKUP_MISSING_CAPABILITY: return 5;
    case LOOKUP_DEPTH_MISMATCH: words[CAP_FAULT_BITS_FOUND] = lookup->bits_found; return 6;
    case LOOKUP_GUARD_MISMATCH:
        words[CAP_FAULT_GUARD_FOUND] = lookup->guard;
        words[CAP_FAULT_GUARD_BITS_FOUND] = lookup->bits_found;
        return 7;
    default: return 4;
    }
}

static word_t syscall_words(const struct spec_thread *from, word_t *words)
{
    for (word_t i = 0; i < 8; i++) {
        words[i] = from->regs[i];
    }
    words[UNKNOWN_SYSCALL_FAULT_IP] = from->regs[CONTEXT_FAULT_IP];
    words[UNKNOWN_SYSCALL_SP] = from->regs[CONTEXT_SP];
    words[UNKNOWN_SYSCALL_LR] = from->regs[CONTEXT_NEXT_IP];
    words[UNKNOWN_SYSCALL_SPSR] = from->regs[CONTEXT_SPSR];
    words[UNKNOWN_SYSCALL_SYSCALL] = from->fault.words[0];
    return UNKNOWN_SYSCALL_LENGTH;
}

static word_t timeout_words(const struct spec_thread *from, word_t *words)
{
    struct spec_context *context = spec_context_by_id(from->context);

    words[TIMEOUT_DATA] = from->fault.words[0];
    if (context == NULL) {
        return 1;
    }
    words[TIMEOUT_CONSUMED] = spec_context_report(context);
    return TIMEOUT_LENGTH;
}

void spec_fault_message(struct spec_thread *from, struct spec_thread *to, word_t badge)
{
    word_t words[UNKNOWN_SYSCALL_LENGTH];
    word_t count = 0;

    words[0] = from->regs[CONTEXT_FAULT_IP];
    switch (from->fault.type) {
    case FAULT_CAP: count = cap_fault_words(from, words); break;
    case FAULT_UNKNOWN_SYSCALL: count = syscall_words(from, words); break;
    case FAULT_USER_EXCEPTION:
        words[USER_EXCEPTION_SP] = from->regs[CONTEXT_SP];
        words[USER_EXCEPTION_SPSR] = from->regs[CONTEXT_SPSR];
        words[USER_EXCEPTION_NUMBER] = from->fault.words[0];
        words[USER_EXCEPTION_CODE] = 0;
        count = USER_EXCEPTION_LENGTH;
        break;
    case FAULT_TIMEOUT: count = timeout_words(from, words); break;
    case FAULT_VM:
        words[VM_FAULT_ADDRESS] = from->fault.words[0];
        words[VM_FAULT_PREFETCH_FAULT] = from->fault.words[1];
        words[VM_FAULT_FSR] = from->fault.words[2];
        count = VM_FAULT_LENGTH;
        break;
    default:
        words[0] = from->fault.words[0];
        count = 1;
        break;
    }
    spec_message_put(to, from->fault.type, words, count);
    to->regs[CONTEXT_BADGE] = badge;
}

/* Where word `i` of a reply goes, or -1. */
static int reply_register(enum fault fault, word_t i)
{
    static const int exception[] = { CONTEXT_FAULT_IP, CONTEXT_SP, CONTEXT_SPSR };
    static const int syscall[] = {
        0, 1, 2, 3, 4, 5, 6, 7, CONTEXT_FAULT_IP, CONTEXT_SP, CONTEXT_NEXT_IP, CONTEXT_SPSR
    };
    static const int timeout[] = { CONTEXT_FAULT_IP,
                                   CONTEXT_SP,
                                   CONTEXT_SPSR,
                                   0,
                                   1,
                                   2,
                                   3,
                                   4,
                                   5,
                                   6,
                                   7,
                                   8,
                                   16,
                                   17,
                                   18,
                                   29,
                                   30,
                                   9,
                                   10,
                                   11,
                                   12,
                                   13,
                                   14,
                                   15,
                                   19,
                                   20,
                                   21,
                                   22,
                                   23,
                                   24,
                                   25,
                                   26,
                                   27,
                                   28 };

    switch (fault) {
    case FAULT_USER_EXCEPTION: return i < 3 ? exception[i] : -1;
    case FAULT_UNKNOWN_SYSCALL: return i < 12 ? syscall[i] : -1;
    case FAULT_TIMEOUT: return i < 34 ? timeout[i] : -1;
    default: return -1;
    }
}

bool spec_fault_reply(struct spec_thread *faulter, const struct spec_thread *replier)
{
    enum fault fault = faulter->fault.type;
    word_t info = replier->regs[CONTEXT_INFO];
    word_t length = msginfo_length(info);

    if (reply_register(fault, 0) < 0) {
        return true;
    }
    if (length > MESSAGE_REGISTERS && spec_buffer_of(replier, false) == NULL) {
        length = MESSAGE_REGISTERS;
    }
    for (word_t i = 0; i < length; i++) {
        int place = reply_register(fault, i);

        if (place < 0) {
            break;
        }
        word_t value = spec_message_word(replier, i);

        faulter->regs[place] = place == CONTEXT_SPSR ? spec_sanitised_spsr(faulter, value) : value;
    }
    return msginfo_label(info) == 0;
}
