/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Taking a component away and building it anew, and seeing that nothing drifts
 */
#pragma once

#include <loader/build.h>

/** Take the component away and build it anew. Prints what came back; false if something did not. */
bool cycle_once(uint32_t untyped, bool is_quiet);

/** Look for the component named by `supervisor_cycled`, if any. */
void cycles_begin(void);
/** An event on the channel `supervisor_cycle_channel`: one more cycle. True if it was one. */
bool cycles_event(uint64_t channel);
