/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's own invariants
 *
 * What is always true between two events, each in words and in code. They are checked on the
 * core's memory; the specification only says which capabilities and objects there are, which has
 * been compared before.
 */
#include "invariants.h"

#include "caps.h"
#include "objects.h"

#include <core/object.h>
#include <core/release_queue.h>
#include <core/state.h>
#include <host/model.h>
#include <string.h>

#define NEVER "a queue or list without end"

static const struct slot *slot_of(const struct spec_entry *entry)
{
    return slot_at((struct slot_ref){ entry->place });
}

/* The derivation list is well formed: the next of the previous is oneself, and no capability in
 * it is null. */
static const char *derivation_list(void)
{
    for (unsigned i = 0; i < spec.count; i++) {
        const struct slot *slot = slot_of(&spec.caps[i]);
        struct slot_ref next = { slot->cdt.next_flags & ~CDT_FLAGS };

        if (cap_type(slot->cap) == CAP_NULL) {
            return "no capability in the derivation list is null";
        }
        if (next.raw != 0 && slot_at(next)->cdt.prev.raw != spec.caps[i].place) {
            return "the derivation list is the same in both directions";
        }
    }
    return NULL;
}

/* Memory that is typed is typed once: two capabilities with memory name the same object, or one
 * is an untyped that holds the other, or they do not overlap. */
static const char *typed_memory(void)
{
    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_cap *a = &spec.caps[i].cap;
        word_t a_end = a->object + spec_caps_bytes(a);

        for (unsigned k = i + 1; k < spec.count; k++) {
            const struct spec_cap *b = &spec.caps[k].cap;
            word_t b_end = b->object + spec_caps_bytes(b);
            bool apart = a_end <= b->object || b_end <= a->object;

            if (!apart && a->type != CAP_UNTYPED && b->type != CAP_UNTYPED &&
                (a->type != b->type || a->object != b->object || a_end != b_end)) {
                return "typed objects do not overlap";
            }
        }
    }
    return NULL;
}

/* Untyped memory is given out below the watermark only: what lies inside an untyped and was made
 * from it ends before it. */
static const char *watermarks(void)
{
    for (unsigned i = 0; i + 1 < spec.count; i++) {
        const struct spec_entry *parent = &spec.caps[i];
        word_t end = parent->cap.object + parent->cap.watermark;

        if (parent->cap.type != CAP_UNTYPED) {
            continue;
        }
        for (unsigned k = i + 1; k < spec.count && spec_caps_is_parent(parent, &spec.caps[k]);
             k++) {
            const struct spec_cap *child = &spec.caps[k].cap;

            if (child->object + spec_caps_bytes(child) > end) {
                return "children of an untyped lie below its watermark";
            }
        }
    }
    return NULL;
}

/* Is there a capability to the frame of a leaf that records this mapping and allows as much? */
static bool is_owned(const struct spec_pte *leaf, word_t asid, word_t vaddr)
{
    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_cap *cap = &spec.caps[i].cap;

        if (cap->type == CAP_FRAME && cap->object == leaf->target && cap->asid == asid &&
            cap->vaddr == vaddr && cap->size_bits == leaf->frame_bits &&
            (leaf->rights & ~cap->rights) == 0) {
            return true;
        }
    }
    return false;
}

/* The entries of one table that covers user memory from `vaddr` on; false if one is not owned. */
static bool table_is_owned(word_t asid, word_t table, word_t vaddr, word_t bits)
{
    for (size_t i = 0; i < SPEC_ENTRIES; i++) {
        const struct spec_pte *entry = &spec.entries[i];
        word_t at = vaddr + (entry->index << bits);

        if (entry->table == table &&
            (entry->frame_bits != 0
                 ? !is_owned(entry, asid, at)
                 : !table_is_owned(asid, entry->target, at, bits - PAGE_TABLE_INDEX_BITS))) {
            return false;
        }
    }
    return true;
}

/* What an address space maps is owned: for every frame that is reached from the root of an ASID
 * there is a capability that names the frame, its size, the ASID and the address, with at least
 * the rights of the mapping. (The tables in memory have been compared with these entries.) */
static const char *owned_frames(void)
{
    for (size_t i = 0; i < SPEC_ASIDS; i++) {
        if (spec.asids[i].root != 0 &&
            !table_is_owned(spec.asids[i].asid, spec.asids[i].root, 0, HUGE_FRAME_BITS)) {
            return "every mapped frame is owned";
        }
    }
    return NULL;
}

/* Every capability points at a live object of its type. */
static const char *live_objects(void)
{
    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_cap *cap = &spec.caps[i].cap;
        bool alive = true;

        switch (cap->type) {
        case CAP_TCB: alive = spec_thread_by_id(cap->object) != NULL; break;
        case CAP_ENDPOINT: alive = spec_endpoint_by_id(cap->object) != NULL; break;
        case CAP_NOTIFICATION: alive = spec_notification_by_id(cap->object) != NULL; break;
        case CAP_REPLY: alive = spec_reply_by_id(cap->object) != NULL; break;
        case CAP_SCHED_CONTEXT: alive = spec_context_by_id(cap->object) != NULL; break;
        default: break;
        }
        if (!alive) {
            return "every capability points at a live object of its type";
        }
    }
    return NULL;
}

/* The ready queues agree with their bitmap: bit p is set iff queue p has a first thread, and bit w
 * of the summary iff word w of the bitmap is not 0; the threads in queue p have priority p and know
 * that they are queued. */
static const char *ready_queues_of(word_t domain)
{
    const struct ready_queues *ready = &kernel.cpu.ready[domain];

    for (word_t p = 0; p < PRIORITY_COUNT; p++) {
        bool bit = (ready->bitmap[p / 64] >> (p % 64)) & 1;
        struct tcb_ref at = ready->queue[p].head, prev = { 0 };

        if (bit != (at.raw != 0)) {
            return "bit p is set iff ready queue p is not empty";
        }
        for (unsigned n = 0; at.raw != 0; n++) {
            const struct tcb *tcb = tcb_at(at);

            if (n > SPEC_THREADS) {
                return NEVER;
            }
            if (tcb->priority != p || tcb->domain != domain || !tcb->in_ready_queue ||
                tcb->sched_prev.raw != prev.raw) {
                return "a thread in ready queue p has priority p, its domain, a mark and its predecessor";
            }
            prev = at;
            at = tcb->sched_next;
        }
        if (ready->queue[p].tail.raw != prev.raw) {
            return "the tail of a ready queue is its last thread";
        }
    }
    for (word_t w = 0; w < PRIORITY_COUNT / 64; w++) {
        if (((ready->summary >> w) & 1) != (ready->bitmap[w] != 0)) {
            return "bit w of the summary is set iff word w of the bitmap is not zero";
        }
    }
    return NULL;
}

static const char *ready_queues(void)
{
    const char *broken = NULL;

    for (word_t domain = 0; domain < kernel.config.domain_count && broken == NULL; domain++) {
        broken = ready_queues_of(domain);
    }
    return broken;
}

/* Nobody is queued who cannot run: threads in the ready and release queues are runnable, have an
 * active context that names them, and are in one of the two queues only. */
static const char *queued_threads(void)
{
    for (size_t i = 0; i < SPEC_THREADS; i++) {
        const struct tcb *tcb;
        const struct sched_context *context;

        if (spec.threads[i].id == 0) {
            continue;
        }
        tcb = tcb_at((struct tcb_ref){ spec.threads[i].id });
        context = sched_context_at(tcb->sched_context);
        if (context != NULL && context->tcb.raw != spec.threads[i].id) {
            return "a thread and its scheduling context name each other";
        }
        if (!tcb->in_ready_queue && !tcb->in_release_queue) {
            continue;
        }
        if (tcb->in_ready_queue && tcb->in_release_queue) {
            return "no thread is in both the ready and the release queue";
        }
        if ((tcb->state != THREAD_RUNNING && tcb->state != THREAD_RESTART) || context == NULL ||
            context->refill_max == 0) {
            return "queued threads are runnable and have an active context";
        }
    }
    return NULL;
}

/* The release queue is sorted by the time at which its threads may run again, which is the one of
 * their contexts' first refills. */
static const char *release_queue(void)
{
    const struct tcb *at = tcb_at(kernel.cpu.release.first);
    word_t before = at == NULL ? UINT64_MAX : kernel.cpu.release.first_time;

    if (before != kernel.cpu.release.first_time ||
        (at == NULL) != (kernel.cpu.release.root.raw == 0)) {
        return "the release queue knows its first thread and when it may run";
    }
    for (unsigned n = 0; at != NULL; n++) {
        const struct sched_context *context = sched_context_at(at->sched_context);
        word_t time = context->refills[context->refill_head].time;

        if (n > SPEC_THREADS) {
            return NEVER;
        }
        if (time < before || time != at->release.time || (n == 0 && time != before)) {
            return "the release queue is sorted by release time";
        }
        before = time;
        at = release_queue_next(at);
    }
    return NULL;
}

/* The refills of an active context add up to its budget (remembered here from its configuration:
 * no event but a configuration may change the sum), the head is usable, and but for round robin
 * they are in order and do not overlap. */
static const char *refills(void)
{
    for (size_t i = 0; i < SPEC_OBJECTS; i++) {
        const struct sched_context *context;
        word_t sum = 0, end = 0;

        if (spec.contexts[i].id == 0 || spec.contexts[i].max == 0) {
            continue;
        }
        context = sched_context_at((struct sched_context_ref){ spec.contexts[i].id });
        if (context->refill_count == 0 || context->refill_count > context->refill_max) {
            return "an active context has between one and its maximum of refills";
        }
        for (word_t k = 0; k < context->refill_count; k++) {
            const struct refill *refill =
                &context->refills[(context->refill_head + k) % context->refill_max];

            if (context->period != 0 && refill->time < end) {
                return "refills are in order and do not overlap";
            }
            end = refill->time + refill->amount;
            sum += refill->amount;
        }
        if (sum != spec.contexts[i].budget) {
            return "the refills of a context add up to its budget";
        }
        if (context->refills[context->refill_head].amount < SPEC_MIN_BUDGET) {
            return "the first refill of a context is at least the least budget";
        }
    }
    return NULL;
}

/* Call stacks end: from the top of each context's stack the older calls lead to a last one, each
 * knows its newer neighbour, and each has a thread that waits for the reply. */
static const char *reply_stacks(void)
{
    for (size_t i = 0; i < SPEC_OBJECTS; i++) {
        const struct sched_context *context;
        struct reply_ref at;
        word_t newer;

        if (spec.contexts[i].id == 0) {
            continue;
        }
        context = sched_context_at((struct sched_context_ref){ spec.contexts[i].id });
        at = context->reply;
        newer = spec.contexts[i].id | REPLY_NEXT_IS_SC;
        for (unsigned n = 0; at.raw != 0; n++) {
            const struct reply *reply = reply_at(at);

            if (n > SPEC_OBJECTS) {
                return "call stacks have an end";
            }
            if (reply->next != newer) {
                return "each call of a stack knows the newer one, the newest its context";
            }
            if (reply->tcb.raw == 0 || tcb_at(reply->tcb)->state != THREAD_BLOCKED_ON_REPLY) {
                return "each call of a stack has a thread that waits for the reply";
            }
            newer = at.raw;
            at = reply->prev;
        }
    }
    return NULL;
}

static const char *first_broken(const char *(*const *all)(void), size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *broken = all[i]();

        if (broken != NULL) {
            return broken;
        }
    }
    return NULL;
}

/* What only the capabilities decide need not be checked again while they are the same. */
static bool caps_have_changed(void)
{
    static struct spec_entry before[SPEC_CAPS];
    static unsigned count;
    size_t bytes = spec.count * sizeof(before[0]);

    if (count == spec.count && memcmp(before, spec.caps, bytes) == 0) {
        return false;
    }
    memcpy(before, spec.caps, bytes);
    count = spec.count;
    return true;
}

const char *invariants_broken(void)
{
    static const char *(*const of_caps[])(void) = { typed_memory, watermarks };
    static const char *(*const of_all[])(void) = { derivation_list, owned_frames,   live_objects,
                                                   ready_queues,    queued_threads, release_queue,
                                                   refills,         reply_stacks };
    const char *broken =
        caps_have_changed() ? first_broken(of_caps, sizeof(of_caps) / sizeof(of_caps[0])) : NULL;

    return broken != NULL ? broken : first_broken(of_all, sizeof(of_all) / sizeof(of_all[0]));
}
