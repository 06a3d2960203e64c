/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * pacer: tells the supervisor once in each of its periods that it is time for a cycle
 */
#include <microkit.h>

#define SUPERVISOR_CHANNEL 1

void init(void)
{
    for (;;) {
        seL4_Yield(); /* what is left of the budget: until the next period */
        microkit_notify(SUPERVISOR_CHANNEL);
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
