/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Limits of Microkit that are lifted: protection domains, ids, virtual machines, region sizes
 */
#include "expect.h"

#include "fake_elf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Ids from 62 on are in a CNode of their own, two slots for each. */
static void test_wide_ids(void **state)
{
    (void)state;
    struct harness harness = composed(
        "<system>" PD("app", "") "<protection_domain name=\"kid\" id=\"511\" setvar_id=\"word\">"
                                 "<program_image path=\"kid.elf\"/></protection_domain>" END PD(
                                     "server", "priority=\"9\"") END
        "<channel><end pd=\"app\" id=\"100\" pp=\"true\" notify=\"false\"/>"
        "<end pd=\"server\" id=\"300\" notify=\"false\"/></channel></system>");
    assert_string_equal(harness.result.messages, "");
    assert_line(&harness, "        app_wide_cnode = cnode (10 bits)\n");
    assert_cap(&harness, "app_cspace", "63: app_wide_cnode (guard: 0, guard_size: 48)");
    assert_cap(&harness, "app_wide_cnode", "200: server_ep (WP, badge: 0x800000000000012c)");
    assert_cap(&harness, "app_wide_cnode", "1023: kid_tcb");
    assert_cap_count(&harness, "app_wide_cnode", 2);
    assert_cap(&harness, "kid_tcb", "fault_ep_slot: app_ep (WP, badge: 0x40000000000001ff)");
    assert_int_equal(patched(&harness, "app_seg1.bin", "word"), 511);
    assert_int_equal(patched(&harness, "app_seg1.bin", "microkit_pps"), 0);
    /* The bitmap is in bss; the page of its word 1 is the second that is written. */
    const struct written *file = harness_file(&harness, "app_seg1.bin");
    uint64_t bit = 0;
    memcpy(&bit, file->bytes + 0x1000 + fake_elf_symbol("microkit_wide_pps") % 0x1000 + 8, 8);
    assert_true(bit == 1ull << (100 - 64));
    harness_close(&harness);
}

/* The monitor's CNode grows with the number of protection domains. */
static void test_many_pds(void **state)
{
    (void)state;
    static char text[64 * 1024] = "<system>";
    char *at = text + strlen(text);
    for (unsigned i = 0; i < 200; i++) {
        at += sprintf(at,
                      "<protection_domain name=\"p%u\" passive=\"%s\">"
                      "<program_image path=\"p.elf\"/></protection_domain>",
                      i, i == 150 ? "true" : "false");
    }
    sprintf(at, "</system>");
    struct harness harness = composed(text);
    assert_line(&harness, "        monitor_cnode = cnode (10 bits)\n");
    assert_cap(&harness, "monitor_tcb", "cspace: monitor_cnode (guard: 0, guard_size: 54)");
    assert_cap(&harness, "monitor_cnode", "256: p0_tcb");
    assert_cap(&harness, "monitor_cnode", "455: p199_tcb");
    assert_cap(&harness, "monitor_cnode", "662: p150_sc");
    assert_cap(&harness, "monitor_cnode", "918: p150_ntfn (R)");
    assert_cap(&harness, "p199_tcb", "fault_ep_slot: monitor_ep (WP, badge: 0xc8)");
    harness_close(&harness);
}

/* Each virtual machine has its own address space; vCPU ids are of the monitor. */
static void test_several_vms(void **state)
{
    (void)state;
    struct harness harness = composed(OURS PD(
        "app", "t:several_vms=\"true\"") "<virtual_machine name=\"one\"><vcpu id=\"0\"/>"
                                         "</virtual_machine><virtual_machine name=\"two\">"
                                         "<vcpu id=\"5\"/></virtual_machine>" END "</system>");
    assert_string_equal(harness.result.messages, "");
    assert_cap(&harness, "one_vcpu0_tcb", "vspace: one_vspace");
    assert_cap(&harness, "two_vcpu5_tcb", "vspace: two_vspace");
    assert_cap(&harness, "two_vcpu5_tcb", "fault_ep_slot: app_ep (WP, badge: 0x4000000000000005)");
    assert_cap(&harness, "app_cnode", "266: one_vcpu0_tcb");
    assert_cap(&harness, "app_cnode", "271: two_vcpu5_tcb");
    assert_cap(&harness, "app_cnode", "335: two_vcpu5");
    harness_close(&harness);
}

/* A region of 768 MiB is in several untypeds, none of which is much larger than what it holds. */
static void test_large_region(void **state)
{
    (void)state;
    struct harness harness = {
        .description = "<system><memory_region name=\"big\" size=\"0x30000000\"/>" PD(
            "app", "") "<map mr=\"big\" vaddr=\"0x40000000\" setvar_size=\"word\"/>" END
                       "</system>",
        .options = { .ram_top = 0xc0000000 },
    };
    assert_true(harness_run(&harness));
    assert_string_equal(harness.result.messages, "");
    assert_line(&harness, "    big_ut = ut (29 bits) {\n");
    assert_line(&harness, "        big_frame[255] = frame (2M)\n");
    assert_line(&harness, "    big_part2_ut = ut (28 bits) {\n");
    assert_line(&harness, "        big_frame.2[127] = frame (2M)\n");
    assert_line(&harness, "    big_part3_ut = ut (23 bits) {\n");
    /* 255 + 127 + 2 = 384 */
    assert_cap(&harness, "app_pd_0x40000000", "0: big_frame[0..254] (RW)");
    assert_cap(&harness, "app_pd_0x40000000", "255: big_frame.2[0..126] (RW)");
    assert_int_equal(patched(&harness, "app_seg1.bin", "word"), 0x30000000);
    harness_close(&harness);
}

/* Two that fit one by one, but not together. */
static void test_no_room(void **state)
{
    (void)state;
    struct harness harness = {
        .description = "<system><memory_region name=\"a\" size=\"0x20000000\"/>"
                       "<memory_region name=\"b\" size=\"0x20000000\"/>" PD(
                           "app", "") "<map mr=\"a\" vaddr=\"0x40000000\"/>" END
                           PD("other", "") "<map mr=\"b\" vaddr=\"0x40000000\"/>" END "</system>",
    };
    assert_false(harness_run(&harness));
    assert_non_null(strstr(harness.result.messages, "there is no room for the 0x"));
    harness_close(&harness);
}

/* Small pages of a large region are more than the initialiser can hold. */
static void test_too_many_slots(void **state)
{
    (void)state;
    struct harness harness = {
        .description = "<system><memory_region name=\"big\" size=\"0x28001000\"/>" PD(
            "app", "") "<map mr=\"big\" vaddr=\"0x40000000\"/>" END "</system>",
        .options = { .ram_top = 0xc0000000 },
    };
    assert_false(harness_run(&harness));
    assert_non_null(strstr(harness.result.messages, "building this system takes "));
    harness_close(&harness);
}

static void test_kernel_range(void **state)
{
    (void)state;
    static const uint64_t ranges[][2] = { { 0x8000000, 0x1000 }, { 0x8010000, 0x1000 } };
    struct harness harness = {
        .description =
            "<system><memory_region name=\"gic\" size=\"0x10000\" "
            "phys_addr=\"0x8008000\"/>" PD("app", "") "<map mr=\"gic\" vaddr=\"0x40000000\"/>" END
                                                      "</system>",
        .options = { .kernel_ranges = ranges, .kernel_range_count = 2 },
    };
    assert_false(harness_run(&harness));
    assert_non_null(strstr(harness.result.messages,
                           "region 'gic', [0x8008000, 0x8018000), covers [0x8010000, 0x8011000)"));
    harness_close(&harness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wide_ids),       cmocka_unit_test(test_many_pds),
        cmocka_unit_test(test_several_vms),    cmocka_unit_test(test_large_region),
        cmocka_unit_test(test_no_room),        cmocka_unit_test(test_kernel_range),
        cmocka_unit_test(test_too_many_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
