/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Preemption points
 */
#pragma once

#include <core/state.h>

/** Note that `units` of work were done; from time to time look whether to stop (abi/04 §5.13).
 *  True: stop, with progress kept in the objects. */
bool preemption_point_after(word_t units);

/** The same after one unit. */
bool preemption_point(void);
