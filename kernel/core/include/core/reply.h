/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Reply objects and the call stack
 *
 * A reply object remembers who waits for the answer. When the call lent its scheduling context to
 * the callee, the object also is an element of that context's stack of calls, so that the context
 * finds its way back whatever happens in between:
 *
 *   sc.reply -> top (next = sc | REPLY_NEXT_IS_SC) -prev-> older call -prev-> ... -> first call
 *
 * Invariant: reply.tcb and tcb.reply name each other, and the thread is blocked on receive (the
 * object waits for a caller) or blocked on reply (the thread is the caller).
 */
#pragma once

#include <core/decode.h>
#include <core/state.h>

static inline void reply_link(struct reply *reply, struct tcb *thread)
{
    reply->tcb = tcb_ref_of(thread);
    thread->reply = reply_ref_of(reply);
}

static inline void reply_unlink(struct reply *reply, struct tcb *thread)
{
    reply->tcb = (struct tcb_ref){ 0 };
    thread->reply = (struct reply_ref){ 0 };
}

/** `caller` waits for its answer through `reply`; with `can_donate`, and if `callee` has no
 *  scheduling context, that of the caller goes along. Pre: `reply` belongs to nobody. */
void reply_push(struct reply *reply, struct tcb *caller, struct tcb *callee, bool can_donate);
/** Take `caller` off the object and the object off its stack; a lent scheduling context goes back
 *  if the object is the top. Post: caller inactive. Pre: caller is blocked on reply with it. */
void reply_remove(struct reply *reply, struct tcb *caller);
/** The caller gives up waiting: the stack is cut, the context stays where it is. */
void reply_abandon(struct tcb *caller);
/** Answer the caller of `reply`, if there is one, with the message (or fault answer) of `sender`. */
void reply_transfer(struct reply *reply, struct tcb *sender, bool can_grant);
/** The object goes away. */
void reply_finalise(struct reply *reply);
/** The context goes away: its stack has no top any more. */
void reply_cut_stack(struct sched_context *context);

/** Invoke a reply capability. */
enum outcome reply_invoke(struct invocation *inv);
