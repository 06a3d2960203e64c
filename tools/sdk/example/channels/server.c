/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Adds up numbers, prints what is in the shared page, and returns every ping
 */
#include <microkit.h>
#include <stdint.h>

#define PING_CH     5
#define LABEL_ADD   7
#define LABEL_PRINT 8

uintptr_t page_vaddr;
uint64_t client_ch;

void init(void)
{
}

void notified(microkit_channel ch)
{
    if (ch == PING_CH) {
        microkit_notify(ch);
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    seL4_Word sum = 0;

    if (ch != client_ch) {
        microkit_dbg_puts("server: WRONG channel\n");
    }
    if (microkit_msginfo_get_label(msginfo) == LABEL_PRINT) {
        microkit_dbg_puts("server: ");
        microkit_dbg_puts((const char *)page_vaddr);
        microkit_dbg_puts("\n");
    }
    for (seL4_Word i = 0; i < microkit_msginfo_get_count(msginfo); i++) {
        sum += microkit_mr_get((seL4_Uint8)i);
    }
    microkit_mr_set(0, sum);
    return microkit_msginfo_new(LABEL_ADD + 1, 1);
}
