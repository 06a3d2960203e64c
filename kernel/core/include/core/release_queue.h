/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The release queue: threads that wait for time
 *
 * In order of the time at which their contexts may be used again, first come first served among
 * equal times. It is a binary search tree in which the heights of the two children of a node differ
 * by one at most (an AVL tree), so it is never higher than 1.45 log2 of the number of threads; every
 * operation goes along one path of it. Each node also knows the highest priority below it.
 *
 * Invariant: node N's earlier threads are below child[0], its later ones below child[1].
 * Invariant: `first` is the leftmost node, `first_time` its time.
 */
#pragma once

#include <core/state.h>

void release_queue_init(struct release_queue *queue);
/** Insert behind all threads of at most the same time. Pre: it is not in the queue. */
void release_queue_insert(struct release_queue *queue, struct tcb *thread, word_t time);
/** Remove `thread`. Pre: it is in the queue. */
void release_queue_remove(struct release_queue *queue, struct tcb *thread);
/** The priority of `thread`, which is in the queue, has changed. */
void release_queue_renew(struct release_queue *queue, struct tcb *thread);
/** Of the threads with a time up to `now` the one of highest priority, the first among equals;
 *  NULL if there is none. */
struct tcb *release_queue_highest(const struct release_queue *queue, word_t now);
/** The next in order; NULL behind the last. */
struct tcb *release_queue_next(const struct tcb *thread);
