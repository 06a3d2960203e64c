/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The texts that places are in
 */
#include "extract.h"

#include <stdlib.h>
#include <string.h>

void audit_source_add(struct audit *audit, const char *name, const char *text, size_t length)
{
    struct audit_source source = { .name = text_copy(name, strlen(name)),
                                   .text = text_copy(text, length),
                                   .length = length };
    CAPDL_PUSH(audit->sources, audit->source_count, audit->source_capacity, source);
}

void sources_free(struct audit *audit)
{
    for (uint32_t i = 0; i < audit->source_count; i++) {
        free(audit->sources[i].name);
        free(audit->sources[i].text);
    }
    free(audit->sources);
}

bool audit_source_wanted(const struct audit *audit, uint32_t line, char *name, size_t bytes)
{
    uint32_t at = line < audit->line_count ? audit->origins[line] : 0;
    size_t length = at == 0 ? 0 : strcspn(audit->text + at, ":\n");
    if (length == 0 || length >= bytes) {
        return false;
    }
    memcpy(name, audit->text + at, length);
    name[length] = '\0';
    for (uint32_t i = 0; i < audit->source_count; i++) {
        if (strcmp(audit->sources[i].name, name) == 0) {
            return false;
        }
    }
    return true;
}

/* A line without the blanks around it. */
static const char *line_at(const char *text, size_t length, uint32_t number, size_t *found)
{
    const char *end = text + length;
    const char *newline;
    while (number > 1 && (newline = memchr(text, '\n', (size_t)(end - text))) != NULL) {
        text = newline + 1;
        number--;
    }
    newline = number > 1 ? text : memchr(text, '\n', (size_t)(end - text));
    newline = newline == NULL ? end : newline;
    while (text < newline && (*text == ' ' || *text == '\t')) {
        text++;
    }
    *found = (size_t)(newline - text);
    return text;
}

const char *audit_place_line(const struct audit *audit, const char *place, size_t *length)
{
    const char *colon = strrchr(place, ':');
    const char *file = strrchr(audit->file, '/');
    file = file == NULL ? audit->file : file + 1;
    *length = 0;
    if (colon == NULL) {
        return "";
    }
    size_t bytes = (size_t)(colon - place);
    uint32_t number = (uint32_t)strtoul(colon + 1, NULL, 10);
    for (uint32_t i = 0; i < audit->source_count; i++) {
        const struct audit_source *source = &audit->sources[i];
        if (strlen(source->name) == bytes && memcmp(source->name, place, bytes) == 0) {
            return line_at(source->text, source->length, number, length);
        }
    }
    if (audit->text != NULL && strlen(file) == bytes && memcmp(file, place, bytes) == 0) {
        return line_at(audit->text, audit->length, number, length);
    }
    return "";
}
