/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Moving messages
 */
#include <core/cap.h>
#include <core/cdt.h>
#include <core/cspace.h>
#include <core/fault.h>
#include <core/ipc_transfer.h>
#include <core/thread.h>

struct ipc_buffer *ipc_buffer(const struct tcb *thread, bool is_writable)
{
    const struct cap cap = thread->slots[TCB_SLOT_BUFFER].cap;

    if (cap_type(cap) != CAP_FRAME || cap_frame_is_device(cap)) {
        return NULL;
    }
    const word_t rights = cap_frame_rights(cap);

    if (rights != FRAME_READ_WRITE && (is_writable || rights != FRAME_READ_ONLY)) {
        return NULL;
    }
    const word_t mask = (1ul << frame_size_bits(cap_frame_size(cap))) - 1;

    return ipc_buffer_at(
        (struct ipc_buffer_ref){ cap_frame_address(cap) + (thread->ipc_buffer & mask) });
}

/* ---- Words --------------------------------------------------------------------------------- */

bool ipc_set_word(struct tcb *thread, word_t i, word_t value)
{
    if (i < MESSAGE_REGISTERS) {
        thread_set_register(thread, CONTEXT_MESSAGE + i, value);
        return true;
    }
    struct ipc_buffer *buffer = ipc_buffer(thread, true);

    if (buffer == NULL) {
        return false;
    }
    buffer->msg[i] = value;
    return true;
}

word_t ipc_set_words(struct tcb *thread, const word_t *words, word_t count)
{
    word_t i = 0;

    for (; i < count && i < MESSAGE_REGISTERS; i++) {
        thread_set_register(thread, CONTEXT_MESSAGE + i, words[i]);
    }
    if (i == count) {
        return count;
    }
    struct ipc_buffer *buffer = ipc_buffer(thread, true);

    if (buffer == NULL) {
        return i;
    }
    for (; i < count; i++) {
        buffer->msg[i] = words[i];
    }
    return count;
}

/* Words 4 to length - 1. Four at a time, as long as there are as many: pairs of words are moved by
 * one instruction if all are read before the first is written. */
static void ipc_copy_buffer(const struct ipc_buffer *from, struct ipc_buffer *to, word_t length)
{
    word_t i = MESSAGE_REGISTERS;

    for (; i + 4 <= length; i += 4) {
        const word_t a = from->msg[i];
        const word_t b = from->msg[i + 1];
        const word_t c = from->msg[i + 2];
        const word_t d = from->msg[i + 3];

        to->msg[i] = a;
        to->msg[i + 1] = b;
        to->msg[i + 2] = c;
        to->msg[i + 3] = d;
    }
    for (; i < length; i++) {
        to->msg[i] = from->msg[i];
    }
}

word_t ipc_copy_words(struct tcb *sender, struct tcb *receiver, word_t length)
{
    const word_t in_registers = length < MESSAGE_REGISTERS ? length : MESSAGE_REGISTERS;

    for (word_t i = 0; i < in_registers; i++) {
        receiver->context.regs[CONTEXT_MESSAGE + i] = sender->context.regs[CONTEXT_MESSAGE + i];
    }
    if (length <= MESSAGE_REGISTERS) {
        return length;
    }
    const struct ipc_buffer *from = ipc_buffer(sender, false);
    struct ipc_buffer *to = ipc_buffer(receiver, true);

    if (from == NULL || to == NULL) {
        return in_registers;
    }
    ipc_copy_buffer(from, to, length);
    return length;
}

/* ---- Capabilities --------------------------------------------------------------------------- */

/* The one slot that the receiver offers; NULL if it offers none that is usable. */
static struct slot *ipc_receive_slot(struct tcb *receiver, const struct ipc_buffer *buffer)
{
    struct slot *root = NULL;
    struct slot *slot = NULL;

    if (!cspace_lookup(receiver, buffer->receive_cnode, &root) ||
        !cspace_lookup_exact(root->cap, buffer->receive_index, buffer->receive_depth, &slot) ||
        !cap_is_null(slot->cap)) {
        return NULL;
    }
    return slot;
}

/* Move capabilities; return the fields capsUnwrapped and extraCaps of the received message info. */
static word_t ipc_copy_caps(struct tcb *sender, struct tcb *receiver,
                            const struct endpoint *endpoint, word_t count)
{
    const struct ipc_buffer *from = ipc_buffer(sender, false);
    struct ipc_buffer *to = ipc_buffer(receiver, true);
    struct slot *sources[MESSAGE_MAX_EXTRA_CAPS];

    if (from == NULL || to == NULL) {
        return 0;
    }
    for (word_t i = 0; i < count; i++) {
        if (!cspace_lookup(sender, from->caps_or_badges[i], &sources[i])) {
            return 0;
        }
    }
    struct slot *destination = ipc_receive_slot(receiver, to);
    word_t unwrapped = 0;
    word_t i = 0;

    for (; i < count; i++) {
        const struct cap cap = sources[i]->cap;

        if (endpoint != NULL && cap_type(cap) == CAP_ENDPOINT &&
            cap_endpoint_object(cap) == endpoint) {
            to->caps_or_badges[i] = cap_endpoint_badge(cap);
            unwrapped |= 1ul << i;
            continue;
        }
        struct cap derived;

        if (destination == NULL || cap_derive(sources[i], cap, &derived) != ERR_NONE ||
            cap_is_null(derived)) {
            break;
        }
        cdt_insert(derived, sources[i], destination);
        destination = NULL;
    }
    return msginfo_new(0, unwrapped, i, 0);
}

void ipc_transfer(struct tcb *sender, struct tcb *receiver, const struct endpoint *endpoint,
                  word_t badge, bool can_grant)
{
    word_t received;

    if (sender->fault.type != FAULT_NONE) {
        received = fault_transfer(sender, receiver);
    } else {
        const word_t info = thread_register(sender, CONTEXT_INFO);
        const word_t length = msginfo_length(info);
        const word_t caps = msginfo_extra_caps(info);

        received = ipc_copy_words(sender, receiver,
                                  length < MESSAGE_MAX_LENGTH ? length : MESSAGE_MAX_LENGTH);
        received |= msginfo_new(msginfo_label(info), 0, 0, 0);
        if (can_grant && caps > 0) {
            received |= ipc_copy_caps(sender, receiver, endpoint, caps);
        }
    }
    thread_set_register(receiver, CONTEXT_INFO, received);
    thread_set_register(receiver, CONTEXT_BADGE, badge);
}

/* ---- Answers of kernel objects ---------------------------------------------------------------- */

void ipc_set_result(struct tcb *thread, const word_t *words, word_t count)
{
    const word_t length = ipc_set_words(thread, words, count);

    thread_set_register(thread, CONTEXT_BADGE, 0);
    thread_set_register(thread, CONTEXT_INFO, msginfo_new(0, 0, 0, length));
}

void invocation_reply_words(const struct invocation *inv, const word_t *words, word_t count)
{
    struct tcb *thread = thread_current();

    if (inv->is_call) {
        ipc_set_result(thread, words, count);
        /* Tells syscall.c that the answer has been given. */
        thread->state = THREAD_RUNNING;
    }
}

/* Message words that describe a failed lookup (abi/01 §6). */
static word_t ipc_set_lookup_error(struct tcb *thread, const struct syscall_error *error)
{
    const struct lookup_fault *lookup = &error->lookup;
    const word_t words[] = { error->lookup_was_source, lookup->failure, lookup->bits_left,
                             lookup->failure == LOOKUP_GUARD_MISMATCH ? lookup->guard_found
                                                                      : lookup->bits_found,
                             lookup->bits_found };
    word_t count = 2;

    switch (lookup->failure) {
    case LOOKUP_NONE:
    case LOOKUP_INVALID_ROOT: break;
    case LOOKUP_MISSING_CAPABILITY: count = 3; break;
    case LOOKUP_DEPTH_MISMATCH: count = 4; break;
    case LOOKUP_GUARD_MISMATCH: count = 5; break;
    }
    return ipc_set_words(thread, words, count);
}

void ipc_reply_error(struct tcb *thread)
{
    const struct syscall_error *error = &this_cpu()->error;
    word_t length = 0;

    switch (error->code) {
    case ERR_INVALID_ARGUMENT:
    case ERR_INVALID_CAPABILITY: length = ipc_set_words(thread, &error->argument, 1); break;
    case ERR_RANGE:
        length = ipc_set_words(thread, (const word_t[]){ error->min, error->max }, 2);
        break;
    case ERR_FAILED_LOOKUP: length = ipc_set_lookup_error(thread, error); break;
    case ERR_NOT_ENOUGH_MEMORY: length = ipc_set_words(thread, &error->bytes_left, 1); break;
    case ERR_NONE:
    case ERR_ILLEGAL_OPERATION:
    case ERR_ALIGNMENT:
    case ERR_TRUNCATED_MESSAGE:
    case ERR_DELETE_FIRST:
    case ERR_REVOKE_FIRST: break;
    }
    thread_set_register(thread, CONTEXT_BADGE, 0);
    thread_set_register(thread, CONTEXT_INFO, msginfo_new(error->code, 0, 0, length));
}
