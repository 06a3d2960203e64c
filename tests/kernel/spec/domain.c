/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: domains (abi/03 §7, abi/04 §5.12) and calls to the firmware (abi/03 §9)
 */
#include "invoke.h"

#include <string.h>

static word_t schedule_length(void)
{
    return spec.domains == 1 ? DOMAIN_SCHEDULE_LENGTH_SINGLE : DOMAIN_SCHEDULE_LENGTH;
}

static void enter(word_t index)
{
    if (index >= schedule_length() || spec.domain_schedule[index].duration == 0) {
        index = spec.domain_start;
    }
    spec.domain_index = index;
    spec.domain = spec.domain_schedule[index].domain;
    spec.domain_left = spec.domain_schedule[index].duration;
    spec.reprogram = true;
}

void spec_domain_next(void)
{
    enter(spec.domain_index + 1);
}

bool spec_domain_has_expired(void)
{
    return spec.domains > 1 && spec.domain_left == 0;
}

void spec_domain_pass(word_t ticks)
{
    if (spec.domains > 1) {
        spec.domain_left =
            spec.domain_left <= ticks + SPEC_MIN_BUDGET ? 0 : spec.domain_left - ticks;
    }
}

/* ---- Invocations ----------------------------------------------------------------------------- */

static struct answer set(const struct call *call)
{
    word_t domain = spec_call_word(call, 0) & 0xff;
    struct spec_cap cap = spec_call_extra(call, 0);

    if (call->length == 0) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (domain >= spec.domains) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 0);
    }
    if (call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (cap.type != CAP_TCB) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 1);
    }
    struct spec_thread *thread = spec_thread_by_id(cap.object);
    bool queued = spec_queue_has(&spec.ready, thread);

    spec_queue_remove(&spec.ready, thread);
    thread->domain = domain;
    if (spec_thread_is_schedulable(thread) && (queued || !spec_thread_is_current(thread))) {
        spec_schedule_enqueue(thread);
    }
    if (spec_thread_is_current(thread)) {
        spec_schedule_reschedule();
    }
    return spec_answer_done();
}

static struct answer configure(const struct call *call)
{
    word_t index = spec_call_word(call, 0), domain = spec_call_word(call, 1) & 0xff;
    word_t duration = spec_call_word(call, 2);

    if (call->length < 3) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (index >= schedule_length() - 1) {
        return spec_answer_range(0, schedule_length() - 2);
    }
    if (domain >= spec.domains) {
        return spec_answer_range(0, spec.domains - 1);
    }
    if (duration > DOMAIN_DURATION_MAX) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 2);
    }
    if (duration == 0 && domain != 0) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 1);
    }
    if (index == spec.domain_start && duration == 0) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 2);
    }
    spec.domain_schedule[index] = (struct spec_slice){ domain, duration };
    return spec_answer_done();
}

static struct answer set_start(const struct call *call)
{
    word_t index = spec_call_word(call, 0);

    if (call->length < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (index >= schedule_length()) {
        return spec_answer_range(0, schedule_length() - 1);
    }
    if (spec.domain_schedule[index].duration == 0) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 0);
    }
    spec.domain_start = index;
    enter(index);
    spec_schedule_reschedule();
    return spec_answer_done();
}

struct answer spec_domain_invoke(const struct call *call)
{
    switch (call->label) {
    case LABEL_DOMAIN_SET_SET: return set(call);
    case LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE: return configure(call);
    case LABEL_DOMAIN_SET_SCHEDULE_SET_START: return set_start(call);
    default: return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
}

/* What the firmware answers is up to it: the driver has put the same there on both sides. */
struct answer spec_smc_invoke(const struct call *call)
{
    struct answer answer = { .count = SPEC_SMC_WORDS };

    if (call->label != LABEL_ARM_SMC_CALL) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (call->length < SPEC_SMC_WORDS) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (call->cap.badge != 0 && call->cap.badge != spec_call_word(call, 0)) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    for (word_t i = 0; i < SPEC_SMC_WORDS; i++) {
        spec.smc_in[i] = spec_call_word(call, i);
    }
    spec.smc_calls++;
    memcpy(answer.words, spec.smc_out, sizeof(spec.smc_out));
    return answer;
}
