/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: Untyped_Retype (abi/02 §4, abi/03 §3)
 */
#include "vcpu.h"

static word_t object_bits(word_t type, word_t size_bits)
{
    switch (type) {
    case OBJECT_TCB: return TCB_BITS;
    case OBJECT_ENDPOINT: return ENDPOINT_BITS;
    case OBJECT_NOTIFICATION: return NOTIFICATION_BITS;
    case OBJECT_CNODE: return SLOT_BITS + size_bits;
    case OBJECT_REPLY: return REPLY_BITS;
    case OBJECT_HUGE_FRAME: return HUGE_FRAME_BITS;
    case OBJECT_VSPACE: return VSPACE_BITS;
    case OBJECT_SMALL_FRAME: return SMALL_FRAME_BITS;
    case OBJECT_LARGE_FRAME: return LARGE_FRAME_BITS;
    case OBJECT_PAGE_TABLE: return PAGE_TABLE_BITS;
    case OBJECT_VCPU: return VCPU_BITS;
    default: return size_bits; /* untyped, scheduling context */
    }
}

static bool is_frame(word_t type)
{
    return type == OBJECT_HUGE_FRAME || type == OBJECT_SMALL_FRAME || type == OBJECT_LARGE_FRAME;
}

/* A new object at `at`, and its first capability (abi/02 §2). */
static struct spec_cap object_new(word_t type, word_t size_bits, word_t at, word_t device)
{
    struct spec_cap cap = { .object = at };

    switch (type) {
    case OBJECT_UNTYPED: cap.type = CAP_UNTYPED; break;
    case OBJECT_TCB:
        cap.type = CAP_TCB;
        spec_thread_new(at);
        return cap;
    case OBJECT_ENDPOINT:
        cap.type = CAP_ENDPOINT;
        cap.grant = cap.grant_reply = cap.send = cap.receive = 1;
        spec_endpoint_new(at);
        return cap;
    case OBJECT_NOTIFICATION:
        cap.type = CAP_NOTIFICATION;
        cap.send = cap.receive = 1;
        spec_notification_new(at);
        return cap;
    case OBJECT_CNODE: cap.type = CAP_CNODE; break;
    case OBJECT_SCHED_CONTEXT:
        cap.type = CAP_SCHED_CONTEXT;
        spec_context_new(at, size_bits);
        break;
    case OBJECT_REPLY:
        cap.type = CAP_REPLY;
        cap.grant = 1;
        spec_reply_new(at);
        return cap;
    case OBJECT_VSPACE: cap.type = CAP_VSPACE; return cap;
    case OBJECT_PAGE_TABLE: cap.type = CAP_PAGE_TABLE; return cap;
    case OBJECT_VCPU:
        cap.type = CAP_VCPU;
        spec_vcpu_new(at);
        return cap;
    default:
        cap.type = CAP_FRAME;
        cap.rights = FRAME_READ_WRITE;
        size_bits = object_bits(type, 0);
        break;
    }
    cap.size_bits = size_bits;
    if (cap.type == CAP_UNTYPED || cap.type == CAP_FRAME) {
        cap.device = device;
    }
    return cap;
}

/* Checks 3 to 7. */
static struct answer check_type(word_t type, word_t size_bits)
{
    if (type >= OBJECT_TYPE_COUNT) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 0);
    }
    if (size_bits >= WORD_BITS || object_bits(type, size_bits) > UNTYPED_MAX_BITS) {
        return spec_answer_range(0, UNTYPED_MAX_BITS);
    }
    if ((type == OBJECT_CNODE && size_bits == 0) ||
        (type == OBJECT_UNTYPED && size_bits < UNTYPED_MIN_BITS) ||
        (type == OBJECT_SCHED_CONTEXT && size_bits < SCHED_CONTEXT_MIN_BITS)) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 1);
    }
    return spec_answer_done();
}

/* Checks 8 to 13. Post: place of the first slot. */
static struct answer check_slots(const struct call *call, word_t *first)
{
    word_t depth = spec_call_word(call, 3), offset = spec_call_word(call, 4),
           count = spec_call_word(call, 5);
    struct spec_cap node = spec_call_extra(call, 0);
    word_t place;

    if (depth != 0) {
        struct answer answer =
            spec_lookup_slot(node, spec_call_word(call, 2), depth, false, &place);

        if (answer.code != ERR_NONE) {
            return answer;
        }
        node = spec_caps_value(place);
    }
    if (node.type != CAP_CNODE) {
        return spec_answer_lookup(false,
                                  (struct spec_lookup){ LOOKUP_MISSING_CAPABILITY, depth, 0, 0 });
    }
    word_t slots = 1ul << node.size_bits;

    if (offset > slots - 1) {
        return spec_answer_range(0, slots - 1);
    }
    if (count < 1 || count > RETYPE_MAX_OBJECTS) {
        return spec_answer_range(1, RETYPE_MAX_OBJECTS);
    }
    if (count > slots - offset) {
        return spec_answer_range(1, slots - offset);
    }
    *first = node.object + (offset << SLOT_BITS);
    for (word_t i = 0; i < count; i++) {
        if (spec_caps_at(*first + (i << SLOT_BITS)) != NULL) {
            return spec_answer_error(ERR_DELETE_FIRST);
        }
    }
    return spec_answer_done();
}

void spec_untyped_forget(const struct spec_cap *untyped, word_t from)
{
    word_t start = untyped->object + from, end = untyped->object + spec_caps_bytes(untyped);

    for (size_t i = 0; i < SPEC_BUFFERS; i++) {
        struct spec_buffer *buffer = &spec.buffers[i];

        if (buffer->address >= end || buffer->address + sizeof(buffer->words) <= start) {
            continue;
        }
        for (word_t k = 0; k < 128; k++) {
            if (buffer->address + 8 * k >= start) {
                buffer->words[k] = 0;
            }
        }
        if (buffer->address >= start && buffer->address < end) {
            buffer->address = 0;
        }
    }
}

/* From high to low addresses, in chunks, with the progress in the watermark. */
static void untyped_reset(const struct call *call)
{
    struct spec_cap *cap = &spec_caps_at(call->place)->cap;

    while (!cap->device && cap->watermark > 0) {
        cap->watermark = (cap->watermark - 1) & ~(SPEC_RESET_CHUNK - 1);
        spec_untyped_forget(cap, cap->watermark);
        if (cap->watermark > 0) {
            spec_preemption_point();
        }
    }
    cap->watermark = 0;
}

struct answer spec_untyped_invoke(const struct call *call)
{
    word_t type = spec_call_word(call, 0), size_bits = spec_call_word(call, 1);
    word_t first = 0, count;

    if (call->label != LABEL_UNTYPED_RETYPE) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (call->length < 6 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    struct answer answer = check_type(type, size_bits);

    if (answer.code == ERR_NONE) {
        answer = check_slots(call, &first);
    }
    if (answer.code != ERR_NONE) {
        return answer;
    }
    bool reset = !spec_caps_has_children(spec_caps_at(call->place));
    word_t bits = object_bits(type, size_bits);
    word_t start = reset ? 0 : call->cap.watermark;
    word_t free = spec_caps_bytes(&call->cap) - start;

    count = spec_call_word(call, 5);
    if (free >> bits < count) {
        return spec_answer_number(ERR_NOT_ENOUGH_MEMORY, free);
    }
    if (call->cap.device && !is_frame(type) && type != OBJECT_UNTYPED) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 1);
    }
    if (reset) {
        untyped_reset(call);
    }
    word_t base = call->cap.object;
    word_t at = (base + start + (1ul << bits) - 1) & ~((1ul << bits) - 1);

    for (word_t i = 0; i < count; i++) {
        spec_caps_insert_new(object_new(type, size_bits, at, call->cap.device), call->place,
                             first + (i << SLOT_BITS));
        at += 1ul << bits;
    }
    spec_caps_at(call->place)->cap.watermark = at - base;
    return answer;
}
