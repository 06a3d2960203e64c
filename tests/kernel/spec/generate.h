/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: what the programs do, in parts
 */
#pragma once

#include "pick.h"

/** Message word `i` into its register or its place in the buffer. */
void generate_put_word(struct proposal *proposal, word_t i, word_t value);
/** Budget and period, mostly usable. */
void generate_put_times(struct source *source, word_t words[2]);

/** Call number `step` of building a system; false: it stands. */
bool generate_build(struct source *source, unsigned step, struct proposal *proposal);

/** Call number `label` of whatever object fits, with arguments that mostly make sense. */
void generate_invocation(struct source *source, word_t label, struct proposal *proposal);
/** The same, but the label is chosen too. */
void generate_any_invocation(struct source *source, struct proposal *proposal);
/** A message between threads, or whatever the same registers mean to another call. */
void generate_ipc(struct source *source, struct proposal *proposal);
/** What a thread with that habit does: serve, call, wait, signal. */
void generate_habit(struct source *source, unsigned habit, struct proposal *proposal);
#define GENERATE_HABITS 5
/** Something that makes another thread go on; false if all do. */
bool generate_help(struct source *source, struct proposal *proposal);
/** What the root thread does: put things right, and wrong. */
void generate_supervisor(struct source *source, struct proposal *proposal);
/* Its time, in microseconds. */
#define GENERATE_ROOT_BUDGET 100
#define GENERATE_ROOT_PERIOD 1000
