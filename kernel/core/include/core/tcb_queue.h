/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Queues of threads waiting at an object
 *
 * One list through queue_next and queue_prev: highest priority first, first come first served
 * among equals. Threads of one priority are neighbours and form a group. Its first and its last
 * thread name each other as queue_peer (one that is alone names itself), so that whoever looks for
 * a place passes groups, of which there are at most PRIORITY_COUNT, and not threads.
 *
 *      head                                             tail
 *      7 <-> 7 <-> 7 <-> 5 <-> 2 <-> 2          queue_peer of
 *      |__________|     (_)    |_____|          first and last
 *
 * A scan looks at all threads of a queue, and can be interrupted: its place, the next thread to
 * look at, is kept with the head of the queue and moves on when that thread leaves.
 *
 * Invariant: queue_scan and queue_scan_badge are 0 but in the head of a queue.
 */
#pragma once

#include <core/state.h>

/** Insert behind all threads of at least the same priority. */
void tcb_queue_insert(struct tcb_queue *queue, struct tcb *thread);
/** Remove `thread`. Pre: it is in this queue, and has the priority it came with. */
void tcb_queue_remove(struct tcb_queue *queue, struct tcb *thread);

/** Begin a scan for `badge` (not 0) at the head; or go on with the one for the same badge. */
void tcb_queue_scan_begin(const struct tcb_queue *queue, word_t badge);
/** The next thread of the scan, which may be removed then. NULL: the scan is at its end. */
struct tcb *tcb_queue_scan_next(const struct tcb_queue *queue);

static inline bool tcb_queue_is_empty(const struct tcb_queue *queue)
{
    return queue->head.raw == 0;
}

/** `thread`, the first of its group, leaves: `next`, its successor in the queue, may take over. */
static inline void tcb_queue_lead(const struct tcb *thread, struct tcb *next)
{
    if (next->priority == thread->priority) {
        next->queue_peer = thread->queue_peer;
        tcb_at(thread->queue_peer)->queue_peer = tcb_ref_of(next);
    }
}
