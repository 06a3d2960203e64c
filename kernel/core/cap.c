/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Capabilities as values
 *
 * The tables of abi/02 §5 as code: region, sameness, derivation, rights and data.
 */
#include <core/cap.h>

#include <abi/messages.h>
#include <core/cdt.h>

bool cap_has_memory(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_UNTYPED:
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_REPLY:
    case CAP_CNODE:
    case CAP_TCB:
    case CAP_ZOMBIE:
    case CAP_SCHED_CONTEXT:
    case CAP_FRAME:
    case CAP_PAGE_TABLE:
    case CAP_VSPACE:
    case CAP_ASID_POOL:
    case CAP_VCPU: return true;
    default: return false;
    }
}

static word_t cap_object_bits(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_UNTYPED: return cap_untyped_size_bits(cap);
    case CAP_ENDPOINT: return ENDPOINT_BITS;
    case CAP_NOTIFICATION: return NOTIFICATION_BITS;
    case CAP_REPLY: return REPLY_BITS;
    case CAP_CNODE: return cap_cnode_radix(cap) + SLOT_BITS;
    case CAP_TCB: return TCB_BITS;
    case CAP_ZOMBIE: return cap_zombie_is_tcb(cap) ? TCB_BITS : cap_zombie_radix(cap) + SLOT_BITS;
    case CAP_SCHED_CONTEXT: return cap_sched_context_size_bits(cap);
    case CAP_FRAME: return frame_size_bits(cap_frame_size(cap));
    case CAP_PAGE_TABLE: return PAGE_TABLE_BITS;
    case CAP_VSPACE: return VSPACE_BITS;
    case CAP_ASID_POOL: return ASID_POOL_BITS;
    case CAP_VCPU: return VCPU_BITS;
    default: return 0;
    }
}

word_t cap_object_bytes(struct cap cap)
{
    return 1ul << cap_object_bits(cap);
}

/* Does the memory of `b` lie within that of `a`? Sizes are powers of two and addresses aligned to
 * them, but an untyped may be compared with anything, so both ends are looked at. */
static bool cap_encloses(struct cap a, struct cap b)
{
    word_t a_start = cap_address(a);
    word_t b_start = cap_address(b);

    return a_start <= b_start && b_start + cap_object_bytes(b) <= a_start + cap_object_bytes(a);
}

bool cap_same_region(struct cap a, struct cap b)
{
    enum cap_type type = cap_type(a);

    if (type == CAP_UNTYPED) {
        return cap_has_memory(b) && cap_encloses(a, b);
    }
    if (type == CAP_IRQ_CONTROL) {
        return cap_type(b) == CAP_IRQ_CONTROL || cap_type(b) == CAP_IRQ_HANDLER ||
               cap_type(b) == CAP_SGI;
    }
    if (type != cap_type(b)) {
        return false;
    }
    switch (type) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_TCB:
    case CAP_REPLY:
    case CAP_PAGE_TABLE:
    case CAP_VSPACE:
    case CAP_VCPU:
    case CAP_ASID_POOL: return cap_address(a) == cap_address(b);
    case CAP_CNODE:
    case CAP_SCHED_CONTEXT:
        return cap_address(a) == cap_address(b) && cap_object_bits(a) == cap_object_bits(b);
    case CAP_FRAME: return cap_encloses(a, b);
    case CAP_IRQ_HANDLER: return cap_irq_handler_irq(a) == cap_irq_handler_irq(b);
    case CAP_SGI: return cap_sgi_irq(a) == cap_sgi_irq(b) && cap_sgi_target(a) == cap_sgi_target(b);
    case CAP_DOMAIN:
    case CAP_SCHED_CONTROL:
    case CAP_ASID_CONTROL:
    case CAP_SMC: return true;
    default: return false;
    }
}

bool cap_same_object(struct cap a, struct cap b)
{
    switch (cap_type(a)) {
    case CAP_UNTYPED:
    case CAP_IRQ_CONTROL:
    case CAP_SGI: return false;
    case CAP_FRAME:
        return cap_type(b) == CAP_FRAME && cap_address(a) == cap_address(b) &&
               cap_frame_size(a) == cap_frame_size(b) &&
               cap_frame_is_device(a) == cap_frame_is_device(b);
    default: return cap_same_region(a, b);
    }
}

bool cap_is_revocable(struct cap cap, struct cap source)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT: return cap_endpoint_badge(cap) != cap_endpoint_badge(source);
    case CAP_NOTIFICATION: return cap_notification_badge(cap) != cap_notification_badge(source);
    case CAP_SMC: return cap_smc_badge(cap) != cap_smc_badge(source);
    case CAP_UNTYPED: return true;
    case CAP_IRQ_HANDLER:
    case CAP_SGI: return cap_type(source) == CAP_IRQ_CONTROL;
    default: return false;
    }
}

enum err cap_derive(struct slot *source, struct cap cap, struct cap *out)
{
    switch (cap_type(cap)) {
    case CAP_NULL:
    case CAP_ZOMBIE:
    case CAP_IRQ_CONTROL: *out = cap_null_new(); return ERR_NONE;
    case CAP_UNTYPED:
        if (cdt_has_children(source)) {
            error_revoke_first();
            return ERR_REVOKE_FIRST;
        }
        break;
    case CAP_VSPACE:
        if (!cap_vspace_is_mapped(cap)) {
            error_illegal();
            return ERR_ILLEGAL_OPERATION;
        }
        break;
    case CAP_PAGE_TABLE:
        if (!cap_page_table_is_mapped(cap)) {
            error_illegal();
            return ERR_ILLEGAL_OPERATION;
        }
        break;
    case CAP_FRAME:
        /* A mapping belongs to the one capability that made it. */
        *out = cap_frame_with_vaddr(cap_frame_with_asid(cap, 0), 0);
        return ERR_NONE;
    default: break;
    }
    *out = cap;
    return ERR_NONE;
}

word_t frame_rights_mask(word_t frame_rights, word_t rights)
{
    if (!rights_can_read(rights)) {
        return FRAME_KERNEL_ONLY;
    }
    if (frame_rights == FRAME_READ_WRITE && !rights_can_write(rights)) {
        return FRAME_READ_ONLY;
    }
    return frame_rights;
}

struct cap cap_mask_rights(word_t rights, struct cap cap)
{
    word_t write = rights_can_write(rights);
    word_t read = rights_can_read(rights);
    word_t grant = rights_can_grant(rights);
    word_t grant_reply = rights_can_grant_reply(rights);

    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        return cap_endpoint_new(
            cap_address(cap), cap_endpoint_badge(cap), cap_endpoint_can_send(cap) & write,
            cap_endpoint_can_receive(cap) & read, cap_endpoint_can_grant(cap) & grant,
            cap_endpoint_can_grant_reply(cap) & grant_reply);
    case CAP_NOTIFICATION:
        return cap_notification_new(cap_address(cap), cap_notification_badge(cap),
                                    cap_notification_can_send(cap) & write,
                                    cap_notification_can_receive(cap) & read);
    case CAP_REPLY: return cap_reply_new(cap_address(cap), cap_reply_can_grant(cap) & grant);
    case CAP_FRAME:
        return cap_frame_with_rights(cap, frame_rights_mask(cap_frame_rights(cap), rights));
    default: return cap;
    }
}

/* A CNode capability with guard and guard size from `data`. */
static struct cap cap_update_guard(word_t data, struct cap cap)
{
    word_t size = cnode_data_guard_size(data);
    word_t guard = cnode_data_guard(data) & ((1ul << size) - 1);

    if (size + cap_cnode_radix(cap) > WORD_BITS) {
        return cap_null_new();
    }
    return cap_cnode_new(cap_address(cap), cap_cnode_radix(cap), size, guard);
}

struct cap cap_update_data(bool preserve, word_t data, struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        if (preserve || cap_endpoint_badge(cap) != 0) {
            return cap_null_new();
        }
        return cap_endpoint_with_badge(cap, data);
    case CAP_NOTIFICATION:
        if (preserve || cap_notification_badge(cap) != 0) {
            return cap_null_new();
        }
        return cap_notification_with_badge(cap, data);
    case CAP_SMC:
        if (preserve || cap_smc_badge(cap) != 0) {
            return cap_null_new();
        }
        return cap_smc_with_badge(cap, data);
    case CAP_CNODE: return cap_update_guard(data, cap);
    default: return cap;
    }
}
