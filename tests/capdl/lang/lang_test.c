/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * capDL text: what the corpora cannot say well (bounds, sizes, rendering)
 */
#include "lang/lang.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Parse a text; the rendered messages go to out if it is not NULL. */
static struct capdl_spec *parse(const char *text, size_t length, const struct capdl_limits *limits,
                                struct capdl_text *out)
{
    struct capdl_diags diags = { 0 };
    struct capdl_spec *spec = capdl_parse(text, length, limits, &diags);
    assert_true((spec == NULL) == (diags.error_count > 0));
    if (out != NULL) {
        capdl_render(&diags, "t", text, length, out);
    }
    capdl_diags_free(&diags);
    return spec;
}

static void test_no_text(void **state)
{
    (void)state;
    assert_null(parse(NULL, 0, NULL, NULL));
    assert_null(parse("", 0, NULL, NULL));
    assert_null(parse("\0\0\0", 3, NULL, NULL));
    assert_null(parse("arch aarch64", 12, NULL, NULL));
}

/* A text that ends anywhere is refused or read, never read past its end. */
static void test_cut_off(void **state)
{
    (void)state;
    const char *text = "arch aarch64 /* c */ objects { t[2] = tcb (addr: 0x1, affinity: 2) "
                       "f = frame (4k, fill: [{0 1 CDL_FrameFill_FileData \"a\" 0}]) u = ut {t[]}} "
                       "caps { t[0] { 0: x = t[1] (reply) - child_of (t, 1) } y = (t, vspace) } "
                       "cdt { y { (t, 2) } } irq maps { 4: t } domains { schedule: [(0,1 us)] }";
    for (size_t length = 0; length <= strlen(text); length++) {
        char *exact = capdl_alloc(length, 1);
        memcpy(exact, text, length);
        capdl_spec_free(parse(exact, length, NULL, NULL));
        free(exact);
    }
}

/* Lines of the C preprocessor are no part of the text, and say where its lines came from. */
static void test_markers(void **state)
{
    (void)state;
    char text[] = "# 1 \"a.in\"\narch aarch64\n  #line 40 \"inc/b.h\"\nobjects { e = endpoint\n"
                  "#pragma x\n# 7 \"a.in\" 2\n} caps { q {} }\n# 9\n# 8 \"\"\n";
    struct capdl_markers markers = { 0 };
    struct capdl_diags diags = { 0 };
    struct capdl_text out = { 0 };
    assert_true(capdl_markers_begin(text, strlen(text)));
    assert_false(capdl_markers_begin("#define x 1\n", 12));
    assert_false(capdl_markers_begin(NULL, 0));
    capdl_markers_take(&markers, text, strlen(text));
    assert_int_equal(markers.count, 3);
    assert_null(capdl_parse(text, strlen(text), NULL, &diags));
    capdl_render_marked(&diags, "t", &markers, text, strlen(text), &out);
    assert_string_equal(out.bytes, "inc/b.h:40:15: error: expected an object type, found "
                                   "\"endpoint\"\n    objects { e = endpoint\n                  ^\n"
                                   "  remedy: write \"ep\"\n");
    uint32_t line = 7;
    assert_string_equal(capdl_markers_file(&markers, "t", &line), "a.in");
    assert_int_equal(line, 7);
    capdl_markers_free(&markers);
    capdl_diags_free(&diags);
    capdl_text_free(&out);
}

static void test_limits(void **state)
{
    (void)state;
    struct capdl_limits limits = { 4, 6 };
    const char *objects = "arch aarch64 objects { a[2] = ep b[3] = ep }";
    const char *caps = "arch aarch64 objects { a[4] = ep c = cnode (4 bits) }";
    const char *blocks = "arch aarch64 objects { a[2] = cnode (4 bits) }"
                         "caps { a[] { a[] a[] a[] } }";
    struct capdl_text out = { 0 };
    assert_null(parse(objects, strlen(objects), &limits, &out));
    assert_non_null(strstr(out.bytes, "t:1:34: error: more than 4 objects"));
    assert_null(parse(caps, strlen(caps), &limits, NULL));
    assert_null(parse(blocks, strlen(blocks), &limits, &out));
    assert_non_null(strstr(out.bytes, "more than 6 references"));
    capdl_text_free(&out);
}

/* Mistakes all over one long line: each is shown with what is around it. */
static void test_long_line(void **state)
{
    (void)state;
    struct capdl_text text = { 0 };
    struct capdl_text out = { 0 };
    capdl_text_printf(&text, "arch aarch64 objects { c = cnode (20 bits) } caps { c {");
    for (int i = 0; i < 30000; i++) {
        capdl_text_printf(&text, i % 400 == 7 ? " %d: missing (R)" : " %d: c", i);
    }
    capdl_text_printf(&text, " } }");
    assert_null(parse(text.bytes, text.length, NULL, &out));
    int carets = 0;
    for (const char *at = out.bytes; (at = strstr(at, "^\n")) != NULL; at++) {
        const char *line = at;
        while (line > out.bytes && line[-1] != '\n') {
            line--;
        }
        /* The line before has the name right above the caret. */
        const char *shown = line - 1;
        while (shown > out.bytes && shown[-1] != '\n') {
            shown--;
        }
        assert_memory_equal(shown + (at - line), "missing", 7);
        carets++;
    }
    assert_int_equal(carets, 75);
    capdl_text_free(&out);
    capdl_text_free(&text);
}

static void test_messages_are_bounded(void **state)
{
    (void)state;
    struct capdl_text text = { 0 };
    struct capdl_text out = { 0 };
    capdl_text_printf(&text, "arch aarch64\nobjects { c = cnode (10 bits) }\ncaps {\n");
    for (int i = 0; i < 500; i++) {
        capdl_text_printf(&text, "    c { %d: missing%d }\n", i, i);
    }
    capdl_text_printf(&text, "}\n");
    assert_null(parse(text.bytes, text.length, NULL, &out));
    assert_non_null(strstr(out.bytes, "t:4:12: error: unknown object \"missing0\""));
    assert_non_null(strstr(out.bytes, "t: 400 more messages not shown\n"));
    capdl_text_free(&out);
    capdl_text_free(&text);
}

/* One message for a mistake that all elements of an array share. */
static void test_repetition_is_one_message(void **state)
{
    (void)state;
    const char *text = "arch aarch64 objects { a[50] = ep c = cnode (8 bits) }\n"
                       "caps { c { 0: a[] (guard: 4) } }";
    struct capdl_text out = { 0 };
    assert_null(parse(text, strlen(text), NULL, &out));
    assert_non_null(strstr(out.bytes, "error: "));
    assert_null(strstr(strstr(out.bytes, "error: ") + 1, "error: "));
    capdl_text_free(&out);
}

static void test_render_places_caret(void **state)
{
    (void)state;
    const char *text = "arch aarch64\nobjects {\n\tgr\xc3\xbcn = nothing\n}\n";
    struct capdl_text out = { 0 };
    assert_null(parse(text, strlen(text), NULL, &out));
    assert_non_null(strstr(out.bytes, "t:3:9: error: expected an object type, found \"nothing\"\n"
                                      "    \tgr\xc3\xbcn = nothing\n"
                                      "    \t       ^\n"
                                      "  remedy: "));
    capdl_text_free(&out);
}

/* Time grows with the size of the text: frames, a long cover and many copies are no trouble. */
static void test_large_text(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct capdl_text text = { 0 };
    capdl_text_printf(&text, "arch aarch64\nobjects {\n    c = cnode (20 bits)\n");
    for (int i = 0; i < COUNT; i++) {
        capdl_text_printf(&text, "    f%d = frame (4k)\n", i);
    }
    capdl_text_printf(&text, "    u = ut (30 bits) {");
    for (int i = 0; i < COUNT; i++) {
        capdl_text_printf(&text, " f%d", i);
    }
    capdl_text_printf(&text, " }\n}\ncaps { c {\n");
    for (int i = 0; i < COUNT; i++) {
        capdl_text_printf(&text, "    %d: n%d = f%d (RW)\n    %d: <n%d> (masked: R)\n", i, i, i,
                          COUNT + i, i);
    }
    capdl_text_printf(&text, "} }\n");
    clock_t start = clock();
    struct capdl_spec *spec = parse(text.bytes, text.length, NULL, NULL);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    assert_non_null(spec);
    assert_int_equal(spec->cap_count, 2 * COUNT);
    assert_true(seconds < 20); /* well below a second without sanitizers */
    capdl_spec_free(spec);
    capdl_text_free(&text);
}

/* The fuzzer found it: printed as a C string, the word would lose what follows the zero. */
static void test_zero_byte_in_fill(void **state)
{
    static const char text[] = "arch aarch64\nobjects { f = frame (4k, fill: [{0 1 A\0B c 0}]) }\n";
    struct capdl_text out = { 0 };

    (void)state;
    assert_null(parse(text, sizeof(text) - 1, NULL, &out));
    assert_non_null(strstr(out.bytes, "t:2:39: error: zero byte in a word of a fill"));
    capdl_text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_text),
        cmocka_unit_test(test_zero_byte_in_fill),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_markers),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_messages_are_bounded),
        cmocka_unit_test(test_repetition_is_one_message),
        cmocka_unit_test(test_render_places_caret),
        cmocka_unit_test(test_large_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
