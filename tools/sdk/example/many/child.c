/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Runs into a fault, which its parent hears of
 */
#include <microkit.h>

void init(void)
{
    *(volatile int *)0x5678 = 1;
}

void notified(microkit_channel ch)
{
}
