/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bystander: counts, and has nothing to do with what happens to others
 */
#include "beats.h"

#include <microkit.h>

__attribute__((used, section(".data.microkit"))) struct beats *beats = 0;

void init(void)
{
    for (;;) {
        beats->bystander++;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
