/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages to the person who wrote the description
 *
 * Names come from the description and may hold control characters; these are shown as
 * '?', so a message always has exactly its lines.
 */
#include "diag.h"

#include <stdlib.h>
#include <string.h>

/* Stands for the newline of the format while arguments are put in. */
enum { SEPARATOR = 0x1f };

/* Longer lines are not shown: they are not written by hand. */
enum { LINE_SHOWN = 160 };

unsigned diag_file(struct diag *diag, const char *name, const char *bytes, size_t length)
{
    struct diag_file *file = arena_alloc(diag->arena, sizeof(*file));
    *file = (struct diag_file){ name, bytes, length };
    list_add(diag->arena, &diag->files, file);
    return (unsigned)diag->files.count - 1;
}

const char *diag_file_name(const struct diag *diag, struct position at)
{
    const struct diag_file *file = at.file < diag->files.count ? diag->files.items[at.file] : NULL;
    return file == NULL ? diag->name : file->name;
}

const char *diag_place(const struct diag *diag, struct position at, struct position from)
{
    return at.file == from.file
               ? arena_format(diag->arena, "line %u", at.line)
               : arena_format(diag->arena, "%s:%u", diag_file_name(diag, at), at.line);
}

/* Characters that are not for printing become '?'. */
static char shown(char byte)
{
    return (unsigned char)byte < 0x20 || byte == 0x7f ? '?' : byte;
}

/* The start of line `number` of a file, with its length, or NULL. */
static const char *line_find(const struct diag_file *file, unsigned number, size_t *length)
{
    const char *at = file->bytes;
    const char *end = file->bytes + file->length;
    for (unsigned line = 1; line < number; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL) {
            return NULL;
        }
        at = newline + 1;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    *length = (size_t)((newline == NULL ? end : newline) - at);
    *length -= *length > 0 && at[*length - 1] == '\r' ? 1 : 0;
    return at;
}

/* Shows the line, and a caret below the column, which counts characters of UTF-8. */
static void line_show(struct text *out, const struct diag *diag, struct position at)
{
    size_t length = 0;
    const char *line = NULL;
    if (at.line > 0 && at.file < diag->files.count) {
        line = line_find(diag->files.items[at.file], at.line, &length);
    }
    if (line == NULL || memchr(line, 0, length) != NULL || length == 0 || length > LINE_SHOWN ||
        at.column == 0) {
        return;
    }
    char *caret = arena_alloc(diag->arena, length + 2);
    size_t columns = 0;
    text_add(out, "%s", "    ");
    for (size_t i = 0; i < length; i++) {
        char byte = line[i] == '\t' ? '\t' : shown(line[i]);
        text_add_bytes(out, &byte, 1);
        if (((unsigned char)line[i] & 0xc0) != 0x80 && columns + 1 < at.column) {
            caret[columns++] = line[i] == '\t' ? '\t' : ' ';
        }
    }
    if (columns + 1 != at.column) {
        text_add(out, "\n");
        return;
    }
    text_add(out, "\n    %s^\n", caret);
}

/* Was this message added before? */
static bool said_before(struct diag *diag, const char *message)
{
    for (size_t i = 0; i < diag->said.count; i++) {
        if (text_equal(diag->said.items[i], message)) {
            return true;
        }
    }
    list_add(diag->arena, &diag->said, arena_copy(diag->arena, message, strlen(message)));
    return false;
}

/* Returns whether the message was new. */
static bool diag_add(struct diag *diag, struct position at, const char *kind, const char *format,
                     va_list arguments)
{
    struct text pattern = { 0 };
    struct text message = { 0 };
    text_add(&pattern, "%s", format);
    char *newline = strchr(pattern.data, '\n');
    if (newline != NULL) {
        *newline = SEPARATOR;
    }
    text_add(&message, "%s:%u:%u: %s: ", diag_file_name(diag, at), at.line, at.column, kind);
    text_add_list(&message, pattern.data, arguments);
    char *fix = NULL;
    for (size_t i = 0; i < message.length; i++) {
        if (message.data[i] == SEPARATOR && fix == NULL) {
            message.data[i] = '\0';
            fix = message.data + i + 1;
        } else {
            message.data[i] = shown(message.data[i]);
        }
    }
    bool fresh = !said_before(diag, message.data);
    if (fresh) {
        text_add(&diag->out, "%s\n", message.data);
        line_show(&diag->out, diag, at);
        if (fix != NULL) {
            text_add(&diag->out, "fix: %s\n", fix);
        }
    }
    text_free(&pattern);
    text_free(&message);
    return fresh;
}

/* The formats are literals of the callers, which the attribute on the declarations checks. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

bool diag_error(struct diag *diag, struct position at, const char *format, ...)
{
    diag->failed = true;
    if (diag->errors < ERROR_LIMIT) {
        va_list arguments;
        va_start(arguments, format);
        diag->errors += diag_add(diag, at, "error", format, arguments) ? 1 : 0;
        va_end(arguments);
        if (diag->errors == ERROR_LIMIT) {
            text_add(&diag->out, "no more than %d errors are shown\n", ERROR_LIMIT);
        }
    }
    return false;
}

void diag_warning(struct diag *diag, struct position at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diag->warnings += diag_add(diag, at, "warning", format, arguments) ? 1 : 0;
    va_end(arguments);
}
