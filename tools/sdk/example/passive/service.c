/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A passive service: runs on the time of who calls it, or of who wakes it
 */
#include <microkit.h>

#define WORKER_CH 10
#define CLOCK_CH  11

static seL4_Word calls, ticks;

void init(void)
{
    microkit_dbg_puts("service: initialised\n");
}

void notified(microkit_channel ch)
{
    if (ch == CLOCK_CH) {
        ticks++;
        microkit_notify(CLOCK_CH);
    }
    if (ticks == 5) {
        /* The clock came five times although nobody called meanwhile. */
        microkit_notify(WORKER_CH);
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    calls++;
    microkit_mr_set(0, calls);
    microkit_mr_set(1, ticks);
    return microkit_msginfo_new(0, 2);
}
