/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Wakes the passive service a few times
 */
#include <microkit.h>

static unsigned answers;

void init(void)
{
    microkit_notify(0);
}

void notified(microkit_channel ch)
{
    answers++;
    if (answers < 5) {
        microkit_notify(0);
    }
}
