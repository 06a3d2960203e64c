/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Putting a boot image together
 *
 *   file:   loader with header | kernel | (zeros) | user image
 *   user:   root task | packed spec | (zeros) | payload               by virtual address
 *
 * The payload begins at a multiple of 2 MiB if the spec has large frames in it, else at once.
 */
#pragma once

#include "options.h"

#include <stddef.h>

struct image {
    uint8_t *bytes;
    size_t size;
};

/** Build the image. NULL, or a sentence; `*about` then names the file it is about. */
const char *image_build(const struct options *options, struct image *image, const char **about);
