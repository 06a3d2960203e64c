/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ELF files as blocks of memory
 *
 * A static 64-bit AArch64 program is read and flattened: its loadable segments laid out from the
 * lowest to the highest address, as they are to stand in memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_block {
    uint8_t *bytes;      /* memory from `start`, zero where the file has nothing */
    uint64_t start;      /* lowest address of a segment */
    uint64_t file_bytes; /* up to the last byte that comes from the file */
    uint64_t bytes_count;
    uint64_t entry;
};

/** Read and flatten the program in `path`. Returns NULL, or a sentence that says what is wrong
 *  with it. The block's memory belongs to the caller. */
const char *elf_read(const char *path, struct elf_block *block);

/** The same of a file in memory. `size` bytes at `file`. */
const char *elf_flatten(const uint8_t *file, size_t size, struct elf_block *block);

/** Address of the symbol `name` of the file, or 0 if there is none. */
uint64_t elf_symbol(const uint8_t *file, size_t size, const char *name);

/** Read all of a file; NULL on an error (errno says which). */
uint8_t *file_read(const char *path, size_t *size);
