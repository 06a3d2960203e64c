/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Descriptions that are right: every file of good/ passes the check, without its programs
 *
 * All that may be said of good/NAME.xml is in good/NAME.expect; without such a file, nothing.
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

enum { FILES_LEAST = 4, TEXT_BYTES = 8192, PATH_BYTES = 512 };

static void expect_read(const char *path, char *text)
{
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        text[fread(text, 1, TEXT_BYTES - 1, file)] = '\0';
        fclose(file);
    }
}

/* Returns whether the file passed, and was told about as expected. */
static bool good_file_check(const char *name)
{
    char path[PATH_BYTES];
    char expect[PATH_BYTES];
    char wanted[TEXT_BYTES] = "";
    snprintf(path, sizeof(path), "good/%s.xml", name);
    snprintf(expect, sizeof(expect), "good/%s.expect", name);
    expect_read(expect, wanted);
    struct harness harness = { .options = { .description = path, .check_only = true },
                               .alone = true };
    bool composed = harness_run(&harness);
    bool good = composed && strcmp(wanted, harness.result.messages) == 0;
    if (!good) {
        fprintf(stderr, "%s: %s\n--- said\n%s--- wanted\n%s", path,
                composed ? "another message" : "refused", harness.result.messages, wanted);
    }
    good = good && harness.written_count == 0;
    harness_close(&harness);
    return good;
}

static void test_good_files(void **state)
{
    (void)state;
    int failures = 0;
    int count = 0;
    DIR *folder = opendir("good");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[PATH_BYTES];
        snprintf(name, sizeof(name), "%s", entry->d_name);
        char *end = strstr(name, ".xml");
        if (end != NULL && end[4] == '\0') {
            *end = '\0';
            failures += good_file_check(name) ? 0 : 1;
            count++;
        }
    }
    closedir(folder);
    assert_int_equal(failures, 0);
    assert_true(count >= FILES_LEAST);
    printf("%d good descriptions accepted\n", count);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_good_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
