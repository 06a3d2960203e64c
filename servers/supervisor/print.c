/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lines of the supervisor
 */
#include "print.h"

#include <console/console.h>
#include <stdarg.h>
#include <stdio.h>

#define LINE_BYTES 200

static char line[LINE_BYTES];
static unsigned used;

void print_flush(void)
{
    (void)console_write_some(line, used);
    used = 0;
}

void print_char(char character)
{
    line[used++] = character;
    if (character == '\n' || used == sizeof line) {
        print_flush();
    }
}

void print_line(const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (const char *at = text; *at != 0; at++) {
        print_char(*at);
    }
    print_char('\n');
}
