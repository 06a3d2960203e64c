/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Calls the passive service, at first and after it was woken by others
 */
#include <microkit.h>

static void ask(const char *when)
{
    (void)microkit_ppcall(0, microkit_msginfo_new(0, 0));
    microkit_dbg_puts("worker: ");
    microkit_dbg_puts(when);
    microkit_dbg_puts(", calls ");
    microkit_dbg_put32((seL4_Uint32)microkit_mr_get(0));
    microkit_dbg_puts(", ticks ");
    microkit_dbg_put32((seL4_Uint32)microkit_mr_get(1));
    microkit_dbg_puts("\n");
}

void init(void)
{
    ask("first");
}

void notified(microkit_channel ch)
{
    ask("after the ticks");
}
