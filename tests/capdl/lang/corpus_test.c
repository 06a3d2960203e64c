/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The corpora of capDL text
 *
 * bad/NAME.cdl has the mistake NAME; bad/NAME.expect is all that is said about it: messages with
 * file, line and column, the line with a caret, and a remedy each.
 * good/NAME.cdl is a correct spec; good/NAME.expect is what is said about it (warnings) followed by
 * its canonical text. The canonical text must read back to itself.
 *
 * Started with the word `write`, the program writes the .expect files that are missing, for a
 * person to read and commit.
 */
#include <corpus/corpus.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/lang.h"
#include "model/check.h"
#include "model/diff.h"

enum { BAD_LEAST = 115, GOOD_LEAST = 24 };

static struct corpus bad = { "bad", ".cdl", ".expect", false, false };
static struct corpus good = { "good", ".cdl", ".expect", false, false };

/* Every error names its place and has a remedy. */
static bool messages_complete(const char *messages)
{
    int errors = 0;
    int remedies = 0;
    for (const char *at = messages; (at = strstr(at, ": error: ")) != NULL; at++) {
        errors++;
    }
    for (const char *at = messages; (at = strstr(at, "\n  remedy: ")) != NULL; at++) {
        remedies++;
    }
    return errors > 0 && remedies >= errors;
}

/* Parse, check and lint a text; what was wrong, rendered under the name "NAME.cdl". */
static struct capdl_spec *spec_load(const struct corpus_file *file, struct capdl_text *messages)
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

static bool check_bad(const struct corpus_file *file, struct capdl_text *got)
{
    struct capdl_spec *spec = spec_load(file, got);
    bool refused = spec == NULL;
    capdl_spec_free(spec);
    return refused && messages_complete(got->bytes);
}

/* Canonical text reads back to the same system, and to the same canonical text. */
static bool is_stable(const struct capdl_spec *first, const char *text)
{
    struct capdl_diags diags = { 0 };
    struct capdl_text again = { 0 };
    struct capdl_spec *spec = capdl_parse(text, strlen(text), NULL, &diags);
    bool stable = spec != NULL;
    if (stable) {
        struct capdl_diff_counts counts = capdl_diff(first, spec, &again);
        stable = counts.added + counts.removed + counts.other == 0;
        printf("%s", again.length == 0 ? "" : again.bytes);
        capdl_text_free(&again);
        capdl_print(spec, &again);
        stable = stable && strcmp(text, again.bytes) == 0;
    }
    capdl_spec_free(spec);
    capdl_text_free(&again);
    capdl_diags_free(&diags);
    return stable;
}

static bool check_good(const struct corpus_file *file, struct capdl_text *got)
{
    struct capdl_spec *spec = spec_load(file, got);
    if (spec == NULL) {
        return false;
    }
    size_t start = got->length;
    capdl_print(spec, got);
    bool stable = is_stable(spec, got->bytes + start);
    capdl_spec_free(spec);
    return stable;
}

static void test_bad(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&bad, check_bad, &count), 0);
    assert_true(count >= BAD_LEAST);
    printf("%d bad specs refused\n", count);
}

static void test_good(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&good, check_good, &count), 0);
    assert_true(count >= GOOD_LEAST);
    printf("%d good specs read\n", count);
}

int main(int count, char **words)
{
    bad.writes = good.writes = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bad), cmocka_unit_test(test_good) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
