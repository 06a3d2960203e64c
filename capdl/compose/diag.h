/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages to the person who wrote the description
 *
 * Each message says where and what, shows the line of the file with a caret below the place, and
 * says what to do:
 *
 *     system.xml:7:9: error: interrupt 5 does not exist
 *             <irq irq="5" id="1"/>
 *             ^
 *     fix: use 16 to 1019; ...
 *
 * Formats hold both texts, parted by one newline. A run goes on after an error to find others,
 * so what was not understood is marked and not complained about again.
 *
 * Invariant: a message is added once, however often it is found; after ERROR_LIMIT errors no
 * more are added.
 */
#pragma once

#include "text.h"

enum { ERROR_LIMIT = 50 };

struct position {
    unsigned line; /* 0: nowhere */
    unsigned column;
    unsigned file; /* index of a file that diag_file() was told of */
};

/* A file of the description. */
struct diag_file {
    const char *name;
    const char *bytes;
    size_t length;
};

struct diag {
    struct arena *arena;
    const char *name;  /* of the description, before any file is there */
    struct list files; /* struct diag_file */
    struct list said;  /* char *: all messages */
    struct text out;
    bool failed;
    unsigned errors;
    unsigned warnings;
};

/* Makes a file known; its index is for the positions in it. The bytes stay the caller's. */
unsigned diag_file(struct diag *diag, const char *name, const char *bytes, size_t length);
/* The name of the file that a position is in. */
const char *diag_file_name(const struct diag *diag, struct position at);

/* "line 7", or "FILE:7" if that is another file than the one a message at `from` is about. */
const char *diag_place(const struct diag *diag, struct position at, struct position from);

/* Adds an error. Always false, so that a check can end with `return diag_error(...)`. */
bool diag_error(struct diag *diag, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(struct diag *diag, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
