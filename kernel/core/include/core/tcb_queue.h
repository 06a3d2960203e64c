/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Queues of threads waiting at an object
 *
 * Doubly linked through queue_next and queue_prev, highest priority first, first come first
 * served among equals.
 */
#pragma once

#include <core/state.h>

/** Insert behind all threads of at least the same priority. */
void tcb_queue_insert(struct tcb_queue *queue, struct tcb *thread);
/** Remove `thread`. Pre: it is in this queue. */
void tcb_queue_remove(struct tcb_queue *queue, struct tcb *thread);

static inline bool tcb_queue_is_empty(const struct tcb_queue *queue)
{
    return queue->head.raw == 0;
}
