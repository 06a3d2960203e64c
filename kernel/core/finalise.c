/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What happens to an object when a capability to it goes (abi/02 §6)
 *
 * Two layers, so that nothing here calls itself: finalise_simple knows the kinds that contain no
 * capabilities; finalise_slot adds those that do (CNode, TCB, and the IRQ handler, whose interrupt
 * holds a notification capability).
 */
#include <core/finalise.h>

#include <core/asid.h>
#include <core/cap.h>
#include <core/cdt.h>
#include <core/endpoint.h>
#include <core/irq.h>
#include <core/notification.h>
#include <core/reply.h>
#include <core/sched_context.h>
#include <core/tcb.h>
#include <core/vcpu.h>
#include <core/vspace.h>

static void finalise_notification(struct notification *notification)
{
    notification_unbind_context(notification);
    notification_unbind_tcb(notification);
    notification_cancel_all(notification);
}

/* The kinds to which only the last capability matters. */
static void finalise_last(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT: endpoint_cancel_all(cap_endpoint_object(cap)); break;
    case CAP_NOTIFICATION: finalise_notification(cap_notification_object(cap)); break;
    case CAP_REPLY: reply_finalise(cap_reply_object(cap)); break;
    case CAP_SCHED_CONTEXT: sched_context_finalise(cap_sched_context_object(cap)); break;
    case CAP_PAGE_TABLE: vspace_unmap_table(cap); break;
    case CAP_VSPACE:
        if (cap_vspace_is_mapped(cap)) {
            asid_delete(cap_vspace_asid(cap), cap_address(cap));
        }
        break;
    case CAP_ASID_POOL:
        asid_pool_finalise(cap_asid_pool_object(cap), cap_asid_pool_base(cap));
        break;
    case CAP_VCPU: vcpu_finalise(cap_vcpu_object(cap)); break;
    default: break;
    }
}

void finalise_simple(struct cap cap, bool is_final)
{
    if (cap_type(cap) == CAP_FRAME) {
        vspace_unmap_frame(cap);
    } else if (is_final) {
        finalise_last(cap);
    }
}

void finalise_slot(struct slot *slot)
{
    struct cap cap = slot->cap;
    bool is_final = cdt_is_final(slot);

    switch (cap_type(cap)) {
    case CAP_CNODE:
        if (is_final) {
            word_t radix = cap_cnode_radix(cap);

            slot->cap = cap_zombie_new(cap_address(cap), false, radix, 1ul << radix);
        }
        break;
    case CAP_TCB:
        if (is_final) {
            tcb_finalise(cap_tcb_object(cap));
            slot->cap = cap_zombie_new(cap_address(cap), true, 0, TCB_SLOT_COUNT);
        }
        break;
    case CAP_IRQ_HANDLER:
        if (is_final) {
            irq_unbind(cap_irq_handler_irq(cap));
        }
        break;
    default: finalise_simple(cap, is_final); break;
    }
}

void finalise_empty(struct slot *slot)
{
    struct cap cap = slot->cap;
    bool releases_irq = cap_type(cap) == CAP_IRQ_HANDLER && cdt_is_final(slot);

    cdt_remove(slot);
    /* Only now that no handler capability is left can the interrupt be issued anew. */
    if (releases_irq) {
        irq_release(cap_irq_handler_irq(cap));
    }
}
