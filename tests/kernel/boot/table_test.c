/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Boot table: what is accepted, what is refused and how, and what is ordinary RAM
 *
 * The table of a running system lies in RAM behind the kernel, and the check looks at its address:
 * so memory is mapped at the very address where the board's RAM begins.
 */
#define _DEFAULT_SOURCE /* mmap */

#include <boot/table.h>

#include "good_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define MIB         0x100000ul
#define BLOCK_BYTES (4 * MIB)

struct board {
    struct boot_table *table;
    word_t kernel;
};

static void *block; /* at KERNEL_START */

static struct board board_new(void)
{
    struct board board = { (struct boot_table *)((word_t)block + KERNEL_BYTES + 0x2000),
                           KERNEL_START };

    good_table(board.table);
    return board;
}

static const char *check(const struct board *board)
{
    return boot_table_check(board->table, board->kernel, board->kernel + KERNEL_BYTES);
}

static void test_accepts_a_good_table(void **state)
{
    (void)state;
    struct board board = board_new();

    assert_null(check(&board));
    board.table->gic_version = 3;
    board.table->gicr_base = 0x80a0000;
    board.table->gicr_size = 0xf60000;
    assert_null(check(&board));
    board.table->uart_kind = BOOT_UART_NONE;
    board.table->dtb_size = 0;
    board.table->root_cnode_bits = 18;
    board.table->domains = 16;
    board.table->counter_access = 0x303;
    assert_null(check(&board));
}

#define REFUSED(words, ...)                      \
    do {                                         \
        struct board board = board_new();        \
        struct boot_table *t = board.table;      \
        const word_t k = board.kernel;           \
        (void)k;                                 \
        __VA_ARGS__;                             \
        const char *refusal = check(&board);     \
        assert_non_null(refusal);                \
        assert_non_null(strstr(refusal, words)); \
    } while (0)

static void test_refuses_identity(void **state)
{
    (void)state;
    REFUSED("x0 is not", t->magic++);
    REFUSED("x0 is not", t->version++);
    REFUSED("x0 is not", t->size -= 8);
    assert_non_null(boot_table_check(NULL, 0, 0));
}

static void test_refuses_memory(void **state)
{
    (void)state;
    REFUSED("`ram_count`", t->ram_count = 0);
    REFUSED("`ram_count`", t->ram_count = 17);
    REFUSED("`avoid_count`", t->avoid_count = 33);
    REFUSED("`reserved_count`", t->reserved_count = 17);
    REFUSED("`ram` must ascend", t->ram[0].end += 1);
    REFUSED("`ram` must ascend", t->ram[0].end = t->ram[0].start);
    REFUSED("`ram` must ascend", t->ram_count = 2; t->ram[1] = t->ram[0]);
    REFUSED("`ram` must ascend", t->ram[0].end = KERNEL_PADDR_TOP + 0x1000);
    REFUSED("`reserved` must ascend", t->reserved_count = 1);
    REFUSED("VM window", t->flags = BOOT_VM_WINDOW);
    REFUSED("less than 8 MiB", t->ram[0].end = t->ram[0].start + 7 * MIB);
}

static void test_refuses_placement(void **state)
{
    (void)state;
    REFUSED("`kernel_start`", t->kernel_start += 2 * MIB);
    REFUSED("`kernel_end`", t->kernel_end -= 0x1000);
    REFUSED("`kernel_end`", t->kernel_end = k);
    REFUSED("`kernel_end`", t->reserved_count = 1;
            t->reserved[0] = (struct boot_range){ k + 0x1000, k + 0x2000 });
    REFUSED("device tree must lie", t->dtb_start = k + 0x1000);
    REFUSED("device tree must lie", t->dtb_size = 2 * MIB);
    REFUSED("device tree must lie", t->dtb_size = ~0ul);
    REFUSED("whole pages in RAM", t->user_start += 8);
    REFUSED("whole pages in RAM", t->user_end = t->user_start);
    REFUSED("whole pages in RAM", t->user_end = t->ram[0].end + 0x1000);
    REFUSED("overlaps the kernel", t->user_start = k + 0x1000);
    REFUSED("above the user's", t->user_vaddr = 1ul << 40);
    REFUSED("above the user's", t->user_vaddr = (1ul << 40) - 0x1000);
    REFUSED("`user_entry`", t->user_entry = t->user_vaddr - 4);
    REFUSED("`user_entry`", t->user_entry = t->user_vaddr + 0x80000);
    REFUSED("`user_entry`", t->user_entry++);
}

static void test_refuses_devices(void **state)
{
    (void)state;
    REFUSED("`gicd_base`", t->gicd_base = 0);
    REFUSED("`gicd_base`", t->gicd_base += 4);
    REFUSED("GICv2 needs", t->gich_base = 0);
    REFUSED("GICv2 needs", t->gicc_size = 0);
    REFUSED("GICv3 needs", t->gic_version = 3);
    REFUSED("`gic_version`", t->gic_version = 4);
    REFUSED("`max_irq`", t->max_irq = 1020);
    REFUSED("`max_irq`", t->max_irq = 30);
    REFUSED("private interrupts", t->timer_irq = 32);
    REFUSED("private interrupts", t->timer_irq = t->maintenance_irq);
    REFUSED("`timer_hz`", t->timer_hz = 0);
    REFUSED("`uart_kind`", t->uart_kind = 2);
    REFUSED("`uart_base`", t->uart_base = 0);
}

static void test_refuses_options(void **state)
{
    (void)state;
    REFUSED("`root_cnode_bits`", t->root_cnode_bits = 11);
    REFUSED("`root_cnode_bits`", t->root_cnode_bits = 19);
    REFUSED("`domains`", t->domains = 0);
    REFUSED("`domains`", t->domains = 17);
    REFUSED("`boot_slice_us`", t->boot_slice_us = 0);
    REFUSED("`counter_access`", t->counter_access = 4);
    REFUSED("`flags`", t->flags = 1ul << 40);
    REFUSED("`core_count`", t->core_count = 2);
    REFUSED("`large_start`", t->large_end = 2 * MIB);
    REFUSED("`large_start`", t->large_start = 4 * MIB; t->large_end = 6 * MIB);
}

/* All pieces of ordinary RAM, as text. */
static void assert_pieces(const struct boot_table *table, const struct boot_range *expected,
                          unsigned count)
{
    struct boot_range piece = { 0, 0 };

    for (unsigned i = 0; i < count; i++) {
        assert_true(boot_table_ram_next(table, piece.end, &piece));
        assert_int_equal(piece.start, expected[i].start);
        assert_int_equal(piece.end, expected[i].end);
    }
    assert_false(boot_table_ram_next(table, piece.end, &piece));
}

static void test_ordinary_ram(void **state)
{
    (void)state;
    struct boot_table table;

    good_table(&table);
    table.ram_count = 2;
    table.ram[0] = (struct boot_range){ 0x10000, 0x50000 };
    table.ram[1] = (struct boot_range){ 0x60000, 0x90000 };
    const struct boot_range all[] = { { 0x10000, 0x50000 }, { 0x60000, 0x90000 } };
    assert_pieces(&table, all, 2);

    table.reserved_count = 3;
    table.reserved[0] = (struct boot_range){ 0x0, 0x11000 };
    table.reserved[1] = (struct boot_range){ 0x20000, 0x21000 };
    table.reserved[2] = (struct boot_range){ 0x21000, 0x22000 };
    const struct boot_range some[] = { { 0x11000, 0x20000 },
                                       { 0x22000, 0x50000 },
                                       { 0x60000, 0x90000 } };
    assert_pieces(&table, some, 3);

    /* The window swallows a hole, an end and a start. */
    table.flags = BOOT_VM_WINDOW;
    table.vm_window_start = 0x1f000;
    table.vm_window_end = 0x70000;
    const struct boot_range few[] = { { 0x11000, 0x1f000 }, { 0x70000, 0x90000 } };
    assert_pieces(&table, few, 2);
    table.vm_window_start = 0;
    table.vm_window_end = 0x90000;
    assert_pieces(&table, few, 0);
}

static int block_map(void **state)
{
    (void)state;
    /* The address is a hint: nothing of ours is there, and if it is not obeyed the test fails. */
    block = mmap((void *)KERNEL_START, BLOCK_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == (void *)KERNEL_START ? 0 : -1;
}

static int block_unmap(void **state)
{
    (void)state;
    return munmap(block, BLOCK_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts_a_good_table), cmocka_unit_test(test_refuses_identity),
        cmocka_unit_test(test_refuses_memory),       cmocka_unit_test(test_refuses_placement),
        cmocka_unit_test(test_refuses_devices),      cmocka_unit_test(test_refuses_options),
        cmocka_unit_test(test_ordinary_ram),
    };

    return cmocka_run_group_tests(tests, block_map, block_unmap);
}
