/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Who has the counter registers (used by vcpu.c)
 */
#pragma once

#include <abi/types.h>

/** A guest runs next: its own CNTKCTL_EL1, nothing of what its thread may do natively. */
void counter_to_guest(word_t cntkctl);
/** Native code runs next, with what machine_counter_access last said. */
void counter_to_native(void);
