/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Benchmark guest: what an exit to the VM monitor costs
 *
 * Makes ROUNDS hypercalls, then ROUNDS reads of an emulated device register, and prints
 * the virtual counter's ticks for each. With QEMU's `-icount shift=0` a tick is 16
 * instructions, whoever executes them. Needs no memory but its own image.
 */
#include <stdint.h>

#define ROUNDS              1000u
#define INSTRUCTIONS_A_TICK 16u

#define UART_BASE     0x09000000ul
#define UART_DATA     0x00u
#define UART_FLAGS    0x18u
#define UART_TX_FULL  0x20u
#define UART_MASK     0x38u /* interrupt mask: reading it has no effect on the device */
#define PSCI_VERSION  0x84000000ul
#define PSCI_POWEROFF 0x84000008ul

void guest_main(void);

/* Device accesses: each must happen, once and in order. */
static uint32_t uart_read(uint32_t offset)
{
    return *(volatile uint32_t *)(UART_BASE + offset);
}

static void uart_write(uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(UART_BASE + offset) = value;
}

static uint64_t ticks_now(void)
{
    uint64_t ticks;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
    return ticks;
}

static void hypercall(uint64_t function)
{
    register uint64_t x0 __asm__("x0") = function;

    __asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

static void print(const char *text)
{
    for (; *text != '\0'; text++) {
        while ((uart_read(UART_FLAGS) & UART_TX_FULL) != 0) {
        }
        uart_write(UART_DATA, (uint32_t)*text);
    }
}

static void print_number(uint64_t value)
{
    char digits[21];
    unsigned int at = sizeof digits - 1;

    digits[at] = '\0';
    do {
        at--;
        digits[at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    print(&digits[at]);
}

static void report(const char *what, uint64_t ticks)
{
    print("bench: ");
    print(what);
    print(" ");
    print_number(ticks * INSTRUCTIONS_A_TICK / ROUNDS);
    print("\n");
}

void guest_main(void)
{
    uint64_t start = ticks_now();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        hypercall(PSCI_VERSION);
    }
    uint64_t middle = ticks_now();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        (void)uart_read(UART_MASK);
    }
    uint64_t end = ticks_now();

    report("hypercall", middle - start);
    report("mmio", end - middle);
    hypercall(PSCI_POWEROFF);
}
