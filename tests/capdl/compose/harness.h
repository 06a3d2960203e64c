/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One run of the composer without a file system
 *
 * Images are made up, `*.bin` files have some bytes, and what the composer writes is kept
 * for the test to look at.
 */
#pragma once

#include <compose/compose.h>

enum { HARNESS_FILES = 1024 };

struct written {
    char *name;
    char *bytes;
    size_t length;
};

struct harness {
    const char *description; /* text; NULL: options.description is a real file */
    size_t description_length;
    struct compose_options options;
    struct compose_result result;
    struct written written[HARNESS_FILES];
    size_t written_count;
    const char *refuse; /* a name that cannot be written */
    bool alone;         /* no made-up programs: only files that are really there */
};

/* Composes; the result stays in the harness until harness_close(). */
bool harness_run(struct harness *harness);
void harness_close(struct harness *harness);

/* The file of this name, or NULL. */
const struct written *harness_file(const struct harness *harness, const char *name);
