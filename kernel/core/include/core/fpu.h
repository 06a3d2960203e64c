/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Floating point: who owns the registers
 *
 * Invariant: cpu.fpu_owner is the thread whose registers are in hardware, or null.
 */
#pragma once

#include <core/state.h>

/** `thread` runs next: make the registers its own, or forbid their use. */
void fpu_switch(struct tcb *thread);
/** Save the registers if they are `thread`'s, so that nobody owns them. */
void fpu_release(struct tcb *thread);
/** The thread goes away: forget that it owns the registers. */
void fpu_forget(struct tcb *thread);
