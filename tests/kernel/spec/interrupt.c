/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: interrupts as capabilities (abi/03 §6, abi/02 §7)
 *
 * The notification of an interrupt is a capability in a place of its own, below the notification
 * that it was copied from.
 */
#include "interrupt.h"

#define SGI_TARGET_MAX 7 /* GICv2 */

static word_t place_of(word_t irq)
{
    return spec.irq_place + (irq << SLOT_BITS);
}

bool spec_irq_can_come(word_t irq)
{
    return irq < SPEC_IRQS && spec.irqs[irq].enabled && !spec.irqs[irq].held;
}

void spec_irq_handle(word_t irq)
{
    struct spec_cap cap = spec_caps_value(place_of(irq));

    if (spec.irqs[irq].state == SPEC_IRQ_TIMER) {
        spec.deadline = ~0ul;
        spec.reprogram = true;
        return;
    }
    if (cap.type == CAP_NOTIFICATION && cap.send) {
        spec_ipc_signal(spec_notification_by_id(cap.object), cap.badge);
    }
    spec.irqs[irq].held = true;
}

void spec_irq_handler_end(word_t irq)
{
    spec_cap_delete(place_of(irq));
    spec.irqs[irq].state = SPEC_IRQ_INACTIVE;
    spec.irqs[irq].enabled = false;
    spec.irqs[irq].held = false;
}

/* ---- IRQ control ----------------------------------------------------------------------------- */

/* The empty slot named by the two message words from `k` on, below extra capability 0. */
static struct answer find_slot(const struct call *call, word_t k, word_t *place)
{
    struct answer answer = spec_lookup_slot(spec_call_extra(call, 0), spec_call_word(call, k),
                                            spec_call_word(call, k + 1), false, place);

    if (answer.code == ERR_NONE && spec_caps_at(*place) != NULL) {
        answer = spec_answer_error(ERR_DELETE_FIRST);
    }
    return answer;
}

static struct answer get(const struct call *call, bool with_trigger)
{
    word_t irq = spec_call_word(call, 0), place;
    word_t k = with_trigger ? 2 : 1;

    if (call->length < k + 2 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (irq >= SPEC_IRQS) {
        return spec_answer_range(0, SPEC_IRQS - 1);
    }
    if (spec.irqs[irq].state != SPEC_IRQ_INACTIVE) {
        return spec_answer_error(ERR_REVOKE_FIRST);
    }
    struct answer answer = find_slot(call, k, &place);

    if (answer.code != ERR_NONE) {
        return answer;
    }
    if (with_trigger && irq >= SGI_COUNT) {
        spec.irqs[irq].edge = spec_call_word(call, 1) != 0;
    }
    spec.irqs[irq].state = SPEC_IRQ_SIGNAL;
    spec.irqs[irq].enabled = true;
    spec_caps_insert_derived((struct spec_cap){ .type = CAP_IRQ_HANDLER, .number = irq },
                             call->place, place);
    return answer;
}

static struct answer issue_sgi(const struct call *call)
{
    word_t irq = spec_call_word(call, 0), target = spec_call_word(call, 1), place;

    if (call->length < 4 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (irq >= SGI_COUNT) {
        return spec_answer_range(0, SGI_COUNT - 1);
    }
    if (target > SGI_TARGET_MAX) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 1);
    }
    struct answer answer = find_slot(call, 2, &place);

    if (answer.code == ERR_NONE) {
        spec_caps_insert_derived(
            (struct spec_cap){ .type = CAP_SGI, .number = irq, .target = target }, call->place,
            place);
    }
    return answer;
}

struct answer spec_irq_control_invoke(const struct call *call)
{
    switch (call->label) {
    case LABEL_IRQ_CONTROL_GET: return get(call, false);
    case LABEL_IRQ_CONTROL_GET_TRIGGER: return get(call, true);
    case LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL: return issue_sgi(call);
    default: return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
}

/* ---- Handlers and software interrupts -------------------------------------------------------- */

static struct answer set_notification(const struct call *call)
{
    struct spec_cap cap = spec_call_extra(call, 0);
    word_t place = place_of(call->cap.number);

    if (call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (cap.type != CAP_NOTIFICATION || !cap.send) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 0);
    }
    spec_cap_delete(place);
    spec_caps_insert_derived(cap, call->extra[0], place);
    return spec_answer_done();
}

struct answer spec_irq_handler_invoke(const struct call *call)
{
    switch (call->label) {
    case LABEL_IRQ_HANDLER_ACK: spec.irqs[call->cap.number].held = false; return spec_answer_done();
    case LABEL_IRQ_HANDLER_SET_NOTIFICATION: return set_notification(call);
    case LABEL_IRQ_HANDLER_CLEAR:
        spec_cap_delete(place_of(call->cap.number));
        return spec_answer_done();
    default: return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
}

struct answer spec_sgi_invoke(const struct call *call)
{
    spec.sgis_sent++;
    spec.sgi = (struct spec_sgi){ call->cap.number, call->cap.target };
    return spec_answer_done();
}
