/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Notifications
 *
 * A word of signals. Signals are ORed into it until somebody takes the word.
 *
 * Invariant: the queue is empty unless the state is NOTIFICATION_WAITING.
 */
#pragma once

#include <core/decode.h>
#include <core/state.h>

/** Deliver `badge` to a waiting thread, or keep it. */
void notification_signal(struct notification *notification, word_t badge);
/** Take the word into x0 of `receiver`, or wait for it, or (not blocking) take zero. */
void notification_receive(struct notification *notification, struct tcb *receiver,
                          bool is_blocking);
/** Take the word of an active notification; lend its scheduling context if that is free. */
void notification_complete(struct notification *notification, struct tcb *receiver);
/** `thread` is going to wait: if it runs on the notification's scheduling context, take it. */
void notification_return_context(struct notification *notification, struct tcb *thread);
/** Take a waiting thread out of the queue. */
void notification_remove(struct notification *notification, struct tcb *thread);
/** The priority of a waiting thread changed: `priority` is the new one. */
void notification_reorder(struct notification *notification, struct tcb *thread, word_t priority);

void notification_bind_tcb(struct notification *notification, struct tcb *thread);
void notification_unbind_tcb(struct notification *notification);
/** The notification goes away: send the first thread that waits there back. True: none is left. */
bool notification_cancel_first(struct notification *notification);
/** Undo the binding to a scheduling context, if there is one. */
void notification_unbind_context(struct notification *notification);

/** Invoke a notification capability: signal. */
enum outcome notification_invoke(struct invocation *inv);
