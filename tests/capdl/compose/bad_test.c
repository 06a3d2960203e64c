/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The negative corpus: every file of bad/ is refused, with exactly its message
 *
 * bad/NAME.xml is a description with the mistake NAME; bad/NAME.expect is all that the
 * composer says about it. Started with the word `write`, the program writes the .expect
 * files that are missing instead, for a person to read and commit.
 */
#include "harness.h"

#include <corpus/corpus.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILES_LEAST = 40 };

static struct corpus bad = { "bad", ".xml", ".expect", false, false };

static bool text_has_error_and_fix(const char *messages)
{
    const char *error = strstr(messages, ": error: ");
    return error != NULL && strstr(error, "\nfix: ") != NULL;
}

/* Refused, and nothing of a system left behind. */
static bool bad_file_check(const struct corpus_file *file, struct capdl_text *got)
{
    struct harness harness = { .options = { .description = file->path } };
    bool composed = harness_run(&harness);
    const char *messages = harness.result.messages;
    capdl_text_add(got, messages, strlen(messages));
    bool good = !composed && text_has_error_and_fix(messages) &&
                harness_file(&harness, "system.cdl") == NULL;
    harness_close(&harness);
    return good;
}

static void test_bad_files(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&bad, bad_file_check, &count), 0);
    assert_true(count >= FILES_LEAST);
    printf("%d bad descriptions refused\n", count);
}

int main(int count, char **words)
{
    bad.writes = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bad_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
