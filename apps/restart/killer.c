/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * killer: crashes the serial driver again and again, while others print
 *
 * It holds the driver's TCB, and lets it go on at address 0. Its capability goes with the driver and
 * comes back with the new one.
 */
#include "progress.h"

#include <console/console.h>
#include <microkit.h>
#include <stdbool.h>
#include <stddef.h>
#include <tessera.h>

#define DRIVER_TCB (5ul << 58) /* root slot 5 */
#define NEW_LINES  3u
#define LOOKS_MAX  100000000ul

__attribute__((used, section(".data.microkit"))) struct progress *progress = 0;
__attribute__((used, section(".data.microkit"))) uint64_t killer_kills = 100;

/* Wait until each talker has printed some more lines; false if one does not go on. */
static bool talkers_go_on(void)
{
    uint64_t before[TALKERS];

    for (unsigned i = 0; i < TALKERS; i++) {
        before[i] = progress->lines[i];
    }
    for (unsigned i = 0; i < TALKERS; i++) {
        for (uint64_t look = 0; progress->lines[i] < before[i] + NEW_LINES; look++) {
            if (look == LOOKS_MAX) {
                return false;
            }
        }
    }
    return true;
}

static bool kill(void)
{
    seL4_UserContext registers = { .pc = 0 };

    return seL4_TCB_WriteRegisters(DRIVER_TCB, seL4_True, 0, 1, &registers) == seL4_NoError;
}

void init(void)
{
    console_init(NULL);
    for (uint64_t i = 0; i < killer_kills; i++) {
        if (!talkers_go_on() || !kill()) {
            console_printf("WRONG after %lu kills\n", i);
            tessera_exit(1);
        }
    }
    if (!talkers_go_on()) {
        console_printf("WRONG: a talker is silent\n");
        tessera_exit(1);
    }
    console_printf("%lu kills, and %u talkers go on: %lu and %lu lines\n", killer_kills, TALKERS,
                   progress->lines[0], progress->lines[1]);
    tessera_exit(0);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
