/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Floating point: who owns the registers
 *
 * Most switches are between threads that compute with integers only, so the registers stay with
 * their last user, and the next one gets them by trapping at its first floating-point
 * instruction. TCB flag bit 0 takes the right to use them away.
 *
 * Invariant: cpu.fpu_owner is the thread whose registers are in hardware, or null; it is the one
 * with THREAD_OWNS_FPU, and user code can use the registers iff it is that thread's.
 */
#pragma once

#include <core/state.h>

/** `thread` runs next: it may use the registers if they are its own. */
void fpu_switch(struct tcb *thread);
/** `thread`, running, has trapped on using them: give them to it; false if it must not have them. */
bool fpu_take(struct tcb *thread);
/** Save the registers if they are `thread`'s, so that nobody owns them. */
void fpu_release(struct tcb *thread);
/** The thread goes away: forget that it owns the registers. */
void fpu_forget(struct tcb *thread);
