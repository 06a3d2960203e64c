/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Program images
 *
 * An ELF file becomes segments of 4 KiB pages. A page that holds only zeros has no memory
 * here and gets no file data later; writing a symbol into bss gives its page memory.
 *
 * Invariant: segments are in ascending order, page-rounded, and disjoint.
 */
#pragma once

#include "composer.h"

struct segment {
    uint64_t start; /* page-rounded */
    uint64_t page_count;
    unsigned char **pages; /* NULL: zeros */
    bool read, write, execute;
    const char *file;       /* written pages, one after the other; NULL: none */
    uint64_t *file_offsets; /* of the pages that are not NULL */
};

struct symbol {
    const char *name;
    uint64_t address;
    uint64_t size;
};

struct image {
    const struct pd *pd;
    const char *path;
    uint64_t entry;
    struct list segments; /* struct segment */
    struct list symbols;  /* struct symbol: those with a name */
    bool unknown;         /* a mere check without the file: nothing is known of its symbols */
};

/*
 * Reads the image of a PD. A mere check takes an image that is not there for an empty one.
 * Fails: NULL after an error.
 */
struct image *image_load(struct composer *composer, const struct pd *pd);

/* The symbol, or NULL. */
const struct symbol *image_symbol(const struct image *image, const char *name);

/*
 * Writes a symbol. Fails: it is missing, there twice, not of this size, or not in a
 * segment; `at` is where the description asks for it.
 */
bool image_patch(struct composer *composer, struct image *image, struct position at,
                 const char *symbol, const void *bytes, size_t length);
/* The same, but a symbol that is missing is nothing. */
bool image_patch_optional(struct composer *composer, struct image *image, const char *symbol,
                          const void *bytes, size_t length);
