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

/* The parts of it. */
bool observe_scheduler_agrees(void);
bool observe_objects_agree(void);
bool observe_caps_agree(void);
bool observe_machine_agrees(void);

/** Are the two values of `what` of object `id` the same? */
bool observe_same(const char *what, word_t id, word_t wanted, word_t is);
bool observe_same_numbered(const char *what, size_t number, word_t id, word_t wanted, word_t is);
