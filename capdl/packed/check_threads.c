/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks of threads, scheduling contexts and interrupts of a packed spec
 *
 * Relies on checked objects. Invariant established: each such object has exactly one record, and
 * record and object name each other.
 */
#include "check.h"

#include <abi/objects.h>

#define IPC_BUFFER_ALIGN (UINT64_C(1) << IPC_BUFFER_BITS)

/* Record number self of an object of this type: does the object say so too? */
static bool is_owner(const struct packed_view *view, uint32_t object, uint8_t type, uint32_t self)
{
    return packed_is(view, object, type) && view->objects[object].first == self &&
           view->objects[object].count == 1;
}

/* Each object of the type names a record. Together with is_owner: a one-to-one relation. */
static const char *check_owners(struct packed_view *view, uint8_t type, uint32_t count)
{
    view->fault_section = PACKED_OBJECTS;
    for (uint32_t i = 0; i < view->object_count; i++) {
        const struct packed_object *object = &view->objects[i];
        view->fault_index = i;
        if (object->type == type && (object->count != 1 || object->first >= count)) {
            return "object without its record";
        }
    }
    return NULL;
}

static bool handler_is_right(const struct packed_view *view, const struct packed_handler *handler)
{
    return packed_is_or_none(view, handler->endpoint, PACKED_ENDPOINT) &&
           (handler->rights & ~PACKED_RIGHTS_ALL) == 0;
}

static const char *check_tcb(const struct packed_view *view, uint32_t self)
{
    const struct packed_tcb *tcb = &view->tcbs[self];
    if (!is_owner(view, tcb->object, PACKED_TCB, self)) {
        return "record of a thread that does not name it";
    }
    if (!packed_is_or_none(view, tcb->cspace, PACKED_CNODE) ||
        !packed_is_or_none(view, tcb->vspace, PACKED_VSPACE) ||
        !packed_is_or_none(view, tcb->ipc_frame, PACKED_FRAME) ||
        !packed_is_or_none(view, tcb->sched_context, PACKED_SCHED_CONTEXT) ||
        !packed_is_or_none(view, tcb->notification, PACKED_NOTIFICATION) ||
        !packed_is_or_none(view, tcb->vcpu, PACKED_VCPU) || !handler_is_right(view, &tcb->fault) ||
        !handler_is_right(view, &tcb->timeout)) {
        return "thread with a capability of a wrong kind";
    }
    if (tcb->cspace != PACKED_NONE &&
        !packed_guard_fits(tcb->guard, tcb->guard_size, view->objects[tcb->cspace].retype_bits)) {
        return "guard does not fit the CSpace root";
    }
    if (tcb->ipc_address % IPC_BUFFER_ALIGN != 0 || tcb->ipc_address >= PACKED_ADDRESS_END) {
        return "IPC buffer at an impossible address";
    }
    if (tcb->argument_count > PACKED_ARGUMENTS_MAX || tcb->first_argument > view->word_count ||
        tcb->argument_count > view->word_count - tcb->first_argument) {
        return "arguments of a thread are out of range";
    }
    if ((tcb->flags & ~(PACKED_TCB_RESUME | PACKED_TCB_FPU_DISABLED)) != 0 ||
        tcb->domain >= view->header->domain_count || tcb->affinity >= 64 ||
        (tcb->notification_rights & ~PACKED_RIGHTS_ALL) != 0) {
        return "thread with unknown flags, domain or core";
    }
    return NULL;
}

const char *packed_check_tcbs(struct packed_view *view)
{
    const char *wrong = check_owners(view, PACKED_TCB, view->tcb_count);
    if (wrong != NULL) {
        return wrong;
    }
    view->fault_section = PACKED_TCBS;
    for (uint32_t i = 0; i < view->tcb_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_tcb(view, i);
    }
    return wrong;
}

static const char *check_sc(const struct packed_view *view, uint32_t self)
{
    const struct packed_sc *sc = &view->scs[self];
    if (!is_owner(view, sc->object, PACKED_SCHED_CONTEXT, self)) {
        return "record of a scheduling context that does not name it";
    }
    uint64_t size = UINT64_C(1) << view->objects[sc->object].size_bits;
    if (sc->extra_refills > (size - SCHED_CONTEXT_USER_CORE_BYTES) / REFILL_BYTES) {
        return "scheduling context has no room for its refills";
    }
    if (sc->budget_us > sc->period_us || sc->core >= 64) {
        return "scheduling context with a budget above its period";
    }
    return NULL;
}

const char *packed_check_scs(struct packed_view *view)
{
    const char *wrong = check_owners(view, PACKED_SCHED_CONTEXT, view->sc_count);
    if (wrong != NULL) {
        return wrong;
    }
    view->fault_section = PACKED_SCS;
    for (uint32_t i = 0; i < view->sc_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_sc(view, i);
    }
    return wrong;
}

static const char *check_irq(const struct packed_view *view, uint32_t self)
{
    const struct packed_irq *irq = &view->irqs[self];
    if (!is_owner(view, irq->object, PACKED_IRQ, self)) {
        return "record of an interrupt that does not name it";
    }
    if (irq->trigger > PACKED_TRIGGER_DEFAULT || irq->core >= 64 || irq->number >= 1020 ||
        (irq->rights & ~PACKED_RIGHTS_ALL) != 0 ||
        !packed_is_or_none(view, irq->notification, PACKED_NOTIFICATION)) {
        return "interrupt with wrong details";
    }
    return NULL;
}

static const char *check_sgi(const struct packed_view *view, uint32_t self)
{
    const struct packed_sgi *sgi = &view->sgis[self];
    if (!is_owner(view, sgi->object, PACKED_SGI, self)) {
        return "record of an SGI that does not name it";
    }
    return sgi->irq < 16 ? NULL : "SGI with a wrong number";
}

const char *packed_check_irqs(struct packed_view *view)
{
    const char *wrong = check_owners(view, PACKED_IRQ, view->irq_count);
    if (wrong == NULL) {
        wrong = check_owners(view, PACKED_SGI, view->sgi_count);
    }
    if (wrong != NULL) {
        return wrong;
    }
    view->fault_section = PACKED_IRQS;
    for (uint32_t i = 0; i < view->irq_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_irq(view, i);
    }
    if (wrong != NULL) {
        return wrong;
    }
    view->fault_section = PACKED_SGIS;
    for (uint32_t i = 0; i < view->sgi_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_sgi(view, i);
    }
    return wrong;
}
