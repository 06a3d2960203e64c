/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * PL011 registers
 *
 * Source: Arm PrimeCell UART (PL011) technical reference manual, chapter 3.
 */
#pragma once

#include <stdint.h>

struct pl011 {
    volatile uint32_t data; /* DR */
    volatile uint32_t receive_status;
    uint32_t reserved_08[4];
    volatile uint32_t flags; /* FR */
    uint32_t reserved_1c;
    volatile uint32_t irda_divisor;
    volatile uint32_t baud_integer;
    volatile uint32_t baud_fraction;
    volatile uint32_t line_control;
    volatile uint32_t control; /* CR */
    volatile uint32_t fifo_levels;
    volatile uint32_t interrupt_mask; /* IMSC: 1 lets the interrupt through */
    volatile uint32_t interrupt_raw;
    volatile uint32_t interrupt_masked;
    volatile uint32_t interrupt_clear;
};

#define PL011_DATA_OVERRUN (1u << 11)

#define PL011_FLAG_BUSY          (1u << 3)
#define PL011_FLAG_RECEIVE_EMPTY (1u << 4)
#define PL011_FLAG_TRANSMIT_FULL (1u << 5)

#define PL011_LINE_FIFO_ENABLE (1u << 4)
#define PL011_LINE_8_BITS      (3u << 5)

#define PL011_CONTROL_ENABLE   (1u << 0)
#define PL011_CONTROL_TRANSMIT (1u << 8)
#define PL011_CONTROL_RECEIVE  (1u << 9)

#define PL011_INT_RECEIVE  (1u << 4)
#define PL011_INT_TRANSMIT (1u << 5)
#define PL011_INT_TIMEOUT  (1u << 6)
#define PL011_INT_OVERRUN  (1u << 10)
#define PL011_INT_ALL      0x7ffu
