/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Errors of invocations
 */
#include <core/error.h>

static struct syscall_error *error_note(enum err code)
{
    struct syscall_error *error = &this_cpu()->error;

    error->code = code;
    return error;
}

enum outcome error_illegal(void)
{
    error_note(ERR_ILLEGAL_OPERATION);
    return OUTCOME_ERROR;
}

enum outcome error_truncated(void)
{
    error_note(ERR_TRUNCATED_MESSAGE);
    return OUTCOME_ERROR;
}

enum outcome error_argument(word_t number)
{
    error_note(ERR_INVALID_ARGUMENT)->argument = number;
    return OUTCOME_ERROR;
}

enum outcome error_capability(word_t number)
{
    error_note(ERR_INVALID_CAPABILITY)->argument = number;
    return OUTCOME_ERROR;
}

enum outcome error_range(word_t min, word_t max)
{
    struct syscall_error *error = error_note(ERR_RANGE);

    error->min = min;
    error->max = max;
    return OUTCOME_ERROR;
}

enum outcome error_alignment(void)
{
    error_note(ERR_ALIGNMENT);
    return OUTCOME_ERROR;
}

enum outcome error_delete_first(void)
{
    error_note(ERR_DELETE_FIRST);
    return OUTCOME_ERROR;
}

enum outcome error_revoke_first(void)
{
    error_note(ERR_REVOKE_FIRST);
    return OUTCOME_ERROR;
}

enum outcome error_no_memory(word_t bytes_left)
{
    error_note(ERR_NOT_ENOUGH_MEMORY)->bytes_left = bytes_left;
    return OUTCOME_ERROR;
}

enum outcome error_lookup(bool source)
{
    struct syscall_error *error = error_note(ERR_FAILED_LOOKUP);

    error->lookup_was_source = source;
    error->lookup = this_cpu()->lookup_fault;
    return OUTCOME_ERROR;
}

enum outcome error_missing(bool source, word_t bits_left)
{
    this_cpu()->lookup_fault = (struct lookup_fault){
        .failure = LOOKUP_MISSING_CAPABILITY,
        .bits_left = bits_left,
    };
    return error_lookup(source);
}
