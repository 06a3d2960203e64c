/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug system calls (kernel.config.is_debug)
 */
#pragma once

#include <core/state.h>

/** Perform debug system call `number`; false if there is none with this number. */
bool debug_syscall(word_t number);
/** Say on the console that a thread stops because nobody handles its fault. */
void debug_report_fault(const struct tcb *thread);
