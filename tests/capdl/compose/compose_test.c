/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a good description becomes
 *
 * Each test composes a small system and looks for the lines that must be in the capDL
 * text, and for the words that must be in the patched programs.
 */
#include "harness.h"

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

#define OURS "<system xmlns:t=\"urn:tessera:system:1\">"
#define PD(name, rest) \
    "<protection_domain name=\"" name "\" " rest "><program_image path=\"" name ".elf\"/>"
#define END "</protection_domain>"

/* Composes, and shows what was said if that failed. */
static struct harness composed(const char *description)
{
    struct harness harness = { .description = description };
    if (!harness_run(&harness)) {
        fail_msg("%s", harness.result.messages);
    }
    return harness;
}

static const char *system_text(const struct harness *harness)
{
    const struct written *file = harness_file(harness, "system.cdl");
    assert_non_null(file);
    return file->bytes;
}

/* The block of capabilities of `container` has this line. */
static void assert_cap(const struct harness *harness, const char *container, const char *line)
{
    char start[128];
    char wanted[256];
    snprintf(start, sizeof(start), "\n    %s {\n", container);
    snprintf(wanted, sizeof(wanted), "\n        %s\n", line);
    const char *block = strstr(system_text(harness), start);
    if (block == NULL) {
        fail_msg("no block %s", container);
        return;
    }
    const char *end = strstr(block, "\n    }\n");
    const char *found = strstr(block, wanted);
    if (found == NULL || found > end) {
        fail_msg("no '%s' in\n%.*s", line, (int)(end - block), block);
    }
}

/* The container has exactly so many lines. */
static void assert_cap_count(const struct harness *harness, const char *container, int wanted)
{
    char start[128];
    snprintf(start, sizeof(start), "\n    %s {\n", container);
    const char *block = strstr(system_text(harness), start);
    assert_non_null(block);
    int count = 0;
    for (block = strchr(block + 1, '\n') + 1; strncmp(block, "    }\n", 6) != 0;
         block = strchr(block, '\n') + 1) {
        count++;
    }
    assert_int_equal(count, wanted);
}

static void assert_line(const struct harness *harness, const char *line)
{
    if (strstr(system_text(harness), line) == NULL) {
        fail_msg("no '%s' in\n%s", line, system_text(harness));
    }
}

static void assert_no_line(const struct harness *harness, const char *line)
{
    assert_null(strstr(system_text(harness), line));
}

/* The 8-byte word of a data symbol in a written segment. */
static uint64_t patched(const struct harness *harness, const char *file, const char *symbol)
{
    const struct written *written = harness_file(harness, file);
    uint64_t offset = fake_elf_symbol(symbol) - FAKE_DATA;
    uint64_t word = 0;
    assert_non_null(written);
    assert_true(offset + 8 <= written->length);
    memcpy(&word, written->bytes + offset, 8);
    return word;
}

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

static const char two_pds[] =
    "<system>"
    "<memory_region name=\"shared\" size=\"0x2000\"/>" PD(
        "ping",
        "priority=\"10\"") "<map mr=\"shared\" vaddr=\"0x1000_0000\" setvar_vaddr=\"word\" setvar_size=\"word_b\"/>" END
        PD("pong",
           "priority=\"20\" passive=\"true\" budget=\"50\" period=\"100\"") "<map mr=\"shared\" vaddr=\"0x1000_0000\" perms=\"r\"/>" END
                                                                            "<channel><end pd=\"ping\" id=\"0\" pp=\"true\"/>"
                                                                            "<end pd=\"pong\" id=\"3\" setvar_id=\"word\"/></channel></system>";

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
    assert_cap(&harness, "boss_supervised", "1: asid_pool_0");
    assert_cap(&harness, "boss_supervised", "2: sched_control (core: 0)");
    assert_cap(&harness, "boss_supervised", "64: app_ut");
    assert_cap(&harness, "boss_supervised", "65: boss_ut");
    assert_cap(&harness, "boss_supervised", "127: monitor_ut");
    assert_cap(&harness, "boss_supervised", "128: m_ut");
    assert_cap(&harness, "boss_supervised", "545: app_irq_33");
    assert_cap_count(&harness, "boss_supervised", 7);
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
                              "<protection_domain name=\"p%u\" stack_size=\"0x1000000\">"
                              "<program_image path=\"p.elf\"/></protection_domain>",
                              i);
    }
    sprintf(text + at, "</system>");
    struct harness harness = { .description = text };
    /* Far more files than the harness keeps: only checked. */
    harness.options.check_only = true;
    if (!harness_run(&harness)) {
        fail_msg("%s", harness.result.messages);
    }
    harness_close(&harness);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_two_pds),
        cmocka_unit_test(test_symbols),    cmocka_unit_test(test_bss_symbol),
        cmocka_unit_test(test_irqs),       cmocka_unit_test(test_vm),
        cmocka_unit_test(test_children),   cmocka_unit_test(test_monitor),
        cmocka_unit_test(test_no_main),    cmocka_unit_test(test_supervisor),
        cmocka_unit_test(test_marks),      cmocka_unit_test(test_regions),
        cmocka_unit_test(test_parameters), cmocka_unit_test(test_names),
        cmocka_unit_test(test_domains),    cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_check_only), cmocka_unit_test(test_write_refused),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
