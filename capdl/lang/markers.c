/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lines that the C preprocessor left in a text
 */
#include "lang/markers.h"

#include <stdbool.h>

#include <stdlib.h>
#include <string.h>

/* Longest name of a file that is kept. */
#define FILE_NAME_MAX 4096u

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    return at;
}

/* `12 "file" ...`, from behind the '#' */
static void note(struct capdl_markers *markers, const char *at, const char *end, uint32_t next)
{
    struct capdl_marker marker = { .at = next };
    at = skip_blanks(at, end);
    if (end - at > 4 && memcmp(at, "line", 4) == 0) {
        at = skip_blanks(at + 4, end);
    }
    const char *digits = at;
    while (at < end && *at >= '0' && *at <= '9') {
        marker.line = marker.line * 10 + (uint32_t)(*at++ - '0');
    }
    bool has_number = at > digits && at - digits <= 9;
    at = skip_blanks(at, end);
    if (!has_number || at == end || *at != '"') {
        return;
    }
    const char *name = at + 1;
    const char *close = memchr(name, '"', (size_t)(end - name));
    size_t length = close == NULL ? 0 : (size_t)(close - name);
    if (length == 0 || length > FILE_NAME_MAX) {
        return;
    }
    marker.file = capdl_alloc(length + 1, 1);
    memcpy(marker.file, name, length);
    CAPDL_PUSH(markers->list, markers->count, markers->capacity, marker);
}

bool capdl_markers_begin(const char *text, size_t length)
{
    struct capdl_markers first = { 0 };
    const char *stop = length == 0 ? NULL : memchr(text, '\n', length);
    if (length > 0 && *text == '#') {
        note(&first, text + 1, stop == NULL ? text + length : stop, 1);
    }
    bool begins = first.count > 0;
    capdl_markers_free(&first);
    return begins;
}

void capdl_markers_take(struct capdl_markers *markers, char *text, size_t length)
{
    char *end = text + length;
    uint32_t line = 1;
    while (text < end) {
        char *stop = memchr(text, '\n', (size_t)(end - text));
        char *line_end = stop == NULL ? end : stop;
        const char *first = skip_blanks(text, line_end);
        line++;
        if (first < line_end && *first == '#') {
            note(markers, first + 1, line_end, line);
            memset(text, ' ', (size_t)(line_end - text));
        }
        text = stop == NULL ? end : stop + 1;
    }
}

const char *capdl_markers_file(const struct capdl_markers *markers, const char *file,
                               uint32_t *line)
{
    /* The last marker that stands before the line. */
    uint32_t low = 0;
    uint32_t high = markers == NULL ? 0 : markers->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (markers->list[middle].at <= *line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return file;
    }
    const struct capdl_marker *marker = &markers->list[low - 1];
    *line = marker->line + (*line - marker->at);
    return marker->file;
}

void capdl_markers_free(struct capdl_markers *markers)
{
    for (uint32_t i = 0; i < markers->count; i++) {
        free(markers->list[i].file);
    }
    free(markers->list);
    *markers = (struct capdl_markers){ 0 };
}
