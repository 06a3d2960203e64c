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

/* One step towards an endpoint or notification at which nobody waits. Should more be needed, the
 * capability has no rights meanwhile, so that nobody can come to wait: it is the last one. */
static bool finalise_waiters(struct slot *slot, bool is_done)
{
    if (!is_done) {
        slot->cap = cap_mask_rights(0, slot->cap);
    }
    return is_done;
}

static bool finalise_notification(struct slot *slot)
{
    struct notification *notification = cap_notification_object(slot->cap);

    notification_unbind_context(notification);
    notification_unbind_tcb(notification);
    return finalise_waiters(slot, notification_cancel_first(notification));
}

/* The kinds to which only the last capability matters. */
static bool finalise_last(struct slot *slot)
{
    const struct cap cap = slot->cap;

    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        return finalise_waiters(slot, endpoint_cancel_first(cap_endpoint_object(cap)));
    case CAP_NOTIFICATION: return finalise_notification(slot);
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
    return true;
}

bool finalise_simple(struct slot *slot, bool is_final)
{
    if (cap_type(slot->cap) == CAP_FRAME) {
        vspace_unmap_frame(slot->cap);
    } else if (is_final) {
        return finalise_last(slot);
    }
    return true;
}

bool finalise_slot(struct slot *slot)
{
    struct cap cap = slot->cap;
    bool is_final = cdt_is_final(slot);

    switch (cap_type(cap)) {
    case CAP_CNODE:
        if (is_final) {
            word_t radix = cap_cnode_radix(cap);

            slot->cap = cap_zombie_new(cap_address(cap), false, radix, 1ul << radix);
        }
        return true;
    case CAP_TCB:
        if (is_final) {
            tcb_finalise(cap_tcb_object(cap));
            slot->cap = cap_zombie_new(cap_address(cap), true, 0, TCB_SLOT_COUNT);
        }
        return true;
    case CAP_IRQ_HANDLER: return !is_final || irq_unbind_step(cap_irq_handler_irq(cap));
    default: return finalise_simple(slot, is_final);
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
