/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Running over a folder of capDL files, each with a file that says what to expect
 */
#define _POSIX_C_SOURCE 200809L

#include "corpus.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "model/check.h"

static bool read_file(const char *path, struct capdl_text *out)
{
    char buffer[4096];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    capdl_text_add(out, "", 0);
    for (size_t got; (got = fread(buffer, 1, sizeof(buffer), file)) > 0;) {
        capdl_text_add(out, buffer, got);
    }
    fclose(file);
    return true;
}

static void write_file(const char *path, const struct capdl_text *text)
{
    FILE *file = fopen(path, "wb");
    if (file != NULL) {
        fwrite(text->bytes, 1, text->length, file);
        fclose(file);
    }
}

static bool run_one(const char *folder, const char *name, const char *ending, bool writes,
                    corpus_check check)
{
    struct corpus_file file = { .name = name };
    struct capdl_text got = { 0 };
    char wanted_path[512];
    snprintf(file.path, sizeof(file.path), "%s/%s.cdl", folder, name);
    snprintf(wanted_path, sizeof(wanted_path), "%s/%s.%s", folder, name, ending);
    capdl_text_add(&got, "", 0);
    bool good = read_file(file.path, &file.text);
    bool known = read_file(wanted_path, &file.wanted);
    good = check(&file, &got) && good;
    if (!known && writes) {
        write_file(wanted_path, &got);
    } else if (!known || strcmp(file.wanted.bytes, got.bytes) != 0) {
        good = false;
    }
    if (!good) {
        fprintf(stderr, "%s\n--- got\n%s--- wanted\n%s", file.path, got.bytes,
                known ? file.wanted.bytes : "(no file)\n");
    }
    capdl_text_free(&file.text);
    capdl_text_free(&file.wanted);
    capdl_text_free(&got);
    return good;
}

int corpus_run(const char *folder, const char *ending, bool writes, corpus_check check, int *count)
{
    int failures = 0;
    DIR *directory = opendir(folder);
    *count = 0;
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        char name[256];
        snprintf(name, sizeof(name), "%s", entry->d_name);
        char *end = strstr(name, ".cdl");
        if (end == NULL || end[4] != '\0') {
            continue;
        }
        *end = '\0';
        failures += run_one(folder, name, ending, writes, check) ? 0 : 1;
        (*count)++;
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return failures;
}

struct capdl_spec *corpus_load(const struct corpus_file *file, struct capdl_text *messages)
{
    struct capdl_diags diags = { 0 };
    char name[300];
    snprintf(name, sizeof(name), "%s.cdl", file->name);
    struct capdl_spec *spec = capdl_parse(file->text.bytes, file->text.length, NULL, &diags);
    if (spec != NULL) {
        capdl_check(spec, &diags);
        capdl_lint(spec, &diags);
    }
    capdl_render(&diags, name, file->text.bytes, file->text.length, messages);
    if (diags.error_count > 0) {
        capdl_spec_free(spec);
        spec = NULL;
    }
    capdl_diags_free(&diags);
    return spec;
}
