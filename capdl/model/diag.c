/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Collecting diagnostics
 */
#include "model/diag.h"

#include <stdarg.h>
#include <stdlib.h>

#include "model/memory.h"

static void diag_add(struct capdl_diags *diags, bool is_error, struct capdl_pos pos,
                     const char *format, va_list args)
{
    if (is_error) {
        diags->error_count++;
    } else {
        diags->warning_count++;
    }
    if (diags->count > 0) {
        const struct capdl_diag *last = &diags->list[diags->count - 1];
        if (pos.line != 0 && last->pos.line == pos.line && last->pos.column == pos.column &&
            last->format == format && last->is_error == is_error) {
            diags->remedy_is_known = true;
            return;
        }
    }
    diags->remedy_is_known = diags->kept[is_error] >= CAPDL_DIAGS_MAX;
    if (diags->remedy_is_known) {
        diags->dropped++;
        return;
    }
    diags->kept[is_error]++;
    struct capdl_diag diag = {
        is_error, pos, diags->count, format, capdl_format(format, args), NULL
    };
    CAPDL_PUSH(diags->list, diags->count, diags->capacity, diag);
}

void capdl_error(struct capdl_diags *diags, struct capdl_pos pos, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_add(diags, true, pos, format, args);
    va_end(args);
}

void capdl_warning(struct capdl_diags *diags, struct capdl_pos pos, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_add(diags, false, pos, format, args);
    va_end(args);
}

void capdl_remedy(struct capdl_diags *diags, const char *format, ...)
{
    if (diags->remedy_is_known || diags->count == 0) {
        return;
    }
    va_list args;
    va_start(args, format);
    free(diags->list[diags->count - 1].remedy);
    diags->list[diags->count - 1].remedy = capdl_format(format, args);
    va_end(args);
}

static int diag_compare(const void *left, const void *right)
{
    const struct capdl_diag *a = left;
    const struct capdl_diag *b = right;
    /* Line 0 minus 1 wraps to the largest number: no place sorts last. */
    uint32_t a_line = a->pos.line - 1;
    uint32_t b_line = b->pos.line - 1;
    if (a_line != b_line) {
        return a_line < b_line ? -1 : 1;
    }
    if (a->pos.column != b->pos.column) {
        return a->pos.column < b->pos.column ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

void capdl_diags_sort(struct capdl_diags *diags)
{
    if (diags->count > 1) {
        qsort(diags->list, diags->count, sizeof(*diags->list), diag_compare);
    }
}

void capdl_diags_free(struct capdl_diags *diags)
{
    for (uint32_t i = 0; i < diags->count; i++) {
        free(diags->list[i].message);
        free(diags->list[i].remedy);
    }
    free(diags->list);
    *diags = (struct capdl_diags){ 0 };
}
