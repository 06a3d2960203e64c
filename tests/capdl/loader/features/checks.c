/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks that a program without libraries makes of the system around it
 */
#include "checks.h"

#define PORT      ((volatile uint32_t *)0x420000)
#define PORT_FLAG (0x18 / 4) /* PL011: UARTFR */
#define PORT_FULL (1u << 5)

static unsigned right, wrong;

void put(const char *text)
{
    for (; *text != 0; text++) {
        while ((PORT[PORT_FLAG] & PORT_FULL) != 0) {
        }
        PORT[0] = (uint8_t)*text;
    }
}

void put_number(uint64_t value)
{
    char digit[2] = { (char)('0' + value % 10), 0 };

    if (value >= 10) {
        put_number(value / 10);
    }
    put(digit);
}

void check(bool is_right, const char *what)
{
    if (is_right) {
        right++;
    } else {
        wrong++;
        put("WRONG: ");
        put(what);
        put("\r\n");
    }
}

void put_counts(const char *name)
{
    put(name);
    put(": ");
    put_number(right);
    put(" right, ");
    put_number(wrong);
    put(" wrong\r\n");
}
