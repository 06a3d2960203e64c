/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Errors of invocations
 *
 * Each function here notes an error with its details in this_cpu()->error and returns
 * OUTCOME_ERROR, so that a check reads `if (bad) { return error_range(0, max); }`. Who reports
 * it, and whether at all, is decided in syscall.c (abi/01 §6).
 */
#pragma once

#include <core/state.h>

/* How an invocation ended. */
enum outcome {
    OUTCOME_DONE,
    OUTCOME_ERROR,    /* details in this_cpu()->error; nothing was changed */
    OUTCOME_PREEMPTED /* progress is kept in the objects; the system call is to be made again */
};

enum outcome error_illegal(void);
enum outcome error_truncated(void);
/** Argument `number` has a value that is never right. */
enum outcome error_argument(word_t number);
/** Capability `number` (0 = the invoked one, 1.. = extra ones) is of the wrong kind. */
enum outcome error_capability(word_t number);
enum outcome error_range(word_t min, word_t max);
enum outcome error_alignment(void);
enum outcome error_delete_first(void);
enum outcome error_revoke_first(void);
enum outcome error_no_memory(word_t bytes_left);
/** A lookup failed as this_cpu()->lookup_fault says. */
enum outcome error_lookup(bool source);
/** A lookup ended at an empty slot or entry with `bits_left` bits to go. */
enum outcome error_missing(bool source, word_t bits_left);
