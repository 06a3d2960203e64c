/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * hello: the smallest component
 *
 * Its whole world is one console; when it has said its sentence it ends, and as it is marked
 * main the machine switches itself off.
 */
#include <console/console.h>
#include <microkit.h>
#include <stddef.h>
#include <tessera.h>

void init(void)
{
    console_init(NULL);
    console_printf("Hello from %s.\n", microkit_name);
    tessera_exit(0);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
