/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a good description becomes: threads and capabilities
 *
 * Each test composes a small system and looks for the lines that must be in the capDL
 * text, and for the words that must be in the patched programs.
 */
#include "expect.h"

#include "fake_elf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_two_pds(void **state)
{
    (void)state;
    struct harness harness = composed(two_pds);
    assert_string_equal(harness.result.messages, "");
    assert_cap(&harness, "ping_cnode", "1: ping_ntfn (R)");
    assert_cap(&harness, "ping_cnode", "2: monitor_ep (W, badge: 0x1)");
    assert_cap(&harness, "ping_cnode", "3: ping_vspace");
    assert_cap(&harness, "ping_cnode", "4: ping_reply");
    assert_cap(&harness, "ping_cnode", "10: pong_ntfn (W, badge: 0x8)");
    assert_cap(&harness, "ping_cnode", "74: pong_ep (WP, badge: 0x8000000000000003)");
    assert_cap_count(&harness, "ping_cnode", 6);
    assert_cap(&harness, "pong_cnode", "1: pong_ep (R)");
    assert_cap(&harness, "pong_cnode", "5: monitor_ep (W, badge: 0x2)");
    assert_cap(&harness, "pong_cnode", "13: ping_ntfn (W, badge: 0x1)");
    assert_cap_count(&harness, "pong_cnode", 6);
    assert_cap(&harness, "ping_cspace", "0: ping_cnode (guard: 0, guard_size: 49)");
    assert_cap(&harness, "ping_tcb", "cspace: ping_cspace");
    assert_cap(&harness, "ping_tcb", "vspace: ping_vspace");
    assert_cap(&harness, "ping_tcb", "ipc_buffer_slot: ping_ipc (RW)");
    assert_cap(&harness, "ping_tcb", "fault_ep_slot: monitor_ep (WP, badge: 0x1)");
    assert_cap(&harness, "ping_tcb", "sc_slot: ping_sc");
    assert_cap(&harness, "ping_tcb", "bound_notification: ping_ntfn (R)");
    assert_line(&harness, "ping_tcb = tcb (addr: 0xfffffff000, ip: 0x200000, sp: 0xffffffe000, "
                          "prio: 10, max_prio: 10, affinity: 0)\n");
    assert_line(&harness, "pong_sc = sc (8 bits, period: 100, budget: 50, data: 0x101)\n");
    assert_line(&harness, "    shared_ut = ut (14 bits) {\n        shared_frame[2] = frame (4k)\n"
                          "        shared_keep = cnode (2 bits)\n    }\n");
    assert_cap(&harness, "ping_pt_0x10000000", "0: shared_frame[0..1] (RW)");
    assert_cap(&harness, "pong_pt_0x10000000", "0: shared_frame[0..1] (R)");
    assert_cap(&harness, "ping_pt_0xffffe00000", "508: ping_stack[0..1] (RW)");
    assert_cap(&harness, "ping_pt_0xffffe00000", "511: ping_ipc (RW)");
    assert_cap(&harness, "ping_vspace", "1023: ping_pd_0xffc0000000");
    assert_no_line(&harness, "smc");
    harness_close(&harness);
}

static void test_symbols(void **state)
{
    (void)state;
    struct harness harness = composed(two_pds);
    assert_int_equal(patched(&harness, "ping_seg1.bin", "word"), 0x10000000);
    assert_int_equal(patched(&harness, "ping_seg1.bin", "word_b"), 0x2000);
    assert_int_equal(patched(&harness, "ping_seg1.bin", "microkit_notifications"), 1);
    assert_int_equal(patched(&harness, "ping_seg1.bin", "microkit_pps"), 1);
    assert_int_equal(patched(&harness, "ping_seg1.bin", "microkit_irqs"), 0);
    assert_int_equal(patched(&harness, "pong_seg1.bin", "word"), 3);
    assert_int_equal(patched(&harness, "pong_seg1.bin", "microkit_notifications"), 8);
    assert_int_equal(patched(&harness, "pong_seg1.bin", "microkit_pps"), 0);
    const struct written *pong = harness_file(&harness, "pong_seg1.bin");
    const struct written *ping = harness_file(&harness, "ping_seg1.bin");
    assert_string_equal(ping->bytes, "ping");
    assert_int_equal(pong->bytes[fake_elf_symbol("microkit_passive") - FAKE_DATA], 1);
    assert_int_equal(ping->bytes[fake_elf_symbol("microkit_passive") - FAKE_DATA], 0);
    /* What was in the file stays, and bss without contents is in no file. */
    assert_int_equal(ping->bytes[0x800], 'd');
    assert_int_equal(ping->length, 0x1000);
    assert_int_equal(harness_file(&harness, "ping_seg0.bin")->length, 0x1000);
    assert_line(&harness, "ping_zero_0x202000[16] = frame (4k)\n");
    assert_cap(&harness, "ping_pt_0x200000", "0: ping_elf_0x200000 (RX)");
    assert_cap(&harness, "ping_pt_0x200000", "1: ping_elf_0x201000 (RW)");
    assert_cap(&harness, "ping_pt_0x200000", "2: ping_zero_0x202000[0..15] (RW)");
    assert_line(&harness, "ping_elf_0x201000 = frame (4k, fill: "
                          "[{0 4096 CDL_FrameFill_FileData \"ping_seg1.bin\" 0}])\n");
    harness_close(&harness);
}

static void test_bss_symbol(void **state)
{
    (void)state;
    struct harness harness = composed("<system>" PD(
        "app", "") "<irq irq=\"40\" id=\"9\" setvar_id=\"bss_word\"/>" END "</system>");
    const struct written *file = harness_file(&harness, "app_seg1.bin");
    uint64_t address = fake_elf_symbol("bss_word");
    uint64_t word = 0;
    assert_int_equal(file->length, 0x2000); /* the data page, and the one page of bss */
    memcpy(&word, file->bytes + 0x1000 + address % 0x1000, 8);
    assert_int_equal(word, 9);
    assert_int_equal(patched(&harness, "app_seg1.bin", "microkit_irqs"), 1 << 9);
    harness_close(&harness);
}

/* A program whose variables are all in bss: its segment has no bytes in the file. */
static void test_bss_only(void **state)
{
    (void)state;
    struct harness harness = composed("<system>" PD("bssonly", "") END "</system>");
    const struct written *file = harness_file(&harness, "bssonly_seg1.bin");
    assert_int_equal(file->length, 0x1000); /* the page of the name */
    assert_string_equal(file->bytes, "bssonly");
    assert_line(&harness, "bssonly_zero_0x202000[16] = frame (4k)\n");
    harness_close(&harness);
}

static void test_irqs(void **state)
{
    (void)state;
    struct harness harness = composed(
        "<system>" PD("app", "") "<irq irq=\"33\" id=\"0\"/>"
                                 "<irq irq=\"79\" id=\"61\" trigger=\"edge\"/>" END "</system>");
    assert_line(&harness, "    app_irq_33 = arm_irq (trigger: level, target: 0)\n");
    assert_line(&harness, "    app_irq_79 = arm_irq (trigger: edge, target: 0)\n");
    assert_cap(&harness, "app_irq_33", "0: app_ntfn (W, badge: 0x1)");
    assert_cap(&harness, "app_irq_79", "0: app_ntfn (W, badge: 0x2000000000000000)");
    assert_cap(&harness, "app_cnode", "138: app_irq_33");
    assert_cap(&harness, "app_cnode", "199: app_irq_79");
    assert_line(&harness, "irq maps {\n    33: app_irq_33\n    79: app_irq_79\n}\n");
    harness_close(&harness);
}

static const char a_vm[] = OURS
    "<memory_region name=\"ram\" size=\"0x400000\"/>"
    "<memory_region name=\"gic\" size=\"0x1000\" phys_addr=\"0x8040000\"/>" PD(
        "vmm",
        "priority=\"100\" fpu=\"false\"") "<map mr=\"ram\" vaddr=\"0x40000000\"/>"
                                          "<virtual_machine name=\"vmm\" priority=\"50\" budget=\"500\" period=\"1000\" "
                                          "t:main=\"true\"><vcpu id=\"0\"/><vcpu id=\"5\" setvar_id=\"word\"/>"
                                          "<map mr=\"ram\" vaddr=\"0x80000000\" perms=\"rwx\"/>"
                                          "<map mr=\"gic\" vaddr=\"0x8010000\" cached=\"false\"/></virtual_machine>" END
                                          "</system>";

static void test_vm(void **state)
{
    (void)state;
    struct harness harness = composed(a_vm);
    assert_string_equal(harness.result.messages, "");
    assert_cap(&harness, "vmm_cnode", "1: vmm_ep (R)");
    assert_cap(&harness, "vmm_cnode", "266: vmm.2_vcpu0_tcb");
    assert_cap(&harness, "vmm_cnode", "271: vmm.2_vcpu5_tcb");
    assert_cap(&harness, "vmm_cnode", "330: vmm.2_vcpu0");
    assert_cap(&harness, "vmm_cnode", "335: vmm.2_vcpu5");
    assert_cap(&harness, "vmm.2_vcpu5_tcb", "cspace: vmm.2_vcpu5_cnode (guard: 0, guard_size: 55)");
    assert_cap(&harness, "vmm.2_vcpu5_tcb", "vspace: vmm.2_vspace");
    assert_cap(&harness, "vmm.2_vcpu5_tcb", "ipc_buffer_slot: vmm.2_vcpu5_ipc (RW)");
    assert_cap(&harness, "vmm.2_vcpu5_tcb",
               "fault_ep_slot: vmm_ep (WP, badge: 0x4000000000000005)");
    assert_cap(&harness, "vmm.2_vcpu5_tcb", "sc_slot: vmm.2_vcpu5_sc");
    assert_cap(&harness, "vmm.2_vcpu5_tcb", "bound_vcpu: vmm.2_vcpu5");
    assert_line(&harness, "vmm.2_vcpu5_tcb = tcb (addr: 0, ip: 0, sp: 0, prio: 50, max_prio: 50, "
                          "affinity: 0, resume: False)\n");
    assert_line(&harness, "vmm.2_vcpu5_sc = sc (8 bits, period: 1000, budget: 500, data: 0x101)\n");
    assert_line(&harness, "affinity: 0, fpu_disabled: True)\n");
    /* One untyped for the monitor and its guest, with 2 MiB pages. */
    assert_line(&harness, "    vmm_ut = ut (23 bits) {\n        ram_frame[2] = frame (2M)\n");
    assert_cap(&harness, "vmm_pd_0x40000000", "0: ram_frame[0..1] (RW)");
    assert_cap(&harness, "vmm.2_pd_0x80000000", "0: ram_frame[0..1] (RWX)");
    assert_cap(&harness, "vmm.2_pt_0x8000000", "16: gic_page_0 (RW, uncached)");
    assert_line(&harness, "\n    gic_page_0 = frame (4k, paddr: 0x8040000)\n");
    assert_int_equal(patched(&harness, "vmm_seg1.bin", "word"), 5);
    assert_cap(&harness, "monitor_cnode", "7: firmware (badge: 0x84000008)");
    harness_close(&harness);
}

static void test_children(void **state)
{
    (void)state;
    struct harness harness = composed(
        "<system>" PD("top", "") PD("kid", "id=\"7\" setvar_id=\"word\"") PD("grandkid", "id=\"7\"")
            END END PD("late", "id=\"1\"") END END PD(
                "other",
                "") "<cspace><cap_tcb slot=\"1\" pd=\"kid\"/><cap_sc slot=\"2\" pd=\"kid\"/>"
                    "<cap_vspace slot=\"63\" pd=\"other\"/></cspace>" END "</system>");
    assert_cap(&harness, "kid_tcb", "fault_ep_slot: top_ep (WP, badge: 0x4000000000000007)");
    assert_cap(&harness, "kid_cnode", "2: top_ep (W, badge: 0x4000000000000007)");
    assert_cap(&harness, "grandkid_tcb", "fault_ep_slot: kid_ep (WP, badge: 0x4000000000000007)");
    assert_cap(&harness, "other_tcb", "fault_ep_slot: monitor_ep (WP, badge: 0x5)");
    assert_cap(&harness, "top_cnode", "209: kid_tcb");
    assert_cap(&harness, "top_cnode", "203: late_tcb");
    assert_cap(&harness, "kid_cnode", "209: grandkid_tcb");
    assert_cap(&harness, "other_cspace", "1: kid_tcb");
    assert_cap(&harness, "other_cspace", "2: kid_sc");
    assert_cap(&harness, "other_cspace", "63: other_vspace");
    assert_int_equal(patched(&harness, "top_seg1.bin", "word"), 7);
    assert_cap(&harness, "monitor_cnode", "13: late_tcb");
    harness_close(&harness);
}

static void test_monitor(void **state)
{
    (void)state;
    struct harness harness = composed(
        OURS "<memory_region name=\"console_monitor\" size=\"0x2000\"/>" PD("app", "") END PD(
            "serial_virt",
            "t:main=\"true\" passive=\"true\"") "<map mr=\"console_monitor\" vaddr=\"0x4000000\"/>" END
                                                "</system>");
    assert_line(&harness, "monitor_tcb = tcb (addr: 0xfffffff000, ip: 0x200000, sp: 0xffffffe000, "
                          "prio: 255, max_prio: 255, affinity: 0)\n");
    assert_line(&harness, "monitor_sc = sc (8 bits, period: 2000, budget: 1000, data: 0x0)\n");
    assert_cap(&harness, "monitor_tcb", "cspace: monitor_cnode (guard: 0, guard_size: 55)");
    assert_cap_count(&harness, "monitor_tcb", 4);
    assert_cap(&harness, "monitor_cnode", "1: monitor_ep (R)");
    assert_cap(&harness, "monitor_cnode", "2: monitor_reply");
    assert_cap(&harness, "monitor_cnode", "7: firmware (badge: 0x84000008)");
    assert_cap(&harness, "monitor_cnode", "8: serial_virt_ntfn (W, badge: 0x2000000000000000)");
    assert_cap(&harness, "monitor_cnode", "10: app_tcb");
    assert_cap(&harness, "monitor_cnode", "11: serial_virt_tcb");
    assert_cap(&harness, "monitor_cnode", "139: serial_virt_sc");
    assert_cap(&harness, "monitor_cnode", "203: serial_virt_ntfn (R)");
    assert_cap_count(&harness, "monitor_cnode", 8);
    assert_cap(&harness, "monitor_pt_0x10000000", "0: console_monitor_frame[0..1] (RW)");
    /* The monitor's variables are in bss: names fill the first pages after the data page. */
    const struct written *file = harness_file(&harness, "monitor_seg1.bin");
    const char *bss = file->bytes + 0x1000;
    uint64_t words[3];
    assert_string_equal(bss, "app");
    assert_string_equal(bss + 64, "serial_virt");
    memcpy(words, bss + 4096, sizeof(words));
    assert_int_equal(words[0], 2);
    assert_int_equal(words[1], 1);
    assert_int_equal(words[2], 0x10000000);
    harness_close(&harness);
}

static void test_no_main(void **state)
{
    (void)state;
    struct harness harness = composed("<system>" PD("app", "") END "</system>");
    uint64_t words[3];
    memcpy(words, harness_file(&harness, "monitor_seg1.bin")->bytes + 0x2000, sizeof(words));
    assert_int_equal(words[0], 1);
    assert_true(words[1] == UINT64_MAX);
    assert_int_equal(words[2], 0);
    assert_no_line(&harness, "firmware");
    harness_close(&harness);
}

static void test_supervisor(void **state)
{
    (void)state;
    struct harness harness =
        composed(OURS "<memory_region name=\"m\" size=\"0x1000\"/>" PD(
            "app", "") "<map mr=\"m\" vaddr=\"0x1000000\"/><irq irq=\"33\" id=\"4\"/>" END
                     PD("boss", "t:supervisor=\"true\"") "<map mr=\"m\" vaddr=\"0x1000000\"/>" END
                                                         "</system>");
    assert_cap(&harness, "boss_cspace", "1: boss_supervised (guard: 0, guard_size: 47)");
    assert_line(&harness, "        boss_supervised = cnode (11 bits)\n");
    assert_line(&harness, "    asid_pool_0 = asid_pool (asid_high: 0)\n");
    assert_cap(&harness, "boss_supervised", "0: boss_supervised");
    assert_cap(&harness, "boss_supervised", "1: asid_pool_0");
    assert_cap(&harness, "boss_supervised", "2: sched_control (core: 0)");
    assert_cap(&harness, "boss_supervised", "64: app_ut");
    assert_cap(&harness, "boss_supervised", "65: boss_ut");
    assert_cap(&harness, "boss_supervised", "127: monitor_ut");
    assert_cap(&harness, "boss_supervised", "128: m_ut");
    assert_cap(&harness, "boss_supervised", "545: app_irq_33");
    assert_cap_count(&harness, "boss_supervised", 8);
    harness_close(&harness);
}

static void test_marks(void **state)
{
    (void)state;
    struct harness harness = composed(OURS PD("app", "t:counter=\"true\" smc=\"true\" "
                                                     "t:smc_badge=\"0xC4000001\"") END "</system>");
    assert_string_equal(harness.result.messages, "");
    assert_line(&harness, "affinity: 0, counter_access: 0x203)\n");
    assert_cap(&harness, "app_cnode", "7: firmware (badge: 0xc4000001)");
    harness_close(&harness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_pds),    cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_bss_symbol), cmocka_unit_test(test_bss_only),
        cmocka_unit_test(test_irqs),       cmocka_unit_test(test_vm),
        cmocka_unit_test(test_children),   cmocka_unit_test(test_monitor),
        cmocka_unit_test(test_no_main),    cmocka_unit_test(test_supervisor),
        cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
