/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A boot table that the kernel accepts
 */
#include "good_table.h"

void good_table(struct boot_table *table)
{
    *table = (struct boot_table){
        .magic = BOOT_TABLE_MAGIC,
        .version = BOOT_TABLE_VERSION,
        .size = sizeof(*table),
        .kernel_start = KERNEL_START,
        .kernel_end = KERNEL_END,
        .user_start = 0x40400000,
        .user_end = 0x40480000,
        .user_vaddr = 0x400000,
        .user_entry = 0x400000,
        .dtb_start = KERNEL_START + KERNEL_BYTES,
        .dtb_size = 0x2000,
        .ram_count = 1,
        .ram = { { 0x40000000, 0x50000000 } },
        .gic_version = 2,
        .max_irq = 159,
        .gicd_base = 0x8000000,
        .gicd_size = 0x10000,
        .gicc_base = 0x8010000,
        .gicc_size = 0x10000,
        .gich_base = 0x8030000,
        .gich_size = 0x10000,
        .maintenance_irq = 25,
        .timer_irq = 26,
        .timer_hz = 62500000,
        .uart_kind = BOOT_UART_PL011,
        .uart_irq = 33,
        .uart_base = 0x9000000,
        .root_cnode_bits = 12,
        .domains = 1,
        .boot_slice_us = 5000,
        .core_count = 1,
    };
}
