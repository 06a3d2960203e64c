/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Between cpu.c and vcpu.c: what guests and native code have in turn
 */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

/** A guest runs next: its own CNTKCTL_EL1, nothing of what its thread may do natively. */
void counter_to_guest(word_t cntkctl);
/** Native code runs next, with what machine_counter_access last said. */
void counter_to_native(void);
/** May native user code read the performance counters? In force from the next switch on. */
void vcpu_native_counters(bool allowed);
