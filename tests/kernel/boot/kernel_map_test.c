/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's translation tables: what is mapped where, and how
 */
#include "kernel_map.h"

#include "good_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <arch/layout.h>
#include <cmocka.h>

#define PAGE          0x1000ul
#define GIB           (1ul << 30)
#define ENTRY_XN      (1ul << 54)
#define ENTRY_RO      (1ul << 7)
#define ENTRY_NORMAL  (1ul << 2)
#define ENTRY_ADDRESS 0xfffffffff000ul

static struct kernel_map_table tables[KERNEL_MAP_TABLES];
static struct kernel_map map;
static struct boot_table table;

static const struct kernel_map_image image = { 0x10000, 0x18000, 0x50000, { 0x20000, 0x23000 } };

static int map_reset(void **state)
{
    (void)state;
    memset(tables, 0, sizeof(tables));
    map = (struct kernel_map){ tables, 1 };
    good_table(&table);
    return 0;
}

static void assert_mapped(word_t vaddr, word_t paddr, word_t flags)
{
    word_t entry = kernel_map_lookup(&map, vaddr);

    assert_int_not_equal(entry, 0);
    assert_int_equal(entry & ENTRY_ADDRESS & ~(PAGE - 1), paddr);
    assert_int_equal(entry & (ENTRY_XN | ENTRY_RO | ENTRY_NORMAL), flags);
}

static void test_image_is_w_xor_x(void **state)
{
    (void)state;
    assert_true(kernel_map_build(&map, &table, &image));
    assert_mapped(LAYOUT_IMAGE, KERNEL_START, ENTRY_RO | ENTRY_NORMAL);
    assert_mapped(LAYOUT_IMAGE + 0xf000, KERNEL_START + 0xf000, ENTRY_RO | ENTRY_NORMAL);
    assert_mapped(LAYOUT_IMAGE + 0x10000, KERNEL_START + 0x10000,
                  ENTRY_RO | ENTRY_XN | ENTRY_NORMAL);
    assert_mapped(LAYOUT_IMAGE + 0x18000, KERNEL_START + 0x18000, ENTRY_XN | ENTRY_NORMAL);
    assert_mapped(LAYOUT_IMAGE + 0x4f000, KERNEL_START + 0x4f000, ENTRY_XN | ENTRY_NORMAL);
    assert_int_equal(kernel_map_lookup(&map, LAYOUT_IMAGE + 0x50000), 0);
    assert_true(kernel_map_is_safe(&map));
}

static void test_guard_pages_are_not_mapped(void **state)
{
    (void)state;
    assert_true(kernel_map_build(&map, &table, &image));
    assert_int_equal(kernel_map_lookup(&map, LAYOUT_IMAGE + 0x20000), 0);
    assert_int_equal(kernel_map_lookup(&map, LAYOUT_IMAGE + 0x23000), 0);
    assert_mapped(LAYOUT_IMAGE + 0x21000, KERNEL_START + 0x21000, ENTRY_XN | ENTRY_NORMAL);
}

static void test_window_is_ram_without_the_image(void **state)
{
    (void)state;
    table.reserved_count = 1;
    table.reserved[0] = (struct boot_range){ 0x48000000, 0x48001000 };
    assert_true(kernel_map_build(&map, &table, &image));
    for (word_t at = 0; at < image.end; at += PAGE) {
        assert_int_equal(kernel_map_lookup(&map, LAYOUT_WINDOW + KERNEL_START + at), 0);
    }
    assert_mapped(LAYOUT_WINDOW + KERNEL_START + image.end, KERNEL_START + image.end,
                  ENTRY_XN | ENTRY_NORMAL);
    assert_mapped(LAYOUT_WINDOW + 0x4fe00000, 0x4fe00000, ENTRY_XN | ENTRY_NORMAL);
    assert_int_equal(kernel_map_lookup(&map, LAYOUT_WINDOW + 0x48000000), 0);
    assert_mapped(LAYOUT_WINDOW + 0x48001000, 0x48001000, ENTRY_XN | ENTRY_NORMAL);
    assert_int_equal(kernel_map_lookup(&map, LAYOUT_WINDOW + 0x50000000), 0);
    assert_int_equal(kernel_map_lookup(&map, LAYOUT_WINDOW + 0x3ffff000), 0);
    assert_int_equal(kernel_map_lookup(&map, LAYOUT_WINDOW + 0x9000000), 0); /* a device */
}

static void test_devices(void **state)
{
    (void)state;
    table.gicr_base = 0x80a0000;
    table.gicr_size = 0xf60000;
    assert_true(kernel_map_build(&map, &table, &image));
    assert_mapped(DEVICE_ADDRESS(DEVICE_PAGE_UART), 0x9000000, ENTRY_XN);
    assert_mapped(DEVICE_ADDRESS(DEVICE_PAGE_GICD) + 0xf000, 0x800f000, ENTRY_XN);
    assert_mapped(DEVICE_ADDRESS(DEVICE_PAGE_GICC) + PAGE, 0x8011000, ENTRY_XN);
    assert_mapped(DEVICE_ADDRESS(DEVICE_PAGE_GICH), 0x8030000, ENTRY_XN);
    assert_mapped(DEVICE_ADDRESS(DEVICE_PAGE_GICR) + 0xff000, 0x819f000, ENTRY_XN);
    assert_int_equal(kernel_map_lookup(&map, DEVICE_ADDRESS(DEVICE_PAGE_GICH) + PAGE), 0);
}

static void test_much_ram_needs_few_tables(void **state)
{
    (void)state;
    table.ram[0].end = 0x40000000 + 8 * GIB;
    assert_true(kernel_map_build(&map, &table, &image));
    assert_mapped(LAYOUT_WINDOW + 0x200000000, 0x200000000, ENTRY_XN | ENTRY_NORMAL);
    assert_true(map.used <= 8);
}

static void test_runs_out_of_tables(void **state)
{
    (void)state;
    table.ram_count = BOOT_RANGE_MAX;
    for (word_t i = 0; i < BOOT_RANGE_MAX; i++) {
        word_t start = (i + 1) * GIB;
        table.ram[i] = (struct boot_range){ start, start + 0x400000 };
    }
    assert_false(kernel_map_build(&map, &table, &image));
}

static void test_finds_an_unsafe_entry(void **state)
{
    (void)state;
    assert_true(kernel_map_build(&map, &table, &image));
    for (word_t t = 0; t < map.used; t++) {
        for (word_t i = 0; i < KERNEL_MAP_ENTRIES; i++) {
            word_t *entry = &tables[t].entries[i];
            if ((*entry & (ENTRY_XN | ENTRY_RO)) == ENTRY_XN) {
                *entry &= ~ENTRY_XN;
                assert_false(kernel_map_is_safe(&map));
                return;
            }
        }
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_image_is_w_xor_x, map_reset),
        cmocka_unit_test_setup(test_guard_pages_are_not_mapped, map_reset),
        cmocka_unit_test_setup(test_window_is_ram_without_the_image, map_reset),
        cmocka_unit_test_setup(test_devices, map_reset),
        cmocka_unit_test_setup(test_much_ram_needs_few_tables, map_reset),
        cmocka_unit_test_setup(test_runs_out_of_tables, map_reset),
        cmocka_unit_test_setup(test_finds_an_unsafe_entry, map_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
