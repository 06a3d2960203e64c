/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Moving messages
 *
 * Message words 0..3 are registers; the others, and extra capabilities, are in the IPC buffer,
 * which the kernel reaches through the frame capability in the thread's slot (abi/01 §3, §4).
 */
#pragma once

#include <abi/messages.h>
#include <core/decode.h>
#include <core/state.h>

/** The thread's IPC buffer, or NULL if it has none with the right to read (and write). */
struct ipc_buffer *ipc_buffer(const struct tcb *thread, bool is_writable);

/** Move the message of `sender` (or its pending fault) to `receiver`. `endpoint` is where it goes
 *  through, NULL for replies. */
void ipc_transfer(struct tcb *sender, struct tcb *receiver, const struct endpoint *endpoint,
                  word_t badge, bool can_grant);
/** Copy the plain words of a message of `length` (at most 120); return how many went over. */
word_t ipc_copy_words(struct tcb *sender, struct tcb *receiver, word_t length);
/** Write message word `i` of `thread`; false if it does not fit without a buffer. */
bool ipc_set_word(struct tcb *thread, word_t i, word_t value);
/** Write `count` message words from word 0 on; return how many fitted. */
word_t ipc_set_words(struct tcb *thread, const word_t *words, word_t count);

/** Answer a call on a kernel object: label 0, `count` result words. */
void ipc_set_result(struct tcb *thread, const word_t *words, word_t count);
/** Put the results of a successful call where the caller finds them; nothing if it is no call. */
void invocation_reply_words(const struct invocation *inv, const word_t *words, word_t count);
/** Answer a call on a kernel object with the error in this_cpu()->error. */
void ipc_reply_error(struct tcb *thread);
