/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the monitor: what the guest gets for what it does
 *
 * The test is the kernel (sel4_host_trap): it keeps one vCPU's registers, gives the monitor
 * faults and counts what the monitor asks of it. Console and boot are the test's too.
 */
#include <console/console.h>
#include <tessera.h>
#include <vmm/vmm.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define VCPU_TCB      (BASE_VM_TCB_CAP + VMM_VCPU)
#define VCPU          (BASE_VCPU_CAP + VMM_VCPU)
#define TIMER         (BASE_ENDPOINT_CAP + VMM_CHANNEL_TIMER)
#define RAM_BYTES     0x10000u
#define ENTRY         0x40000000ul
#define RESET_CODE    0x4000f000ul
#define EL1H          0x3c5ul
#define EL0           0x0ul
#define IL            (1ul << 25)
#define VALID         (1ul << 24)
#define ABORT         (0x24ul << 26 | IL)
#define SIZE(log)     ((uint64_t)(log) << 22)
#define SIGNED        (1ul << 21)
#define RT(n)         ((uint64_t)(n) << 16)
#define WIDE          (1ul << 15)
#define IS_WRITE      (1ul << 6)
#define UART_FLAGS    (GUEST_UART_BASE + 0x18)
#define UART_PCELL3   (GUEST_UART_BASE + 0xffc) /* reads 0xb1 */
#define FLAGS_TX_FULL (1u << 5)
#define X0            3u /* word of x0 in a user context */
#define PSCI_VERSION  0x84000000ul
#define PSCI_RESET    0x84000009ul

static struct {
    seL4_Word words[36]; /* the vCPU thread's registers, in the interface's order */
    seL4_Word fields[seL4_VCPUReg_Num];
    seL4_Word deadline, injected;
    unsigned reads, writes, calls, injections, resumes, starts, acks;
} kernel;

static seL4_IPCBuffer buffer;
__thread seL4_IPCBuffer *__sel4_ipc_buffer = &buffer;
seL4_Word microkit_notifications = ~0ul;
seL4_Word microkit_pps = ~0ul;
seL4_Word microkit_irqs;
char microkit_name[MICROKIT_PD_NAME_LENGTH] = "test";
seL4_Bool microkit_have_signal;
seL4_CPtr microkit_signal_cap;
seL4_MessageInfo_t microkit_signal_msg;

static uint8_t ram[RAM_BYTES];
static char shown[256];
static size_t shown_count, console_room;
static const char *typed = "";
static jmp_buf ended;

/* ---- The kernel ------------------------------------------------------------------------------ */

static void tcb_call(seL4_Word label, seL4_Word *x)
{
    seL4_Word count = x[3];

    switch (label) {
    case TCBReadRegisters:
        kernel.reads++;
        for (seL4_Word i = 0; i < count; i++) {
            if (i < 4) {
                x[2 + i] = kernel.words[i];
            }
            buffer.msg[i] = kernel.words[i];
        }
        break;
    case TCBWriteRegisters:
        kernel.writes++;
        kernel.starts += (unsigned)(x[2] & 1);
        for (seL4_Word i = 0; i < count; i++) {
            kernel.words[i] = i < 2 ? x[4 + i] : buffer.msg[2 + i];
        }
        break;
    case TCBResume: kernel.resumes++; break;
    default: break;
    }
}

static void vcpu_call(seL4_Word label, seL4_Word *x)
{
    switch (label) {
    case ARMVCPUReadReg: x[2] = kernel.fields[x[2]]; break;
    case ARMVCPUWriteReg: kernel.fields[x[2]] = x[3]; break;
    case ARMVCPUInjectIRQ:
        kernel.injections++;
        kernel.injected = x[2];
        break;
    case ARMVCPUAckVPPI: kernel.acks++; break;
    default: break;
    }
}

void sel4_host_trap(seL4_Word number, seL4_Word x[6], seL4_Word x6, seL4_Word x8)
{
    seL4_MessageInfo_t info = { { x[1] } };
    seL4_Word label = seL4_MessageInfo_get_label(info);

    (void)number;
    (void)x6;
    (void)x8;
    kernel.calls++;
    if (x[0] == VCPU_TCB) {
        tcb_call(label, x);
    } else if (x[0] == VCPU) {
        vcpu_call(label, x);
    } else if (x[0] == TIMER) {
        if (label == 1) {
            kernel.deadline = x[2];
        }
        x[2] = 1000; /* the time, and counts per second */
        x[3] = 5000;
    }
    x[1] = 0;
}

void microkit_internal_bad_id(const char *function, seL4_Word id)
{
    fail_msg("%s %lu", function, (unsigned long)id);
}

void microkit_internal_crash(const char *function, seL4_Word error)
{
    fail_msg("%s %lu", function, (unsigned long)error);
}

/* ---- Console and boot ------------------------------------------------------------------------ */

void console_init(void *region)
{
    (void)region;
}

size_t console_write_some(const char *bytes, size_t length_bytes)
{
    size_t count = length_bytes < console_room ? length_bytes : console_room;

    memcpy(shown + shown_count, bytes, count);
    shown_count += count;
    console_room -= count;
    return count;
}

void console_write(const char *bytes, size_t length_bytes)
{
    (void)console_write_some(bytes, length_bytes);
}

int console_read_byte(void)
{
    return *typed != '\0' ? *typed++ : -1;
}

void tessera_exit(int code)
{
    longjmp(ended, code + 1);
}

bool boot_load(const struct guest_memory *memory, struct guest_start *start)
{
    (void)memory;
    *start = (struct guest_start){ ENTRY, 0x4000e000 };
    return true;
}

uint64_t boot_load_reset(const struct guest_memory *memory, const struct guest_start *start)
{
    (void)memory;
    (void)start;
    return RESET_CODE;
}

/* ---- The guest ------------------------------------------------------------------------------- */

static int setup(void **state)
{
    (void)state;
    guest_ram_base = (uint64_t)ram;
    guest_ram_bytes = sizeof ram;
    guest_gic_version = 2;
    memset(&kernel, 0, sizeof kernel);
    memset(&buffer, 0, sizeof buffer);
    shown_count = 0;
    console_room = sizeof shown;
    typed = "";
    init();
    kernel.fields[seL4_VCPUReg_VBAR] = 0x40080000;
    kernel.calls = kernel.reads = kernel.writes = kernel.starts = kernel.injections = 0;
    return 0;
}

static seL4_Bool access_at(uint64_t address, uint64_t syndrome)
{
    microkit_msginfo reply;

    microkit_mr_set(seL4_VMFault_IP, kernel.words[0]);
    microkit_mr_set(seL4_VMFault_Addr, address);
    microkit_mr_set(seL4_VMFault_PrefetchFault, 0);
    microkit_mr_set(seL4_VMFault_FSR, ABORT | syndrome);
    return fault(0, microkit_msginfo_new(seL4_Fault_VMFault, 4), &reply);
}

static seL4_Bool trap(uint64_t syndrome)
{
    microkit_msginfo reply;

    microkit_mr_set(seL4_VCPUFault_HSR, syndrome);
    return fault(0, microkit_msginfo_new(seL4_Fault_VCPUFault, 1), &reply);
}

static uint64_t pc(void)
{
    return kernel.words[0];
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void starts_as_the_boot_protocol_says(void **state)
{
    (void)state;
    assert_int_equal(pc(), ENTRY);
    assert_int_equal(kernel.words[X0], 0x4000e000);
    assert_int_equal(kernel.words[2], EL1H);
    assert_int_equal(kernel.fields[seL4_VCPUReg_SCTLR], 0x34d58820);
    assert_int_equal(kernel.fields[seL4_VCPUReg_CNTVOFF], 1000);
}

static void loads_are_extended_as_the_instruction_says(void **state)
{
    (void)state;
    kernel.words[X0 + 1] = ~0ul;
    assert_true(access_at(UART_PCELL3, VALID | RT(1)));
    assert_int_equal(kernel.words[X0 + 1], 0xb1);
    access_at(UART_PCELL3, VALID | SIGNED | RT(1));
    assert_int_equal(kernel.words[X0 + 1], 0xffffffb1);
    access_at(UART_PCELL3, VALID | SIGNED | WIDE | RT(1));
    assert_true(kernel.words[X0 + 1] == 0xffffffffffffffb1ul);
    access_at(UART_PCELL3, VALID | SIGNED | SIZE(1) | RT(1));
    assert_int_equal(kernel.words[X0 + 1], 0xb1);
    assert_int_equal(pc(), ENTRY + 16);
    /* to the zero register: the PC moves, nothing else is read or written */
    kernel.reads = kernel.writes = 0;
    access_at(UART_PCELL3, VALID | SIZE(2) | RT(31));
    assert_int_equal(pc(), ENTRY + 20);
    assert_int_equal(kernel.reads, 0);
    assert_int_equal(kernel.writes, 1);
}

static void an_access_costs_two_calls(void **state)
{
    (void)state;
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(2)); /* settles what the start left */
    kernel.calls = 0;
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(2));
    assert_int_equal(kernel.calls, 2);
}

static void stores_reach_the_device(void **state)
{
    (void)state;
    kernel.words[X0 + 4] = 'A' + 0x100;
    access_at(GUEST_UART_BASE, VALID | RT(4) | IS_WRITE);
    kernel.words[X0 + 4] = 'B';
    access_at(GUEST_UART_BASE, VALID | SIZE(2) | RT(4) | IS_WRITE);
    kernel.words[X0 + 4] = '\n';
    access_at(GUEST_UART_BASE, VALID | SIZE(3) | RT(4) | IS_WRITE);
    assert_int_equal(shown_count, 3);
    assert_memory_equal(shown, "AB\n", 3);
}

static void unfinished_lines_wait_for_what_comes_next(void **state)
{
    (void)state;
    kernel.words[X0] = '$';
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(1));
    access_at(GUEST_UART_BASE, VALID | RT(0) | IS_WRITE);
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(1));
    assert_int_equal(shown_count, 0);
    assert_int_equal(kernel.deadline, 1000 + 5000 / 500);
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(1)); /* polls: it prints no more */
    assert_int_equal(shown_count, 1);
    kernel.words[X0] = '#';
    access_at(GUEST_UART_BASE, VALID | RT(0) | IS_WRITE);
    assert_int_equal(shown_count, 1);
    assert_false(trap(0x01ul << 26 | IL)); /* WFI */
    assert_int_equal(shown_count, 2);
    kernel.words[X0] = '%';
    access_at(GUEST_UART_BASE, VALID | RT(0) | IS_WRITE);
    notified(VMM_CHANNEL_TIMER); /* it computes without any exit */
    assert_int_equal(shown_count, 3);
    assert_memory_equal(shown, "$#%", 3);
}

static void abort_expected(uint64_t vector, uint64_t esr, uint64_t spsr, uint64_t new_spsr)
{
    assert_int_equal(pc(), 0x40080000 + vector);
    assert_int_equal(kernel.fields[seL4_VCPUReg_ELR_EL1], ENTRY);
    assert_int_equal(kernel.fields[seL4_VCPUReg_ESR], esr);
    assert_int_equal(kernel.fields[seL4_VCPUReg_SPSR_EL1], spsr);
    assert_int_equal(kernel.words[2], new_spsr);
}

static void what_no_device_answers_aborts(void **state)
{
    static const struct {
        uint64_t spsr, vector, esr, new_spsr;
    } cases[] = {
        { 0x600003c5, 0x200, 0x96000410, 0x600003c5 }, /* EL1h, flags Z and C are kept */
        { 0x3c4, 0x000, 0x96000410, 0x3c5 },           /* EL1t */
        { EL0, 0x400, 0x92000410, 0x3c5 },             /* EL0: class of a lower level */
        { 0x10, 0x600, 0x92000410, 0x3c5 },            /* AArch32 at EL0 */
        { 0x400000, 0x400, 0x92000410, 0x4003c5 },     /* PAN is kept */
    };

    (void)state;
    kernel.fields[seL4_VCPUReg_SCTLR] = 1ul << 23; /* SPAN */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        kernel.words[0] = ENTRY;
        kernel.words[2] = cases[i].spsr;
        assert_true(access_at(0x10000000, VALID | SIZE(2) | RT(1)));
        abort_expected(cases[i].vector, cases[i].esr, cases[i].spsr, cases[i].new_spsr);
    }
    kernel.words[0] = ENTRY;
    kernel.words[2] = EL0;
    kernel.fields[seL4_VCPUReg_SCTLR] = 0; /* PAN is set on entry */
    access_at(GUEST_UART_BASE, SIZE(2));   /* no valid syndrome: a pair, say */
    abort_expected(0x400, 0x92000410, EL0, 0x4003c5);
}

static void unaligned_accesses_abort(void **state)
{
    (void)state;
    access_at(GUEST_UART_BASE + 2, VALID | SIZE(2) | RT(1));
    assert_int_equal(pc(), 0x40080200);
}

static void aarch32_loads_abort_and_stores_work(void **state)
{
    (void)state;
    kernel.words[2] = 0x10;
    kernel.words[X0] = 'x';
    access_at(GUEST_UART_BASE, VALID | RT(0) | IS_WRITE);
    assert_int_equal(pc(), ENTRY + 4);
    assert_int_equal(kernel.words[2], 0x10);
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(0));
    assert_int_equal(pc(), 0x40080600);
}

static void unknown_system_registers_are_undefined(void **state)
{
    (void)state;
    trap(0x18ul << 26 | IL | 0x3a3016); /* ICC_SGI1R on a GICv2 machine */
    assert_int_equal(pc(), 0x40080200);
    assert_int_equal(kernel.fields[seL4_VCPUReg_ESR], IL);
    kernel.words[0] = ENTRY;
    trap(0x18ul << 26 | IL | 0x32f801 | 3ul << 5); /* CNTPCT into x3 */
    assert_int_equal(pc(), ENTRY + 4);
    assert_int_equal(kernel.words[X0 + 3], 0); /* time 1000, started at 1000 */
    kernel.words[0] = ENTRY;
    trap(0x18ul << 26 | IL | 0x32f800); /* CNTPCT cannot be written */
    assert_int_equal(pc(), 0x40080200);
}

static uint64_t firmware(uint64_t x0, uint64_t x1, uint64_t x2)
{
    kernel.words[X0] = x0;
    kernel.words[X0 + 1] = x1;
    kernel.words[X0 + 2] = x2;
    trap(0x17ul << 26 | IL);
    return kernel.words[X0];
}

static void firmware_calls_check_their_arguments(void **state)
{
    (void)state;
    assert_int_equal(firmware(PSCI_VERSION, 0, 0), 0x10001);
    assert_int_equal(pc(), ENTRY + 4);
    assert_int_equal(firmware(0x12345678, 0, 0), 0xffffffff);
    assert_true(firmware(0xc4000000 | 0x77, 0, 0) == ~0ul);
    assert_int_equal(firmware(0x84000003, 0, 0), 0xfffffffc);              /* CPU_ON: is on */
    assert_int_equal(firmware(0x84000003, 1, 0), 0xfffffffe);              /* no such CPU */
    assert_int_equal(firmware(0x84000004, 0, 0), 0);                       /* AFFINITY_INFO */
    assert_int_equal(firmware(0x84000004, 1ul << 32, 0), 0);               /* 32-bit arguments */
    assert_true(firmware(0xc4000004, 1ul << 32, 0) == 0xfffffffffffffffe); /* 64-bit ones */
    assert_int_equal(firmware(0x8400000a, 0x84000009, 0), 0);              /* FEATURES */
    assert_int_equal(firmware(0x8400000a, 0x84000012, 0), 0xffffffff);
}

static void hypercalls_cost_nothing_but_themselves(void **state)
{
    microkit_msginfo reply;

    (void)state;
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(2));
    for (seL4_Uint8 i = 0; i < 13; i++) {
        microkit_mr_set(i, 100u + i);
    }
    microkit_mr_set(seL4_UnknownSyscall_X0, PSCI_VERSION);
    microkit_mr_set(seL4_UnknownSyscall_FaultIP, ENTRY);
    microkit_mr_set(seL4_UnknownSyscall_LR, ENTRY + 4);
    kernel.calls = 0;
    assert_true(fault(0, microkit_msginfo_new(seL4_Fault_UnknownSyscall, 13), &reply));
    assert_int_equal(kernel.calls, 0);
    assert_int_equal(microkit_msginfo_get_count(reply), 9);
    assert_int_equal(microkit_mr_get(0), 0x10001);
    assert_int_equal(microkit_mr_get(7), 107);
    assert_int_equal(microkit_mr_get(8), ENTRY + 4);
}

static void waiting_guests_sleep_until_their_deadline(void **state)
{
    (void)state;
    kernel.fields[seL4_VCPUReg_CNTV_CTL] = 1;
    kernel.fields[seL4_VCPUReg_CNTV_CVAL] = 5000;
    assert_false(trap(0x01ul << 26 | IL)); /* WFI, but the timer interrupt is off */
    assert_int_equal(pc(), ENTRY + 4);
    assert_int_equal(kernel.deadline, 0);
    notified(VMM_CHANNEL_TIMER);
    assert_int_equal(kernel.resumes, 1);
    kernel.words[X0] = 1u << GUEST_IRQ_TIMER;
    access_at(GUEST_GICD_BASE + 0x100, VALID | SIZE(2) | RT(0) | IS_WRITE);
    assert_false(trap(0x01ul << 26 | IL));
    assert_int_equal(kernel.deadline, 6000);
    assert_true(trap(0x01ul << 26 | IL | 1)); /* WFE is a hint */
}

static void timer_events_are_injected_and_acknowledged(void **state)
{
    microkit_msginfo reply;
    unsigned acks = kernel.acks;

    (void)state;
    kernel.words[X0] = 1u << GUEST_IRQ_TIMER;
    access_at(GUEST_GICD_BASE + 0x100, VALID | SIZE(2) | RT(0) | IS_WRITE);
    kernel.words[X0] = 1;
    access_at(GUEST_GICD_BASE, VALID | SIZE(2) | RT(0) | IS_WRITE);
    microkit_mr_set(0, GUEST_IRQ_TIMER);
    assert_true(fault(0, microkit_msginfo_new(seL4_Fault_VPPIEvent, 1), &reply));
    assert_int_equal(kernel.injections, 1);
    assert_int_equal(kernel.injected & 0xffff, GUEST_IRQ_TIMER);
    assert_true(trap(0x01ul << 26 | IL)); /* WFI with an interrupt in a list register goes on */
    microkit_mr_set(0, 0);
    assert_true(fault(0, microkit_msginfo_new(seL4_Fault_VGICMaintenance, 1), &reply));
    assert_int_equal(kernel.acks, acks + 1);
    assert_int_equal(kernel.injections, 1); /* once for each event */
    microkit_mr_set(0, ~0ul);
    assert_true(fault(0, microkit_msginfo_new(seL4_Fault_VGICMaintenance, 1), &reply));
    assert_int_equal(kernel.acks, acks + 1);
}

static void a_full_console_makes_the_port_busy(void **state)
{
    (void)state;
    console_room = 1;
    kernel.words[X0] = 'a';
    access_at(GUEST_UART_BASE, VALID | RT(0) | IS_WRITE);
    kernel.words[X0] = '\n';
    access_at(GUEST_UART_BASE, VALID | RT(0) | IS_WRITE); /* waits */
    kernel.words[X0] = 'c';
    access_at(GUEST_UART_BASE, VALID | RT(0) | IS_WRITE); /* lost, as in the device */
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(1));
    assert_true((kernel.words[X0 + 1] & FLAGS_TX_FULL) != 0);
    console_room = 10;
    notified(VMM_CHANNEL_CONSOLE);
    access_at(UART_FLAGS, VALID | SIZE(2) | RT(1));
    assert_false((kernel.words[X0 + 1] & FLAGS_TX_FULL) != 0);
    assert_int_equal(shown_count, 2);
    assert_memory_equal(shown, "a\n", 2);
}

static void input_that_nobody_reads_waits(void **state)
{
    (void)state;
    typed = "0123456789abcdef0123456789abcdefXYZ";
    notified(VMM_CHANNEL_CONSOLE);
    assert_string_equal(typed, "YZ"); /* 32 in the device, one held */
    access_at(GUEST_UART_BASE, VALID | SIZE(2) | RT(0));
    assert_int_equal(kernel.words[X0], '0');
    assert_string_equal(typed, "Z");
}

static void a_reset_empties_the_vcpu_first(void **state)
{
    microkit_msginfo reply;
    unsigned acks = kernel.acks;

    (void)state;
    kernel.fields[seL4_VCPUReg_TTBR0] = 77;
    kernel.words[X0] = PSCI_RESET;
    assert_false(trap(0x17ul << 26 | IL));
    assert_int_equal(kernel.starts, 1);
    assert_int_equal(pc(), RESET_CODE);
    assert_int_equal(kernel.words[X0], GUEST_GICC_BASE);
    assert_int_equal(kernel.words[X0 + 1] & 0xffff, 0xffff);
    assert_int_equal(kernel.fields[seL4_VCPUReg_TTBR0], 0);
    assert_int_equal(kernel.acks, acks + 1);
    microkit_mr_set(0, 0);
    assert_true(fault(0, microkit_msginfo_new(seL4_Fault_VGICMaintenance, 1), &reply));
    assert_false(trap(0x17ul << 26 | IL)); /* the reset code's end */
    assert_int_equal(pc(), ENTRY);
    assert_int_equal(kernel.words[X0], 0x4000e000);
    assert_int_equal(kernel.starts, 2);
    assert_int_equal(firmware(PSCI_VERSION, 0, 0), 0x10001);
}

static void switching_off_ends_the_component(void **state)
{
    int code = setjmp(ended);

    (void)state;
    if (code == 0) {
        kernel.words[X0] = 0x84000008;
        (void)trap(0x17ul << 26 | IL);
        fail();
    }
    assert_int_equal(code, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(starts_as_the_boot_protocol_says, setup),
        cmocka_unit_test_setup(loads_are_extended_as_the_instruction_says, setup),
        cmocka_unit_test_setup(an_access_costs_two_calls, setup),
        cmocka_unit_test_setup(stores_reach_the_device, setup),
        cmocka_unit_test_setup(unfinished_lines_wait_for_what_comes_next, setup),
        cmocka_unit_test_setup(what_no_device_answers_aborts, setup),
        cmocka_unit_test_setup(unaligned_accesses_abort, setup),
        cmocka_unit_test_setup(aarch32_loads_abort_and_stores_work, setup),
        cmocka_unit_test_setup(unknown_system_registers_are_undefined, setup),
        cmocka_unit_test_setup(firmware_calls_check_their_arguments, setup),
        cmocka_unit_test_setup(hypercalls_cost_nothing_but_themselves, setup),
        cmocka_unit_test_setup(waiting_guests_sleep_until_their_deadline, setup),
        cmocka_unit_test_setup(timer_events_are_injected_and_acknowledged, setup),
        cmocka_unit_test_setup(a_full_console_makes_the_port_busy, setup),
        cmocka_unit_test_setup(input_that_nobody_reads_waits, setup),
        cmocka_unit_test_setup(a_reset_empties_the_vcpu_first, setup),
        cmocka_unit_test_setup(switching_off_ends_the_component, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
