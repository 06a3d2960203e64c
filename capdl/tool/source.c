/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading and writing files; loading a spec; the two small verbs
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/check.h"
#include "verbs.h"

bool file_read(const char *path, struct capdl_text *out)
{
    bool is_standard = strcmp(path, "-") == 0;
    FILE *file = is_standard ? stdin : fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: error: cannot open: %s\n", path, strerror(errno));
        return false;
    }
    char *buffer = capdl_alloc(1, 1 << 16);
    size_t got;
    while ((got = fread(buffer, 1, 1 << 16, file)) > 0) {
        capdl_text_add(out, buffer, got);
    }
    bool good = ferror(file) == 0;
    if (!good) {
        fprintf(stderr, "%s: error: cannot read: %s\n", path, strerror(errno));
    }
    if (!is_standard) {
        fclose(file);
    }
    free(buffer);
    return good;
}

/* Devices and pipes must be written in place: a rename would replace them. */
static bool is_replaceable(const char *path)
{
    struct stat status;
    return stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

bool file_replace(const char *temporary, const char *path)
{
    if (rename(temporary, path) == 0) {
        return true;
    }
    fprintf(stderr, "%s: error: cannot write: %s\n", path, strerror(errno));
    remove(temporary);
    return false;
}

bool file_write(const char *path, const void *bytes, size_t length)
{
    if (strcmp(path, "-") == 0) {
        return fwrite(bytes, 1, length, stdout) == length && fflush(stdout) == 0;
    }
    bool replaces = is_replaceable(path);
    struct capdl_text temporary = { 0 };
    capdl_text_printf(&temporary, "%s%s", path, replaces ? ".new" : "");
    FILE *file = fopen(temporary.bytes, "wb");
    bool good = file != NULL && fwrite(bytes, 1, length, file) == length;
    if (file != NULL && fclose(file) != 0) {
        good = false;
    }
    if (!good) {
        fprintf(stderr, "%s: error: cannot write: %s\n", path, strerror(errno));
    } else if (replaces) {
        good = file_replace(temporary.bytes, path);
    }
    capdl_text_free(&temporary);
    return good;
}

bool source_load(struct source *source, const char *path, bool is_preprocessed)
{
    *source = (struct source){ .path = path };
    if (!file_read(path, &source->text)) {
        return false;
    }
    if (is_preprocessed || capdl_markers_begin(source->text.bytes, source->text.length)) {
        capdl_markers_take(&source->markers, source->text.bytes, source->text.length);
    }
    source->spec = capdl_parse(source->text.bytes, source->text.length, NULL, &source->diags);
    if (source->spec != NULL) {
        capdl_check(source->spec, &source->diags);
        capdl_lint(source->spec, &source->diags);
    }
    return true;
}

int source_report(struct source *source)
{
    struct capdl_text out = { 0 };
    capdl_render_marked(&source->diags, source->path, &source->markers, source->text.bytes,
                        source->text.length, &out);
    if (out.length > 0) {
        fwrite(out.bytes, 1, out.length, stderr);
    }
    capdl_text_free(&out);
    return source->diags.error_count == 0 ? 0 : 1;
}

void source_free(struct source *source)
{
    capdl_text_free(&source->text);
    capdl_markers_free(&source->markers);
    capdl_diags_free(&source->diags);
    capdl_spec_free(source->spec);
}

bool options_take(struct options *options, int argc, char **argv, uint32_t inputs)
{
    options->output = "-";
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        bool has_value = i + 1 < argc;
        if (strcmp(word, "--cpp") == 0) {
            options->is_preprocessed = true;
        } else if (options->wants_output && has_value &&
                   (strcmp(word, "--output") == 0 || strcmp(word, "-o") == 0)) {
            options->output = argv[++i];
        } else if (options->wants_form && has_value && strcmp(word, "--to") == 0) {
            options->form = argv[++i];
        } else if (options->input_count < inputs && strncmp(word, "--", 2) != 0) {
            options->inputs[options->input_count++] = word;
        } else {
            return false;
        }
    }
    return options->input_count == inputs;
}

int verb_check(int argc, char **argv)
{
    struct options options = { 0 };
    struct source source;
    if (!options_take(&options, argc, argv, 1)) {
        return usage_error();
    }
    if (!source_load(&source, options.inputs[0], options.is_preprocessed)) {
        return 2;
    }
    int status = source_report(&source);
    source_free(&source);
    return status;
}

int verb_print(int argc, char **argv)
{
    struct options options = { .wants_output = true };
    struct source source;
    if (!options_take(&options, argc, argv, 1)) {
        return usage_error();
    }
    if (!source_load(&source, options.inputs[0], options.is_preprocessed)) {
        return 2;
    }
    int status = source_report(&source);
    if (status == 0) {
        struct capdl_text text = { 0 };
        capdl_print(source.spec, &text);
        status = file_write(options.output, text.bytes, text.length) ? 0 : 2;
        capdl_text_free(&text);
    }
    source_free(&source);
    return status;
}
