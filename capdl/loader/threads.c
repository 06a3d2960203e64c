/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling contexts and threads
 */
#include <loader/build.h>

#include <sel4/tessera.h>

static void configure_contexts(void)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->sc_count; i++) {
        const struct packed_sc *sc = &spec->scs[i];

        if (sc->budget_us == 0 && sc->period_us == 0) {
            continue; /* stays inactive */
        }
        if (!is_built(sc->object)) {
            continue;
        }
        seL4_Error error = seL4_SchedControl_ConfigureFlags(
            sched_control(sc->core, sc->object), object_cptr(sc->object), sc->budget_us,
            sc->period_us, sc->extra_refills, sc->badge, 0);

        if (error == seL4_RangeError) {
            fail_because("set the budget of", sc->object,
                         "%u us in a period of %u us is outside of what the kernel can do",
                         sc->budget_us, sc->period_us);
        }
        check(error, "set the budget of", sc->object);
    }
}

/* Slot of a temporary capability to a handler's endpoint, with its badge and rights; 0 for none. */
static seL4_CPtr mint_handler(const struct packed_handler *handler, uint32_t thread)
{
    seL4_CPtr slot;

    if (handler->endpoint == PACKED_NONE) {
        return 0;
    }
    slot = slot_take();
    check(seL4_CNode_Mint(builder.root, slot, ROOT_DEPTH, builder.root,
                          object_slot(handler->endpoint), ROOT_DEPTH,
                          (seL4_CapRights_t){ { handler->rights } }, handler->badge),
          "make the fault handler of", thread);
    return slot;
}

static void drop_handler(seL4_CPtr slot)
{
    if (slot != 0) {
        slot_drop(slot);
    }
}

static seL4_CPtr cptr_or_null(uint32_t object)
{
    return object == PACKED_NONE ? 0 : object_cptr(object);
}

static seL4_CPtr handler_cptr(seL4_CPtr slot)
{
    return slot == 0 ? 0 : slot_cptr(slot);
}

static void set_spaces(const struct packed_tcb *tcb, seL4_CPtr thread)
{
    seL4_Word guard = 0;

    if (tcb->cspace == PACKED_NONE && tcb->vspace == PACKED_NONE) {
        if (tcb->ipc_frame != PACKED_NONE) {
            check(seL4_TCB_SetIPCBuffer(thread, tcb->ipc_address, object_cptr(tcb->ipc_frame)),
                  "give an IPC buffer to", tcb->object);
        }
        return;
    }
    if (tcb->cspace == PACKED_NONE || tcb->vspace == PACKED_NONE) {
        fail_because("give spaces to", tcb->object,
                     "the kernel takes both a cspace and a vspace, or neither", 0, 0);
    }
    if (tcb->guard_size != 0) {
        guard = tcb->guard << 6 | tcb->guard_size;
    }
    check(seL4_TCB_Configure(thread, object_cptr(tcb->cspace), guard, object_cptr(tcb->vspace), 0,
                             tcb->ipc_frame == PACKED_NONE ? 0 : tcb->ipc_address,
                             cptr_or_null(tcb->ipc_frame)),
          "give spaces to", tcb->object);
}

/* Of the capabilities that we give, the kernel can find only the handler's wrong. */
static void check_handler(seL4_Error error, const char *what, uint32_t thread)
{
    if (error == seL4_InvalidCapability) {
        fail_because(what, thread, "its capability needs the right W, and G or P", 0, 0);
    }
}

static void set_scheduling(const struct packed_tcb *tcb, seL4_CPtr thread)
{
    seL4_CPtr fault = mint_handler(&tcb->fault, tcb->object);
    seL4_Error error;

    error = seL4_TCB_SetSchedParams(thread, builder.authority, tcb->max_prio, tcb->prio,
                                    cptr_or_null(tcb->sched_context), handler_cptr(fault));
    check_handler(error, "set the fault handler of", tcb->object);
    check(error, "set priority and scheduling context of", tcb->object);
    drop_handler(fault);
    if (tcb->timeout.endpoint != PACKED_NONE) {
        seL4_CPtr timeout = mint_handler(&tcb->timeout, tcb->object);

        error = seL4_TCB_SetTimeoutEndpoint(thread, slot_cptr(timeout));
        check_handler(error, "set the timeout handler of", tcb->object);
        check(error, "set the timeout handler of", tcb->object);
        drop_handler(timeout);
    }
}

static void set_registers(const struct packed_tcb *tcb, seL4_CPtr thread)
{
    const uint64_t *arguments = &builder.spec.words[tcb->first_argument];
    seL4_UserContext context = { .pc = tcb->ip, .sp = tcb->sp };
    seL4_Word *x0 = &context.x0; /* x0..x7 are neighbours (abi/03 section 4) */

    for (uint32_t i = 0; i < tcb->argument_count; i++) {
        x0[i] = arguments[i];
    }
    check(seL4_TCB_WriteRegisters(thread, 0, 0, sizeof context / sizeof(seL4_Word), &context),
          "set the registers of", tcb->object);
}

static void setup_thread(const struct packed_tcb *tcb)
{
    seL4_CPtr thread = object_cptr(tcb->object);

    set_spaces(tcb, thread);
    set_scheduling(tcb, thread);
    if (tcb->notification != PACKED_NONE) {
        check(seL4_TCB_BindNotification(thread, object_cptr(tcb->notification)),
              "bind the notification of", tcb->object);
    }
    if (tcb->vcpu != PACKED_NONE) {
        check(seL4_ARM_VCPU_SetTCB(object_cptr(tcb->vcpu), thread), "bind the VCPU of",
              tcb->object);
    }
    if ((tcb->flags & PACKED_TCB_FPU_DISABLED) != 0) {
        seL4_TCB_SetFlags_t result = seL4_TCB_SetFlags(thread, 0, seL4_TCBFlag_fpuDisabled);

        check((seL4_Error)result.error, "set the flags of", tcb->object);
    }
    if (tcb->counter_access != 0) {
        check(
            seL4_X_TCB_SetCounterAccess(thread, sched_control(0, tcb->object), tcb->counter_access),
            "grant the counter to", tcb->object);
    }
    if (tcb->domain != 0) {
        if (seL4_DomainSet_Set(slot_cptr(seL4_CapDomain), (uint8_t)tcb->domain, thread) !=
            seL4_NoError) {
            fail_because("set the domain of", tcb->object,
                         "it asks for domain %u, which the kernel was not booted with", tcb->domain,
                         0);
        }
    }
    set_registers(tcb, thread);
}

static bool is_handler_built(const struct packed_handler *handler)
{
    return handler->endpoint != PACKED_NONE && is_built(handler->endpoint);
}

void threads_rebind(void)
{
    for (uint32_t i = 0; i < builder.spec.tcb_count; i++) {
        const struct packed_tcb *tcb = &builder.spec.tcbs[i];

        if (!is_built(tcb->object) &&
            (is_handler_built(&tcb->fault) || is_handler_built(&tcb->timeout))) {
            set_scheduling(tcb, object_cptr(tcb->object));
        }
    }
}

void threads_setup(void)
{
    configure_contexts();
    for (uint32_t i = 0; i < builder.spec.tcb_count; i++) {
        if (is_built(builder.spec.tcbs[i].object)) {
            setup_thread(&builder.spec.tcbs[i]);
        }
    }
}

/* The initialiser has the highest priority and never blocks, so only threads of the same priority
 * run before it has ended. What they can reach is complete by now. */
void threads_start(void)
{
    for (uint32_t i = 0; i < builder.spec.tcb_count; i++) {
        const struct packed_tcb *tcb = &builder.spec.tcbs[i];

        if ((tcb->flags & PACKED_TCB_RESUME) != 0 && is_built(tcb->object)) {
            check(seL4_TCB_Resume(object_cptr(tcb->object)), "start", tcb->object);
        }
    }
}
