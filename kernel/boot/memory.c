/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Physical memory at boot
 *
 * Who has what: devices the kernel keeps, the kernel image, the user image and the root
 * task's objects are taken; everything else becomes untyped, in the order of abi/05 §5: device
 * memory, what only boot needed, RAM.
 *
 * Invariant: no untyped overlaps another one, or anything taken.
 */
#include "boot.h"

#include <boot/table.h>
#include <core/cdt.h>
#include <core/untyped.h>
#include <machine/machine.h>
#include <machine/parts.h>

#define GICV2_KEPT_BYTES 0x1000ul /* of each part; the rest of its pages has no registers */
#define GICR_KEPT_BYTES  0x100000ul
#define TAKEN_MAX        (3 * BOOT_RANGE_MAX + 4)

/* ---- Ordinary RAM that is free -------------------------------------------------------------- */

/* Reduce `piece` to its first part that is in none of `taken`; it can become empty. */
static void exclude(struct boot_range *piece, const struct boot_range *taken, unsigned count)
{
    bool moved = true;

    /* Each round takes the start to the end of another range, so there are at most `count`. */
    while (moved) {
        moved = false;
        for (unsigned i = 0; i < count; i++) {
            if (taken[i].start <= piece->start && piece->start < taken[i].end) {
                piece->start = taken[i].end;
                moved = true;
            }
        }
    }
    for (unsigned i = 0; i < count; i++) {
        if (taken[i].start < taken[i].end && taken[i].start >= piece->start &&
            taken[i].start < piece->end) {
            piece->end = taken[i].start;
        }
    }
}

/* The first free piece of RAM at or above `from`. */
static bool free_next(const struct boot *boot, word_t from, struct boot_range *piece)
{
    const struct boot_range taken[] = {
        { boot->table->kernel_start, boot->table->kernel_end },
        { boot->table->user_start, boot->table->user_end },
        boot->block,
    };

    while (boot_table_ram_next(boot->table, from, piece)) {
        exclude(piece, taken, sizeof(taken) / sizeof(taken[0]));
        if (piece->start < piece->end) {
            return true;
        }
        from = piece->start;
    }
    return false;
}

/* ---- The root task's objects ------------------------------------------------------------------ */

/* Give the next `bytes` of the block. */
static word_t carve(word_t *at, word_t bytes)
{
    word_t object = *at;

    *at += bytes;
    return object;
}

/* Lay the objects out from `at` in order of falling alignment; returns the end. */
static word_t lay_out(struct boot *boot, word_t at)
{
    struct root_objects *objects = &boot->objects;
    word_t cnode_bits = boot->table->root_cnode_bits + SLOT_BITS;
    word_t extra_bytes = boot->extra_bytes != 0 ? 1ul << boot->extra_bits : 0;

    if (boot->extra_bits > cnode_bits) {
        objects->extra = carve(&at, extra_bytes);
    }
    objects->cnode = carve(&at, 1ul << cnode_bits);
    if (boot->extra_bits <= cnode_bits && boot->extra_bits >= VSPACE_BITS) {
        objects->extra = carve(&at, extra_bytes);
    }
    objects->vspace = carve(&at, 1ul << VSPACE_BITS);
    if (boot->extra_bits < VSPACE_BITS) {
        objects->extra = carve(&at, extra_bytes);
    }
    objects->asid_pool = carve(&at, 1ul << ASID_POOL_BITS);
    objects->ipc_buffer = carve(&at, BOOT_PAGE_BYTES);
    objects->boot_info = carve(&at, BOOT_PAGE_BYTES);
    objects->page_tables = carve(&at, boot->page_table_count << PAGE_TABLE_BITS);
    objects->tcb = carve(&at, 1ul << TCB_BITS);
    objects->sched_context = carve(&at, 1ul << SCHED_CONTEXT_MIN_BITS);
    return at;
}

void boot_objects_place(struct boot *boot)
{
    word_t cnode_bits = boot->table->root_cnode_bits + SLOT_BITS;
    word_t align_bits = boot->extra_bits > cnode_bits ? boot->extra_bits : cnode_bits;
    word_t align = (1ul << align_bits) - 1;
    word_t bytes = lay_out(boot, 0);
    struct boot_range piece = { 0, 0 };
    struct boot_range best = { 0, 0 };

    /* The top of the last piece that is large enough and that the system does not name. */
    while (free_next(boot, piece.end, &piece)) {
        exclude(&piece, boot->table->avoid, boot->table->avoid_count);
        if (piece.start < piece.end && piece.end - piece.start >= bytes &&
            ((piece.end - bytes) & ~align) >= piece.start) {
            best.start = (piece.end - bytes) & ~align;
            best.end = best.start + bytes;
        }
        piece.end = piece.end > piece.start ? piece.end : piece.start;
    }
    if (best.end == 0) {
        machine_panic("not enough RAM for the root task's kernel objects");
    }
    boot->block = best;
    (void)lay_out(boot, best.start + KERNEL_WINDOW_BASE);
    machine_memory_clear(best.start + KERNEL_WINDOW_BASE, bytes);
}

/* ---- Untypeds ------------------------------------------------------------------------------- */

static bool untyped_add(struct boot *boot, word_t paddr, word_t bits, bool is_device)
{
    struct boot_info *info = boot->info;
    word_t count = boot->next_slot - info->untyped.start;

    if (count == BOOT_UNTYPED_MAX || boot->next_slot == 1ul << boot->table->root_cnode_bits) {
        return false;
    }
    struct cap cap = cap_untyped_new(paddr + KERNEL_WINDOW_BASE, bits, is_device, 0);
    boot_slot_fill(boot, untyped_full(cap));
    info->untyped_list[count].paddr = paddr;
    info->untyped_list[count].size_bits = (uint8_t)bits;
    info->untyped_list[count].is_device = is_device;
    return true;
}

static void cut(struct boot *boot, word_t start, word_t end, bool is_device)
{
    while (start < end) {
        word_t bits = WORD_BITS - 1 - (word_t)__builtin_clzl(end - start);
        word_t align = (word_t)__builtin_ctzl(start + KERNEL_WINDOW_BASE);

        bits = bits < align ? bits : align;
        bits = bits < UNTYPED_MAX_BITS ? bits : UNTYPED_MAX_BITS;
        if (bits >= UNTYPED_MIN_BITS && !untyped_add(boot, start, bits, is_device)) {
            print_text("KERNEL|WARNING: no room in the untyped list for memory from ");
            print_hex(start);
            print_text("\n");
            return;
        }
        start += 1ul << bits;
    }
}

struct taken_list {
    struct boot_range ranges[TAKEN_MAX];
    unsigned count;
};

/* Insert in ascending order. */
static void taken_add(struct taken_list *list, word_t start, word_t bytes)
{
    unsigned at = list->count;

    if (list->count == TAKEN_MAX) {
        machine_panic("too many ranges of memory and devices for the kernel's list");
    }
    for (; at > 0 && list->ranges[at - 1].start > start; at--) {
        list->ranges[at] = list->ranges[at - 1];
    }
    list->ranges[at] = (struct boot_range){ start, start + bytes };
    list->count++;
}

static void device_taken(const struct boot_table *table, struct taken_list *list)
{
    struct boot_range piece = { 0, 0 };

    while (boot_table_ram_next(table, piece.end, &piece)) {
        taken_add(list, piece.start, piece.end - piece.start);
    }
    for (uint32_t i = 0; i < table->reserved_count; i++) {
        if ((table->flags & BOOT_FIXED_RESERVED) == 0) {
            taken_add(list, table->reserved[i].start,
                      table->reserved[i].end - table->reserved[i].start);
        }
    }
    if (table->gic_version == 2) {
        taken_add(list, table->gicd_base, GICV2_KEPT_BYTES);
        taken_add(list, table->gicc_base, GICV2_KEPT_BYTES);
        taken_add(list, table->gich_base, GICV2_KEPT_BYTES);
    } else {
        word_t bytes = table->gicr_size < GICR_KEPT_BYTES ? table->gicr_size : GICR_KEPT_BYTES;
        taken_add(list, table->gicd_base, table->gicd_size);
        taken_add(list, table->gicr_base, bytes);
    }
}

void boot_untyped_create(struct boot *boot)
{
    struct taken_list taken = { .count = 0 };
    struct boot_range piece = { 0, 0 };
    word_t at = 0;

    boot->info->untyped.start = boot->next_slot;
    device_taken(boot->table, &taken);
    for (unsigned i = 0; i < taken.count; i++) {
        cut(boot, at, taken.ranges[i].start, true);
        at = taken.ranges[i].end > at ? taken.ranges[i].end : at;
    }
    cut(boot, at, DEVICE_PADDR_TOP, true);

    /* Behind the kernel: device tree and boot table, which nobody needs any more. */
    cut(boot, kernel_image_end(), boot->table->kernel_end, false);

    while (free_next(boot, piece.end, &piece)) {
        cut(boot, piece.start, piece.end, false);
    }
    boot->info->untyped.end = boot->next_slot;
}
