/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * warden: fault handler of inspector; writes its faults down and lets it go on
 */
#include "record.h"

#include <console/console.h>
#include <microkit.h>
#include <stddef.h>
#include <tessera.h>

__attribute__((used, section(".data.microkit"))) struct record *record = 0;

void init(void)
{
    console_init(NULL);
}

void notified(microkit_channel ch)
{
    (void)ch;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seL4_Word label = microkit_msginfo_get_label(msginfo);

    (void)reply_msginfo;
    if (label == TESSERA_EXIT_LABEL) {
        tessera_exit((int)microkit_mr_get(0));
    }
    if (label == GREETING_LABEL) {
        record->greetings++;
        return seL4_False;
    }
    if (record->resume == 0) {
        console_printf("WRONG: fault %lu at %#lx\n", label, microkit_mr_get(0));
        tessera_exit(1);
    }
    record->faults++;
    record->label = label;
    record->address = microkit_mr_get(1); /* of a VM or capability fault alike */
    microkit_pd_restart(child, record->resume);
    return seL4_False;
}
