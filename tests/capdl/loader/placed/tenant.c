/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tenant: has memory at physical addresses of its own; it must be empty, and nobody else's
 *
 * Were kernel or boot image in there, it would not be zero, or what follows would not end well.
 */
#include <console/console.h>
#include <microkit.h>
#include <stddef.h>
#include <tessera.h>

__attribute__((used, section(".data.microkit"))) volatile uint64_t *held = 0;
__attribute__((used, section(".data.microkit"))) volatile uint64_t *scrap = 0;
__attribute__((used, section(".data.microkit"))) uint64_t held_bytes = 0;
__attribute__((used, section(".data.microkit"))) uint64_t scrap_bytes = 0;

static uint64_t not_zero(const volatile uint64_t *words, uint64_t bytes)
{
    uint64_t count = 0;

    for (uint64_t i = 0; i < bytes / sizeof *words; i++) {
        count += words[i] != 0;
    }
    return count;
}

static uint64_t overwrite(volatile uint64_t *words, uint64_t bytes)
{
    uint64_t wrong = 0;

    for (uint64_t i = 0; i < bytes / sizeof *words; i++) {
        words[i] = ~i;
    }
    for (uint64_t i = 0; i < bytes / sizeof *words; i++) {
        wrong += words[i] != ~i;
    }
    return wrong;
}

void init(void)
{
    console_init(NULL);
    uint64_t dirty = not_zero(held, held_bytes) + not_zero(scrap, scrap_bytes);
    uint64_t wrong = overwrite(held, held_bytes) + overwrite(scrap, scrap_bytes);

    console_printf("%lu bytes at fixed addresses: %lu words not zero, %lu not kept\n",
                   held_bytes + scrap_bytes, dirty, wrong);
    tessera_exit(dirty + wrong == 0 ? 0 : 1);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
