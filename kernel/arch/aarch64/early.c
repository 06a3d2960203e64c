/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Before the MMU is on
 *
 * Everything here runs at physical addresses: no static pointers, no tables of pointers. A boot
 * table that is refused is refused here, in words, before any of it is used.
 */
#include "early.h"

#include "kernel_map.h"

#include <arch/layout.h>
#include <arch/sysreg.h>
#include <boot/table.h>
#include <drivers/pl011.h>
#include <machine/machine.h>
#include <machine/parts.h>
#include <plat/plat.h>

_Static_assert(LAYOUT_WINDOW == KERNEL_WINDOW_OFFSET, "layout.h repeats the boot table's numbers");
_Static_assert(LAYOUT_WINDOW == KERNEL_WINDOW_BASE, "as above");
_Static_assert(LAYOUT_IMAGE == KERNEL_IMAGE_BASE, "as above");
_Static_assert(LAYOUT_DEVICES == KERNEL_DEVICE_BASE, "as above");

#define WINDOW_MAX (2 * BOOT_RANGE_MAX + 2) /* pieces of RAM between reserved ranges */

/* From the linker script and vectors.S. */
extern char kernel_text_start[], kernel_rodata_start[], kernel_data_start[], kernel_end[];
extern char kernel_stack_guard[], panic_stack_guard[];

static struct kernel_map_table tables[KERNEL_MAP_TABLES];
static word_t tables_used;
static struct boot_range window[WINDOW_MAX + 1];
static unsigned window_count;
static word_t image_paddr; /* physical minus linked address is image_paddr - LAYOUT_IMAGE */

/* Before the table can be trusted the fall-back board's UART is the only way to speak. */
static void early_print(word_t uart, const char *text)
{
    for (; *text != '\0'; text++) {
        pl011_put(uart, *text);
    }
}

_Noreturn static void early_refuse(const struct boot_table *table, const char *sentence)
{
    word_t uart = PLAT_FALLBACK_UART;

    if (boot_table_is_readable(table) && table->uart_kind == BOOT_UART_PL011) {
        uart = table->uart_base;
    }
    early_print(uart, "\r\nKERNEL|ERROR: boot table refused: ");
    early_print(uart, sentence);
    early_print(uart, "\r\n");
    machine_halt();
}

/* Remember what the window will map. Pre: the table has been checked. */
static void window_remember(const struct boot_table *table, word_t image_end)
{
    struct boot_range piece = { 0, 0 };

    while (window_count < WINDOW_MAX && boot_table_ram_next(table, piece.end, &piece)) {
        if (piece.start <= table->kernel_start && table->kernel_start < piece.end) {
            window[window_count] = (struct boot_range){ piece.start, table->kernel_start };
            window_count++;
            piece.start = image_end;
        }
        window[window_count] = piece;
        window_count++;
    }
}

bool machine_in_window(word_t paddr, word_t bytes)
{
    for (unsigned i = 0; i < window_count; i++) {
        if (window[i].start <= paddr && paddr < window[i].end && bytes <= window[i].end - paddr) {
            return true;
        }
    }
    return false;
}

static word_t offset_in_image(const char *place)
{
    return (word_t)place - (word_t)kernel_text_start;
}

word_t early_main(word_t table_paddr)
{
    const struct boot_table *table = (const struct boot_table *)table_paddr;
    word_t here = (word_t)kernel_text_start; /* physical: adrp gives where we run */
    const char *refusal = boot_table_check(table, here, here + offset_in_image(kernel_end));

    if (refusal != NULL) {
        early_refuse(table, refusal);
    }
    struct kernel_map map = { tables, 1 };
    const struct kernel_map_image image = {
        offset_in_image(kernel_rodata_start),
        offset_in_image(kernel_data_start),
        offset_in_image(kernel_end),
        { offset_in_image(kernel_stack_guard), offset_in_image(panic_stack_guard) },
    };
    word_t gib = 1ul << 30;
    /* Read-only and executable, as head.S needs it to go on running. */
    if (!kernel_map_build(&map, table, &image) ||
        !kernel_map_range(&map, here & ~(gib - 1), here & ~(gib - 1), gib, KERNEL_MAP_TEXT)) {
        early_refuse(table, "RAM is too scattered for the kernel's translation tables; "
                            "give fewer or larger ranges in `ram`");
    }
    window_remember(table, here + image.end);
    tables_used = map.used;
    image_paddr = here;
    return (word_t)tables;
}

void early_finish(void)
{
    const struct kernel_map map = { tables, tables_used };

    tables[0].entries[0] = 0;
    BARRIER_DSB(ishst);
    __asm__ volatile("tlbi alle2" : : : "memory"); /* the identity map must not linger */
    BARRIER_DSB(sy);
    BARRIER_ISB();
    if (!kernel_map_is_safe(&map)) {
        machine_panic("a kernel mapping is both writable and executable");
    }
}

word_t kernel_image_paddr(const void *place)
{
    return (word_t)place - (word_t)kernel_text_start + image_paddr;
}

word_t kernel_image_start(void)
{
    return image_paddr;
}

word_t kernel_image_end(void)
{
    return kernel_image_paddr(kernel_end);
}
