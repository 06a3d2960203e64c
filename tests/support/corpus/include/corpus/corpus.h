/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Running over a folder of files, each with a file that says what to expect
 */
#pragma once

#include <model/memory.h>

#include <stdbool.h>

struct corpus {
    const char *folder;
    const char *ending;  /* of the inputs: ".cdl" */
    const char *expects; /* of what they lead to: ".expect" */
    bool is_optional;    /* without such a file, nothing must come out */
    bool writes;         /* missing expectations are written, for a person to read and commit */
};

/* One file of a corpus: its text, and what it should lead to (NULL if there is no such file). */
struct corpus_file {
    const char *name; /* without ending */
    struct capdl_text text;
    struct capdl_text wanted;
    char path[512];
};

/* Is the file right, but for `*got`, which receives what came out? */
typedef bool (*corpus_check)(const struct corpus_file *file, struct capdl_text *got);

/** Call `check` for each input. Returns how many failed, or did not lead to what is expected;
 *  *count is how many there were. */
int corpus_run(const struct corpus *corpus, corpus_check check, int *count);

/** Append a file; false if it is not there. */
bool corpus_read(const char *path, struct capdl_text *out);
