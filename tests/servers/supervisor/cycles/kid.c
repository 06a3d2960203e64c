/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * kid: a child of the victim that crashes at once, so that its parent hears of it
 */
#include <microkit.h>

void init(void)
{
    __asm__ volatile("str xzr, [%0]" ::"r"(8ul) : "memory"); /* nothing is mapped there */
}

void notified(microkit_channel ch)
{
    (void)ch;
}
