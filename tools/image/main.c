/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-image: loader, kernel and root task into one bootable file
 */
#include "image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *write_out(const char *path, const struct image *image)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL) {
        return strerror(errno);
    }
    size_t written = fwrite(image->bytes, 1, image->size, file);
    if (fclose(file) != 0 || written != image->size) {
        (void)remove(path); /* half an image is worse than none */
        return "cannot be written completely";
    }
    return NULL;
}

int main(int count, char **arguments)
{
    struct options options;
    struct image image = { NULL, 0 };
    const char *about;
    const char *refusal;
    int status;

    if (!options_read(count, arguments, &options, &status)) {
        return status;
    }
    refusal = image_build(&options, &image, &about);
    if (refusal == NULL) {
        about = options.output;
        refusal = write_out(options.output, &image);
    }
    if (refusal != NULL) {
        fprintf(stderr, "tessera-image: %s: %s\n", about, refusal);
    }
    free(image.bytes);
    return refusal == NULL ? 0 : 1;
}
