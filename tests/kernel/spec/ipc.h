/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: messages, replies, donation, faults
 */
#pragma once

#include "caps.h"
#include "objects.h"

/* ---- Message words -------------------------------------------------------------------------- */

/** IPC buffer of a thread, or NULL if it has none that it may read (write). */
struct spec_buffer *spec_buffer_of(const struct spec_thread *thread, bool to_write);
/** The 1 KiB of memory at `address`, all zero if never used. */
struct spec_buffer *spec_buffer_at(word_t address);
/** Message word `i` of a sender. Pre: i < 4, or the buffer exists. */
word_t spec_message_word(const struct spec_thread *thread, word_t i);
/** Write words and message info; without buffer four words at most. */
void spec_message_put(struct spec_thread *thread, word_t label, const word_t *words, word_t count);
void spec_message_transfer(struct spec_thread *from, struct spec_thread *to, word_t endpoint,
                           word_t badge, bool grant);

/* ---- Endpoints and notifications ------------------------------------------------------------- */

struct send {
    bool blocking, is_call, can_donate;
    word_t badge;
    bool grant, grant_reply;
};

void spec_ipc_send(struct spec_thread *thread, struct spec_endpoint *endpoint,
                   const struct send *how);
/** Pre: `reply` is 0 for Wait. */
void spec_ipc_receive(struct spec_thread *thread, struct spec_endpoint *endpoint, bool blocking,
                      word_t reply);
void spec_ipc_signal(struct spec_notification *notification, word_t badge);
void spec_ipc_wait(struct spec_thread *thread, struct spec_notification *notification,
                   bool blocking);
void spec_ipc_cancel(struct spec_thread *thread);
/** Whoever waits in the queue goes back to where it came from (abi/02 §6). */
void spec_ipc_cancel_all(struct spec_queue *queue);
void spec_ipc_cancel_badged(struct spec_endpoint *endpoint, word_t badge);

/* ---- Replies and donation (abi/04 §5.9) ----------------------------------------------------- */

void spec_context_donate(struct spec_context *context, struct spec_thread *to);
/** The thread loses its context. */
void spec_context_take_away(struct spec_context *context);
void spec_reply_detach_receiver(struct spec_thread *thread);
void spec_reply_push(struct spec_thread *caller, struct spec_thread *callee, word_t reply,
                     bool can_donate);
void spec_reply_remove(struct spec_reply *reply);
void spec_reply_remove_caller(struct spec_thread *caller);
void spec_reply_send(struct spec_thread *sender, struct spec_reply *reply, bool grant);
void spec_context_cut_top(struct spec_context *context);

/* ---- Faults (abi/04 §1, §2, §4) ----------------------------------------------------------- */

bool spec_ipc_has_timeout_handler(const struct spec_thread *thread);
void spec_ipc_timeout_fault(struct spec_thread *thread);
void spec_ipc_fault(struct spec_thread *thread, struct spec_fault fault);
void spec_ipc_cap_fault(struct spec_thread *thread, word_t cptr, bool receiving,
                        struct spec_lookup lookup);
/** Deliver the pending fault of `from` as a message. */
void spec_fault_message(struct spec_thread *from, struct spec_thread *to, word_t badge);
/** Take a reply to the pending fault. Post: does the thread restart? */
bool spec_fault_reply(struct spec_thread *faulter, const struct spec_thread *replier);
word_t spec_sanitised_spsr(const struct spec_thread *thread, word_t value);

/** Microseconds charged since the last report (abi/04 §5.11). */
word_t spec_context_report(struct spec_context *context);
/** Give the result of its YieldTo to `thread`. */
void spec_ipc_complete_yield(struct spec_thread *thread);
