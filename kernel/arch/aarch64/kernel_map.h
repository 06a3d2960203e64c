/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Building the kernel's translation tables (layout.h has the picture)
 *
 * Pure: works on tables in memory that it is given. The target calls it with the MMU off, where
 * pointers are physical addresses; the host test builds tables in an array and walks them.
 */
#pragma once

#include <abi/boot_table.h>
#include <abi/types.h>
#include <stdbool.h>

#define KERNEL_MAP_ENTRIES 512
#define KERNEL_MAP_TABLES  16 /* root, identity, image 2, devices 1, window: the rest */

struct kernel_map_table {
    _Alignas(4096) word_t entries[KERNEL_MAP_ENTRIES];
};

/* The tables, handed out in order; tables[0] is the root. */
struct kernel_map {
    struct kernel_map_table *tables;
    word_t used;
};

/* The parts of the kernel image: offsets from its start, page aligned. */
struct kernel_map_image {
    word_t rodata, data, end; /* text starts at 0 */
    word_t guards[2];         /* pages never mapped, below each stack */
};

enum kernel_map_access { KERNEL_MAP_TEXT, KERNEL_MAP_CONST, KERNEL_MAP_DATA, KERNEL_MAP_DEVICE };

/**
 * Build all mappings described by the (checked) boot table.
 * Pre: the memory of `map->tables` is zero. Fails: false if there are too few tables.
 */
bool kernel_map_build(struct kernel_map *map, const struct boot_table *table,
                      const struct kernel_map_image *image);

/** Map [paddr, paddr + bytes) at `vaddr` with the largest blocks that fit. */
bool kernel_map_range(struct kernel_map *map, word_t vaddr, word_t paddr, word_t bytes,
                      enum kernel_map_access access);

/** No entry of these tables is both writable and executable, and the window has none that is
 *  executable. */
bool kernel_map_is_safe(const struct kernel_map *map);

/** Where `vaddr` is mapped: its last-level entry, or 0. Tables are found at their own address. */
word_t kernel_map_lookup(const struct kernel_map *map, word_t vaddr);
