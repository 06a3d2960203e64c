/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The part of the C library that libfdt and the compiler ask for
 *
 * Words where both sides are aligned: with the MMU off every access must be. Compiled so that
 * the loops are not turned into calls of themselves.
 */
#include "support.h"

#define WORD_BYTES sizeof(uint64_t)

uintptr_t __stack_chk_guard = 0x7465737365726131;

_Noreturn void __stack_chk_fail(void)
{
    loader_fail("stack overrun");
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    return memmove(to, from, bytes);
}

static void copy_down(char *to, const char *from, size_t bytes)
{
    if ((((uintptr_t)to | (uintptr_t)from) & (WORD_BYTES - 1)) == 0) {
        for (; bytes >= WORD_BYTES; bytes -= WORD_BYTES) {
            *(uint64_t *)(void *)to = *(const uint64_t *)(const void *)from;
            to += WORD_BYTES;
            from += WORD_BYTES;
        }
    }
    for (; bytes > 0; bytes--) {
        *to++ = *from++;
    }
}

static void copy_up(char *to, const char *from, size_t bytes)
{
    if ((((uintptr_t)to | (uintptr_t)from | bytes) & (WORD_BYTES - 1)) == 0) {
        for (; bytes > 0; bytes -= WORD_BYTES) {
            *(uint64_t *)(void *)(to + bytes - WORD_BYTES) =
                *(const uint64_t *)(const void *)(from + bytes - WORD_BYTES);
        }
    }
    for (; bytes > 0; bytes--) {
        to[bytes - 1] = from[bytes - 1];
    }
}

void *memmove(void *to, const void *from, size_t bytes)
{
    if ((uintptr_t)to <= (uintptr_t)from || (uintptr_t)to - (uintptr_t)from >= bytes) {
        copy_down(to, from, bytes);
    } else {
        copy_up(to, from, bytes);
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

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *left = a;
    const uint8_t *right = b;

    for (size_t i = 0; i < bytes; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

void *memchr(const void *in, int value, size_t bytes)
{
    const char *text = in;

    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == (char)value) {
            return (void *)((uintptr_t)text + i);
        }
    }
    return NULL;
}

void *memrchr(const void *in, int value, size_t bytes)
{
    const char *text = in;

    for (; bytes > 0; bytes--) {
        if (text[bytes - 1] == (char)value) {
            return (void *)((uintptr_t)text + bytes - 1);
        }
    }
    return NULL;
}

size_t strlen(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0') {
        length++;
    }
    return length;
}

size_t strnlen(const char *text, size_t most)
{
    size_t length = 0;

    while (length < most && text[length] != '\0') {
        length++;
    }
    return length;
}

char *strchr(const char *text, int value)
{
    return memchr(text, value, strlen(text) + 1);
}

char *strrchr(const char *text, int value)
{
    return memrchr(text, value, strlen(text) + 1);
}

int strcmp(const char *a, const char *b)
{
    size_t at = 0;

    while (a[at] != '\0' && a[at] == b[at]) {
        at++;
    }
    return (uint8_t)a[at] - (uint8_t)b[at];
}
