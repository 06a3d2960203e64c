/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * console_echo: a component that repeats the lines it reads
 *
 * For boots that test input, focus and the monitor. The words it obeys:
 * `quit` ends it, `prompt` leaves an unfinished line, `crash` writes where it may not.
 */
#include <console/console.h>
#include <microkit.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <tessera.h>

static char line[128];
static size_t length;
static unsigned long total;

static void line_obey(void)
{
    if (strcmp(line, "quit") == 0) {
        console_printf("%s read %lu bytes\n", microkit_name, total);
        tessera_exit(0);
    }
    if (strcmp(line, "crash") == 0) {
        /* volatile: the store is the point, and the compiler must not see the address. */
        volatile uintptr_t nowhere = 16;
        *(volatile int *)nowhere = 1;
    }
    if (strcmp(line, "prompt") == 0) {
        console_printf("%s> ", microkit_name);
    } else {
        printf("%s got '%s'\n", microkit_name, line);
    }
}

void init(void)
{
    console_init(NULL);
    console_printf("%s is ready\n", microkit_name);
}

void notified(microkit_channel ch)
{
    (void)ch;
    for (int byte = console_read_byte(); byte >= 0; byte = console_read_byte()) {
        total++;
        if (byte == '\n') {
            line[length] = '\0';
            length = 0;
            line_obey();
        } else if (length < sizeof(line) - 1) {
            line[length++] = (char)byte;
        }
    }
}
