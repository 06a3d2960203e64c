/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Two of these, in two scheduling domains, pass a turn to each other
 */
#include <microkit.h>

#define TURNS 5

static unsigned turns;

void init(void)
{
    if (microkit_name[0] == 'z') {
        microkit_notify(0);
    }
}

void notified(microkit_channel ch)
{
    turns++;
    if (turns == TURNS) {
        microkit_dbg_puts(microkit_name[0] == 'z' ? "zero: done\n" : "one: done\n");
    }
    microkit_notify(0);
}
