/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Inspection (kernel/abi/inspect.xml)
 *
 * Invariant: nothing here changes the state, so there is nothing to perform.
 */
#include <core/inspect.h>

#include <abi/inspect.h>
#include <abi/labels.h>
#include <abi/messages.h>
#include <core/cdt.h>
#include <core/cspace.h>
#include <core/ipc_transfer.h>
#include <core/sched_context.h>
#include <core/vspace.h>

/* Users see the kernel's own numbers. */
_Static_assert((int)KIND_FRAME == (int)CAP_FRAME && (int)KIND_UNTYPED == (int)CAP_UNTYPED &&
                   (int)KIND_PAGE_TABLE == (int)CAP_PAGE_TABLE &&
                   (int)KIND_ENDPOINT == (int)CAP_ENDPOINT &&
                   (int)KIND_NOTIFICATION == (int)CAP_NOTIFICATION &&
                   (int)KIND_REPLY == (int)CAP_REPLY && (int)KIND_VSPACE == (int)CAP_VSPACE &&
                   (int)KIND_CNODE == (int)CAP_CNODE,
               "inspect.xml and caps.xml");
_Static_assert((int)KIND_ASID_CONTROL == (int)CAP_ASID_CONTROL && (int)KIND_TCB == (int)CAP_TCB &&
                   (int)KIND_ASID_POOL == (int)CAP_ASID_POOL &&
                   (int)KIND_IRQ_CONTROL == (int)CAP_IRQ_CONTROL &&
                   (int)KIND_VCPU == (int)CAP_VCPU && (int)KIND_IRQ_HANDLER == (int)CAP_IRQ_HANDLER,
               "inspect.xml and caps.xml");
_Static_assert((int)KIND_ZOMBIE == (int)CAP_ZOMBIE && (int)KIND_DOMAIN == (int)CAP_DOMAIN &&
                   (int)KIND_SCHED_CONTEXT == (int)CAP_SCHED_CONTEXT &&
                   (int)KIND_SCHED_CONTROL == (int)CAP_SCHED_CONTROL &&
                   (int)KIND_SMC == (int)CAP_SMC && (int)KIND_SGI == (int)CAP_SGI,
               "inspect.xml and caps.xml");
_Static_assert((int)BINDING_CSPACE == (int)TCB_SLOT_CSPACE &&
                   (int)BINDING_VSPACE == (int)TCB_SLOT_VSPACE &&
                   (int)BINDING_BUFFER == (int)TCB_SLOT_BUFFER &&
                   (int)BINDING_FAULT_HANDLER == (int)TCB_SLOT_FAULT_HANDLER &&
                   (int)BINDING_TIMEOUT_HANDLER == (int)TCB_SLOT_TIMEOUT_HANDLER,
               "inspect.xml and objects.xml");

/* ---- Capabilities ------------------------------------------------------------------------------ */

static bool is_same(struct cap a, struct cap b)
{
    return cap_type(a) == cap_type(b) && cap_same_region(a, b) && cap_same_region(b, a);
}

static word_t size_bits_of(struct cap cap)
{
    return cap_has_memory(cap) ? (word_t)__builtin_ctzl(cap_object_bytes(cap)) : 0;
}

static word_t frame_rights_of(word_t rights)
{
    return rights_new(0, 0, rights != FRAME_KERNEL_ONLY, rights == FRAME_READ_WRITE);
}

static word_t rights_of(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        return rights_new(cap_endpoint_can_grant_reply(cap), cap_endpoint_can_grant(cap),
                          cap_endpoint_can_receive(cap), cap_endpoint_can_send(cap));
    case CAP_NOTIFICATION:
        return rights_new(0, 0, cap_notification_can_receive(cap), cap_notification_can_send(cap));
    case CAP_REPLY: return rights_new(0, cap_reply_can_grant(cap), 0, 0);
    case CAP_FRAME: return frame_rights_of(cap_frame_rights(cap));
    default: return 0;
    }
}

static bool is_device(struct cap cap)
{
    return (cap_type(cap) == CAP_FRAME && cap_frame_is_device(cap)) ||
           (cap_type(cap) == CAP_UNTYPED && cap_untyped_is_device(cap));
}

static bool is_mapped(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_FRAME: return cap_frame_asid(cap) != 0;
    case CAP_PAGE_TABLE: return cap_page_table_is_mapped(cap);
    case CAP_VSPACE: return cap_vspace_is_mapped(cap);
    default: return false;
    }
}

static word_t data_of(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_UNTYPED: return cap_untyped_free_index(cap) << FREE_INDEX_SHIFT;
    case CAP_ENDPOINT: return cap_endpoint_badge(cap);
    case CAP_NOTIFICATION: return cap_notification_badge(cap);
    case CAP_CNODE: return cap_cnode_guard(cap);
    case CAP_IRQ_HANDLER: return cap_irq_handler_irq(cap);
    case CAP_SCHED_CONTROL: return cap_sched_control_core(cap);
    case CAP_FRAME: return cap_frame_vaddr(cap);
    case CAP_PAGE_TABLE: return cap_page_table_vaddr(cap);
    case CAP_ASID_POOL: return cap_asid_pool_base(cap);
    case CAP_SMC: return cap_smc_badge(cap);
    case CAP_SGI: return cap_sgi_irq(cap) << 32 | cap_sgi_target(cap);
    default: return 0;
    }
}

/* What is in `slot`, as three message words. */
static void describe(const struct slot *slot, struct cap compared, word_t words[3])
{
    const struct cap cap = slot->cap;
    const bool is_cnode = cap_type(cap) == CAP_CNODE;

    words[0] = cap_type(cap);
    words[1] = cap_info_new(
        rights_of(cap), size_bits_of(cap), is_cnode ? cap_cnode_guard_size(cap) : 0, is_device(cap),
        is_mapped(cap), !cap_is_null(cap) && cdt_has_children(slot), is_same(cap, compared));
    words[2] = data_of(cap);
}

static enum outcome inspect_cnode(struct invocation *inv)
{
    struct slot *slot;
    word_t words[3];

    if (inv->length < 2 || inv->extra_count < 1) {
        return error_truncated();
    }
    if (cspace_lookup_target(inv->cap, invocation_arg(inv, 0), invocation_arg(inv, 1), &slot) !=
        ERR_NONE) {
        return OUTCOME_ERROR;
    }
    describe(slot, inv->extra[0]->cap, words);
    invocation_reply_words(inv, words, 3);
    return OUTCOME_DONE;
}

static enum outcome inspect_irq_handler(struct invocation *inv)
{
    word_t words[3];

    if (inv->extra_count < 1) {
        return error_truncated();
    }
    describe(&kernel.irq_slots[cap_irq_handler_irq(inv->cap)], inv->extra[0]->cap, words);
    invocation_reply_words(inv, words, 3);
    return OUTCOME_DONE;
}

/* ---- Threads ------------------------------------------------------------------------------------ */

static enum outcome inspect_thread(struct invocation *inv)
{
    const struct tcb *thread = cap_tcb_object(inv->cap);
    word_t words[2] = { thread_info_new(thread->priority, thread->mcp, thread->domain,
                                        thread->flags, thread->state == THREAD_INACTIVE),
                        thread->counter_access };

    invocation_reply_words(inv, words, 2);
    return OUTCOME_DONE;
}

/* An object that the thread names without a capability: its kind, and whether it is `compared`. */
static void describe_object(enum cap_type kind, word_t address, struct cap compared,
                            word_t words[3])
{
    const bool same = cap_type(compared) == kind && cap_address(compared) == address;

    words[0] = address == 0 ? CAP_NULL : kind;
    words[1] = cap_info_new(0, 0, 0, 0, 0, 0, address != 0 && same);
    words[2] = 0;
}

static enum outcome inspect_binding(struct invocation *inv)
{
    const struct tcb *thread = cap_tcb_object(inv->cap);
    word_t binding = invocation_arg(inv, 0);
    word_t words[3];
    struct cap compared;

    if (inv->length < 1 || inv->extra_count < 1) {
        return error_truncated();
    }
    compared = inv->extra[0]->cap;
    switch (binding) {
    case BINDING_CSPACE:
    case BINDING_VSPACE:
    case BINDING_BUFFER:
    case BINDING_FAULT_HANDLER:
    case BINDING_TIMEOUT_HANDLER: describe(&thread->slots[binding], compared, words); break;
    case BINDING_SCHED_CONTEXT:
        describe_object(CAP_SCHED_CONTEXT, thread->sched_context.raw, compared, words);
        break;
    case BINDING_NOTIFICATION:
        describe_object(CAP_NOTIFICATION, thread->bound_notification.raw, compared, words);
        break;
    case BINDING_VCPU: describe_object(CAP_VCPU, thread->vcpu.raw, compared, words); break;
    default: return error_argument(0);
    }
    if (binding == BINDING_BUFFER) {
        words[2] = thread->ipc_buffer;
    }
    invocation_reply_words(inv, words, 3);
    return OUTCOME_DONE;
}

/* ---- Address spaces, time ------------------------------------------------------------------------- */

/* Is the table that `compared` names passed on the way to `vaddr`? */
static bool is_on_the_way(word_t root, word_t vaddr, struct cap compared)
{
    word_t table = root;

    for (word_t level = 0; level < VSPACE_LAST_LEVEL; level++) {
        const pte_t *entry = machine_pointer(table + vspace_level_index(vaddr, level) * PTE_BYTES);

        if (!pte_is_table(*entry, level)) {
            return false;
        }
        table = pte_address(*entry) + KERNEL_WINDOW_BASE;
        if (cap_type(compared) == CAP_PAGE_TABLE && cap_address(compared) == table) {
            return true;
        }
    }
    return false;
}

static enum outcome inspect_vspace(struct invocation *inv)
{
    word_t vaddr = invocation_arg(inv, 0);
    struct vspace_walk walk;
    struct cap compared;
    word_t info;

    if (inv->length < 1 || inv->extra_count < 1) {
        return error_truncated();
    }
    if (vaddr > USER_TOP) {
        return error_argument(0);
    }
    if (!cap_is_valid_vspace_root(inv->cap)) {
        return error_capability(0);
    }
    if (vspace_check_asid(inv->cap, 0) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    compared = inv->extra[0]->cap;
    walk = vspace_walk(cap_address(inv->cap), vaddr);
    info = mapping_info_with_size_bits(0, vspace_level_shift(walk.level));
    info = mapping_info_with_is_same(info, is_on_the_way(cap_address(inv->cap), vaddr, compared));
    if (pte_is_leaf(walk.pte, walk.level)) {
        const bool is_compared =
            cap_type(compared) == CAP_FRAME &&
            frame_size_bits(cap_frame_size(compared)) == vspace_level_shift(walk.level) &&
            vspace_paddr(cap_address(compared)) == pte_address(walk.pte);

        info = mapping_info_new(
            frame_rights_of(pte_rights(walk.pte)), vspace_level_shift(walk.level), true,
            (walk.pte & PTE_NORMAL) == PTE_NORMAL, (walk.pte & PTE_EXECUTE_NEVER) != 0,
            is_compared || mapping_info_is_same(info));
    }
    invocation_reply_words(inv, &info, 1);
    return OUTCOME_DONE;
}

static enum outcome inspect_sched_context(struct invocation *inv)
{
    struct sched_context *context = cap_sched_context_object(inv->cap);
    word_t index = invocation_arg(inv, 0);
    word_t words[4] = { 0, ticks_to_us(context->period), 0, context->badge };
    struct cap compared;
    bool same;

    if (inv->length < 1 || inv->extra_count < 1) {
        return error_truncated();
    }
    compared = inv->extra[0]->cap;
    same = (cap_type(compared) == CAP_TCB && cap_address(compared) == context->tcb.raw) ||
           (cap_type(compared) == CAP_NOTIFICATION &&
            cap_address(compared) == context->notification.raw);
    words[0] = context_info_new(context->refill_max, context->refill_count, context->core,
                                context->sporadic, context->tcb.raw != 0,
                                context->notification.raw != 0, same);
    if (index < context->refill_count) {
        words[2] = ticks_to_us(refill_at(context, index)->amount);
    }
    invocation_reply_words(inv, words, 4);
    return OUTCOME_DONE;
}

static enum outcome inspect_asid_pool(struct invocation *inv)
{
    const struct asid_pool *pool = cap_asid_pool_object(inv->cap);
    word_t used = 0;

    for (word_t i = 0; i < ASID_POOL_ENTRIES; i++) {
        used += pool->entries[i].root_vmid != 0;
    }
    invocation_reply_words(inv, &used, 1);
    return OUTCOME_DONE;
}

/* ---- Dispatch --------------------------------------------------------------------------------------- */

bool inspect_is_asked(const struct invocation *inv)
{
    const enum cap_type kind = cap_type(inv->cap);

    if (!kernel.config.extensions) {
        return false;
    }
    switch (inv->label) {
    case LABEL_X_CNODE_INSPECT: return kind == CAP_CNODE;
    case LABEL_X_TCB_INSPECT:
    case LABEL_X_TCB_INSPECT_BINDING: return kind == CAP_TCB;
    case LABEL_X_VSPACE_INSPECT: return kind == CAP_VSPACE;
    case LABEL_X_SCHED_CONTEXT_INSPECT: return kind == CAP_SCHED_CONTEXT;
    case LABEL_X_IRQ_HANDLER_INSPECT: return kind == CAP_IRQ_HANDLER;
    case LABEL_X_ASID_POOL_INSPECT: return kind == CAP_ASID_POOL;
    default: return false;
    }
}

enum outcome inspect_decode(struct invocation *inv)
{
    switch (inv->label) {
    case LABEL_X_CNODE_INSPECT: return inspect_cnode(inv);
    case LABEL_X_TCB_INSPECT: return inspect_thread(inv);
    case LABEL_X_TCB_INSPECT_BINDING: return inspect_binding(inv);
    case LABEL_X_VSPACE_INSPECT: return inspect_vspace(inv);
    case LABEL_X_SCHED_CONTEXT_INSPECT: return inspect_sched_context(inv);
    case LABEL_X_IRQ_HANDLER_INSPECT: return inspect_irq_handler(inv);
    default: return inspect_asid_pool(inv);
    }
}
