/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Descriptions that are right: every file of good/ passes the check, without its programs
 *
 * All that may be said of good/NAME.xml is in good/NAME.expect; without such a file, nothing.
 */
#include "harness.h"

#include <corpus/corpus.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILES_LEAST = 4 };

static const struct corpus good = { "good", ".xml", ".expect", true, false };

/* Accepted, and nothing written. */
static bool good_file_check(const struct corpus_file *file, struct capdl_text *got)
{
    struct harness harness = { .options = { .description = file->path, .check_only = true },
                               .alone = true };
    bool composed = harness_run(&harness);
    capdl_text_add(got, harness.result.messages, strlen(harness.result.messages));
    bool is_right = composed && harness.written_count == 0;
    harness_close(&harness);
    return is_right;
}

static void test_good_files(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&good, good_file_check, &count), 0);
    assert_true(count >= FILES_LEAST);
    printf("%d good descriptions accepted\n", count);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_good_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
