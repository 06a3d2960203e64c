/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Seeded violations and correct systems
 *
 * bad/NAME.cdl is a system with the mistake NAME; bad/NAME.expect is all that the lints say about
 * it. good/NAME.cdl is a system that they say nothing about. Started with the word `write`, the
 * program writes the .expect files that are missing instead, for a person to read and commit.
 */
#include "analysis/lint.h"

#include <lang/lang.h>
#include <model/check.h>

#include <corpus/corpus.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BAD_LEAST = 60, GOOD_LEAST = 30 };

static struct corpus bad = { "bad", ".cdl", ".expect", false, false };
static struct corpus good = { "good", ".cdl", ".expect", true, false };

/* What the lints say about the file; returns how many findings. */
static uint32_t findings_of(const struct corpus_file *file, struct capdl_text *out)
{
    struct capdl_diags diags = { 0 };
    struct findings findings = { 0 };
    const struct capdl_text *text = &file->text;
    struct capdl_spec *spec = capdl_parse(text->bytes, text->length, NULL, &diags);
    if (spec != NULL) {
        capdl_check(spec, &diags);
    }
    if (diags.error_count > 0 || spec == NULL) {
        fail_msg("%s: not a system: %s", file->path, diags.count > 0 ? diags.list[0].message : "");
    }
    struct audit *audit = audit_make(spec, file->path, text->bytes, text->length);
    struct flow_graph *graph = flow_graph_make(audit);
    lint_audit(graph, &findings);
    findings_report(&findings, out);
    uint32_t count = findings.count;
    for (uint32_t i = 0; i < findings.count; i++) {
        assert_true(strlen(findings.list[i].remedy) > 0);
        assert_non_null(strchr(findings.list[i].file_line, ':'));
    }
    findings_free(&findings);
    flow_graph_free(graph);
    audit_free(audit);
    capdl_spec_free(spec);
    capdl_diags_free(&diags);
    return count;
}

static bool bad_check(const struct corpus_file *file, struct capdl_text *got)
{
    return findings_of(file, got) > 0;
}

static bool good_check(const struct corpus_file *file, struct capdl_text *got)
{
    return findings_of(file, got) == 0;
}

static void test_violations_are_found(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&bad, bad_check, &count), 0);
    assert_true(count >= BAD_LEAST);
    printf("%d seeded violations found\n", count);
}

static void test_correct_systems_raise_no_alarm(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&good, good_check, &count), 0);
    assert_true(count >= GOOD_LEAST);
    printf("%d correct systems without alarm\n", count);
}

int main(int count, char **words)
{
    bad.writes = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_violations_are_found),
                                        cmocka_unit_test(test_correct_systems_raise_no_alarm) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
