/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Device tree to boot table
 */
#include "machine.h"

#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <plat/plat.h>

#define VIRT "linux,dummy-virt"

static struct tree virt(int gic)
{
    return (struct tree){
        .compatible = VIRT, .memory = { { 0x40000000, 0x10000000 } }, .memory_count = 1, .gic = gic
    };
}

static const char *read_tree(const struct tree *tree, struct boot_table *table)
{
    memset(table, 0, sizeof(*table));
    return machine_read(tree_build(tree), table);
}

static void assert_refused(const struct tree *tree, const char *words)
{
    struct boot_table table;
    const char *refusal = read_tree(tree, &table);

    assert_non_null(refusal);
    assert_non_null(strstr(refusal, words));
}

static void test_gicv2(void **state)
{
    (void)state;
    struct tree tree = virt(2);
    struct boot_table table;

    assert_null(read_tree(&tree, &table));
    assert_int_equal(table.gic_version, 2);
    assert_int_equal(table.gicd_base, 0x8000000);
    assert_int_equal(table.gicc_base, 0x8010000);
    assert_int_equal(table.gich_base, 0x8030000);
    assert_int_equal(table.gicr_base, 0);
    assert_int_equal(table.maintenance_irq, 25);
    assert_int_equal(table.timer_irq, 26);
    assert_int_equal(table.uart_kind, BOOT_UART_PL011);
    assert_int_equal(table.uart_base, 0x9000000);
    assert_int_equal(table.uart_irq, 33);
    assert_int_equal(table.max_irq, 159);
    assert_int_equal(table.ram_count, 1);
    assert_int_equal(table.ram[0].start, 0x40000000);
    assert_int_equal(table.ram[0].end, 0x50000000);
    assert_int_equal(table.reserved_count, 0);
}

static void test_gicv3(void **state)
{
    (void)state;
    struct tree tree = virt(3);
    struct boot_table table;

    tree.compatible = "some,other-board";
    assert_null(read_tree(&tree, &table));
    assert_int_equal(table.gic_version, 3);
    assert_int_equal(table.gicr_base, 0x80a0000);
    assert_int_equal(table.gicr_size, 0xf60000);
    assert_int_equal(table.gich_base, 0);
    assert_int_equal(table.max_irq, 0); /* the loader asks the GIC */
}

static void test_memory(void **state)
{
    (void)state;
    struct tree tree = virt(2);
    struct boot_table table;

    /* Out of order, touching, ragged, and beyond what the kernel can reach. */
    tree.memory_count = 4;
    tree.memory[0][0] = 0x7fbffff000;
    tree.memory[0][1] = 0x10000000;
    tree.memory[1][0] = 0x50000000;
    tree.memory[1][1] = 0x10000000;
    tree.memory[2][0] = 0x40000000;
    tree.memory[2][1] = 0x10000000;
    tree.memory[3][0] = 0x80000800;
    tree.memory[3][1] = 0x3000;
    assert_null(read_tree(&tree, &table));
    assert_int_equal(table.ram_count, 3);
    assert_int_equal(table.ram[0].start, 0x40000000);
    assert_int_equal(table.ram[0].end, 0x60000000);
    assert_int_equal(table.ram[1].start, 0x80001000);
    assert_int_equal(table.ram[1].end, 0x80003000);
    assert_int_equal(table.ram[2].start, 0x7fbffff000);
    assert_int_equal(table.ram[2].end, KERNEL_PADDR_TOP);
    tree.memory_count = 0;
    assert_refused(&tree, "no `memory` node");
    tree.memory_count = 17;
    for (uint64_t i = 0; i < 17; i++) {
        tree.memory[i][0] = i << 24;
        tree.memory[i][1] = 0x1000;
    }
    assert_refused(&tree, "more than 16");
}

static void test_reserved(void **state)
{
    (void)state;
    struct tree tree = virt(2);
    struct boot_table table;

    tree.memreserve = 0x41000000;
    tree.reserved_count = 2;
    tree.reserved[0][0] = 0x48000800;
    tree.reserved[0][1] = 0x1000;
    tree.reserved[1][0] = 0x41001000;
    tree.reserved[1][1] = 0x1000;
    assert_null(read_tree(&tree, &table));
    assert_int_equal(table.reserved_count, 2);
    assert_int_equal(table.reserved[0].start, 0x41000000);
    assert_int_equal(table.reserved[0].end, 0x41002000);
    assert_int_equal(table.reserved[1].start, 0x48000000);
    assert_int_equal(table.reserved[1].end, 0x48002000);
}

static void test_uart(void **state)
{
    (void)state;
    struct tree tree = virt(2);
    struct boot_table table;

    tree.uart_on_bus = true;
    assert_null(read_tree(&tree, &table));
    assert_int_equal(table.uart_base, 0x9000000);
    tree.uart_on_bus = false;
    tree.uart_disabled = true;
    assert_null(read_tree(&tree, &table));
    assert_int_equal(table.uart_kind, BOOT_UART_NONE);
    tree.no_uart = true;
    assert_null(read_tree(&tree, &table));
    assert_int_equal(table.uart_kind, BOOT_UART_NONE);
}

static void test_refusals(void **state)
{
    (void)state;
    struct tree tree = virt(0);

    assert_refused(&tree, "no GICv2 or GICv3");
    tree.gic = 2;
    tree.no_hypervisor = true;
    assert_refused(&tree, "virtualization=on");
    tree.no_hypervisor = false;
    tree.short_timer = true;
    assert_refused(&tree, "hypervisor timer");
    tree.no_timer = true;
    assert_refused(&tree, "arm,armv8-timer");
}

static void test_boards(void **state)
{
    (void)state;
    static const char second[] = "vendor,board\0linux,dummy-virt";

    assert_non_null(plat_board_find(second, sizeof(second)));
    assert_null(plat_board_find("dummy-virt", 11));
    assert_null(plat_board_find("xlinux,dummy-virt", 18));
    assert_null(plat_board_find("linux,dummy-virt", 16)); /* not ended */
    assert_null(plat_board_find("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gicv2),  cmocka_unit_test(test_gicv3),
        cmocka_unit_test(test_memory), cmocka_unit_test(test_reserved),
        cmocka_unit_test(test_uart),   cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_boards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
