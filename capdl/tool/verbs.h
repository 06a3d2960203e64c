/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The verbs of tessera-capdl and what they share (private to the room)
 *
 * Exit status: 0 good, 1 the input is wrong, 2 wrong command line or unreadable file.
 */
#pragma once

#include "lang/lang.h"

int verb_check(int argc, char **argv);
int verb_print(int argc, char **argv);
int verb_convert(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_pack(int argc, char **argv);
int verb_dump(int argc, char **argv);

int usage_error(void);

/* Read a whole file ("-": standard input) and append it. False, with a message, if that fails. */
bool file_read(const char *path, struct capdl_text *out);

/* Write a whole file; regular files are replaced in one step. False, with a message, on failure. */
bool file_write(const char *path, const void *bytes, size_t length);

/* Move a finished temporary file to its place; on failure remove it. */
bool file_replace(const char *temporary, const char *path);

/* A spec with the text it came from. */
struct source {
    const char *path;
    struct capdl_text text;
    struct capdl_markers markers; /* empty without --cpp */
    struct capdl_diags diags;
    struct capdl_spec *spec; /* NULL after mistakes */
};

/*
 * Read, parse, check and lint a file. With is_preprocessed, or if it begins with a line that the C
 * preprocessor left, lines that begin with '#' are skipped, and say where the others came from.
 * False if it cannot be read.
 */
bool source_load(struct source *source, const char *path, bool is_preprocessed);

/* What stands on the command line behind a verb. */
struct options {
    bool wants_output, wants_form; /* set before: which options the verb has */
    const char *inputs[2];
    uint32_t input_count;
    const char *output; /* "-" unless given */
    const char *form;   /* --to FORM, or NULL */
    bool is_preprocessed;
};

/* Read them; false if they are wrong. Pre: inputs <= 2. */
bool options_take(struct options *options, int argc, char **argv, uint32_t inputs);

/* Print all diagnostics to standard error. Returns the exit status they mean. */
int source_report(struct source *source);

void source_free(struct source *source);
