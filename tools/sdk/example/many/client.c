/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Calls the server once over a channel whose id may be large
 */
#include <microkit.h>
#include <stdint.h>

uint64_t server_ch;

void init(void)
{
    microkit_mr_set(0, server_ch);
    microkit_msginfo reply =
        microkit_ppcall((microkit_channel)server_ch, microkit_msginfo_new(0, 1));
    if (microkit_msginfo_get_count(reply) != 1 || microkit_mr_get(0) != server_ch + 1) {
        microkit_dbg_puts("client: WRONG answer\n");
    }
}

void notified(microkit_channel ch)
{
}
