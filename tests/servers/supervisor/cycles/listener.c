/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * listener: counts the events on its channel with the victim, which itself signals nobody
 */
#include "shared.h"

#include <microkit.h>

__attribute__((used, section(".data.microkit"))) struct shared *shared = 0;

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    shared->events++;
}
