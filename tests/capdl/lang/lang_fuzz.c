/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzzing the reader of capDL text
 *
 * Whatever the bytes are: no crash; and what is accepted prints to a text that reads back to the
 * same system and to the same text.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/convert.h"
#include "lang/lang.h"
#include "model/check.h"
#include "model/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct capdl_limits limits = { 2048, 8192 };

static void print_again(const struct capdl_spec *first, const struct capdl_text *text)
{
    struct capdl_diags diags = { 0 };
    struct capdl_text again = { 0 };
    struct capdl_limits wide = { 1u << 16, 1u << 18 };
    struct capdl_spec *spec = capdl_parse(text->bytes, text->length, &wide, &diags);
    if (spec == NULL) {
        abort();
    }
    struct capdl_diff_counts counts = capdl_diff(first, spec, &again);
    if (counts.added + counts.removed + counts.other != 0) {
        abort();
    }
    capdl_print(spec, &again);
    if (again.length != text->length || memcmp(again.bytes, text->bytes, again.length) != 0) {
        abort();
    }
    capdl_spec_free(spec);
    capdl_text_free(&again);
    capdl_diags_free(&diags);
}

/* The other forms: refused with a message, or made. */
static void convert(const struct capdl_spec *spec)
{
    struct capdl_diags diags = { 0 };
    struct capdl_text out = { 0 };
    if (!capdl_convert_xml(spec, &out) || out.length == 0) {
        abort();
    }
    capdl_convert_json(spec, &diags, &out);
    capdl_text_free(&out);
    capdl_diags_free(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct capdl_diags diags = { 0 };
    struct capdl_text out = { 0 };
    struct capdl_spec *spec = capdl_parse((const char *)bytes, length, &limits, &diags);
    if (spec != NULL) {
        capdl_check(spec, &diags);
        capdl_lint(spec, &diags);
        capdl_print(spec, &out);
        print_again(spec, &out);
        convert(spec);
    }
    capdl_text_free(&out);
    capdl_render(&diags, "input", (const char *)bytes, length, &out);
    capdl_text_free(&out);
    capdl_diags_free(&diags);
    capdl_spec_free(spec);
    return 0;
}
