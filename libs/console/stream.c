/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Standard streams of a component
 *
 * Characters are collected so that a line is one write and one signal.
 *
 * Invariant: length <= sizeof(line); the collected text never contains a newline but at its end.
 */
#include "stream.h"

#include <console/console.h>

#include <stdio.h>

static char line[128];
static size_t length;

void stream_flush(void)
{
    size_t count = length;

    length = 0;
    console_write(line, count);
}

static int stream_put(char c, FILE *file)
{
    (void)file;
    line[length++] = c;
    if (c == '\n' || length == sizeof(line)) {
        stream_flush();
    }
    return (unsigned char)c;
}

static int stream_get(FILE *file)
{
    (void)file;
    int byte = console_read_byte();

    return byte < 0 ? _FDEV_EOF : byte;
}

static int stream_file_flush(FILE *file)
{
    (void)file;
    stream_flush();
    return 0;
}

static FILE stream = FDEV_SETUP_STREAM(stream_put, stream_get, stream_file_flush, _FDEV_SETUP_RW);

FILE *const stdin = &stream;
FILE *const stdout = &stream;
FILE *const stderr = &stream;

int console_vprintf(const char *format, va_list arguments)
{
    int count = vfprintf(stdout, format, arguments);

    if (length > 0) {
        stream_flush();
    }
    return count;
}

int console_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int count = console_vprintf(format, arguments);
    va_end(arguments);
    return count;
}
