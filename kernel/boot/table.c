/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checking the boot table
 */
#include "boot/table.h"

#include <abi/bootinfo.h>
#include <abi/objects.h>
#include <arch/layout.h>
#include <stddef.h>

#define PAGE_MASK       ((word_t)LAYOUT_PAGE_BYTES - 1)
#define IMAGE_ALIGN     (1ul << BOOT_KERNEL_ALIGN_BITS)
#define IRQ_HIGHEST     1019u
#define IRQ_LOWEST      31u
#define IRQ_FIRST_PPI   16u
#define IRQ_FIRST_SPI   32u
#define DOMAINS_MAX     16u
#define HZ_LEAST        1000000ul
#define HZ_MOST         1000000000ul
#define SLICE_MOST_US   10000000ul
#define COUNTER_BITS    0x303ul
#define RAM_LEAST_BYTES (8ul << 20)

bool boot_table_is_readable(const struct boot_table *table)
{
    return table != NULL && ((word_t)table & (sizeof(word_t) - 1)) == 0 &&
           table->magic == BOOT_TABLE_MAGIC && table->version == BOOT_TABLE_VERSION &&
           table->size == sizeof(struct boot_table);
}

/* Are the ranges page aligned, not empty, ascending, disjoint, and below the window's end? */
static bool ranges_are_sound(const struct boot_range *ranges, uint32_t count)
{
    word_t last = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (((ranges[i].start | ranges[i].end) & PAGE_MASK) != 0 || ranges[i].start < last ||
            ranges[i].end <= ranges[i].start || ranges[i].end > KERNEL_PADDR_TOP) {
            return false;
        }
        last = ranges[i].end;
    }
    return true;
}

bool boot_table_ram_next(const struct boot_table *table, word_t from, struct boot_range *piece)
{
    const struct boot_range window = { table->vm_window_start, table->vm_window_end };
    bool has_window = (table->flags & BOOT_VM_WINDOW) != 0;

    for (uint32_t i = 0; i < table->ram_count; i++) {
        word_t start = table->ram[i].start > from ? table->ram[i].start : from;
        word_t end = table->ram[i].end;

        /* The holes ascend; the window comes among them, so it is tried before and after. */
        if (has_window && window.start <= start && start < window.end) {
            start = window.end;
        }
        for (uint32_t r = 0; r < table->reserved_count; r++) {
            const struct boot_range *hole = &table->reserved[r];
            if (hole->start <= start && start < hole->end) {
                start = hole->end;
            }
            if (has_window && window.start <= start && start < window.end) {
                start = window.end;
            }
        }
        for (uint32_t r = table->reserved_count; r > 0; r--) {
            if (table->reserved[r - 1].start >= start && table->reserved[r - 1].start < end) {
                end = table->reserved[r - 1].start;
            }
        }
        if (has_window && window.start >= start && window.start < end) {
            end = window.start;
        }
        if (start < end) {
            *piece = (struct boot_range){ start, end };
            return true;
        }
    }
    return false;
}

/* Is [start, end) inside one piece of ordinary RAM? */
static bool is_in_ram(const struct boot_table *table, word_t start, word_t end)
{
    struct boot_range piece;

    return start <= end && boot_table_ram_next(table, start, &piece) && piece.start == start &&
           end <= piece.end;
}

static const char *check_memory(const struct boot_table *table)
{
    word_t total = 0;

    if (table->ram_count == 0 || table->ram_count > BOOT_RANGE_MAX) {
        return "`ram_count` must be 1 to 16";
    }
    if (table->reserved_count > BOOT_RANGE_MAX) {
        return "`reserved_count` must be at most 16";
    }
    if (table->avoid_count > BOOT_AVOID_MAX) {
        return "`avoid_count` must be at most 32";
    }
    if (!ranges_are_sound(table->ram, table->ram_count)) {
        return "`ram` must ascend without overlap, in whole pages, below 0x7fc0000000";
    }
    if (!ranges_are_sound(table->reserved, table->reserved_count)) {
        return "`reserved` must ascend without overlap, in whole pages, below 0x7fc0000000";
    }
    if ((table->flags & BOOT_VM_WINDOW) != 0) {
        const struct boot_range window = { table->vm_window_start, table->vm_window_end };
        if (!ranges_are_sound(&window, 1)) {
            return "the VM window must be whole pages, not empty";
        }
    }
    for (uint32_t i = 0; i < table->ram_count; i++) {
        total += table->ram[i].end - table->ram[i].start;
    }
    if (total < RAM_LEAST_BYTES) {
        return "less than 8 MiB of RAM";
    }
    return NULL;
}

static const char *check_placement(const struct boot_table *table, word_t start, word_t end)
{
    word_t self = (word_t)table;

    if (table->kernel_start != start || (start & (IMAGE_ALIGN - 1)) != 0) {
        return "`kernel_start` is not where the kernel runs, or not 2 MiB aligned";
    }
    if ((table->kernel_end & (IMAGE_ALIGN - 1)) != 0 || table->kernel_end < end ||
        !is_in_ram(table, table->kernel_start, table->kernel_end)) {
        return "`kernel_end` is not 2 MiB aligned behind the kernel, in RAM";
    }
    if (self < end || self + sizeof(*table) > table->kernel_end) {
        return "the boot table must lie between the end of the kernel and `kernel_end`";
    }
    if (table->dtb_size != 0 &&
        (table->dtb_start < end || table->dtb_size > table->kernel_end - end ||
         table->dtb_start > table->kernel_end - table->dtb_size)) {
        return "the device tree must lie between the end of the kernel and `kernel_end`";
    }
    if (((table->user_start | table->user_end | table->user_vaddr) & PAGE_MASK) != 0 ||
        table->user_start == table->user_end ||
        !is_in_ram(table, table->user_start, table->user_end)) {
        return "the user image must be whole pages in RAM";
    }
    if (table->user_start < table->kernel_end && table->kernel_start < table->user_end) {
        return "the user image overlaps the kernel";
    }
    word_t bytes = table->user_end - table->user_start;
    if (table->user_vaddr > USER_TOP || bytes > USER_TOP - table->user_vaddr) {
        return "the user image ends above the user's address space";
    }
    if (table->user_entry < table->user_vaddr || table->user_entry - table->user_vaddr >= bytes ||
        (table->user_entry & 3) != 0) {
        return "`user_entry` is not in the user image";
    }
    return NULL;
}

static bool is_device(word_t base, word_t size)
{
    return base != 0 && (base & PAGE_MASK) == 0 && size >= LAYOUT_PAGE_BYTES &&
           base < DEVICE_PADDR_TOP && size < DEVICE_PADDR_TOP - base;
}

static bool is_ppi(uint32_t irq)
{
    return irq >= IRQ_FIRST_PPI && irq < IRQ_FIRST_SPI;
}

static const char *check_devices(const struct boot_table *table)
{
    if (!is_device(table->gicd_base, table->gicd_size)) {
        return "`gicd_base` is not a device of whole pages";
    }
    if (table->gic_version == 2) {
        if (!is_device(table->gicc_base, table->gicc_size) ||
            !is_device(table->gich_base, table->gich_size)) {
            return "a GICv2 needs `gicc_base` and `gich_base` (does the CPU start in EL2?)";
        }
    } else if (table->gic_version == 3) {
        if (!is_device(table->gicr_base, table->gicr_size)) {
            return "a GICv3 needs `gicr_base`";
        }
    } else {
        return "`gic_version` must be 2 or 3";
    }
    if (table->max_irq < IRQ_LOWEST || table->max_irq > IRQ_HIGHEST) {
        return "`max_irq` must be 31 to 1019";
    }
    if (!is_ppi(table->timer_irq) || !is_ppi(table->maintenance_irq) ||
        table->timer_irq == table->maintenance_irq) {
        return "`timer_irq` and `maintenance_irq` must be two private interrupts (16 to 31)";
    }
    if (table->timer_hz < HZ_LEAST || table->timer_hz > HZ_MOST) {
        return "`timer_hz` must be 1 MHz to 1 GHz";
    }
    if (table->uart_kind > BOOT_UART_PL011) {
        return "`uart_kind` is unknown";
    }
    if (table->uart_kind != BOOT_UART_NONE &&
        !is_device(table->uart_base & ~PAGE_MASK, LAYOUT_PAGE_BYTES)) {
        return "`uart_base` is not a device";
    }
    return NULL;
}

/* Is the part of the user image that is given as 2 MiB frames inside it, and can it be mapped so? */
static bool large_is_good(const struct boot_table *table)
{
    word_t mask = (1ul << LARGE_FRAME_BITS) - 1;

    if (table->large_start == table->large_end) {
        return true;
    }
    return ((table->large_start | table->large_end) & mask) == 0 &&
           table->large_start < table->large_end && table->large_start >= table->user_vaddr &&
           table->large_end - table->user_vaddr <= table->user_end - table->user_start &&
           ((table->user_start - table->user_vaddr) & mask) == 0;
}

static const char *check_options(const struct boot_table *table)
{
    if (table->root_cnode_bits < BOOT_ROOT_CNODE_BITS_MIN ||
        table->root_cnode_bits > BOOT_ROOT_CNODE_BITS_MAX) {
        return "`root_cnode_bits` must be 12 to 18";
    }
    if (table->domains == 0 || table->domains > DOMAINS_MAX) {
        return "`domains` must be 1 to 16";
    }
    if (table->boot_slice_us == 0 || table->boot_slice_us > SLICE_MOST_US) {
        return "`boot_slice_us` must be above 0 and at most ten seconds";
    }
    if ((table->counter_access & ~COUNTER_BITS) != 0) {
        return "`counter_access` has bits other than 0, 1, 8 and 9";
    }
    if ((table->flags & ~(word_t)BOOT_FLAGS_MASK) != 0) {
        return "`flags` has bits that this kernel does not know";
    }
    if (!large_is_good(table)) {
        return "`large_start` to `large_end` is no 2 MiB aligned part of the user image";
    }
    if (table->core_count != 1) {
        return "`core_count` must be 1";
    }
    return NULL;
}

const char *boot_table_check(const struct boot_table *table, word_t image_start, word_t image_end)
{
    const char *refusal;

    if (!boot_table_is_readable(table)) {
        return "x0 is not the address of a boot table of this kernel's version";
    }
    refusal = check_options(table);
    if (refusal == NULL) {
        refusal = check_memory(table);
    }
    if (refusal == NULL) {
        refusal = check_placement(table, image_start, image_end);
    }
    if (refusal == NULL) {
        refusal = check_devices(table);
    }
    return refusal;
}
