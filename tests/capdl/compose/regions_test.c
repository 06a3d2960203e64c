/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a good description becomes: memory, names, parameters, warnings, limits
 */
#include "expect.h"

#include "fake_elf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <compose/number.h>
#include <lang/lang.h>
#include <model/check.h>

static void test_numbers(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_true(number_parse("0_x1000", &value) && value == 0x1000);
    assert_true(number_parse("1__0", &value) && value == 10);
    assert_true(number_parse("0xAbC", &value) && value == 0xabc);
    assert_true(number_parse("+7", &value) && value == 7);
    assert_true(number_parse("010", &value) && value == 10);
    assert_true(number_parse("18446744073709551615", &value) && value == UINT64_MAX);
    const char *const bad[] = { "",
                                "0X10",
                                " 1",
                                "1 ",
                                "-1",
                                "4K",
                                "0b1",
                                "0x",
                                "_",
                                "+",
                                "18446744073709551616",
                                "0x1_0000_0000_0000_0000" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(number_parse(bad[i], &value));
    }
}

static void test_regions(void **state)
{
    (void)state;
    struct harness harness = composed(
        "<system><memory_region name=\"dma\" size=\"0x400_000\"/>"
        "<memory_region name=\"dma_b\" size=\"0x3000\"/>"
        "<memory_region name=\"log\" size=\"0x200_000\"/>"
        "<memory_region name=\"file\" prefill_path=\"data.bin\" size=\"0x5000\"/>"
        "<memory_region name=\"copy\" prefill_path=\"data.bin\"/>"
        "<memory_region name=\"tree\" prefill_bootinfo=\"fdt\"/>" PD(
            "app",
            "") "<map mr=\"dma\" vaddr=\"0x4000_0000\"/><map mr=\"dma_b\" vaddr=\"0x5000_0000\"/>"
                "<map mr=\"log\" vaddr=\"0x6000_1000\"/>"
                "<map mr=\"file\" vaddr=\"0x7000_0000\" perms=\"r\" setvar_prefill_size=\"word_c\" "
                "setvar_size=\"word_d\"/>"
                "<map mr=\"copy\" vaddr=\"0x8000_0000\"/><map mr=\"tree\" vaddr=\"0x9000_0000\"/>"
                "<setvar symbol=\"word\" region_paddr=\"dma\"/>"
                "<setvar symbol=\"word_b\" region_paddr=\"dma_b\"/>" END "</system>");
    assert_int_equal(patched(&harness, "app_seg1.bin", "word"), 0x7dc00000);
    assert_int_equal(patched(&harness, "app_seg1.bin", "word_b"), 0x7dbfd000);
    assert_int_equal(patched(&harness, "app_seg1.bin", "word_c"), 0x1801);
    assert_int_equal(patched(&harness, "app_seg1.bin", "word_d"), 0x5000);
    assert_line(&harness, "\n    dma_page_1 = frame (2M, paddr: 0x7de00000)\n");
    assert_line(&harness, "\n    dma_b_page_2 = frame (4k, paddr: 0x7dbff000)\n");
    assert_line(&harness, "        log_frame[512] = frame (4k)\n");
    assert_line(&harness, "        file_page_1 = frame (4k, fill: [{0 2049 "
                          "CDL_FrameFill_FileData \"file_prefill.bin\" 4096}])\n");
    assert_line(&harness, "        file_frame[3] = frame (4k)\n");
    assert_cap(&harness, "app_pt_0x70000000", "1: file_page_1 (R)");
    assert_cap(&harness, "app_pt_0x70000000", "2: file_frame[0..2] (R)");
    assert_cap(&harness, "app_pt_0x80000000", "1: copy_page_1 (RW)");
    assert_line(&harness, "        tree_page_0 = frame (4k, fill: [{0 4096 CDL_FrameFill_BootInfo "
                          "CDL_FrameFill_BootInfo_FDT 0}])\n");
    assert_int_equal(harness_file(&harness, "file_prefill.bin")->length, 0x1801);
    assert_non_null(strstr(harness.result.report, "dma: 4096 KiB in pages of 2048 KiB, physical "
                                                  "0x7dc00000 (chosen)\n"));
    harness_close(&harness);
}

static const char with_parameters[] =
    OURS "<t:param name=\"size\" default=\"0x1000\"/><t:param name=\"gic\" default=\"2\"/>"
         "<memory_region name=\"m\" size=\"${size}\"/>"
         "<memory_region name=\"v\" size=\"0x1000\" t:only=\"${gic}=2\"/>" PD(
             "app", "") "<map mr=\"m\" vaddr=\"0x1000000\" setvar_size=\"word\"/>"
                        "<map mr=\"v\" vaddr=\"0x2000000\" t:only=\"${gic}=2\"/>"
                        "<t:setvar symbol=\"word_b\" value=\"${gic}\" t:only=\"${gic}!=2\"/>"
                        "<t:setstring symbol=\"text\" value=\"v${gic} x${size}\"/>" END "</system>";

static void test_parameters(void **state)
{
    (void)state;
    struct harness harness = composed(with_parameters);
    uint64_t text = fake_elf_symbol("text") - FAKE_DATA;
    assert_int_equal(patched(&harness, "app_seg1.bin", "word"), 0x1000);
    assert_int_equal(patched(&harness, "app_seg1.bin", "word_b"), 0);
    assert_string_equal(harness_file(&harness, "app_seg1.bin")->bytes + text, "v2 x0x1000");
    assert_line(&harness, "v_frame");
    harness_close(&harness);

    struct compose_parameter given[] = { { "size", "0x3000" }, { "gic", "3" } };
    struct harness other = { .description = with_parameters,
                             .options = { .parameters = given, .parameter_count = 2 } };
    assert_true(harness_run(&other));
    assert_int_equal(patched(&other, "app_seg1.bin", "word"), 0x3000);
    assert_int_equal(patched(&other, "app_seg1.bin", "word_b"), 3);
    assert_no_line(&other, "v_frame");
    harness_close(&other);

    given[1].name = "gik";
    assert_false(harness_run(&other));
    assert_string_equal(other.result.messages,
                        "system.xml:1:1: error: this system has no parameter 'gik'\n"
                        "fix: declare it here with <t:param name=\"gik\"/>, or do not give it\n");
    harness_close(&other);
}

static void test_names(void **state)
{
    (void)state;
    struct harness harness =
        composed("<system><memory_region name=\"a b\" size=\"0x1000\"/>" PD("a_ut", "") END
                 "<protection_domain name=\"a\"><program_image path=\"x.elf\"/>"
                 "<map mr=\"a b\" vaddr=\"0x1000000\"/></protection_domain>"
                 "<protection_domain name=\"9/\"><program_image path=\"x.elf\"/>"
                 "</protection_domain></system>");
    /* `a` yields, for its untyped would be named as the component `a_ut`. */
    assert_line(&harness, "    a_ut_ut = ut (");
    assert_line(&harness, "    a.2_ut = ut (");
    assert_line(&harness, "        a.2_keep = cnode (");
    assert_line(&harness, "        a_b_frame[1] = frame (4k)\n");
    assert_line(&harness, "    n_9__ut = ut (");
    harness_close(&harness);
}

static void test_domains(void **state)
{
    (void)state;
    struct harness harness =
        composed("<system>" PD("app", "domain=\"b\"") END
                 "<domains><domain name=\"a\" id=\"0\"/><domain name=\"b\"/><domain_schedule "
                 "start_index=\"1\" index_shift=\"2\"><schedule_entry domain=\"a\" "
                 "duration=\"10 us\"/><schedule_entry domain=\"b\" duration=\"0x20 ticks\"/>"
                 "</domain_schedule></domains></system>");
    assert_line(&harness, "prio: 0, max_prio: 0, affinity: 0, dom: 1)\n");
    assert_line(&harness, "    schedule: [\n        (0, 10 us),\n        (1, 32 ticks),\n"
                          "        (0, 0)\n    ]\n    domain_set_start: 1\n    index_shift: 2\n");
    harness_close(&harness);
}

static const char *const warnings[] = {
    "system.xml:2:1: warning: region 'm' is mapped nowhere\n",
    "system.xml:3:48: warning: text inside 'memory_region' is ignored\n",
    "system.xml:4:1: warning: attribute 'priority' of 'protection_domain' has a foreign prefix",
    "system.xml:5:1: warning: region 'n' is mapped writable and executable\n",
    "system.xml:6:1: warning: region 'n' is mapped both cached and uncached\n",
    "system.xml:7:1: warning: 'loud' may make every firmware call, power-off included\n",
    "system.xml:8:1: warning: this channel gives neither end any right\n",
    "system.xml:10:31: warning: element 'x' inside 'program_image' is ignored\n",
    "system.xml:9:1: warning: the name 'mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm",
    "program image 'rwx.elf' has a segment that is writable and executable\n",
    "system.xml:11:1: warning: region 'o' is mapped without the permission to read\n",
};

static void test_warnings(void **state)
{
    (void)state;
    struct harness harness = composed(
        "<system xmlns:y=\"urn:y\">\n"
        "<memory_region name=\"m\" size=\"0x1000\"/>\n"
        "<memory_region name=\"n\" size=\"0x1000\"><!-- --> words</memory_region>\n"
        "<protection_domain name=\"app\" y:priority=\"9\"><program_image path=\"a.elf\"/>\n"
        "<map mr=\"n\" vaddr=\"0x1000000\" perms=\"rwx\"/>\n"
        "<map mr=\"n\" vaddr=\"0x2000000\" cached=\"false\"/></protection_domain>\n"
        "<protection_domain name=\"loud\" smc=\"true\"><program_image path=\"b.elf\"/>"
        "</protection_domain>\n"
        "<channel><end pd=\"app\" id=\"0\" notify=\"false\"/>"
        "<end pd=\"loud\" id=\"0\" notify=\"false\"/></channel>\n"
        "<protection_domain name=\"mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm"
        "mmmmmmmmmm\">\n<program_image path=\"rwx.elf\"><x/></program_image>\n"
        "<map mr=\"o\" vaddr=\"0x1000000\" perms=\"x\"/></protection_domain>\n"
        "<memory_region name=\"o\" size=\"0x1000\"/></system>");
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
        if (strstr(harness.result.messages, warnings[i]) == NULL) {
            fail_msg("no '%s' in\n%s", warnings[i], harness.result.messages);
        }
    }
    harness_close(&harness);
}

static void test_check_only(void **state)
{
    (void)state;
    struct harness harness = { .description = two_pds, .options = { .check_only = true } };
    assert_true(harness_run(&harness));
    assert_int_equal(harness.written_count, 0);
    assert_non_null(strstr(harness.result.report, "ping:0 <-> pong:3: ping notifies and calls, "
                                                  "pong notifies\n"));
    harness_close(&harness);
}

static void test_write_refused(void **state)
{
    (void)state;
    const char *const names[] = { "system.cdl", "ping_seg1.bin" };
    for (size_t i = 0; i < 2; i++) {
        struct harness harness = { .description = two_pds, .refuse = names[i] };
        assert_false(harness_run(&harness));
        assert_non_null(strstr(harness.result.messages, names[i]));
        assert_null(harness.result.report);
        harness_close(&harness);
    }
}

/* The reader of capDL finds no mistake in the text. */
static void assert_capdl_accepts(const struct harness *harness)
{
    const struct written *file = harness_file(harness, "system.cdl");
    struct capdl_diags diags = { 0 };
    struct capdl_text shown = { 0 };
    assert_non_null(file);
    struct capdl_spec *spec = capdl_parse(file->bytes, file->length, NULL, &diags);
    if (spec != NULL) {
        capdl_check(spec, &diags);
    }
    capdl_render(&diags, "system.cdl", file->bytes, file->length, &shown);
    if (spec == NULL || diags.error_count > 0) {
        fail_msg("%s", shown.bytes);
    }
    capdl_text_free(&shown);
    capdl_diags_free(&diags);
    capdl_spec_free(spec);
}

static void test_everything(void **state)
{
    (void)state;
    const char *const names[] = { "seeds/everything.xml", "seeds/domains.xml" };
    for (size_t i = 0; i < 2; i++) {
        struct harness harness = { .options = { .description = names[i],
                                                .cores = i == 0 ? 2 : 1 } };
        if (!harness_run(&harness)) {
            fail_msg("%s", harness.result.messages);
        }
        assert_capdl_accepts(&harness);
        harness_close(&harness);
    }
    struct harness harness = composed(two_pds);
    assert_capdl_accepts(&harness);
    harness_close(&harness);
}

/* The most of everything still composes. */
static void test_limits(void **state)
{
    (void)state;
    char *text = malloc(1 << 20);
    assert_non_null(text);
    size_t at = (size_t)sprintf(text, "<system>");
    for (unsigned i = 0; i < 63; i++) {
        at += (size_t)sprintf(text + at,
                              "<protection_domain name=\"p%u\" stack_size=\"0x700000\">"
                              "<program_image path=\"p.elf\"/></protection_domain>",
                              i);
    }
    sprintf(text + at, "</system>");
    struct harness harness = { .description = text };
    /* Far more files than the harness keeps: only checked. */
    harness.options.check_only = true;
    harness.options.ram_top = 0x100000000;
    if (!harness_run(&harness)) {
        fail_msg("%s", harness.result.messages);
    }
    harness_close(&harness);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_regions),
        cmocka_unit_test(test_parameters), cmocka_unit_test(test_names),
        cmocka_unit_test(test_domains),    cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_check_only), cmocka_unit_test(test_write_refused),
        cmocka_unit_test(test_everything), cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
