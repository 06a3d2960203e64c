/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Standard streams of a root task: the kernel's debug console
 *
 * Output of a release build goes nowhere, as its kernel does not print. There is no input.
 */
#include <sel4/sel4.h>

#include <stdio.h>

static int debug_put(char c, FILE *file)
{
    (void)file;
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar(c);
#endif
    return (unsigned char)c;
}

static int nothing_get(FILE *file)
{
    (void)file;
    return _FDEV_EOF;
}

static FILE debug_stream = FDEV_SETUP_STREAM(debug_put, nothing_get, NULL, _FDEV_SETUP_RW);

FILE *const stdin = &debug_stream;
FILE *const stdout = &debug_stream;
FILE *const stderr = &debug_stream;
