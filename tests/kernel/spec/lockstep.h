/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: the core and the specification side by side
 */
#pragma once

#include "spec.h"

/* Where decisions come from: a seeded generator, or the bytes of a fuzzer. */
struct source {
    const unsigned char *data; /* NULL: seeded */
    size_t size, used;
    word_t state;
};

/** A number below `bound`. */
word_t source_below(struct source *source, word_t bound);
word_t source_word(struct source *source);
/** True once in so many times. */
bool source_is_one_in(struct source *source, word_t chances);
bool source_is_dry(const struct source *source);

/* One event as the generator proposes it: what the current thread puts where. */
struct proposal {
    struct spec_event event;
    word_t regs[CONTEXT_COUNT];
    word_t ip;
    word_t buffer[128];
    bool write_buffer;
    bool write_guest; /* a register of the guest, or a list register behind them */
    word_t guest_field, guest_value;
};

/** What the current thread does next. `step` counts from 0; the first ones build a system. */
void generate(struct source *source, unsigned step, struct proposal *proposal);
/** Before the first step of a run. */
void generate_start(void);
/** The thread with that index was stopped in the middle of `proposal`, or sent back to its start. */
void generate_unfinished(unsigned thread, const struct proposal *proposal);
#define GENERATE_BUILD_STEPS 48

struct lockstep_result {
    unsigned steps;   /* done by both */
    unsigned skipped; /* not covered by the specification */
    unsigned systems; /* begun anew because one had died */
    bool agreed;
};

/** Boot both and run up to `limit` steps; on a disagreement print the last events. */
struct lockstep_result lockstep_run(struct source *source, unsigned limit, bool verbose);

/** How often each call and each answer occurred, over all runs. */
void lockstep_print_coverage(void);
