/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzzer: any bytes as a description, and as a program image
 *
 * The input is a description; if it holds a zero byte, what follows is the image of every
 * program that is named "fuzz.elf", and the included file "fuzz.xml". Nothing may crash, and a refusal has a message.
 */
#include "harness.h"

#include "fake_elf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const char *description;
    size_t description_length;
    const char *image;
    size_t image_length;
    size_t written;
};

static char *copy(const char *bytes, size_t length)
{
    char *result = malloc(length + 1);
    if (result == NULL) {
        abort();
    }
    memcpy(result, bytes, length);
    return result;
}

static bool input_read(void *context, const char *path, char **bytes, size_t *length)
{
    const struct input *input = context;
    if (strcmp(path, "system.xml") == 0) {
        *length = input->description_length;
        *bytes = copy(input->description, *length);
        return true;
    }
    if ((strcmp(path, "fuzz.elf") == 0 || strcmp(path, "fuzz.xml") == 0) && input->image != NULL) {
        *length = input->image_length;
        *bytes = copy(input->image, *length);
        return true;
    }
    if (strcmp(path, "data.bin") == 0) {
        *length = 0x1801;
        *bytes = calloc(1, *length);
        return *bytes != NULL;
    }
    *bytes = fake_elf(path, length);
    return *bytes != NULL;
}

static bool input_write(void *context, const char *name, const char *bytes, size_t length)
{
    struct input *input = context;
    (void)name;
    for (size_t i = 0; i < length; i += 64) {
        input->written += (size_t)bytes[i]; /* the sanitizer sees every read */
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { .description = (const char *)data, .description_length = size };
    const uint8_t *zero = size == 0 ? NULL : memchr(data, 0, size);
    if (zero != NULL) {
        input.description_length = (size_t)(zero - data);
        input.image = (const char *)zero + 1;
        input.image_length = size - input.description_length - 1;
    }
    const char *paths[] = { "folder" };
    struct compose_parameter parameters[] = { { "given", "0x2000" } };
    struct compose_options options = { .description = "system.xml",
                                       .parameters = parameters,
                                       .parameter_count = size % 2,
                                       .search_paths = paths,
                                       .search_path_count = size % 3 == 0 ? 1 : 0,
                                       .cores = 2,
                                       .page_limit = 2048 };
    struct compose_files files = { &input, input_read, input_write };
    struct compose_result result = { 0 };
    bool good = compose(&options, &files, &result);
    if (good ? result.report == NULL
             : strstr(result.messages, ": error: ") == NULL ||
                   strstr(result.messages, "\nfix: ") == NULL) {
        abort();
    }
    compose_result_free(&result);
    return 0;
}
