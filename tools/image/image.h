/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Putting a boot image together
 *
 *   file:   loader with header | kernel | (zeros) | user image
 *   user:   root task | packed spec | (zeros to 2 MiB) | payload      by virtual address
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
