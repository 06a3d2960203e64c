/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Comparing what was built with the spec: threads, scheduling contexts, interrupts
 */
#include "verify.h"

#include <abi/objects.h>

/* What a binding must be. `rights`, `data` and `guard_size` matter for capabilities only. */
struct expected {
    uint32_t object; /* PACKED_NONE: nothing is bound */
    uint64_t rights, data, guard_size;
};

static bool is_as_expected(const seL4_X_TCB_InspectBinding_t *found,
                           const struct expected *expected, bool is_compared, bool is_capability)
{
    seL4_X_CapInfo_t info = { { found->info } };

    if (expected->object == PACKED_NONE) {
        return found->kind == seL4_X_Kind_Null;
    }
    if (found->kind != kind_of(expected->object) ||
        (is_compared && !seL4_X_CapInfo_get_isSame(info))) {
        return false;
    }
    return !is_capability ||
           (seL4_X_CapInfo_get_rights(info) == expected->rights && found->data == expected->data &&
            seL4_X_CapInfo_get_guardSize(info) == expected->guard_size);
}

static void verify_binding(uint32_t thread, seL4_X_Binding binding, const char *sentence,
                           struct expected expected)
{
    seL4_CPtr compared = expected.object == PACKED_NONE ? 0 : original_cptr(expected.object);
    seL4_X_TCB_InspectBinding_t found =
        seL4_X_TCB_InspectBinding(object_cptr(thread), (seL4_Word)binding, compared);
    bool is_capability = binding < seL4_X_Binding_SchedContext && binding != seL4_X_Binding_VSpace;

    verified.bindings += expected.object != PACKED_NONE;
    if (!is_as_expected(&found, &expected, compared != 0, is_capability)) {
        differ(sentence, thread, 0);
    }
}

static struct expected handler_expected(const struct packed_handler *handler)
{
    return (struct expected){ handler->endpoint, handler->rights, handler->badge, 0 };
}

static void verify_bindings(const struct packed_tcb *tcb)
{
    uint64_t all = PACKED_RIGHT_READ | PACKED_RIGHT_WRITE;
    uint32_t buffer = tcb->ipc_address == 0 ? PACKED_NONE : tcb->ipc_frame; /* 0: none */

    verify_binding(tcb->object, seL4_X_Binding_CSpace, "%o has another CSpace",
                   (struct expected){ tcb->cspace, 0, tcb->guard, tcb->guard_size });
    verify_binding(tcb->object, seL4_X_Binding_VSpace, "%o has another VSpace",
                   (struct expected){ tcb->vspace, 0, 0, 0 });
    verify_binding(tcb->object, seL4_X_Binding_Buffer, "%o has another IPC buffer",
                   (struct expected){ buffer, all, tcb->ipc_address, 0 });
    verify_binding(tcb->object, seL4_X_Binding_FaultHandler, "%o has another fault handler",
                   handler_expected(&tcb->fault));
    verify_binding(tcb->object, seL4_X_Binding_TimeoutHandler, "%o has another timeout handler",
                   handler_expected(&tcb->timeout));
    verify_binding(tcb->object, seL4_X_Binding_SchedContext, "%o has another scheduling context",
                   (struct expected){ tcb->sched_context, 0, 0, 0 });
    verify_binding(tcb->object, seL4_X_Binding_Notification, "%o has another notification",
                   (struct expected){ tcb->notification, 0, 0, 0 });
    verify_binding(tcb->object, seL4_X_Binding_VCPU, "%o has another VCPU",
                   (struct expected){ tcb->vcpu, 0, 0, 0 });
}

static void verify_numbers(const struct packed_tcb *tcb)
{
    seL4_X_TCB_Inspect_t found = seL4_X_TCB_Inspect(object_cptr(tcb->object));
    seL4_X_ThreadInfo_t info = { { found.info } };
    uint64_t flags = (tcb->flags & PACKED_TCB_FPU_DISABLED) != 0 ? seL4_TCBFlag_fpuDisabled : 0;

    if (seL4_X_ThreadInfo_get_priority(info) != tcb->prio) {
        differ("%o has priority %u", tcb->object, seL4_X_ThreadInfo_get_priority(info));
    }
    if (seL4_X_ThreadInfo_get_mcp(info) != tcb->max_prio) {
        differ("%o has the maximum priority %u", tcb->object, seL4_X_ThreadInfo_get_mcp(info));
    }
    if (seL4_X_ThreadInfo_get_domain(info) != tcb->domain) {
        differ("%o is in domain %u", tcb->object, seL4_X_ThreadInfo_get_domain(info));
    }
    if (seL4_X_ThreadInfo_get_flags(info) != flags) {
        differ("%o has the flags %x", tcb->object, seL4_X_ThreadInfo_get_flags(info));
    }
    if (found.counter_access != tcb->counter_access) {
        differ("%o has the counter access %x", tcb->object, found.counter_access);
    }
    if (!seL4_X_ThreadInfo_get_isStopped(info)) {
        differ("%o runs already", tcb->object, 0);
    }
}

static void verify_registers(const struct packed_tcb *tcb)
{
    const uint64_t *arguments = &builder.spec.words[tcb->first_argument];
    seL4_UserContext context = { 0 };
    const seL4_Word *x0 = &context.x0; /* x0..x7 are neighbours (abi/03 section 4) */
    bool is_same;

    check(seL4_TCB_ReadRegisters(object_cptr(tcb->object), 0, 0, sizeof context / sizeof(seL4_Word),
                                 &context),
          "read the registers of", tcb->object);
    is_same = context.pc == tcb->ip && context.sp == tcb->sp;
    for (uint32_t i = 0; i < PACKED_ARGUMENTS_MAX; i++) {
        is_same = is_same && x0[i] == (i < tcb->argument_count ? arguments[i] : 0);
    }
    if (!is_same) {
        differ("%o has other registers, pc %x", tcb->object, context.pc);
    }
}

void verify_threads(void)
{
    for (uint32_t i = 0; i < builder.spec.tcb_count; i++) {
        const struct packed_tcb *tcb = &builder.spec.tcbs[i];

        verify_bindings(tcb);
        verify_numbers(tcb);
        verify_registers(tcb);
    }
}

/* ---- Scheduling contexts --------------------------------------------------------------------------- */

/* Microseconds become ticks and back, rounded down twice. */
static bool is_near(uint64_t found_us, uint64_t stated_us, uint64_t pieces)
{
    return found_us <= stated_us && stated_us - found_us <= pieces;
}

static void verify_context(const struct packed_sc *sc)
{
    seL4_X_SchedContext_Inspect_t found =
        seL4_X_SchedContext_Inspect(object_cptr(sc->object), 0, 0);
    seL4_X_ContextInfo_t info = { { found.info } };
    uint64_t count = seL4_X_ContextInfo_get_refillCount(info);
    bool is_round_robin = sc->budget_us == sc->period_us;
    uint64_t refills = MIN_REFILLS + (is_round_robin ? 0 : sc->extra_refills);
    uint64_t budget = found.amount_us;

    refills = refills < MAX_REFILLS ? refills : MAX_REFILLS;
    if (sc->budget_us == 0 && sc->period_us == 0) {
        if (seL4_X_ContextInfo_get_refillMax(info) != 0) {
            differ("%o has a budget", sc->object, 0);
        }
        return;
    }
    for (uint64_t i = 1; i < count; i++) {
        budget += seL4_X_SchedContext_Inspect(object_cptr(sc->object), i, 0).amount_us;
    }
    if (!is_near(budget, sc->budget_us, count)) {
        differ("%o has a budget of %u us", sc->object, budget);
    } else if (!is_near(found.period_us, is_round_robin ? 0 : sc->period_us, 1)) {
        differ("%o has a period of %u us", sc->object, found.period_us);
    } else if (found.badge != sc->badge) {
        differ("%o has the badge %x", sc->object, found.badge);
    } else if (seL4_X_ContextInfo_get_refillMax(info) != refills ||
               seL4_X_ContextInfo_get_isSporadic(info)) {
        differ("%o has %u refills", sc->object, seL4_X_ContextInfo_get_refillMax(info));
    } else if (seL4_X_ContextInfo_get_core(info) != sc->core) {
        differ("%o is on core %u", sc->object, seL4_X_ContextInfo_get_core(info));
    }
}

void verify_contexts(void)
{
    for (uint32_t i = 0; i < builder.spec.sc_count; i++) {
        verify_context(&builder.spec.scs[i]);
    }
}

/* ---- Interrupts -------------------------------------------------------------------------------------- */

void verify_interrupts(void)
{
    for (uint32_t i = 0; i < builder.spec.irq_count; i++) {
        const struct packed_irq *irq = &builder.spec.irqs[i];
        bool is_bound = irq->notification != PACKED_NONE;
        seL4_X_IRQHandler_Inspect_t found = seL4_X_IRQHandler_Inspect(
            object_cptr(irq->object), is_bound ? object_cptr(irq->notification) : 0);
        seL4_X_CapInfo_t info = { { found.info } };

        verified.bindings += is_bound;
        if (!is_bound) {
            if (found.kind != seL4_X_Kind_Null) {
                differ("%o signals something", irq->object, 0);
            }
        } else if (found.kind != seL4_X_Kind_Notification || !seL4_X_CapInfo_get_isSame(info)) {
            differ("%o does not signal%o", irq->object, irq->notification);
        } else if (found.data != irq->badge ||
                   seL4_X_CapInfo_get_rights(info) !=
                       rights_of_kind(seL4_X_Kind_Notification, irq->rights)) {
            differ("%o signals with badge %x or other rights", irq->object, found.data);
        }
    }
}
