/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The root task's address space
 *
 *   image | IPC buffer | boot information | extra boot information
 *         ^ image_end                                             ^ space_end
 *
 * Pages of 4 KiB, but of 2 MiB, without page tables, in the part of the image that the boot table
 * names (large_start, large_end).
 */
#include "boot.h"

#include <core/cdt.h>
#include <core/vspace.h>
#include <machine/machine.h>
#include <machine/parts.h>

#define LARGE_BYTES    (1ul << LARGE_FRAME_BITS)
#define HUGE_BYTES     (1ul << HUGE_FRAME_BITS)
#define HEADER_BYTES   sizeof(struct boot_info_header)
#define BYTES_PER_WORD sizeof(word_t)

static word_t round_up(word_t value, word_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

static word_t round_down(word_t value, word_t unit)
{
    return value & ~(unit - 1);
}

word_t boot_info_vaddr(const struct boot *boot)
{
    return boot->image_end + BOOT_PAGE_BYTES;
}

static word_t extra_vaddr(const struct boot *boot)
{
    return boot_info_vaddr(boot) + BOOT_INFO_EXTRA_OFFSET;
}

/* Is the 2 MiB stretch at `vaddr` one large frame? */
static bool is_large(const struct boot *boot, word_t vaddr)
{
    return vaddr >= boot->table->large_start && vaddr < boot->table->large_end;
}

void boot_space_measure(struct boot *boot)
{
    const struct boot_table *table = boot->table;

    boot->image_end = table->user_vaddr + (table->user_end - table->user_start);
    if (table->dtb_size != 0) {
        boot->extra_bytes = HEADER_BYTES + table->dtb_size;
        boot->extra_bits = SMALL_FRAME_BITS;
        while (1ul << boot->extra_bits < boot->extra_bytes) {
            boot->extra_bits++;
        }
    }
    boot->space_end = extra_vaddr(boot) + round_up(boot->extra_bytes, BOOT_PAGE_BYTES);
    if (boot->extra_bytes != 0) {
        boot->space_end = extra_vaddr(boot) + (1ul << boot->extra_bits);
    }
    if (boot->space_end >= USER_TOP) {
        machine_panic("the root task's image ends too high for its boot information");
    }
    for (word_t at = round_down(table->user_vaddr, HUGE_BYTES); at < boot->space_end;
         at += HUGE_BYTES) {
        boot->page_table_count++;
    }
    for (word_t at = round_down(table->user_vaddr, LARGE_BYTES); at < boot->space_end;
         at += LARGE_BYTES) {
        boot->page_table_count += !is_large(boot, at);
    }
}

static void map_table(struct boot *boot, word_t *next, word_t vaddr)
{
    struct cap cap = cap_page_table_new(*next, true, ROOT_ASID, vaddr);

    boot_slot_fill(boot, cap);
    (void)vspace_boot_map_table(boot->objects.vspace, cap);
    *next += 1ul << PAGE_TABLE_BITS;
}

static struct cap map_frame(const struct boot *boot, word_t paddr, word_t size, word_t vaddr,
                            word_t attributes)
{
    struct cap cap =
        cap_frame_new(paddr + KERNEL_WINDOW_BASE, size, FRAME_READ_WRITE, false, ROOT_ASID, vaddr);

    (void)vspace_boot_map_frame(boot->objects.vspace, cap, attributes);
    return cap;
}

/* The device tree becomes the one chunk of extra boot information. */
static void extra_create(struct boot *boot)
{
    struct boot_info_header *header = machine_pointer(boot->objects.extra);
    word_t *to = (word_t *)(header + 1);
    const word_t *from = machine_pointer(boot->table->dtb_start + KERNEL_WINDOW_BASE);
    word_t extra_paddr = boot->objects.extra - KERNEL_WINDOW_BASE;

    header->id = BOOT_INFO_FDT;
    header->len = boot->extra_bytes;
    /* In words: the loader aligned the tree, and the space behind it is ours. */
    for (word_t i = 0; i < round_up(boot->table->dtb_size, BYTES_PER_WORD) / BYTES_PER_WORD; i++) {
        to[i] = from[i];
    }
    for (word_t at = 0; at < boot->extra_bytes; at += BOOT_PAGE_BYTES) {
        boot_slot_fill(boot, map_frame(boot, extra_paddr + at, FRAME_SMALL, extra_vaddr(boot) + at,
                                       PAGE_CACHEABLE));
    }
}

void boot_space_tables(struct boot *boot)
{
    word_t start = boot->table->user_vaddr;
    word_t next = boot->objects.page_tables;
    struct boot_info *info = boot->info;

    info->user_image_paging.start = boot->next_slot;
    for (word_t at = round_down(start, HUGE_BYTES); at < boot->space_end; at += HUGE_BYTES) {
        map_table(boot, &next, at);
    }
    for (word_t at = round_down(start, LARGE_BYTES); at < boot->space_end; at += LARGE_BYTES) {
        if (!is_large(boot, at)) {
            map_table(boot, &next, at);
        }
    }
    info->user_image_paging.end = boot->next_slot;
    if (boot->extra_bytes != 0) {
        info->extra_bi_pages.start = boot->next_slot;
        extra_create(boot);
        info->extra_bi_pages.end = boot->next_slot;
    }
}

void boot_space_frames(struct boot *boot)
{
    const struct boot_table *table = boot->table;
    struct root_objects *objects = &boot->objects;
    word_t offset = table->user_start - table->user_vaddr;
    word_t vaddr = table->user_vaddr;

    boot->info->user_image_frames.start = boot->next_slot;
    while (vaddr < boot->image_end) {
        bool large = is_large(boot, vaddr);
        word_t size = large ? FRAME_LARGE : FRAME_SMALL;
        boot_slot_fill(boot, map_frame(boot, vaddr + offset, size, vaddr, PAGE_CACHEABLE));
        vaddr += large ? LARGE_BYTES : BOOT_PAGE_BYTES;
    }
    boot->info->user_image_frames.end = boot->next_slot;

    cdt_insert_root(boot_slot(boot, ROOT_SLOT_IPC_BUFFER),
                    map_frame(boot, objects->ipc_buffer - KERNEL_WINDOW_BASE, FRAME_SMALL,
                              boot->image_end, PAGE_CACHEABLE | PAGE_EXECUTE_NEVER));
    cdt_insert_root(boot_slot(boot, ROOT_SLOT_BOOT_INFO),
                    map_frame(boot, objects->boot_info - KERNEL_WINDOW_BASE, FRAME_SMALL,
                              boot_info_vaddr(boot), PAGE_CACHEABLE | PAGE_EXECUTE_NEVER));
}
