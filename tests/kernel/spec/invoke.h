/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: invocations of kernel objects (abi/03)
 */
#pragma once

#include "ipc.h"

struct call {
    struct spec_thread *caller;
    bool is_call, blocking, first_phase;
    word_t label, length;
    word_t place; /* slot of the invoked capability */
    struct spec_cap cap;
    word_t extra_count;
    word_t extra[MESSAGE_MAX_EXTRA_CAPS]; /* slots */
};

/* What a Call gets: an error with its details, or words. */
struct answer {
    enum err code;
    word_t first, second; /* MR0, MR1 of the error */
    struct spec_lookup lookup;
    word_t words[USER_CONTEXT_COUNT];
    word_t count;
};

/** Message word of the invocation; also beyond its length (abi/03 §2). */
word_t spec_call_word(const struct call *call, word_t i);
struct spec_cap spec_call_extra(const struct call *call, word_t i);

/* Answers. */
struct answer spec_answer_done(void);
struct answer spec_answer_word(word_t value);
struct answer spec_answer_error(enum err code);
struct answer spec_answer_number(enum err code, word_t number);
struct answer spec_answer_range(word_t min, word_t max);
struct answer spec_answer_lookup(bool source, struct spec_lookup lookup);

/** (root, index, depth) as arguments of CNode operations (abi/02 §3). */
struct answer spec_lookup_slot(struct spec_cap root, word_t index, word_t depth, bool source,
                               word_t *place);

struct answer spec_cnode_invoke(const struct call *call);
struct answer spec_untyped_invoke(const struct call *call);
struct answer spec_thread_invoke(const struct call *call);
struct answer spec_context_invoke(const struct call *call);
struct answer spec_sched_control_invoke(const struct call *call);

/** Memory of the untyped from that offset on is zero again: nothing is remembered about it. */
void spec_untyped_forget(const struct spec_cap *untyped, word_t from);

struct answer spec_domain_invoke(const struct call *call);
struct answer spec_smc_invoke(const struct call *call);

void spec_thread_suspend(struct spec_thread *thread);
void spec_context_bind_thread(struct spec_context *context, struct spec_thread *thread);
void spec_context_unbind_thread(struct spec_context *context);
void spec_context_complete_yield(struct spec_context *context);
/** Is a blocked thread allowed to be given this context? */
bool spec_context_is_released(const struct spec_context *context);

/** Delete what is in a slot, wholly. */
void spec_cap_delete(word_t place);
void spec_cap_revoke(word_t place);

/** Perform. Pre: everything up to check 3 of abi/03 §2 has passed. */
struct answer spec_invoke(const struct call *call);
