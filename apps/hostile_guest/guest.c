/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest that attacks its monitor
 *
 * A bare-metal program in the place of a kernel. Each attack does something a well-behaved guest
 * does not; whatever the answer (an exception, a zero, an error number) the guest must be able to
 * go on, and so must everything else. It prints what it tried. Before and after that it resets
 * itself, while interrupts are active and pending, and looks for them in its next life. In its
 * third life it powers itself off.
 */
#include <stdbool.h>
#include <stdint.h>

#define UART   0x09000000ul
#define VIRTIO 0x0a000000ul
#define GICD   0x08000000ul
#define GICC   0x08010000ul
#define GICR   0x080a0000ul

/* A word of RAM that nobody loads anything into says which life of the guest this is. */
#define LIFE_WORD  0x40c00000ul
#define LIFE_MARK  0x11fe0000u
#define FIRST_NONE 1020u /* interrupt numbers from here on mean "none" */

void guest_main(void);
void guest_exception(void);
uint64_t guest_call(bool is_smc, uint64_t *registers);
void guest_aarch32(uint64_t device, uint64_t byte);

static volatile uint64_t exceptions;
static uint64_t attacks;
static uint64_t random_state = 0x9e3779b97f4a7c15u;

/* One plain load or store each: a compiler's choice of addressing mode (write-back, pairs) would
 * carry no syndrome and be answered by an abort. */
static void device_write(uint64_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static void device_write_byte(uint64_t address, uint32_t value)
{
    __asm__ volatile("strb %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static uint32_t device_read(uint64_t address)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static void put_char(char c)
{
    device_write(UART, (uint8_t)c);
}

static void put_text(const char *text)
{
    for (; *text != 0; text++) {
        put_char(*text);
    }
}

static void put_number(uint64_t value)
{
    char digits[21];
    unsigned at = sizeof digits - 1;

    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    put_text(&digits[at]);
}

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Called by the vector table, which then goes on behind the instruction that failed. */
void guest_exception(void)
{
    exceptions++;
}

static void report(const char *what, uint64_t before)
{
    put_text("guest: ");
    put_text(what);
    put_text(", exceptions ");
    put_number(exceptions - before);
    put_text("\n");
}

static void touch_unmapped_memory(void)
{
    static const uint64_t addresses[] = { 0x0,        0x1000,       0x07fff000,   0x08020000,
                                          0x08040000, 0x09001000,   0x0a001000,   0x10000000,
                                          0x3ffff000, 0x8000000000, 0xfffffff000, 0x60000000 };
    uint64_t before = exceptions;

    for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        uint64_t value;

        __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(addresses[i]) : "memory");
        __asm__ volatile("strb wzr, [%0]" ::"r"(addresses[i]) : "memory");
        attacks += 2;
    }
    report("unmapped addresses read and written", before);
}

static void run_unmapped_memory(void)
{
    uint64_t before = exceptions;

    /* The vector table returns to x30 when the fault is a fetch. */
    __asm__ volatile("mov x9, #0x10000000\n\tblr x9" ::: "x9", "x30", "memory");
    attacks++;
    report("unmapped address executed", before);
}

static void access_devices_oddly(void)
{
    uint64_t before = exceptions;

    for (unsigned i = 0; i < 64; i++) {
        uint64_t address = (i & 1 ? UART : VIRTIO) + (next_random() & 0xff8);
        uint64_t first;
        uint64_t second;

        __asm__ volatile("ldp %0, %1, [%2]" : "=r"(first), "=r"(second) : "r"(address) : "memory");
        __asm__ volatile("stp xzr, xzr, [%0]" ::"r"(address) : "memory");
        __asm__ volatile("ldr %w0, [%1, #1]" : "=r"(first) : "r"(address) : "memory");
        __asm__ volatile("ldr %w0, [%1], #4" : "=r"(first), "+r"(address)::"memory");
        attacks += 4;
    }
    report("devices accessed by pairs, unaligned, with write-back", before);
}

static void write_rubbish_to_devices(void)
{
    uint64_t before = exceptions;

    for (unsigned i = 0; i < 4000; i++) {
        uint64_t value = next_random();
        uint64_t offset = next_random();

        switch (i % 4) {
        case 0: device_write(GICD + (offset & 0xffc), (uint32_t)value); break;
        case 1: device_write_byte(GICD + (offset & 0xfff), (uint32_t)value); break;
        case 2: device_write(VIRTIO + (offset & 0x1fc), (uint32_t)value); break;
        default: (void)device_read(UART + 4 + (offset & 0xff8)); break;
        }
        attacks++;
    }
    for (unsigned i = 0; i < 500; i++) {
        device_write(GICR + (next_random() & 0x1fffc), (uint32_t)next_random());
        attacks++;
    }
    report("rubbish written to distributor, virtio and serial port", before);
}

/* A driver whose rings lie: outside RAM, endless, with impossible indices. */
static void lie_to_virtio(void)
{
    uint64_t before = exceptions;

    for (unsigned i = 0; i < 300; i++) {
        device_write(VIRTIO + 0x070, 0);
        device_write(VIRTIO + 0x070, 15);
        device_write(VIRTIO + 0x030, i & 1);
        device_write(VIRTIO + 0x038, 1u << (next_random() % 10));
        for (uint32_t reg = 0x080; reg <= 0x0a4; reg += 4) {
            device_write(VIRTIO + reg,
                         (reg & 4) != 0 ? 0 : 0x40000000u + (uint32_t)(next_random() & 0x8fffffe));
        }
        device_write(VIRTIO + 0x044, 1);
        device_write(VIRTIO + 0x050, i & 1);
        attacks++;
    }
    device_write(VIRTIO + 0x070, 0);
    report("virtio rings that lie", before);
}

/* Every number near the kernel's own, and random ones, by HVC and by SMC. */
static void call_everything(void)
{
    uint64_t before = exceptions;

    for (unsigned i = 0; i < 600; i++) {
        uint64_t registers[8];

        for (unsigned r = 0; r < 8; r++) {
            registers[r] = next_random() >> (next_random() & 63);
        }
        registers[7] = (i & 1) != 0 ? next_random() : (uint64_t)0 - i % 40;
        /* not the calls that would end this guest: 0x84000002, ..8, ..9 */
        if (registers[0] >> 24 == 0x84) {
            registers[0] = 0;
        }
        (void)guest_call(i % 3 == 0, registers);
        attacks++;
    }
    report("hypercalls and firmware calls with random numbers", before);
}

static void touch_system_registers(void)
{
    uint64_t before = exceptions;
    uint64_t value;

    __asm__ volatile("mrs %0, cntpct_el0" : "=r"(value));
    __asm__ volatile("mrs %0, cntp_ctl_el0" : "=r"(value));
    __asm__ volatile("msr cntp_cval_el0, %0" ::"r"(value));
    __asm__ volatile("msr cntp_ctl_el0, %0" ::"r"(1ul));
    __asm__ volatile("mrs %0, s3_4_c1_c1_0" : "=r"(value)); /* HCR_EL2 */
    __asm__ volatile("msr s3_4_c2_c1_0, %0" ::"r"(value));  /* VTTBR_EL2 */
    __asm__ volatile("mrs %0, s3_0_c15_c2_0" : "=r"(value));
    __asm__ volatile("mrs %0, s3_0_c12_c11_5" : "=r"(value)); /* ICC_SGI1R, write-only */
    attacks += 8;
    report("system registers of others", before);
}

/* ---- Interrupts: what a reset leaves ---------------------------------------------------- */

static bool has_gicv3(void)
{
    return (device_read(GICD + 0xffe8) >> 4 & 15) == 3;
}

/* All software interrupts on, of one priority, in the group that system software uses. */
static void interrupts_on(void)
{
    uint64_t priorities = (has_gicv3() ? GICR + 0x10000 : GICD) + 0x400;

    for (uint64_t offset = 0; offset < 16; offset += 4) {
        device_write(priorities + offset, 0x80808080u);
    }
    if (has_gicv3()) {
        device_write(GICR + 0x10080, 0xffffffffu);
        device_write(GICR + 0x10100, 0xffffu);
        device_write(GICD, 3);
        __asm__ volatile("msr s3_0_c4_c6_0, %0\n\tmsr s3_0_c12_c12_7, %1\n\tisb" /* PMR, IGRPEN1 */
                         ::"r"(0xfful),
                         "r"(1ul));
    } else {
        device_write(GICD + 0x100, 0xffffu);
        device_write(GICD, 1);
        device_write(GICC + 0x04, 0xff);
        device_write(GICC, 1);
    }
}

static void interrupt_self(uint32_t number)
{
    if (has_gicv3()) {
        __asm__ volatile("msr s3_0_c12_c11_5, %0\n\tisb" ::"r"((uint64_t)number << 24 | 1));
    } else {
        device_write(GICD + 0xf00, 2u << 24 | number);
    }
}

/* The interrupt that is now active, or a number that means none. */
static uint32_t interrupt_take(void)
{
    uint64_t number;

    if (!has_gicv3()) {
        return device_read(GICC + 0x0c) & 0x3ff;
    }
    __asm__ volatile("mrs %0, s3_0_c12_c12_0\n\tdsb sy" : "=r"(number));
    return (uint32_t)number;
}

static void interrupt_end(uint32_t number)
{
    if (has_gicv3()) {
        __asm__ volatile("msr s3_0_c12_c12_1, %0\n\tisb" ::"r"((uint64_t)number));
    } else {
        device_write(GICC + 0x10, number);
    }
}

static uint32_t life_number(void)
{
    uint32_t word = *(volatile uint32_t *)LIFE_WORD;

    return (word & 0xffff0000u) == LIFE_MARK ? word & 0xffff : 0;
}

static void next_life(void)
{
    uint64_t reset[8] = { 0x84000009 };

    *(volatile uint32_t *)LIFE_WORD = LIFE_MARK | (life_number() + 1);
    (void)guest_call(true, reset);
}

static void leave_interrupts_behind(void)
{
    interrupts_on();
    for (uint32_t i = 1; i < 8; i++) {
        interrupt_self(i);
    }
    put_text("guest: interrupt ");
    put_number(interrupt_take());
    put_text(" is active, others are pending: reset\n");
}

/* Nothing of the life before may be left; a new interrupt must arrive. */
static void look_for_leftovers(void)
{
    uint32_t taken;

    interrupts_on();
    taken = interrupt_take();
    put_text(taken < FIRST_NONE ? "guest: stale interrupt, " : "guest: clean start, ");
    interrupt_self(9);
    taken = interrupt_take();
    put_text("interrupt ");
    put_number(taken);
    put_text(" taken\n");
    interrupt_end(taken);
}

/* Only where the processor has it: ID_AA64PFR0_EL1.EL0 is 2. */
static void run_the_other_instruction_set(void)
{
    uint64_t before = exceptions;
    uint64_t features;

    __asm__ volatile("mrs %0, id_aa64pfr0_el1" : "=r"(features));
    if ((features & 15) == 2) {
        guest_aarch32(UART, '*');
        attacks++;
    }
    report("32-bit code stored to a device and loaded from it", before);
}

static void attack(void)
{
    touch_unmapped_memory();
    run_unmapped_memory();
    access_devices_oddly();
    write_rubbish_to_devices();
    lie_to_virtio();
    call_everything();
    touch_system_registers();
    run_the_other_instruction_set();
    put_text("guest: ");
    put_number(attacks);
    put_text(" attacks, ");
    put_number(exceptions);
    put_text(" exceptions, still here\n");
}

void guest_main(void)
{
    uint64_t off[8] = { 0x84000008 };

    switch (life_number()) {
    case 0:
        leave_interrupts_behind();
        next_life();
        break;
    case 1:
        look_for_leftovers();
        put_text("guest: attacking\n");
        attack();
        next_life();
        break;
    default: look_for_leftovers(); break;
    }
    (void)guest_call(true, off);
}
