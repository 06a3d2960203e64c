/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts, SGIs and ASIDs
 */
#include <loader/build.h>

static void bind_notification(const struct packed_irq *irq)
{
    seL4_CPtr slot = slot_take();
    seL4_Error error;

    check(seL4_CNode_Mint(builder.root, slot, ROOT_DEPTH, builder.root,
                          object_slot(irq->notification), ROOT_DEPTH,
                          (seL4_CapRights_t){ { irq->rights } }, irq->badge),
          "badge the notification of", irq->object);
    error = seL4_IRQHandler_SetNotification(object_cptr(irq->object), slot_cptr(slot));
    if (error == seL4_InvalidCapability) {
        fail_because("bind", irq->object, "its capability to%o needs the right W",
                     irq->notification, 0);
    }
    check(error, "bind", irq->object);
    slot_drop(slot);
}

/* Only one handler can exist for an interrupt: who has it? */
static _Noreturn void refuse_interrupt(const struct packed_irq *irq, seL4_Error error)
{
    if (error == seL4_RangeError) {
        fail_because("take", irq->object, "it is interrupt %u, this machine has 0 to %u",
                     irq->number, seL4_GetMR(1));
    }
    for (const struct packed_irq *other = builder.spec.irqs; other < irq; other++) {
        if (other->number == irq->number) {
            fail_because("take", irq->object, "interrupt %u belongs to%o", irq->number,
                         other->object);
        }
    }
    if (error == seL4_RevokeFirst) {
        fail_because("take", irq->object, "interrupt %u is the kernel's own", irq->number, 0);
    }
    fail("take", irq->object, error);
}

static void setup_interrupt(const struct packed_irq *irq)
{
    seL4_Error error;

    (void)sched_control(irq->core, irq->object); /* is there such a core? */
    error = interrupt_take(irq);
    if (error != seL4_NoError) {
        refuse_interrupt(irq, error);
    }
    if (irq->notification != PACKED_NONE) {
        bind_notification(irq);
    }
}

/* An interrupt belongs to the component that it signals. */
static bool is_irq_built(const struct packed_irq *irq)
{
    return builder.component == PACKED_NONE ||
           (irq->notification != PACKED_NONE && is_built(irq->notification));
}

void devices_setup(void)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->irq_count; i++) {
        if (is_irq_built(&spec->irqs[i])) {
            setup_interrupt(&spec->irqs[i]);
        }
    }
    for (uint32_t i = 0; i < spec->sgi_count && builder.component == PACKED_NONE; i++) {
        check(seL4_IRQControl_IssueSGISignal(slot_cptr(seL4_CapIRQControl), spec->sgis[i].irq,
                                             spec->sgis[i].target, builder.root,
                                             object_slot(spec->sgis[i].object), ROOT_DEPTH),
              "issue", spec->sgis[i].object);
    }
    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (spec->objects[i].type == PACKED_VSPACE && is_built(i)) {
            check(seL4_ARM_ASIDPool_Assign(slot_cptr(seL4_CapInitThreadASIDPool), object_cptr(i)),
                  "give an ASID to", i);
        }
    }
}
