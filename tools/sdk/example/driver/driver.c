/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A driver of two devices: the PL011 UART, through its registers, and the processor's physical
 * timer, whose interrupt it takes three times; then it echoes what is typed
 *
 * Prints without the kernel, so it works in configuration release too.
 */
#include <microkit.h>
#include <stdint.h>

#define UART_DR     0x000
#define UART_FR     0x018
#define UART_IMSC   0x038
#define UART_ICR    0x044
#define FR_TX_FULL  (1u << 5)
#define FR_RX_EMPTY (1u << 4)
#define INT_RX      (1u << 4)
#define INT_TIMEOUT (1u << 6)

#define UART_CH 0
#define TICKS   3

uintptr_t uart_base;
uintptr_t low_vaddr;
uint64_t low_paddr;
uintptr_t dma_vaddr;
uint64_t dma_paddr;
uint64_t dma_size;
uint64_t timer_ch;

static unsigned ticks;

static volatile uint32_t *uart(uintptr_t offset)
{
    return (volatile uint32_t *)(uart_base + offset);
}

static void put(char c)
{
    while ((*uart(UART_FR) & FR_TX_FULL) != 0) {
    }
    *uart(UART_DR) = (uint32_t)(unsigned char)c;
}

static void puts(const char *text)
{
    for (; *text != '\0'; text++) {
        put(*text);
    }
}

static void put_hex(uint64_t value)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        put("0123456789abcdef"[(value >> shift) & 15]);
    }
}

static void timer_arm(void)
{
    uint64_t frequency;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    __asm__ volatile("msr cntp_tval_el0, %0\n\tmsr cntp_ctl_el0, %1"
                     :
                     : "r"(frequency / 100), "r"(1ul));
}

static void timer_stop(void)
{
    __asm__ volatile("msr cntp_ctl_el0, %0" : : "r"(0ul));
}

static void memory_check(const char *name, uintptr_t vaddr, uint64_t size)
{
    volatile uint64_t *words = (volatile uint64_t *)vaddr;

    puts(name);
    for (uint64_t i = 0; i < size / sizeof(*words); i += 512) {
        if (words[i] != 0) {
            puts(" NOT ZERO\n");
            return;
        }
        words[i] = i;
    }
    puts(words[512] == 512 ? " good\n" : " WRONG\n");
}

void init(void)
{
    puts("driver: dma at ");
    put_hex(dma_paddr);
    puts(" size ");
    put_hex(dma_size);
    puts("\ndriver: low at ");
    put_hex(low_paddr);
    puts("\n");
    memory_check("driver: dma", dma_vaddr, dma_size);
    memory_check("driver: low", low_vaddr, 0x200000);
    *uart(UART_IMSC) = INT_RX | INT_TIMEOUT;
    timer_arm();
}

static void typed(void)
{
    while ((*uart(UART_FR) & FR_RX_EMPTY) == 0) {
        char c = (char)*uart(UART_DR);
        puts("driver: key ");
        put(c);
        puts("\n");
    }
    *uart(UART_ICR) = INT_RX | INT_TIMEOUT;
    microkit_deferred_irq_ack(UART_CH);
}

void notified(microkit_channel ch)
{
    if (ch == UART_CH) {
        typed();
    } else if (ch == timer_ch) {
        ticks++;
        puts("driver: tick\n");
        timer_stop();
        if (ticks < TICKS) {
            timer_arm();
        } else {
            puts("driver: ready\n");
        }
        microkit_irq_ack(ch);
    }
}
