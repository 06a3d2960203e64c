/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The least that a protection domain can do
 */
#include <microkit.h>

void init(void)
{
    microkit_dbg_puts("hello, world from ");
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts("\n");
}

void notified(microkit_channel ch)
{
}
