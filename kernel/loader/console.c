/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the loader says: only what went wrong
 */
#include "loader.h"

#include <drivers/pl011.h>
#include <plat/plat.h>

#define HEX_DIGITS 16

static uint64_t uart = PLAT_FALLBACK_UART;

void loader_console(uint64_t base)
{
    uart = base;
}

void loader_print(const char *text)
{
    for (; uart != 0 && *text != '\0'; text++) {
        pl011_put(uart, *text);
    }
}

void loader_print_hex(uint64_t value)
{
    char text[HEX_DIGITS + 3] = "0x";

    for (unsigned i = 0; i < HEX_DIGITS; i++) {
        text[2 + i] = "0123456789abcdef"[(value >> (4 * (HEX_DIGITS - 1 - i))) & 15];
    }
    text[HEX_DIGITS + 2] = '\0';
    loader_print(text);
}

static _Noreturn void stop(void)
{
    for (;;) {
        __asm__ volatile("wfe");
    }
}

_Noreturn void loader_fail(const char *sentence)
{
    loader_print("\nLOADER|ERROR: ");
    loader_print(sentence);
    loader_print("\n");
    stop();
}

_Noreturn void loader_fail_at(const char *sentence, uint64_t value)
{
    loader_print("\nLOADER|ERROR: ");
    loader_print(sentence);
    loader_print(": ");
    loader_print_hex(value);
    loader_print("\n");
    stop();
}
