/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the compiler calls for copying and filling
 *
 * Compiled without link-time optimisation, and without turning its loops into calls of itself.
 */
#include "memory.h"

#include <stdint.h>

#define WORD_BYTES sizeof(uint64_t)

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    char *target = to;
    const char *source = from;

    if ((((uintptr_t)to | (uintptr_t)from) & (WORD_BYTES - 1)) == 0) {
        for (; bytes >= WORD_BYTES; bytes -= WORD_BYTES) {
            *(uint64_t *)(void *)target = *(const uint64_t *)(const void *)source;
            target += WORD_BYTES;
            source += WORD_BYTES;
        }
    }
    for (; bytes > 0; bytes--) {
        *target++ = *source++;
    }
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    char *target = to;
    uint64_t word = 0x0101010101010101u * (uint8_t)value;

    if (((uintptr_t)to & (WORD_BYTES - 1)) == 0) {
        for (; bytes >= WORD_BYTES; bytes -= WORD_BYTES) {
            *(uint64_t *)(void *)target = word;
            target += WORD_BYTES;
        }
    }
    for (; bytes > 0; bytes--) {
        *target++ = (char)value;
    }
    return to;
}
