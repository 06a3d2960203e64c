/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Endpoints
 *
 * Where a sender and a receiver meet. Whoever comes first waits in the queue.
 *
 * Invariant: the queue is empty iff the state is ENDPOINT_IDLE.
 */
#pragma once

#include <core/decode.h>
#include <core/preempt.h>
#include <core/slot_delete.h>
#include <core/state.h>

/* How a message is sent. */
struct send_mode {
    word_t badge;
    bool is_blocking;
    bool is_call; /* a reply is wanted (faults ask for one too) */
    bool can_grant;
    bool can_grant_reply;
    bool can_donate;
};

/** Send the message in `sender`'s registers, or its pending fault. */
void endpoint_send(struct endpoint *endpoint, struct tcb *sender, struct send_mode mode);
/** Receive into `receiver`, with `reply` (NULL if none) for the way back. */
void endpoint_receive(struct endpoint *endpoint, struct tcb *receiver, struct reply *reply,
                      bool is_blocking);
/** Take a blocked sender or receiver out of the queue. */
void endpoint_remove(struct endpoint *endpoint, struct tcb *thread);
/** The priority of a queued thread changed: `priority` is the new one. */
void endpoint_reorder(struct endpoint *endpoint, struct tcb *thread, word_t priority);

/** The endpoint goes away: send the first thread that waits there back. True: none is left. */
bool endpoint_cancel_first(struct endpoint *endpoint);
/** Cancel the waiting sends with this badge. */
enum progress endpoint_cancel_badged(struct endpoint *endpoint, word_t badge);

/** Invoke an endpoint capability (Send, Call and the send phases). */
enum outcome endpoint_invoke(struct invocation *inv);
