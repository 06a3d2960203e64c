/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts as capabilities (abi/02 §7, abi/03 §6)
 */
#include <core/irq.h>

#include <abi/labels.h>
#include <core/cap.h>
#include <core/cdt.h>
#include <core/cspace.h>
#include <core/notification.h>
#include <core/preempt.h>
#include <core/slot_delete.h>

#define UNBIND_STEP_UNITS 4 /* each wakes a thread */

void irq_handle(word_t irq)
{
    struct cap cap;

    if (irq > kernel.config.max_irq || kernel.irq_state[irq] != IRQ_SIGNAL) {
        /* Nobody asked for it: it must not come again at once. */
        machine_irq_mask(irq);
        machine_irq_finish(irq);
        return;
    }
    cap = kernel.irq_slots[irq].cap;
    if (cap_type(cap) == CAP_NOTIFICATION && cap_notification_can_send(cap)) {
        notification_signal(cap_notification_object(cap), cap_notification_badge(cap));
    }
    machine_irq_hold(irq);
}

bool irq_unbind_step(word_t irq)
{
    return slot_delete_simple_step(&kernel.irq_slots[irq]);
}

/* Preempted if the notification went too, and many waited at it. */
static enum progress irq_unbind(word_t irq)
{
    while (!irq_unbind_step(irq)) {
        if (preemption_point_after(UNBIND_STEP_UNITS)) {
            return PROGRESS_PREEMPTED;
        }
    }
    return PROGRESS_DONE;
}

void irq_release(word_t irq)
{
    kernel.irq_state[irq] = IRQ_INACTIVE;
    /* Its last handler may have ended before the acknowledgement, and the next one does not know. */
    machine_irq_user_ack(irq);
    machine_irq_mask(irq);
}

/* Make the handler capability of `irq` and let the interrupt come. */
static void irq_issue(word_t irq, struct slot *control, struct slot *destination)
{
    kernel.irq_state[irq] = IRQ_SIGNAL;
    machine_irq_unmask(irq);
    cdt_insert(cap_irq_handler_new(irq), control, destination);
}

/* Get and GetTrigger; `place` is the number of the message word that holds the index. */
static enum outcome irq_control_decode_get(struct invocation *inv, word_t place)
{
    word_t irq = invocation_arg(inv, 0);
    struct slot *destination;

    if (inv->length < place + 2 || inv->extra_count < 1) {
        return error_truncated();
    }
    if (irq > kernel.config.max_irq) {
        return error_range(0, kernel.config.max_irq);
    }
    if (kernel.irq_state[irq] != IRQ_INACTIVE) {
        return error_revoke_first();
    }
    if (cspace_lookup_empty(inv->extra[0]->cap, invocation_arg(inv, place),
                            invocation_arg(inv, place + 1), &destination) != ERR_NONE) {
        return OUTCOME_ERROR;
    }
    if (inv->label == LABEL_IRQ_CONTROL_GET_TRIGGER && irq >= SGI_COUNT) {
        machine_irq_set_trigger(irq, invocation_arg(inv, 1) != 0);
    }
    irq_issue(irq, inv->slot, destination);
    return OUTCOME_DONE;
}

static enum outcome irq_control_decode_sgi(struct invocation *inv)
{
    word_t irq = invocation_arg(inv, 0);
    word_t target = invocation_arg(inv, 1);
    struct slot *destination;

    if (inv->length < 4 || inv->extra_count < 1) {
        return error_truncated();
    }
    if (irq >= SGI_COUNT) {
        return error_range(0, SGI_COUNT - 1);
    }
    if (!machine_sgi_target_is_valid(target)) {
        return error_argument(1);
    }
    if (cspace_lookup_empty(inv->extra[0]->cap, invocation_arg(inv, 2), invocation_arg(inv, 3),
                            &destination) != ERR_NONE) {
        return OUTCOME_ERROR;
    }
    cdt_insert(cap_sgi_new(irq, target), inv->slot, destination);
    return OUTCOME_DONE;
}

enum outcome irq_control_decode(struct invocation *inv)
{
    switch (inv->label) {
    case LABEL_IRQ_CONTROL_GET: return irq_control_decode_get(inv, 1);
    case LABEL_IRQ_CONTROL_GET_TRIGGER: return irq_control_decode_get(inv, 2);
    case LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL: return irq_control_decode_sgi(inv);
    default: return error_illegal();
    }
}

static enum outcome irq_handler_decode_set_notification(struct invocation *inv, word_t irq)
{
    struct cap cap;

    if (inv->extra_count < 1) {
        return error_truncated();
    }
    cap = inv->extra[0]->cap;
    if (cap_type(cap) != CAP_NOTIFICATION || !cap_notification_can_send(cap)) {
        return error_capability(0);
    }
    if (irq_unbind(irq) == PROGRESS_PREEMPTED) {
        return OUTCOME_PREEMPTED;
    }
    cdt_insert(cap, inv->extra[0], &kernel.irq_slots[irq]);
    return OUTCOME_DONE;
}

enum outcome irq_handler_decode(struct invocation *inv)
{
    word_t irq = cap_irq_handler_irq(inv->cap);

    switch (inv->label) {
    case LABEL_IRQ_HANDLER_ACK: machine_irq_user_ack(irq); return OUTCOME_DONE;
    case LABEL_IRQ_HANDLER_SET_NOTIFICATION: return irq_handler_decode_set_notification(inv, irq);
    case LABEL_IRQ_HANDLER_CLEAR:
        return irq_unbind(irq) == PROGRESS_PREEMPTED ? OUTCOME_PREEMPTED : OUTCOME_DONE;
    default: return error_illegal();
    }
}

enum outcome sgi_decode(struct invocation *inv)
{
    /* Any label will do: the capability can do one thing only. */
    machine_sgi_send(cap_sgi_irq(inv->cap), cap_sgi_target(inv->cap));
    return OUTCOME_DONE;
}
