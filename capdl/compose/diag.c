/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages to the person who wrote the description
 *
 * Names come from the description and may hold control characters; these are shown as
 * '?', so a message always has exactly its two lines.
 */
#include "diag.h"

#include <stdlib.h>
#include <string.h>

/* Stands for the newline of the format while arguments are put in. */
enum { SEPARATOR = 0x1f };

static void diag_add(struct diag *diag, struct position at, const char *kind, const char *format,
                     va_list arguments)
{
    struct text pattern = { 0 };
    struct text message = { 0 };
    text_add(&pattern, "%s", format);
    char *newline = strchr(pattern.data, '\n');
    if (newline != NULL) {
        *newline = SEPARATOR;
    }
    text_add_list(&message, pattern.data, arguments);
    char *fix = NULL;
    for (size_t i = 0; i < message.length; i++) {
        char byte = message.data[i];
        if (byte == SEPARATOR && fix == NULL) {
            message.data[i] = '\0';
            fix = message.data + i + 1;
        } else if ((unsigned char)byte < 0x20 || byte == 0x7f) {
            message.data[i] = '?';
        }
    }
    text_add(&diag->out, "%s:%u:%u: %s: %s\n", diag->file, at.line, at.column, kind, message.data);
    if (fix != NULL) {
        text_add(&diag->out, "fix: %s\n", fix);
    }
    text_free(&pattern);
    text_free(&message);
}

/* The formats are literals of the callers, which the attribute on the declarations checks. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

bool diag_error(struct diag *diag, struct position at, const char *format, ...)
{
    if (!diag->failed) {
        va_list arguments;
        va_start(arguments, format);
        diag_add(diag, at, "error", format, arguments);
        va_end(arguments);
        diag->failed = true;
    }
    return false;
}

void diag_warning(struct diag *diag, struct position at, const char *format, ...)
{
    if (!diag->failed) {
        va_list arguments;
        va_start(arguments, format);
        diag_add(diag, at, "warning", format, arguments);
        va_end(arguments);
        diag->warnings++;
    }
}
