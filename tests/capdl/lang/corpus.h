/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Running over a folder of capDL files, each with a file that says what to expect
 */
#pragma once

#include "lang/lang.h"

/* One file of a corpus: its text, and what it should lead to (NULL if there is no such file). */
struct corpus_file {
    const char *name; /* without ending */
    struct capdl_text text;
    struct capdl_text wanted;
    char path[512];
};

/*
 * Call check for each FOLDER/NAME.cdl, with what NAME.ENDING holds. *got receives what came out.
 * In writing mode missing expectations are written, for a person to read and commit.
 * Returns how many files failed; *count is how many there were.
 */
typedef bool (*corpus_check)(const struct corpus_file *file, struct capdl_text *got);
int corpus_run(const char *folder, const char *ending, bool writes, corpus_check check, int *count);

/* Parse, check and lint a text; what was wrong, rendered under the name "NAME.cdl". */
struct capdl_spec *corpus_load(const struct corpus_file *file, struct capdl_text *messages);
