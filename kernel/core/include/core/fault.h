/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults
 *
 * A thread that cannot go on tells its handler by a message and waits for the answer. The fault
 * stays with the thread until then, since it decides what the answer means.
 */
#pragma once

#include <core/state.h>

/** The thread cannot go on: tell its handler, or stop it if it has none. The words are those of
 *  struct thread_fault. */
void fault_raise(struct tcb *thread, enum fault type, word_t word0, word_t word1, word_t word2);
/** The current thread named a capability that does not resolve; this_cpu()->lookup_fault says why. */
void fault_raise_cap(word_t cptr, bool in_receive);
/** As fault_raise_cap for a capability of the wrong kind: "missing capability, bits left 0". */
void fault_raise_cap_missing(word_t cptr);
/** The thread's budget is used up: tell its timeout handler. Pre: fault_has_timeout_handler. */
void fault_raise_timeout(struct tcb *thread, word_t badge);

static inline bool fault_has_timeout_handler(const struct tcb *thread)
{
    return cap_type(thread->slots[TCB_SLOT_TIMEOUT_HANDLER].cap) == CAP_ENDPOINT;
}

/** Write the message of `sender`'s fault into `receiver`; return its message info. */
word_t fault_transfer(struct tcb *sender, struct tcb *receiver);
/** Apply the answer in `replier`'s registers to `thread`; true if the thread goes on. */
bool fault_answer(struct tcb *thread, struct tcb *replier);
