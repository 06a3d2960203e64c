/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Answers many clients, one id for each, and restarts a child once
 */
#include <microkit.h>

#define CLIENTS 120
#define ENTRY   0x200000

static unsigned calls, faults;

static void say(const char *text, unsigned number)
{
    microkit_dbg_puts("server: ");
    microkit_dbg_puts(text);
    microkit_dbg_puts(" ");
    microkit_dbg_put32(number);
    microkit_dbg_puts("\n");
}

void init(void)
{
}

void notified(microkit_channel ch)
{
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    calls++;
    if (microkit_mr_get(0) != 4 * ch) {
        say("WRONG client", ch);
    }
    if (calls == CLIENTS) {
        say("all have called:", calls);
    }
    microkit_mr_set(0, microkit_mr_get(0) + 1);
    return microkit_msginfo_new(0, 1);
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    faults++;
    say("fault of child", child);
    if (faults == 1) {
        microkit_pd_restart(child, ENTRY);
    } else {
        microkit_pd_stop(child);
        say("stopped after faults:", faults);
    }
    return seL4_False;
}
