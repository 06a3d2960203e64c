/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The negative corpus: every file of bad/ is refused, with exactly its message
 *
 * bad/NAME.xml is a description with the mistake NAME; bad/NAME.expect is all that the
 * composer says about it. Started with the word `write`, the program writes the .expect
 * files that are missing instead, for a person to read and commit.
 */
#define _POSIX_C_SOURCE 200809L

#include "harness.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILES_LEAST = 40, TEXT_BYTES = 8192, PATH_BYTES = 512 };

static bool write_missing;

static bool expect_read(const char *path, char *text)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, TEXT_BYTES - 1, file);
    text[length] = '\0';
    fclose(file);
    return true;
}

static bool text_has_error_and_fix(const char *messages)
{
    const char *error = strstr(messages, ": error: ");
    return error != NULL && strstr(error, "\nfix: ") != NULL;
}

/* Returns whether the file was told about as expected. */
static bool bad_file_check(const char *name)
{
    char path[PATH_BYTES];
    char expect[PATH_BYTES];
    char wanted[TEXT_BYTES] = "";
    snprintf(path, sizeof(path), "bad/%s.xml", name);
    snprintf(expect, sizeof(expect), "bad/%s.expect", name);
    struct harness harness = { .options = { .description = path } };
    bool composed = harness_run(&harness);
    const char *messages = harness.result.messages;
    bool good = !composed && text_has_error_and_fix(messages);
    if (!expect_read(expect, wanted) && write_missing) {
        FILE *file = fopen(expect, "wb");
        if (file != NULL) {
            fputs(messages, file);
            fclose(file);
            strcpy(wanted, messages);
        }
    }
    good = good && strcmp(wanted, messages) == 0;
    if (!good) {
        fprintf(stderr, "%s: %s\n--- said\n%s--- wanted\n%s", path,
                composed ? "accepted" : "another message", messages, wanted);
    }
    /* A refused description leaves no system behind. */
    good = good && harness_file(&harness, "system.cdl") == NULL;
    harness_close(&harness);
    return good;
}

static int count_bad_files(int *failures)
{
    DIR *folder = opendir("bad");
    int count = 0;
    if (folder == NULL) {
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[PATH_BYTES];
        snprintf(name, sizeof(name), "%s", entry->d_name);
        char *end = strstr(name, ".xml");
        if (end == NULL || end[4] != '\0') {
            continue;
        }
        *end = '\0';
        *failures += bad_file_check(name) ? 0 : 1;
        count++;
    }
    closedir(folder);
    return count;
}

static void test_bad_files(void **state)
{
    (void)state;
    int failures = 0;
    int count = count_bad_files(&failures);
    assert_int_equal(failures, 0);
    assert_true(count >= FILES_LEAST);
    printf("%d bad descriptions refused\n", count);
}

int main(int count, char **words)
{
    write_missing = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bad_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
