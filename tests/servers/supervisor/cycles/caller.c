/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * caller: calls the victim without end; a call that one victim does not answer, the next one does
 */
#include "shared.h"

#include <microkit.h>
#include <tessera.h>

#define VICTIM_CHANNEL 1

__attribute__((used, section(".data.microkit"))) struct shared *shared = 0;

void init(void)
{
    for (;;) {
        microkit_msginfo reply = microkit_ppcall(VICTIM_CHANNEL, microkit_msginfo_new(0, 0));

        if (microkit_msginfo_get_label(reply) != ANSWER_LABEL) {
            tessera_exit(1);
        }
        shared->answers++;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
