/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages to the person who wrote the description
 *
 * Each message is two lines: `file:line:column: error: what is wrong` and
 * `fix: what to do about it`. Formats hold both, parted by one newline.
 *
 * Invariant: after the first error nothing more is added, so the first one is what the
 * person sees.
 */
#pragma once

#include "text.h"

struct position {
    unsigned line;
    unsigned column;
};

struct diag {
    const char *file;
    struct text out;
    bool failed;
    unsigned warnings;
};

/* Adds an error. Always false, so that a check can end with `return diag_error(...)`. */
bool diag_error(struct diag *diag, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(struct diag *diag, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
