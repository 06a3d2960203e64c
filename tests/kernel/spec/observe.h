/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: looking at the core
 */
#pragma once

#include "spec.h"

/** Take over the state of a core that has just been booted: one thread, nothing queued. */
void observe_boot(void);
/** Compare everything. Post: false, with a sentence in observe_difference. */
bool observe_agrees(void);
extern char observe_difference[400];
