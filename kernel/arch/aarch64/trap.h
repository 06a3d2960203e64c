/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What vectors.S and head.S call
 *
 * Each returns the saved registers of the thread to run next.
 */
#pragma once

#include <arch/context.h>

struct context *trap_sync(struct context *context);
struct context *trap_irq(struct context *context);
/** After boot: the first thread. */
struct context *trap_first(void);
/** An exception of the kernel itself, or one that no thread can cause. */
_Noreturn void trap_fatal(word_t stack, word_t vector);
