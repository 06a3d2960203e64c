/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB invocations that move registers
 *
 * Invariant: what gets into SPSR is sanitised for the thread that gets it, wherever it came from: a
 *            mode that the thread cannot have would make the return to it an exception of the kernel.
 */
#include <core/cap.h>
#include <core/ipc_transfer.h>
#include <core/tcb.h>
#include <core/thread.h>

#define READ_SUSPEND_SOURCE   1ul
#define WRITE_RESUME_TARGET   1ul
#define COPY_SUSPEND_SOURCE   1ul
#define COPY_RESUME_TARGET    2ul
#define COPY_TRANSFER_FRAME   4ul
#define COPY_TRANSFER_INTEGER 8ul

enum outcome tcb_decode_read_registers(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 2) {
        return error_truncated();
    }
    const word_t count = invocation_arg(inv, 1);

    if (count < 1 || count > USER_CONTEXT_COUNT) {
        return error_range(1, USER_CONTEXT_COUNT);
    }
    if (thread_is_current(thread)) {
        return error_illegal();
    }
    if (invocation_arg(inv, 0) & READ_SUSPEND_SOURCE) {
        thread_suspend(thread);
    }
    if (inv->is_call) {
        word_t words[USER_CONTEXT_COUNT];

        for (word_t i = 0; i < count; i++) {
            words[i] = thread_register(thread, context_user_index(i));
        }
        invocation_reply_words(inv, words, count);
    }
    return OUTCOME_DONE;
}

static void tcb_set_user_register(struct tcb *thread, word_t index, word_t value)
{
    if (index == CONTEXT_SPSR) {
        value = thread_sanitise_spsr(thread, value);
    }
    thread_set_register(thread, index, value);
}

enum outcome tcb_decode_write_registers(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 2) {
        return error_truncated();
    }
    word_t count = invocation_arg(inv, 1);

    if (inv->length - 2 < count) {
        return error_truncated();
    }
    if (thread_is_current(thread)) {
        return error_illegal();
    }
    if (count > USER_CONTEXT_COUNT) {
        count = USER_CONTEXT_COUNT;
    }
    for (word_t i = 0; i < count; i++) {
        tcb_set_user_register(thread, context_user_index(i), invocation_arg(inv, 2 + i));
    }
    thread_set_register(thread, CONTEXT_NEXT_IP, thread_register(thread, CONTEXT_FAULT_IP));
    if (invocation_arg(inv, 0) & WRITE_RESUME_TARGET) {
        thread_restart(thread);
    }
    return OUTCOME_DONE;
}

static void tcb_copy_registers(struct tcb *to, const struct tcb *from, word_t first, word_t end)
{
    for (word_t i = first; i < end; i++) {
        const word_t index = context_user_index(i);

        tcb_set_user_register(to, index, thread_register(from, index));
    }
}

enum outcome tcb_decode_copy_registers(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 1 || inv->extra_count < 1) {
        return error_truncated();
    }
    const struct cap cap = inv->extra[0]->cap;
    const word_t flags = invocation_arg(inv, 0);

    if (cap_type(cap) != CAP_TCB) {
        return error_capability(1);
    }
    struct tcb *source = cap_tcb_object(cap);

    if (flags & COPY_SUSPEND_SOURCE) {
        thread_suspend(source);
    }
    if (flags & COPY_RESUME_TARGET) {
        thread_restart(thread);
    }
    if (flags & COPY_TRANSFER_FRAME) {
        tcb_copy_registers(thread, source, 0, USER_CONTEXT_FRAME_COUNT);
        thread_set_register(thread, CONTEXT_NEXT_IP, thread_register(thread, CONTEXT_FAULT_IP));
    }
    if (flags & COPY_TRANSFER_INTEGER) {
        tcb_copy_registers(thread, source, USER_CONTEXT_FRAME_COUNT, USER_CONTEXT_COUNT);
    }
    return OUTCOME_DONE;
}
