/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual PL011 serial port (see pl011.h)
 */
#include <vmm/pl011.h>

#include <string.h>

enum {
    UART_DR = 0x00,
    UART_FR = 0x18,
    UART_IBRD = 0x24,
    UART_FBRD = 0x28,
    UART_LCR_H = 0x2c,
    UART_CR = 0x30,
    UART_IFLS = 0x34,
    UART_IMSC = 0x38,
    UART_RIS = 0x3c,
    UART_MIS = 0x40,
    UART_ICR = 0x44,
    UART_DMACR = 0x48,
    UART_PERIPH_ID = 0xfe0, /* eight identification bytes, one a word */

    FR_BUSY = 1 << 3,
    FR_RX_EMPTY = 1 << 4,
    FR_TX_FULL = 1 << 5,
    FR_RX_FULL = 1 << 6,
    FR_TX_EMPTY = 1 << 7,
    INT_RX = 1 << 4,
    INT_TX = 1 << 5,
    INT_RX_TIMEOUT = 1 << 6,
    INT_ALL = 0x7ff,
};

void pl011_reset(struct pl011 *uart)
{
    memset(uart, 0, sizeof *uart);
    uart->control = 0x300; /* transmit and receive enabled */
    uart->ifls = 0x12;
}

bool pl011_can_receive(const struct pl011 *uart)
{
    return uart->count < PL011_FIFO_BYTES;
}

void pl011_receive(struct pl011 *uart, uint8_t byte)
{
    uart->fifo[(uart->head + uart->count) % PL011_FIFO_BYTES] = byte;
    uart->count++;
    uart->raw |= INT_RX | INT_RX_TIMEOUT;
}

bool pl011_interrupts(const struct pl011 *uart)
{
    return (uart->raw & uart->mask) != 0;
}

void pl011_set_transmit_full(struct pl011 *uart, bool is_full)
{
    if (is_full) {
        uart->raw &= ~(uint32_t)INT_TX;
    } else if (uart->transmit_full) {
        uart->raw |= INT_TX;
    }
    uart->transmit_full = is_full;
}

static uint32_t flags(const struct pl011 *uart)
{
    uint32_t transmit = uart->transmit_full ? FR_TX_FULL | FR_BUSY : FR_TX_EMPTY;
    uint32_t empty = uart->count == 0 ? FR_RX_EMPTY : 0;
    uint32_t full = pl011_can_receive(uart) ? 0 : FR_RX_FULL;

    return transmit | empty | full;
}

static uint32_t take_byte(struct pl011 *uart)
{
    uint32_t byte;

    if (uart->count == 0) {
        return 0;
    }
    byte = uart->fifo[uart->head];
    uart->head = (uart->head + 1) % PL011_FIFO_BYTES;
    uart->count--;
    if (uart->count == 0) {
        uart->raw &= ~(uint32_t)(INT_RX | INT_RX_TIMEOUT);
    }
    return byte;
}

uint32_t pl011_read(struct pl011 *uart, uint32_t offset)
{
    /* PeripheralID of revision 1, then PrimeCellID: what drivers probe for. */
    static const uint8_t identification[8] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    switch (offset) {
    case UART_DR: return take_byte(uart);
    case UART_FR: return flags(uart);
    case UART_IBRD: return uart->ibrd;
    case UART_FBRD: return uart->fbrd;
    case UART_LCR_H: return uart->lcr;
    case UART_CR: return uart->control;
    case UART_IFLS: return uart->ifls;
    case UART_IMSC: return uart->mask;
    case UART_RIS: return uart->raw;
    case UART_MIS: return uart->raw & uart->mask;
    case UART_DMACR: return uart->dma;
    default: break;
    }
    if (offset >= UART_PERIPH_ID && offset < UART_PERIPH_ID + 32) {
        return identification[(offset - UART_PERIPH_ID) / 4];
    }
    return 0;
}

int pl011_write(struct pl011 *uart, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case UART_DR:
        if (uart->transmit_full) {
            return -1;
        }
        uart->raw |= INT_TX; /* sent at once, so the queue has drained again */
        return (int)(value & 0xff);
    case UART_IBRD: uart->ibrd = value & 0xffff; break;
    case UART_FBRD: uart->fbrd = value & 0x3f; break;
    case UART_LCR_H: uart->lcr = value & 0xff; break;
    case UART_CR: uart->control = value & 0xffff; break;
    case UART_IFLS: uart->ifls = value & 0x3f; break;
    case UART_IMSC: uart->mask = value & INT_ALL; break;
    case UART_ICR:
        uart->raw &= ~value;
        if (uart->count != 0) {
            uart->raw |= INT_RX; /* the level that still holds */
        }
        break;
    case UART_DMACR: uart->dma = value & 7; break;
    default: break;
    }
    return -1;
}
