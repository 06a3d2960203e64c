/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Running over a folder of files, each with a file that says what to expect
 */
#define _POSIX_C_SOURCE 200809L

#include <corpus/corpus.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

bool corpus_read(const char *path, struct capdl_text *out)
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

static bool run_one(const struct corpus *corpus, const char *name, corpus_check check)
{
    struct corpus_file file = { .name = name };
    struct capdl_text got = { 0 };
    char wanted_path[512];
    snprintf(file.path, sizeof(file.path), "%s/%s%s", corpus->folder, name, corpus->ending);
    snprintf(wanted_path, sizeof(wanted_path), "%s/%s%s", corpus->folder, name, corpus->expects);
    capdl_text_add(&got, "", 0);
    bool good = corpus_read(file.path, &file.text);
    bool known = corpus_read(wanted_path, &file.wanted);
    good = check(&file, &got) && good;
    if (!known && corpus->writes) {
        write_file(wanted_path, &got);
    } else if (known) {
        good = good && strcmp(file.wanted.bytes, got.bytes) == 0;
    } else {
        good = good && corpus->is_optional && got.length == 0;
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

int corpus_run(const struct corpus *corpus, corpus_check check, int *count)
{
    int failures = 0;
    DIR *directory = opendir(corpus->folder);
    *count = 0;
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        char name[256];
        snprintf(name, sizeof(name), "%s", entry->d_name);
        char *end = strstr(name, corpus->ending);
        if (end == NULL || end[strlen(corpus->ending)] != '\0') {
            continue;
        }
        *end = '\0';
        failures += run_one(corpus, name, check) ? 0 : 1;
        (*count)++;
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return failures;
}
