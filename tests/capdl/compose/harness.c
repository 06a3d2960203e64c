/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One run of the composer without a file system
 */
#include "harness.h"

#include "fake_elf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool file_load(const char *path, char **bytes, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    char *contents = malloc(1 << 20);
    *length = contents == NULL ? 0 : fread(contents, 1, 1 << 20, file);
    *bytes = contents;
    fclose(file);
    return contents != NULL;
}

static bool harness_read(void *context, const char *path, char **bytes, size_t *length)
{
    const struct harness *harness = context;
    if (strcmp(path, harness->options.description) == 0) {
        if (harness->description == NULL) {
            return file_load(path, bytes, length);
        }
        *length = harness->description_length;
        *bytes = malloc(*length + 1);
        if (*bytes != NULL) {
            memcpy(*bytes, harness->description, *length);
        }
        return *bytes != NULL;
    }
    size_t size = strlen(path);
    if (harness->alone || (size > 4 && strcmp(path + size - 4, ".xml") == 0)) {
        return file_load(path, bytes, length);
    }
    if (strcmp(path, "empty.bin") == 0) {
        *length = 0;
        *bytes = malloc(1);
        return *bytes != NULL;
    }
    if (strcmp(path, "data.bin") == 0) {
        *length = 0x1801;
        *bytes = malloc(*length);
        if (*bytes != NULL) {
            memset(*bytes, 'x', *length);
        }
        return *bytes != NULL;
    }
    *bytes = fake_elf(path, length);
    return *bytes != NULL;
}

static bool harness_write(void *context, const char *name, const char *bytes, size_t length)
{
    struct harness *harness = context;
    if ((harness->refuse != NULL && strcmp(harness->refuse, name) == 0) ||
        harness->written_count == HARNESS_FILES) {
        return false;
    }
    struct written *written = &harness->written[harness->written_count];
    written->name = malloc(strlen(name) + 1);
    written->bytes = malloc(length + 1);
    written->length = length;
    if (written->name == NULL || written->bytes == NULL) {
        abort();
    }
    memcpy(written->name, name, strlen(name) + 1);
    memcpy(written->bytes, bytes, length);
    written->bytes[length] = '\0';
    harness->written_count++;
    return true;
}

bool harness_run(struct harness *harness)
{
    struct compose_files files = { harness, harness_read, harness_write };
    if (harness->options.description == NULL) {
        harness->options.description = "system.xml";
    }
    if (harness->description != NULL && harness->description_length == 0) {
        harness->description_length = strlen(harness->description);
    }
    return compose(&harness->options, &files, &harness->result);
}

void harness_close(struct harness *harness)
{
    for (size_t i = 0; i < harness->written_count; i++) {
        free(harness->written[i].name);
        free(harness->written[i].bytes);
    }
    harness->written_count = 0;
    compose_result_free(&harness->result);
}

const struct written *harness_file(const struct harness *harness, const char *name)
{
    for (size_t i = 0; i < harness->written_count; i++) {
        if (strcmp(harness->written[i].name, name) == 0) {
            return &harness->written[i];
        }
    }
    return NULL;
}
