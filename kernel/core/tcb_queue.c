/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Queues of threads waiting at an object
 */
#include <core/tcb_queue.h>

static const struct tcb_ref none = { 0 };

void tcb_queue_insert(struct tcb_queue *queue, struct tcb *thread)
{
    struct tcb_ref after = queue->tail;
    struct tcb_ref before = none;

    /* From the tail, since most queues hold threads of one priority. Bound: length of the queue. */
    while (after.raw != 0 && tcb_at(after)->priority < thread->priority) {
        before = after;
        after = tcb_at(after)->queue_prev;
    }

    thread->queue_prev = after;
    thread->queue_next = before;
    if (after.raw != 0) {
        tcb_at(after)->queue_next = tcb_ref_of(thread);
    } else {
        queue->head = tcb_ref_of(thread);
    }
    if (before.raw != 0) {
        tcb_at(before)->queue_prev = tcb_ref_of(thread);
    } else {
        queue->tail = tcb_ref_of(thread);
    }
}

void tcb_queue_remove(struct tcb_queue *queue, struct tcb *thread)
{
    if (thread->queue_prev.raw != 0) {
        tcb_at(thread->queue_prev)->queue_next = thread->queue_next;
    } else {
        queue->head = thread->queue_next;
    }
    if (thread->queue_next.raw != 0) {
        tcb_at(thread->queue_next)->queue_prev = thread->queue_prev;
    } else {
        queue->tail = thread->queue_prev;
    }
    thread->queue_prev = none;
    thread->queue_next = none;
}
