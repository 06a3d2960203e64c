/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * flaky: crashes whenever it is started
 */
#include <console/console.h>
#include <microkit.h>
#include <stddef.h>

void init(void)
{
    console_init(NULL);
    console_printf("here I am\n");
    console_flush();
    __asm__ volatile("str xzr, [%0]" ::"r"(8ul) : "memory"); /* nothing is mapped there */
}

void notified(microkit_channel ch)
{
    (void)ch;
}
