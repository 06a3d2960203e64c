/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * talker: prints numbered lines without end, whatever becomes of the driver below it
 */
#include "progress.h"

#include <console/console.h>
#include <microkit.h>
#include <stddef.h>

__attribute__((used, section(".data.microkit"))) struct progress *progress = 0;
__attribute__((used, section(".data.microkit"))) uint64_t talker_number = 0;

void init(void)
{
    console_init(NULL);
    for (;;) {
        console_printf("line %lu\n", progress->lines[talker_number] + 1);
        progress->lines[talker_number]++;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
