/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Short cuts through the core
 *
 * The two halves of a remote procedure call, for the case that everything is as one would wish: no
 * capabilities in the message, and the server waits, on its own time or on that of the caller. And
 * the same for a fault and its answer. They do exactly what the general path does then
 * (tests/kernel/core/fastpath_test.c compares the two), and nothing at all in any other case.
 */
#pragma once

#include <core/state.h>

/** Call of the current thread. */
void fastpath_call(void);
/** ReplyRecv of the current thread. */
void fastpath_reply_receive(void);
/** A fault of the current thread, as fault_raise has it. False, with nothing changed: it takes the
 *  general path. */
bool fastpath_fault(enum fault type, word_t word0, word_t word1, word_t word2);
