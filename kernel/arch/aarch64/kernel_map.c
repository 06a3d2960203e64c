/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Building the kernel's translation tables
 *
 * 40-bit addresses: a root table (level 0) of which two entries are used, then tables of 512
 * entries for 1 GiB, 2 MiB and 4 KiB each. Runs before the MMU is on, so it has no tables
 * of pointers and no static data.
 */
#include "kernel_map.h"

#include <arch/layout.h>
#include <boot/table.h>
#include <stddef.h>

#define PTE_VALID    (1ul << 0)
#define PTE_TABLE    (1ul << 1) /* levels 0..2: a table; level 3: a page */
#define PTE_NORMAL   (1ul << 2) /* attribute index 1, see head.S */
#define PTE_AP1      (1ul << 6) /* one at EL2 */
#define PTE_READONLY (1ul << 7)
#define PTE_SHARED   (3ul << 8)
#define PTE_ACCESSED (1ul << 10)
#define PTE_XN       (1ul << 54)
#define PTE_ADDRESS  0xfffffffff000ul

#define LEVEL_LAST       3u
#define BITS_PER_LEVEL   9u
#define LEVEL_SHIFT(lev) (LAYOUT_PAGE_BITS + BITS_PER_LEVEL * (LEVEL_LAST - (lev)))
#define LEVEL_BYTES(lev) (1ul << LEVEL_SHIFT(lev))

static word_t index_of(word_t vaddr, unsigned level)
{
    return (vaddr >> LEVEL_SHIFT(level)) & (KERNEL_MAP_ENTRIES - 1);
}

static word_t access_bits(enum kernel_map_access access)
{
    word_t bits = PTE_VALID | PTE_AP1 | PTE_ACCESSED;

    if (access == KERNEL_MAP_DEVICE) {
        return bits | PTE_XN;
    }
    bits |= PTE_NORMAL | PTE_SHARED;
    if (access == KERNEL_MAP_TEXT) {
        return bits | PTE_READONLY;
    }
    if (access == KERNEL_MAP_CONST) {
        return bits | PTE_READONLY | PTE_XN;
    }
    return bits | PTE_XN;
}

/* The table below `entry`, made if there is none yet; NULL if there are no tables left. */
static struct kernel_map_table *table_below(struct kernel_map *map, word_t *entry)
{
    if ((*entry & PTE_VALID) == 0) {
        if (map->used == KERNEL_MAP_TABLES) {
            return NULL;
        }
        /* Pointers are physical addresses here: the MMU is off (or this is the host's test). */
        *entry = (word_t)&map->tables[map->used] | PTE_VALID | PTE_TABLE;
        map->used++;
    }
    return (struct kernel_map_table *)(*entry & PTE_ADDRESS);
}

/* Map one block of `level`. */
static bool map_block(struct kernel_map *map, word_t vaddr, word_t entry, unsigned level)
{
    struct kernel_map_table *table = &map->tables[0];

    for (unsigned at = 0; at < level; at++) {
        table = table_below(map, &table->entries[index_of(vaddr, at)]);
        if (table == NULL) {
            return false;
        }
    }
    table->entries[index_of(vaddr, level)] = entry;
    return true;
}

bool kernel_map_range(struct kernel_map *map, word_t vaddr, word_t paddr, word_t bytes,
                      enum kernel_map_access access)
{
    while (bytes > 0) {
        unsigned level = 1;

        while (level < LEVEL_LAST &&
               (((vaddr | paddr) & (LEVEL_BYTES(level) - 1)) != 0 || bytes < LEVEL_BYTES(level))) {
            level++;
        }
        word_t page = level == LEVEL_LAST ? PTE_TABLE : 0;
        if (!map_block(map, vaddr, paddr | access_bits(access) | page, level)) {
            return false;
        }
        vaddr += LEVEL_BYTES(level);
        paddr += LEVEL_BYTES(level);
        bytes -= LEVEL_BYTES(level);
    }
    return true;
}

/* Ordinary RAM without the kernel image. */
static bool map_window(struct kernel_map *map, const struct boot_table *table, word_t image_end)
{
    struct boot_range piece = { 0, 0 };

    while (boot_table_ram_next(table, piece.end, &piece)) {
        word_t start = piece.start;

        if (start <= table->kernel_start && table->kernel_start < piece.end) {
            if (!kernel_map_range(map, LAYOUT_WINDOW + start, start, table->kernel_start - start,
                                  KERNEL_MAP_DATA)) {
                return false;
            }
            start = image_end;
        }
        if (!kernel_map_range(map, LAYOUT_WINDOW + start, start, piece.end - start,
                              KERNEL_MAP_DATA)) {
            return false;
        }
    }
    return true;
}

/* Data and stacks, without the guard pages. Pre: the guards ascend and lie in the data. */
static bool map_data(struct kernel_map *map, word_t base, const struct kernel_map_image *image)
{
    word_t from = image->data;

    for (unsigned i = 0; i <= 2; i++) {
        word_t to = i < 2 ? image->guards[i] : image->end;
        if (!kernel_map_range(map, LAYOUT_IMAGE + from, base + from, to - from, KERNEL_MAP_DATA)) {
            return false;
        }
        from = to + LAYOUT_PAGE_BYTES;
    }
    return true;
}

static bool map_device(struct kernel_map *map, word_t page, word_t paddr, word_t bytes,
                       word_t most_pages)
{
    word_t most = most_pages * LAYOUT_PAGE_BYTES;

    if (paddr == 0) {
        return true;
    }
    bytes = (bytes + LAYOUT_PAGE_BYTES - 1) & ~(word_t)(LAYOUT_PAGE_BYTES - 1);
    return kernel_map_range(map, DEVICE_ADDRESS(page), paddr, bytes < most ? bytes : most,
                            KERNEL_MAP_DEVICE);
}

bool kernel_map_build(struct kernel_map *map, const struct boot_table *table,
                      const struct kernel_map_image *image)
{
    word_t base = table->kernel_start;
    word_t page = LAYOUT_PAGE_BYTES;

    return kernel_map_range(map, LAYOUT_IMAGE, base, image->rodata, KERNEL_MAP_TEXT) &&
           kernel_map_range(map, LAYOUT_IMAGE + image->rodata, base + image->rodata,
                            image->data - image->rodata, KERNEL_MAP_CONST) &&
           map_data(map, base, image) &&
           map_device(map, DEVICE_PAGE_UART, table->uart_base & ~(page - 1), page, 1) &&
           map_device(map, DEVICE_PAGE_GICD, table->gicd_base, table->gicd_size,
                      DEVICE_PAGES_GICD) &&
           map_device(map, DEVICE_PAGE_GICC, table->gicc_base, table->gicc_size,
                      DEVICE_PAGES_GICC) &&
           map_device(map, DEVICE_PAGE_GICH, table->gich_base, table->gich_size,
                      DEVICE_PAGES_GICH) &&
           map_device(map, DEVICE_PAGE_GICR, table->gicr_base, table->gicr_size,
                      DEVICE_PAGES_GICR) &&
           map_window(map, table, base + image->end);
}

bool kernel_map_is_safe(const struct kernel_map *map)
{
    for (word_t t = 0; t < map->used; t++) {
        for (word_t i = 0; i < KERNEL_MAP_ENTRIES; i++) {
            word_t entry = map->tables[t].entries[i];
            bool is_leaf = (entry & PTE_VALID) != 0 && (entry & PTE_ACCESSED) != 0;
            if (is_leaf && (entry & (PTE_XN | PTE_READONLY)) == 0) {
                return false;
            }
        }
    }
    return true;
}

word_t kernel_map_lookup(const struct kernel_map *map, word_t vaddr)
{
    const struct kernel_map_table *table = &map->tables[0];

    for (unsigned level = 0; level <= LEVEL_LAST; level++) {
        word_t entry = table->entries[index_of(vaddr, level)];
        if ((entry & PTE_VALID) == 0) {
            return 0;
        }
        if (level == LEVEL_LAST || (entry & PTE_TABLE) == 0) {
            return entry;
        }
        table = (const struct kernel_map_table *)(entry & PTE_ADDRESS);
    }
    return 0;
}
