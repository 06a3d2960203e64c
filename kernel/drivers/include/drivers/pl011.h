/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * PL011 UART, output only
 *
 * The firmware or the emulator has set it up; all that is needed is to wait for room. Used with
 * physical addresses before the MMU is on, and by the loader.
 */
#pragma once

#include <stdint.h>

#define PL011_DATA      0x00u
#define PL011_FLAG      0x18u
#define PL011_FLAG_FULL (1u << 5)

/** Send one byte as it is. */
static inline void pl011_send(uintptr_t base, char byte)
{
    /* volatile: device registers */
    while ((*(volatile uint32_t *)(base + PL011_FLAG) & PL011_FLAG_FULL) != 0) {
    }
    *(volatile uint32_t *)(base + PL011_DATA) = (uint8_t)byte;
}

/** Send one character; a newline is preceded by a carriage return. */
static inline void pl011_put(uintptr_t base, char character)
{
    if (character == '\n') {
        pl011_send(base, '\r');
    }
    pl011_send(base, character);
}
