/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Program images made up for tests
 *
 * One code page at 0x200000, one data page at 0x201000 and bss behind it. Every symbol a
 * test may set is a variable of its own in data or bss. Faults are put in by name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FAKE_CODE = 0x200000,
    FAKE_DATA = 0x201000,
    FAKE_DATA_BYTES = 0x1000,
    FAKE_BSS_PAGES = 16,
};

/*
 * Makes the image a file of this name stands for; NULL if there is no such file. The
 * result is allocated with malloc(). Names with a meaning are in fake_elf.c; any other
 * name ending in ".elf" is a good image.
 */
char *fake_elf(const char *name, size_t *length);

/* Where the good image has a symbol; 0 if it has no such symbol. */
uint64_t fake_elf_symbol(const char *name);
