/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What differs between two systems, in words
 *
 * diff/NAME.a.cdl and diff/NAME.b.cdl are two specs; diff/NAME.expect is all that is said about
 * them. The other way round, what was added is taken away. Started with the word `write`, the
 * program writes the .expect files that are missing.
 */
#include "model/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/lang.h"

static bool writes;

static bool read_text(const char *name, const char *ending, struct capdl_text *text)
{
    char path[256];
    char part[4096];
    size_t got;
    snprintf(path, sizeof(path), "diff/%s.%s", name, ending);
    FILE *file = fopen(path, "rb");
    while (file != NULL && (got = fread(part, 1, sizeof(part), file)) > 0) {
        capdl_text_add(text, part, got);
    }
    if (file != NULL) {
        fclose(file);
    }
    return file != NULL;
}

static struct capdl_spec *read_spec(const char *name, const char *ending)
{
    struct capdl_text text = { 0 };
    struct capdl_diags diags = { 0 };
    assert_true(read_text(name, ending, &text));
    struct capdl_spec *spec = capdl_parse(text.bytes, text.length, NULL, &diags);
    assert_non_null(spec);
    capdl_text_free(&text);
    capdl_diags_free(&diags);
    return spec;
}

static void write_expected(const char *name, const struct capdl_text *got)
{
    char path[256];
    snprintf(path, sizeof(path), "diff/%s.expect", name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(got->bytes, 1, got->length, file);
    fclose(file);
}

static void check_pair(const char *name)
{
    struct capdl_spec *a = read_spec(name, "a.cdl");
    struct capdl_spec *b = read_spec(name, "b.cdl");
    struct capdl_text got = { 0 };
    struct capdl_text back = { 0 };
    struct capdl_text wanted = { 0 };
    capdl_text_add(&wanted, "", 0);
    capdl_text_add(&got, "", 0);
    struct capdl_diff_counts there = capdl_diff(a, b, &got);
    struct capdl_diff_counts here = capdl_diff(b, a, &back);
    bool is_known = read_text(name, "expect", &wanted);
    if (!is_known && writes) {
        write_expected(name, &got);
    } else {
        assert_true(is_known);
        assert_string_equal(got.bytes, wanted.bytes);
    }
    assert_int_equal(there.added, here.removed);
    assert_int_equal(there.removed, here.added);
    assert_int_equal(there.other, here.other);
    assert_int_equal(capdl_diff(a, a, &got).added, 0);
    capdl_text_free(&got);
    capdl_text_free(&back);
    capdl_text_free(&wanted);
    capdl_spec_free(a);
    capdl_spec_free(b);
}

static void test_all_sorts(void **state)
{
    (void)state;
    check_pair("all_sorts");
}

static void test_order_does_not_count(void **state)
{
    (void)state;
    check_pair("reordered");
}

static void test_renamed(void **state)
{
    (void)state;
    check_pair("renamed_component");
}

static void test_nothing(void **state)
{
    (void)state;
    const char *text = "arch riscv objects { }";
    struct capdl_diags diags = { 0 };
    struct capdl_text out = { 0 };
    struct capdl_spec *spec = capdl_parse(text, strlen(text), NULL, &diags);
    struct capdl_spec *full = read_spec("reordered", "a.cdl");
    struct capdl_diff_counts counts = capdl_diff(spec, spec, &out);
    assert_int_equal(counts.added + counts.removed + counts.other, 0);
    assert_int_equal(out.length, 0);
    /* Five caps of "c" (one in five slots), two of "t" and "i"; six objects are one line each. */
    counts = capdl_diff(spec, full, &out);
    assert_int_equal(counts.added, 7);
    assert_int_equal(counts.removed, 0);
    capdl_text_free(&out);
    capdl_diags_free(&diags);
    capdl_spec_free(spec);
    capdl_spec_free(full);
}

int main(int count, char **words)
{
    writes = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_sorts),
        cmocka_unit_test(test_order_does_not_count),
        cmocka_unit_test(test_renamed),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
