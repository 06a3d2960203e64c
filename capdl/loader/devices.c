/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts, SGIs and ASIDs
 */
#include "initialiser.h"

static void bind_notification(const struct packed_irq *irq)
{
    seL4_CPtr slot = slot_take();

    check(seL4_CNode_Mint(seL4_CapInitThreadCNode, slot, ROOT_DEPTH, seL4_CapInitThreadCNode,
                          object_slot(irq->notification), ROOT_DEPTH,
                          (seL4_CapRights_t){ { PACKED_RIGHT_WRITE } }, irq->badge),
          "badge the notification of", irq->object);
    check(seL4_IRQHandler_SetNotification(object_slot(irq->object), slot), "bind", irq->object);
    check(seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, ROOT_DEPTH), "tidy up after",
          irq->object);
    initialiser.slot_free--;
}

static void setup_interrupt(const struct packed_irq *irq)
{
    seL4_CPtr slot = object_slot(irq->object);

    if (irq->trigger == PACKED_TRIGGER_DEFAULT) {
        check(seL4_IRQControl_Get(seL4_CapIRQControl, irq->number, seL4_CapInitThreadCNode, slot,
                                  ROOT_DEPTH),
              "take the interrupt", irq->object);
    } else {
        check(seL4_IRQControl_GetTrigger(seL4_CapIRQControl, irq->number,
                                         irq->trigger == PACKED_TRIGGER_EDGE,
                                         seL4_CapInitThreadCNode, slot, ROOT_DEPTH),
              "take the interrupt", irq->object);
    }
    if (irq->notification != PACKED_NONE) {
        bind_notification(irq);
    }
}

void devices_setup(void)
{
    const struct packed_view *spec = &initialiser.spec;

    for (uint32_t i = 0; i < spec->irq_count; i++) {
        setup_interrupt(&spec->irqs[i]);
    }
    for (uint32_t i = 0; i < spec->sgi_count; i++) {
        check(seL4_IRQControl_IssueSGISignal(seL4_CapIRQControl, spec->sgis[i].irq,
                                             spec->sgis[i].target, seL4_CapInitThreadCNode,
                                             object_slot(spec->sgis[i].object), ROOT_DEPTH),
              "issue", spec->sgis[i].object);
    }
    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (spec->objects[i].type == PACKED_VSPACE) {
            check(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, object_slot(i)),
                  "give an ASID to", i);
        }
    }
}
