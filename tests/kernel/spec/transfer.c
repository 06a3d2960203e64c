/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: message transfer (abi/01 §4)
 */
#include "ipc.h"

#define WORD_CAPS          122 /* of the IPC buffer (abi/01 §3) */
#define WORD_RECEIVE_CNODE 125
#define WORD_RECEIVE_INDEX 126
#define WORD_RECEIVE_DEPTH 127

struct spec_buffer *spec_buffer_at(word_t address)
{
    for (size_t i = 0; i < SPEC_BUFFERS; i++) {
        if (spec.buffers[i].address == address) {
            return &spec.buffers[i];
        }
    }
    for (size_t i = 0; i < SPEC_BUFFERS; i++) {
        if (spec.buffers[i].address == 0) {
            spec.buffers[i] = (struct spec_buffer){ .address = address };
            return &spec.buffers[i];
        }
    }
    spec_give_up("too many IPC buffers");
}

struct spec_buffer *spec_buffer_of(const struct spec_thread *thread, bool to_write)
{
    struct spec_cap frame = spec_caps_value(thread->id + (TCB_SLOT_BUFFER << SLOT_BITS));

    if (frame.type != CAP_FRAME || frame.device ||
        (frame.rights != FRAME_READ_WRITE && (to_write || frame.rights != FRAME_READ_ONLY))) {
        return NULL;
    }
    return spec_buffer_at(frame.object + (thread->buffer & ((1ul << frame.size_bits) - 1)));
}

word_t spec_message_word(const struct spec_thread *thread, word_t i)
{
    if (i < MESSAGE_REGISTERS) {
        return thread->regs[CONTEXT_MESSAGE + i];
    }
    return spec_buffer_of(thread, false)->words[1 + i];
}

void spec_message_put(struct spec_thread *thread, word_t label, const word_t *words, word_t count)
{
    struct spec_buffer *buffer = spec_buffer_of(thread, true);

    if (buffer == NULL && count > MESSAGE_REGISTERS) {
        count = MESSAGE_REGISTERS;
    }
    for (word_t i = 0; i < count; i++) {
        if (i < MESSAGE_REGISTERS) {
            thread->regs[CONTEXT_MESSAGE + i] = words[i];
        } else {
            buffer->words[1 + i] = words[i];
        }
    }
    thread->regs[CONTEXT_INFO] = msginfo_new(label, 0, 0, count);
}

/* The one slot that a receiver offers, or 0. */
static word_t receive_place(const struct spec_thread *to, const struct spec_buffer *buffer)
{
    word_t place, left;

    if (spec_lookup_thread(to, buffer->words[WORD_RECEIVE_CNODE], &place).failure != LOOKUP_NONE) {
        return 0;
    }
    word_t depth = buffer->words[WORD_RECEIVE_DEPTH];

    if (depth < 1 || depth > WORD_BITS ||
        spec_lookup_resolve(spec_caps_value(place), buffer->words[WORD_RECEIVE_INDEX], depth,
                            &place, &left)
                .failure != LOOKUP_NONE ||
        left != 0 || spec_caps_at(place) != NULL) {
        return 0;
    }
    return place;
}

/* Extra capabilities (§4.2). Post: fields of the received message info. */
static void transfer_caps(const struct spec_thread *from, struct spec_thread *to, word_t endpoint,
                          word_t *extra, word_t *unwrapped)
{
    struct spec_buffer *sent = spec_buffer_of(from, false);
    struct spec_buffer *got = spec_buffer_of(to, true);
    word_t count = msginfo_extra_caps(from->regs[CONTEXT_INFO]);
    word_t sources[MESSAGE_MAX_EXTRA_CAPS];

    if (sent == NULL || got == NULL || count == 0) {
        return;
    }
    for (word_t i = 0; i < count; i++) {
        if (spec_lookup_thread(from, sent->words[WORD_CAPS + i], &sources[i]).failure !=
            LOOKUP_NONE) {
            return;
        }
    }
    word_t place = receive_place(to, got);

    for (word_t i = 0; i < count; i++) {
        struct spec_cap cap = spec_caps_value(sources[i]);
        struct spec_cap derived;

        if (cap.type == CAP_ENDPOINT && endpoint != 0 && cap.object == endpoint) {
            got->words[WORD_CAPS + i] = cap.badge;
            *unwrapped |= 1ul << i;
        } else {
            if (place == 0 || spec_caps_derive(&cap, sources[i], &derived) != ERR_NONE ||
                derived.type == CAP_NULL) {
                return;
            }
            spec_caps_insert_derived(derived, sources[i], place);
            place = 0;
        }
        *extra += 1;
    }
}

void spec_message_transfer(struct spec_thread *from, struct spec_thread *to, word_t endpoint,
                           word_t badge, bool grant)
{
    word_t info = from->regs[CONTEXT_INFO];
    word_t n = msginfo_length(info);
    word_t extra = 0, unwrapped = 0;
    struct spec_buffer *sent = spec_buffer_of(from, false);
    struct spec_buffer *got = spec_buffer_of(to, true);

    if (from->fault.type != FAULT_NONE) {
        spec_fault_message(from, to, badge);
        return;
    }
    n = n > MESSAGE_MAX_LENGTH ? MESSAGE_MAX_LENGTH : n;
    if ((sent == NULL || got == NULL) && n > MESSAGE_REGISTERS) {
        n = MESSAGE_REGISTERS;
    }
    for (word_t i = 0; i < n; i++) {
        if (i < MESSAGE_REGISTERS) {
            to->regs[CONTEXT_MESSAGE + i] = from->regs[CONTEXT_MESSAGE + i];
        } else {
            got->words[1 + i] = sent->words[1 + i];
        }
    }
    if (grant) {
        transfer_caps(from, to, endpoint, &extra, &unwrapped);
    }
    to->regs[CONTEXT_INFO] = msginfo_new(msginfo_label(info), unwrapped, extra, n);
    to->regs[CONTEXT_BADGE] = badge;
}
