/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Diagnostics as people read them
 */
#include "lang/lang.h"

#include <stdlib.h>
#include <string.h>

/* Longest part of a source line that is shown. */
#define SHOWN_COLUMNS 160

/* Where each line of the text starts; one more entry for the end. */
struct lines {
    const char **starts;
    uint32_t count, capacity;
    /* A place in a long line that was found before: the next one is looked for from there. */
    uint32_t known_line, known_column;
    const char *known_at;
};

static void lines_find(struct lines *lines, const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = text;
    CAPDL_PUSH(lines->starts, lines->count, lines->capacity, at);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline == NULL ? end : newline + 1;
        CAPDL_PUSH(lines->starts, lines->count, lines->capacity, at);
    }
}

static const char *character_next(const char *at, const char *end)
{
    do {
        at++;
    } while (at < end && ((uint8_t)*at & 0xc0) == 0x80);
    return at;
}

static void render_line(struct lines *lines, struct capdl_pos pos, struct capdl_text *out)
{
    if (pos.line == 0 || pos.line >= lines->count) {
        return;
    }
    const char *start = lines->starts[pos.line - 1];
    const char *end = lines->starts[pos.line];
    while (end > start && (end[-1] == '\n' || end[-1] == '\r')) {
        end--;
    }
    /* Of a long line, show the part around the place. */
    const char *from = start;
    uint32_t column = 1;
    if (lines->known_line == pos.line && lines->known_column + SHOWN_COLUMNS / 2 <= pos.column) {
        from = lines->known_at;
        column = lines->known_column;
    }
    while (from < end && column + SHOWN_COLUMNS / 2 < pos.column && pos.column > SHOWN_COLUMNS) {
        from = character_next(from, end);
        column++;
    }
    lines->known_line = pos.line;
    lines->known_column = column;
    lines->known_at = from;
    const char *to = from;
    for (uint32_t i = 0; i < SHOWN_COLUMNS && to < end; i++) {
        to = character_next(to, end);
    }
    capdl_text_printf(out, "    %.*s\n    ", (int)(to - from), from);
    for (; column < pos.column && from < to; column++) {
        /* A tab stays a tab, so that the caret lands below its character. */
        capdl_text_add(out, *from == '\t' ? "\t" : " ", 1);
        from = character_next(from, to);
    }
    capdl_text_add(out, "^\n", 2);
}

/* Is there an error at the same place? Then a warning there adds nothing. Pre: sorted. */
static bool is_outdone(const struct capdl_diags *diags, uint32_t self)
{
    struct capdl_pos pos = diags->list[self].pos;
    if (diags->list[self].is_error || pos.line == 0) {
        return false;
    }
    for (uint32_t i = self + 1; i < diags->count && diags->list[i].pos.line == pos.line &&
                                diags->list[i].pos.column == pos.column;
         i++) {
        if (diags->list[i].is_error) {
            return true;
        }
    }
    return false;
}

void capdl_render(struct capdl_diags *diags, const char *file, const char *text, size_t length,
                  struct capdl_text *out)
{
    capdl_render_marked(diags, file, NULL, text, length, out);
}

void capdl_render_marked(struct capdl_diags *diags, const char *file,
                         const struct capdl_markers *markers, const char *text, size_t length,
                         struct capdl_text *out)
{
    struct lines lines = { 0 };
    if (text != NULL) {
        lines_find(&lines, text, length);
    }
    capdl_diags_sort(diags);
    for (uint32_t i = 0; i < diags->count; i++) {
        const struct capdl_diag *diag = &diags->list[i];
        if (is_outdone(diags, i)) {
            continue;
        }
        uint32_t line = diag->pos.line;
        const char *from = line == 0 ? file : capdl_markers_file(markers, file, &line);
        capdl_text_printf(out, "%s:", from);
        if (line != 0) {
            capdl_text_printf(out, "%u:%u:", line, diag->pos.column);
        }
        capdl_text_printf(out, " %s: %s\n", diag->is_error ? "error" : "warning", diag->message);
        render_line(&lines, diag->pos, out);
        if (diag->remedy != NULL) {
            capdl_text_printf(out, "  remedy: %s\n", diag->remedy);
        }
    }
    if (diags->dropped > 0) {
        capdl_text_printf(out, "%s: %u more messages not shown\n", file, diags->dropped);
    }
    free(lines.starts);
}
