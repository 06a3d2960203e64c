/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Places: from a line of capDL to the line of the description it was composed from
 *
 * The composer writes "-- system.xml:12" on a line of its own: line 12 of the description is the
 * reason for what follows, until another such line or the end of the block. The first line names
 * the description.
 */
#include "extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A place: name and line. */
enum { ORIGIN_BYTES = 280, PLACE_BYTES = 300 };

static const char COMPOSED[] = "-- written by tessera-compose from ";

char *text_copy(const char *text, size_t length)
{
    char *copy = capdl_alloc(length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

bool text_ends(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Where "FILE:NUMBER" begins, if the line is "-- FILE:NUMBER" and nothing else, or NULL. */
static const char *line_origin(const char *line, const char *end)
{
    const char *at = end;
    while (at > line && at[-1] >= '0' && at[-1] <= '9') {
        at--;
    }
    if (at == end || at == line || at[-1] != ':') {
        return NULL;
    }
    while (at > line && at[-1] != ' ') {
        at--;
    }
    bool is_name = end - at < ORIGIN_BYTES && memchr(at, '\0', (size_t)(end - at)) == NULL;
    return is_name && at - line == 3 && memcmp(line, "-- ", 3) == 0 ? at : NULL;
}

void extract_places(struct audit *audit)
{
    const char *at = audit->text;
    const char *end = audit->text == NULL ? NULL : audit->text + audit->length;
    uint32_t capacity = 0, current = 0;
    CAPDL_PUSH(audit->origins, audit->line_count, capacity, 0);
    if (audit->length >= UINT32_MAX) {
        return; /* places are then those of the text itself */
    }
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline == NULL ? end : newline;
        if (audit->line_count == 1 && stop - at > (ptrdiff_t)sizeof(COMPOSED) &&
            memcmp(at, COMPOSED, sizeof(COMPOSED) - 1) == 0) {
            const char *name = at + sizeof(COMPOSED) - 1;
            for (const char *c = name; c < stop; c++) {
                name = *c == '/' ? c + 1 : name;
            }
            audit->origin_path =
                text_copy(at + sizeof(COMPOSED) - 1, (size_t)(stop - at) - sizeof(COMPOSED) + 1);
            audit->origin_file = text_copy(name, (size_t)(stop - name));
        }
        while (at < stop && *at == ' ') {
            at++;
        }
        const char *stated = line_origin(at, stop);
        if (stated != NULL) {
            current = (uint32_t)(stated - audit->text);
        } else if (at < stop && *at == '}') {
            current = 0;
        }
        CAPDL_PUSH(audit->origins, audit->line_count, capacity, current);
        at = newline == NULL ? end : newline + 1;
    }
}

static const char *place_text(const struct audit *audit, struct capdl_pos pos)
{
    enum { BUFFERS = 4 };
    static char buffers[BUFFERS][PLACE_BYTES];
    static unsigned next;
    char *buffer = buffers[next++ % BUFFERS];
    const char *file = strrchr(audit->file, '/');
    file = file == NULL ? audit->file : file + 1;
    if (audit->origin_file != NULL && pos.line < audit->line_count &&
        audit->origins[pos.line] != 0) {
        const char *origin = audit->text + audit->origins[pos.line];
        snprintf(buffer, PLACE_BYTES, "%.*s", (int)strcspn(origin, "\n"), origin);
    } else {
        snprintf(buffer, PLACE_BYTES, "%.*s:%u", ORIGIN_BYTES, file, pos.line);
    }
    return buffer;
}

const char *audit_place(const struct audit *audit, uint32_t cap)
{
    return cap == AUTHORITY_NONE ? "" : place_text(audit, audit->spec->caps[cap].pos);
}

const char *audit_object_place(const struct audit *audit, uint32_t object)
{
    return object == CAPDL_NONE ? "" : place_text(audit, audit->spec->objects[object].pos);
}

const char *audit_line_place(const struct audit *audit, uint32_t line)
{
    return place_text(audit, (struct capdl_pos){ .line = line });
}
