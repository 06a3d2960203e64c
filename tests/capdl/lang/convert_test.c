/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The XML and JSON forms, to the letter
 *
 * Started with the word `write`, the program writes the expected files that are missing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <corpus/corpus.h>

#include "lang/convert.h"
#include "lang/lang.h"

static struct corpus xml_forms = { "convert", ".cdl", ".xml", false, false };
static struct corpus json_forms = { "convert", ".cdl", ".json", false, false };

static struct capdl_spec *parse(const char *text, size_t length)
{
    struct capdl_diags diags = { 0 };
    struct capdl_spec *spec = capdl_parse(text, length, NULL, &diags);
    capdl_diags_free(&diags);
    return spec;
}

static bool check_xml(const struct corpus_file *file, struct capdl_text *got)
{
    struct capdl_spec *spec = parse(file->text.bytes, file->text.length);
    bool good = spec != NULL && capdl_convert_xml(spec, got);
    capdl_spec_free(spec);
    return good;
}

static bool check_json(const struct corpus_file *file, struct capdl_text *got)
{
    struct capdl_diags diags = { 0 };
    struct capdl_spec *spec = parse(file->text.bytes, file->text.length);
    if (spec != NULL) {
        capdl_convert_json(spec, &diags, got);
    }
    bool good = spec != NULL && diags.error_count == 0;
    capdl_diags_free(&diags);
    capdl_spec_free(spec);
    return good;
}

static void test_forms(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(corpus_run(&xml_forms, check_xml, &count), 0);
    assert_int_equal(corpus_run(&json_forms, check_json, &count), 0);
    assert_true(count >= 2);
}

/* What the JSON form cannot say is refused, with place and remedy. */
static void test_json_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        { "arch aarch64 objects { c = cnode (1 bits) } caps { c { irq_control } }",
          "t:1:56: error: the JSON form has no such cap\n" },
        { "arch aarch64 objects { s = streamid }",
          "t:1:24: error: \"s\": the JSON form has no SMMU stream\n" },
        { "arch aarch64 objects { f = frame (4k, fill: [{0 1 Other x 0}]) }",
          "t:1:46: error: the JSON form has no such fill\n" },
        { "arch aarch64 objects { a = ut { b = ut { a } } }",
          "t: error: some untypeds cover themselves\n" },
        { "arch aarch64 objects { s = smc c = cnode (1 bits) } caps { c { s (badge: 4) } }",
          "t:1:64: error: the JSON form has no badges of firmware calls\n" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct capdl_diags diags = { 0 };
        struct capdl_text form = { 0 };
        struct capdl_text said = { 0 };
        struct capdl_spec *spec = parse(cases[i].text, strlen(cases[i].text));
        assert_non_null(spec);
        capdl_convert_json(spec, &diags, &form);
        capdl_render(&diags, "t", NULL, 0, &said);
        assert_int_equal(diags.error_count, 1);
        assert_memory_equal(said.bytes, cases[i].wanted, strlen(cases[i].wanted));
        capdl_text_free(&form);
        capdl_text_free(&said);
        capdl_diags_free(&diags);
        capdl_spec_free(spec);
    }
}

int main(int count, char **words)
{
    xml_forms.writes = json_forms.writes = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forms),
                                        cmocka_unit_test(test_json_refuses) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
