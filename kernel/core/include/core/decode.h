/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Decoding invocations
 *
 * One invocation, as the system call gathered it, goes to the decoder of the invoked capability's
 * kind. A decoder checks everything in the order of abi/03 and changes nothing before the last
 * check has passed.
 */
#pragma once

#include <core/error.h>

struct invocation {
    word_t label;
    word_t length; /* message words; at most 120, at most 4 without an IPC buffer */
    struct slot *slot;
    struct cap cap; /* of that slot */
    word_t cptr;
    struct slot *extra[3];
    word_t extra_count;
    const word_t *buffer; /* the caller's IPC buffer as words (struct ipc_buffer), or NULL */
    bool is_call, is_blocking, can_donate;
    bool first_phase; /* of a system call that then receives */
};

/** Message word `i` of the invocation; 0 if it would be in an IPC buffer that is not there. */
word_t invocation_arg(const struct invocation *inv, word_t i);

/** Perform the invocation. */
enum outcome decode_invocation(struct invocation *inv);
