/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: deletion and revocation (abi/02 §5, §6)
 *
 * The core may be preempted here and start again; the specification does all at once. Zombies
 * exist only inside cap_delete: they mark the slots whose contents are still to be deleted.
 */
#include "invoke.h"
#include "vspace.h"

static void endpoint_end(struct spec_endpoint *endpoint)
{
    spec_ipc_cancel_all(&endpoint->queue);
    endpoint->id = 0;
}

static void notification_end(struct spec_notification *notification)
{
    struct spec_context *context = spec_context_by_id(notification->context);
    struct spec_thread *bound = spec_thread_by_id(notification->thread);

    if (context != NULL) {
        context->notification = 0;
    }
    if (bound != NULL) {
        bound->notification = 0;
    }
    spec_ipc_cancel_all(&notification->queue);
    notification->id = 0;
}

static void reply_end(struct spec_reply *reply)
{
    struct spec_thread *thread = spec_thread_by_id(reply->thread);

    if (thread != NULL && thread->state == SPEC_BLOCKED_REPLY) {
        thread->fault.type = FAULT_NONE;
        spec_reply_remove(reply);
    } else if (thread != NULL) {
        spec_ipc_cancel(thread);
    }
    reply->id = 0;
}

static void context_end(struct spec_context *context)
{
    struct spec_notification *notification = spec_notification_by_id(context->notification);

    spec_context_complete_yield(context);
    spec_context_unbind_thread(context);
    if (notification != NULL) {
        notification->context = 0;
    }
    spec_context_cut_top(context);
    context->id = 0;
}

static void thread_end(struct spec_thread *thread)
{
    struct spec_notification *notification = spec_notification_by_id(thread->notification);
    struct spec_context *context = spec_context_by_id(thread->context);

    if (notification != NULL) {
        notification->thread = 0;
    }
    thread->notification = 0;
    if (context != NULL) {
        spec_context_complete_yield(context);
        spec_context_unbind_thread(context);
    }
    spec_thread_suspend(thread);
}

static void object_end(const struct spec_cap *cap)
{
    switch (cap->type) {
    case CAP_ENDPOINT: endpoint_end(spec_endpoint_by_id(cap->object)); break;
    case CAP_NOTIFICATION: notification_end(spec_notification_by_id(cap->object)); break;
    case CAP_REPLY: reply_end(spec_reply_by_id(cap->object)); break;
    case CAP_SCHED_CONTEXT: context_end(spec_context_by_id(cap->object)); break;
    case CAP_TCB: thread_end(spec_thread_by_id(cap->object)); break;
    case CAP_PAGE_TABLE: spec_vspace_table_end(cap); break;
    case CAP_VSPACE: spec_vspace_root_end(cap); break;
    case CAP_ASID_POOL: spec_vspace_pool_end(cap); break;
    case CAP_IRQ_HANDLER:
    case CAP_VCPU: spec_give_up("deletion of this kind");
    default: break;
    }
}

/* The highest occupied slot of a zombie that is no zombie itself, or 0. */
static word_t zombie_next(const struct spec_cap *zombie)
{
    word_t slots = zombie->number;

    for (word_t best = 0, i = 0; i <= spec.count; i++) {
        if (i == spec.count) {
            return best;
        }
        const struct spec_entry *entry = &spec.caps[i];

        if (entry->place >= zombie->object && entry->cap.type != CAP_ZOMBIE &&
            entry->place < zombie->object + (slots << SLOT_BITS) && entry->place > best) {
            best = entry->place;
        }
    }
    return 0;
}

static void delete_one(word_t place)
{
    struct spec_entry *entry = spec_caps_at(place);
    struct spec_cap cap = entry->cap;
    bool has_slots = cap.type == CAP_CNODE || cap.type == CAP_TCB;

    if (cap.type == CAP_FRAME) {
        spec_vspace_frame_end(&cap);
    }
    if (!spec_caps_is_final(entry)) {
        spec_caps_remove(place);
        return;
    }
    object_end(&cap);
    entry = spec_caps_at(place);
    if (!has_slots) {
        spec_caps_remove(place);
        return;
    }
    entry->cap.number = cap.type == CAP_TCB ? TCB_SLOT_COUNT : 1ul << cap.size_bits;
    entry->cap.badge = cap.type;
    entry->cap.type = CAP_ZOMBIE;
}

/* A zombie is done: its slots are empty, but for other zombies that are being deleted too. */
static bool finish_zombies(void)
{
    for (unsigned i = 0; i < spec.count; i++) {
        struct spec_cap cap = spec.caps[i].cap;

        if (cap.type != CAP_ZOMBIE) {
            continue;
        }
        word_t inner = zombie_next(&cap);

        if (inner != 0) {
            delete_one(inner);
        } else {
            if (cap.badge == CAP_TCB) {
                spec_thread_by_id(cap.object)->id = 0;
            }
            spec_caps_remove(spec.caps[i].place);
        }
        return true;
    }
    return false;
}

void spec_cap_delete(word_t place)
{
    if (spec_caps_at(place) == NULL) {
        return;
    }
    delete_one(place);
    while (finish_zombies()) {
    }
}

void spec_cap_revoke(word_t place)
{
    while (spec_caps_at(place) != NULL && spec_caps_has_children(spec_caps_at(place))) {
        spec_cap_delete((spec_caps_at(place) + 1)->place);
    }
}
