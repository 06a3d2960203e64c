/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Short cuts through the core
 *
 * The two halves of a remote procedure call, for the case that everything is as one would wish:
 * short message, no capabilities in it, the server waiting on the caller's time. They do exactly
 * what the general path does then (tests/kernel/core/fastpath_test.c compares the two), and
 * nothing at all in any other case.
 */
#pragma once

#include <core/state.h>

/** Call of the current thread. */
void fastpath_call(void);
/** ReplyRecv of the current thread. */
void fastpath_reply_receive(void);
