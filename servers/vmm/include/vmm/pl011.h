/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual PL011 serial port
 *
 * Pure model of the registers that a driver uses; the monitor moves bytes between its receive
 * queue and the console. The transmit queue is empty, or, while the monitor says so, full.
 * Source: Arm PrimeCell UART (PL011) TRM, DDI 0183G, chapter 3.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PL011_FIFO_BYTES 32u

struct pl011 {
    uint8_t fifo[PL011_FIFO_BYTES];
    unsigned head, count;
    bool transmit_full;
    uint32_t ibrd, fbrd, lcr, control, ifls, mask, raw, dma;
};

void pl011_reset(struct pl011 *uart);
/** May another received byte be queued? */
bool pl011_can_receive(const struct pl011 *uart);
/** Queue one received byte. Pre: pl011_can_receive. */
void pl011_receive(struct pl011 *uart, uint8_t byte);
/** Is the interrupt line high? */
bool pl011_interrupts(const struct pl011 *uart);
/** Guest read at byte `offset`; unknown registers read as zero. */
uint32_t pl011_read(struct pl011 *uart, uint32_t offset);
/** Is the transmit queue full, or empty? A guest that waits for room is interrupted. */
void pl011_set_transmit_full(struct pl011 *uart, bool is_full);
/** Guest write. Returns the transmitted byte, or -1 when the write transmits nothing (a byte
 *  written into a full queue is lost, as in the device). */
int pl011_write(struct pl011 *uart, uint32_t offset, uint32_t value);
