/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Diagnostics as people read them
 */
#include "lang/lang.h"

#include <stdlib.h>
#include <string.h>

/* Longest part of a source line that is shown. */
#define SHOWN_BYTES 160

/* Where each line of the text starts; one more entry for the end. */
struct lines {
    const char **starts;
    uint32_t count, capacity;
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

static void render_line(const struct lines *lines, struct capdl_pos pos, struct capdl_text *out)
{
    if (pos.line == 0 || pos.line >= lines->count) {
        return;
    }
    const char *start = lines->starts[pos.line - 1];
    const char *end = lines->starts[pos.line];
    while (end > start && (end[-1] == '\n' || end[-1] == '\r')) {
        end--;
    }
    if (end - start > SHOWN_BYTES) {
        end = start + SHOWN_BYTES;
    }
    capdl_text_printf(out, "    %.*s\n    ", (int)(end - start), start);
    const char *at = start;
    for (uint32_t column = 1; column < pos.column && at < end; column++) {
        /* A tab stays a tab, so that the caret lands below its character. */
        capdl_text_add(out, *at == '\t' ? "\t" : " ", 1);
        do {
            at++;
        } while (at < end && ((uint8_t)*at & 0xc0) == 0x80);
    }
    capdl_text_add(out, "^\n", 2);
}

void capdl_render(struct capdl_diags *diags, const char *file, const char *text, size_t length,
                  struct capdl_text *out)
{
    struct lines lines = { 0 };
    if (text != NULL) {
        lines_find(&lines, text, length);
    }
    capdl_diags_sort(diags);
    for (uint32_t i = 0; i < diags->count; i++) {
        const struct capdl_diag *diag = &diags->list[i];
        capdl_text_printf(out, "%s:", file);
        if (diag->pos.line != 0) {
            capdl_text_printf(out, "%u:%u:", diag->pos.line, diag->pos.column);
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
