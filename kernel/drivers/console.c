/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug console and printing
 */
#include <arch/layout.h>
#include <drivers/pl011.h>
#include <machine/machine.h>
#include <machine/parts.h>

#define HEX_DIGITS     16
#define DECIMAL_DIGITS 20

static word_t uart; /* 0: none */

void console_init(const struct boot_table *table)
{
    if (table->uart_kind == BOOT_UART_PL011) {
        uart = DEVICE_ADDRESS(DEVICE_PAGE_UART) + table->uart_base % LAYOUT_PAGE_BYTES;
    }
}

void machine_console_put(char character)
{
    if (uart != 0) {
        pl011_put(uart, character);
    }
}

void print_text(const char *text)
{
    for (; *text != '\0'; text++) {
        machine_console_put(*text);
    }
}

void print_hex(word_t value)
{
    print_text("0x");
    unsigned digits = HEX_DIGITS;
    while (digits > 1 && value >> (4 * (digits - 1)) == 0) {
        digits--;
    }
    for (; digits > 0; digits--) {
        machine_console_put("0123456789abcdef"[(value >> (4 * (digits - 1))) & 15]);
    }
}

void print_decimal(word_t value)
{
    char text[DECIMAL_DIGITS + 1];
    unsigned at = DECIMAL_DIGITS;

    text[at] = '\0';
    do {
        at--;
        text[at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    print_text(text + at);
}
