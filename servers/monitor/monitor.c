/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Monitor: hears what becomes of the root components
 *
 * Part of every system, at the highest priority. Faults and exits of root components arrive on
 * its endpoint. It prints what happened, never answers (a faulted component stays stopped), and
 * switches the power off when the component marked main ends or faults. It also gives passive
 * components' scheduling contexts to their notifications, once each.
 *
 * Slots and patched symbols: capdl/compose/README.md, "The monitor".
 *
 * Invariant: it blocks only in Recv; with a console it never waits for room.
 */
#include "text.h"

#include <proto/console.h>
#include <queue/byte_ring.h>
#include <runtime/tls.h>
#include <sel4/sel4.h>
#include <tessera.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define INPUT_CAP         1
#define REPLY_CAP         2
#define SMC_CAP           7
#define CONSOLE_CAP       8
#define TCB_BASE          10
#define SC_BASE           138
#define NOTIFICATION_BASE 202

#define PD_LIMIT      512
#define PD_NAME_BYTES 64
#define NO_MAIN       UINT64_MAX

#define PSCI_SYSTEM_OFF 0x84000008u

/* Periods to wait for the console to drain, and, if there is none to look at, to be polite. */
#define DRAIN_PERIODS 300u
#define QUIET_PERIODS 3u

/* The most message words of any fault. */
#define FAULT_WORDS 13u

#define PATCHED __attribute__((used, section(".data.microkit")))

PATCHED uint64_t monitor_pd_count = 0;
char monitor_pd_names[PD_LIMIT][PD_NAME_BYTES]; /* in .bss: most of it stays empty */
PATCHED uint64_t monitor_band = 0;
PATCHED uint64_t monitor_main = NO_MAIN;
PATCHED uint64_t monitor_console = 0;

seL4_IPCBuffer *__sel4_ipc_buffer =
    (seL4_IPCBuffer *)(seL4_UserVSpaceTop & ~((1ull << seL4_PageBits) - 1));

/* Where the slots of each kind begin: the band's place if there are many components. */
static seL4_CPtr band_base(seL4_CPtr few, seL4_CPtr place)
{
    return monitor_band == 0 ? few : place * (seL4_CPtr)monitor_band;
}

static struct console_output_header *console; /* NULL: debug console */
static struct byte_producer output;

int main(void);

static void console_open(void)
{
    /* An address of our own space, patched by the composer. */
    uintptr_t region = (uintptr_t)monitor_console;

    if (region == 0) {
        return;
    }
    console = (struct console_output_header *)region;
    byte_producer_init(&output, (struct byte_ring *)(region + CONSOLE_RING_OFFSET),
                       CONSOLE_RING_BYTES);
    atomic_store_explicit(&console->magic, CONSOLE_MAGIC, memory_order_release);
}

/* Print through the kernel, if it prints. */
static void debug_put(char c)
{
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar(c);
#else
    (void)c;
#endif
}

/* Print a line; on a full console it is cut, as the monitor must not wait for anybody. */
static void line_print(struct text *text)
{
    text->bytes[text->length < TEXT_BYTES ? text->length++ : TEXT_BYTES - 1u] = '\n';
    if (console == NULL) {
        for (unsigned i = 0; i < text->length; i++) {
            debug_put(text->bytes[i]);
        }
    } else {
        byte_producer_write(&output, (const uint8_t *)text->bytes, text->length);
        seL4_Signal(CONSOLE_CAP);
    }
}

/* Let the others run until the console is drained: our period is longer than our budget. */
static void console_drain(void)
{
    if (console != NULL) {
        atomic_store_explicit(&console->urgent, output.head, memory_order_release);
        seL4_Signal(CONSOLE_CAP);
    }
    for (unsigned period = 0; period < DRAIN_PERIODS; period++) {
        if (console == NULL
                ? period == QUIET_PERIODS
                : atomic_load_explicit(&console->done, memory_order_acquire) == output.head) {
            return;
        }
        seL4_Yield();
    }
}

static void power_off(void)
{
    seL4_ARM_SMCContext call = { .x0 = PSCI_SYSTEM_OFF };
    seL4_ARM_SMCContext result;

    console_drain();
    (void)seL4_ARM_SMC_Call(SMC_CAP, &call, &result);
}

/* Start a line about component `pd`. */
static void line_begin(struct text *text, const char *kind, uint64_t pd)
{
    text->length = 0;
    text_add(text, kind);
    if (pd == monitor_main) {
        text_add(text, "main ");
    }
    text_add_name(text, monitor_pd_names[pd], PD_NAME_BYTES);
    text_add(text, ": ");
}

static void registers_print(uint64_t pd)
{
    struct text text;
    seL4_UserContext registers = { 0 };
    const seL4_Word count = sizeof(registers) / sizeof(seL4_Word);

    if (seL4_TCB_ReadRegisters(band_base(TCB_BASE, 1) + pd, seL4_False, 0, count, &registers) !=
        seL4_NoError) {
        return;
    }
    line_begin(&text, "MON|ERROR: ", pd);
    text_add(&text, "pc ");
    text_add_hex(&text, registers.pc);
    text_add(&text, " sp ");
    text_add_hex(&text, registers.sp);
    text_add(&text, " x30 ");
    text_add_hex(&text, registers.x30);
    text_add(&text, " x0 ");
    text_add_hex(&text, registers.x0);
    text_add(&text, " x1 ");
    text_add_hex(&text, registers.x1);
    line_print(&text);
}

static void component_ended(uint64_t pd, int64_t code)
{
    struct text text;

    line_begin(&text, code == 0 ? "MON|INFO: " : "MON|ERROR: ", pd);
    text_add(&text, "ended with code ");
    text_add_decimal(&text, code);
    line_print(&text);
}

static void component_faulted(uint64_t pd, uint64_t label, const uint64_t *words, unsigned count)
{
    struct text text;

    line_begin(&text, "MON|ERROR: ", pd);
    text_add_fault(&text, label, words, count);
    line_print(&text);
    registers_print(pd);
}

static void message_handle(uint64_t pd, seL4_MessageInfo_t info)
{
    uint64_t label = seL4_MessageInfo_get_label(info);
    seL4_Word length = seL4_MessageInfo_get_length(info);
    unsigned count = length < FAULT_WORDS ? (unsigned)length : FAULT_WORDS;
    uint64_t words[FAULT_WORDS];

    /* A copy, as printing makes system calls of its own. */
    for (unsigned i = 0; i < count; i++) {
        words[i] = seL4_GetMR((int)i);
    }
    if (label == seL4_Fault_NullFault) {
        (void)seL4_SchedContext_Bind(band_base(SC_BASE, 2) + pd,
                                     band_base(NOTIFICATION_BASE, 3) + pd);
        return;
    }
    if (label == TESSERA_EXIT_LABEL) {
        component_ended(pd, count > 0 ? (int64_t)words[0] : 0);
    } else {
        component_faulted(pd, label, words, count);
    }
    if (pd == monitor_main) {
        power_off();
    }
}

int main(void)
{
    runtime_tls_init();
    console_open();
    for (;;) {
        seL4_Word badge = 0;
        seL4_MessageInfo_t info = seL4_Recv(INPUT_CAP, &badge, REPLY_CAP);
        if (badge >= 1 && badge <= monitor_pd_count && badge <= PD_LIMIT) {
            message_handle(badge - 1, info);
        }
    }
}
