/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: deletion and revocation (abi/02 §5, §6)
 *
 * Both may be stopped after each step, and are then begun again. The last capability to a CNode or
 * TCB is a zombie while what is in it is deleted, from the highest slot down.
 */
#include "interrupt.h"
#include "invoke.h"
#include "vcpu.h"
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
    if (spec_vcpu_of(thread) != NULL) {
        spec_vcpu_dissociate(spec_vcpu_of(thread));
    }
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
    case CAP_IRQ_HANDLER: spec_irq_handler_end(cap->number); break;
    case CAP_VCPU: spec_vcpu_end(spec_vcpu_by_id(cap->object)); break;
    default: break;
    }
}

/* ---- One capability, and what is in it ------------------------------------------------------- */

#define WAY_LENGTH 32

/* Places of the zombies that lead from the slot to be deleted to the one being emptied. */
struct way {
    unsigned length;
    word_t places[WAY_LENGTH];
};

static bool way_has(const struct way *way, word_t place)
{
    for (unsigned i = 0; i < way->length; i++) {
        if (way->places[i] == place) {
            return true;
        }
    }
    return false;
}

/* The highest occupied slot of what a zombie names, or 0; not one that is on the way already. */
static word_t zombie_next(const struct spec_cap *zombie, const struct way *way)
{
    word_t best = 0, end = zombie->object + (zombie->number << SLOT_BITS);

    for (unsigned i = 0; i < spec.count; i++) {
        word_t place = spec.caps[i].place;

        if (place >= zombie->object && place < end && place > best && !way_has(way, place)) {
            best = place;
        }
    }
    return best;
}

static void become_zombie(struct spec_cap *cap)
{
    bool is_thread = cap->type == CAP_TCB;

    cap->number = is_thread ? TCB_SLOT_COUNT : 1ul << cap->size_bits;
    cap->size_bits = is_thread ? TCB_BITS - SLOT_BITS : cap->size_bits;
    cap->badge = cap->type;
    cap->type = CAP_ZOMBIE;
}

/* What is not a zombie goes, or becomes one. */
static void delete_one(word_t place)
{
    struct spec_cap cap = spec_caps_value(place);

    if (cap.type == CAP_FRAME) {
        spec_vspace_frame_end(&cap);
    }
    if (!spec_caps_is_final(spec_caps_at(place))) {
        spec_caps_remove(place);
        return;
    }
    if (cap.type == CAP_ENDPOINT || cap.type == CAP_NOTIFICATION) {
        /* Should it be stopped while threads still wait, no more can come (abi/ does not say). */
        spec_caps_at(place)->cap = spec_caps_mask(cap, 0);
    }
    object_end(&cap);
    if (cap.type == CAP_CNODE || cap.type == CAP_TCB) {
        become_zombie(&spec_caps_at(place)->cap);
    } else {
        spec_caps_remove(place);
    }
}

static void zombie_end(word_t place)
{
    struct spec_cap zombie = spec_caps_value(place);

    if (zombie.badge == CAP_TCB) {
        spec_thread_by_id(zombie.object)->id = 0;
    }
    spec_caps_remove(place);
}

/* One step: from the slot down to the innermost zombie, always by the highest slot. */
static void delete_step(word_t place)
{
    struct way way = { .length = 0 };

    while (spec_caps_value(place).type == CAP_ZOMBIE) {
        struct spec_cap zombie = spec_caps_value(place);

        if (way.length == WAY_LENGTH) {
            spec_give_up("too many zombies in each other");
        }
        way.places[way.length++] = place;
        word_t inner = zombie_next(&zombie, &way);

        if (inner == 0) {
            zombie_end(place);
            return;
        }
        place = inner;
    }
    delete_one(place);
}

void spec_cap_delete(word_t place)
{
    /* Passing slots that are empty counts as a step too. */
    if (spec_caps_value(place).type == CAP_ZOMBIE) {
        spec_preemption_point();
    }
    while (spec_caps_at(place) != NULL) {
        delete_step(place);
        if (spec_caps_at(place) != NULL) {
            spec_preemption_point();
        }
    }
}

void spec_cap_revoke(word_t place)
{
    while (spec_caps_at(place) != NULL && spec_caps_has_children(spec_caps_at(place))) {
        spec_cap_delete((spec_caps_at(place) + 1)->place);
        spec_preemption_point();
    }
}
