/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Queues of threads waiting at an object
 */
#include <core/tcb_queue.h>

static const struct tcb_ref none = { 0 };

/* The head of a queue changes: what is kept with it goes to the new one. */
static void tcb_queue_pass_scan(struct tcb *from, struct tcb *to)
{
    to->queue_scan = from->queue_scan;
    to->queue_scan_badge = from->queue_scan_badge;
    from->queue_scan = none;
    from->queue_scan_badge = 0;
}

/* Put `thread` between two neighbours (none: it is at that end). */
static void tcb_queue_link(struct tcb_queue *queue, struct tcb *thread, struct tcb_ref after,
                           struct tcb_ref before)
{
    const struct tcb_ref ref = tcb_ref_of(thread);

    thread->queue_prev = after;
    thread->queue_next = before;
    if (after.raw != 0) {
        tcb_at(after)->queue_next = ref;
    } else {
        queue->head = ref;
    }
    if (before.raw != 0) {
        tcb_at(before)->queue_prev = ref;
    } else {
        queue->tail = ref;
    }
}

void tcb_queue_insert(struct tcb_queue *queue, struct tcb *thread)
{
    struct tcb_ref after = queue->tail; /* always the last of a group */
    struct tcb_ref before = none;       /* the first of the group behind it */

    /* From the tail, since most queues hold threads of one priority. Bound: PRIORITY_COUNT. */
    while (after.raw != 0 && tcb_at(after)->priority < thread->priority) {
        before = tcb_at(after)->queue_peer;
        after = tcb_at(before)->queue_prev;
    }
    tcb_queue_link(queue, thread, after, before);
    thread->queue_peer = tcb_ref_of(thread);
    if (after.raw != 0 && tcb_at(after)->priority == thread->priority) {
        thread->queue_peer = tcb_at(after)->queue_peer;
        tcb_at(thread->queue_peer)->queue_peer = tcb_ref_of(thread);
    } else if (after.raw == 0 && before.raw != 0) {
        tcb_queue_pass_scan(tcb_at(before), thread);
    }
}

void tcb_queue_remove(struct tcb_queue *queue, struct tcb *thread)
{
    struct tcb *prev = tcb_at(thread->queue_prev);
    struct tcb *next = tcb_at(thread->queue_next);
    struct tcb *head = tcb_at(queue->head);

    if (head->queue_scan.raw == tcb_ref_of(thread).raw) {
        head->queue_scan = thread->queue_next;
    }
    if (prev == NULL || prev->priority != thread->priority) {
        if (next != NULL) {
            tcb_queue_lead(thread, next);
        }
    } else if (next == NULL || next->priority != thread->priority) {
        prev->queue_peer = thread->queue_peer;
        tcb_at(thread->queue_peer)->queue_peer = thread->queue_prev;
    }
    if (prev != NULL) {
        prev->queue_next = thread->queue_next;
    } else {
        queue->head = thread->queue_next;
    }
    if (next != NULL) {
        next->queue_prev = thread->queue_prev;
    } else {
        queue->tail = thread->queue_prev;
    }
    if (prev == NULL && next != NULL) {
        tcb_queue_pass_scan(thread, next);
    }
    thread->queue_scan = none;
    thread->queue_scan_badge = 0;
    thread->queue_prev = none;
    thread->queue_next = none;
}

void tcb_queue_scan_begin(const struct tcb_queue *queue, word_t badge)
{
    struct tcb *head = tcb_at(queue->head);

    if (head != NULL && head->queue_scan_badge != badge) {
        head->queue_scan_badge = badge;
        head->queue_scan = queue->head;
    }
}

struct tcb *tcb_queue_scan_next(const struct tcb_queue *queue)
{
    struct tcb *head = tcb_at(queue->head);
    struct tcb *thread;

    if (head == NULL) {
        return NULL;
    }
    thread = tcb_at(head->queue_scan);
    if (thread == NULL) {
        head->queue_scan_badge = 0;
        return NULL;
    }
    head->queue_scan = thread->queue_next;
    return thread;
}
