/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Policies, broken and kept
 *
 * policies/bad/NAME.policy is a system, named in its first line, and policies that it breaks or
 * that are misspelt; NAME.expect is all that is said about them. policies/good/NAME.policy are
 * kept. Started with the word `write`, the program writes the .expect files that are missing
 * instead, for a person to read and commit.
 */
#include "analysis/policy.h"

#include <lang/lang.h>
#include <model/check.h>

#include <corpus/corpus.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BAD_LEAST = 30, GOOD_LEAST = 10, PATH_BYTES = 512 };

static struct corpus bad = { "policies/bad", ".policy", ".expect", false, false };
static struct corpus good = { "policies/good", ".policy", ".expect", true, false };

/* The base with the policies behind it. */
static struct capdl_text system_text(const struct corpus_file *file)
{
    static const char MARK[] = "-- base: ";
    char base[PATH_BYTES];
    struct capdl_text text = { 0 };
    assert_memory_equal(file->text.bytes, MARK, sizeof(MARK) - 1);
    const char *name = file->text.bytes + sizeof(MARK) - 1;
    snprintf(base, sizeof(base), "%.*s", (int)strcspn(name, "\n"), name);
    assert_true(corpus_read(base, &text));
    capdl_text_add(&text, file->text.bytes, file->text.length);
    return text;
}

/* All that is said about the policies; returns how many are wrong or broken. */
static uint32_t said_about(const struct corpus_file *file, struct capdl_text *out)
{
    struct capdl_text text = system_text(file);
    struct capdl_diags diags = { 0 };
    struct policies policies = { 0 };
    struct capdl_spec *spec = capdl_parse(text.bytes, text.length, NULL, &diags);
    assert_non_null(spec);
    capdl_check(spec, &diags);
    assert_int_equal(diags.error_count, 0);
    struct audit *audit = audit_make(spec, file->path, text.bytes, text.length);
    uint32_t facts = audit->closure->fact_count;
    policies_check(audit, &policies, out);
    uint32_t count = policies.wrong + policies.broken;
    /* Whom the policies trusted is forgotten again. */
    assert_int_equal(audit->closure->fact_count, facts);
    policies_free(&policies);
    audit_free(audit);
    capdl_spec_free(spec);
    capdl_diags_free(&diags);
    capdl_text_free(&text);
    return count;
}

static bool bad_check(const struct corpus_file *file, struct capdl_text *got)
{
    return said_about(file, got) > 0 && strstr(got->bytes, ": error: ") != NULL &&
           strstr(got->bytes, "\n  remedy: ") != NULL;
}

static bool good_check(const struct corpus_file *file, struct capdl_text *got)
{
    return said_about(file, got) == 0;
}

static void test_bad_policies(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&bad, bad_check, &count), 0);
    assert_true(count >= BAD_LEAST);
    printf("%d broken or misspelt policies found\n", count);
}

static void test_good_policies(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&good, good_check, &count), 0);
    assert_true(count >= GOOD_LEAST);
    printf("%d systems keep their policies\n", count);
}

int main(int count, char **words)
{
    bad.writes = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bad_policies),
                                        cmocka_unit_test(test_good_policies) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
