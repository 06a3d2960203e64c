/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's own address space
 *
 *   0x00_0000_0000  identity map of 1 GiB, only while the MMU is being switched on
 *   0x80_0000_0000  window: physical address + this; RAM only, read-write, never executable
 *   0xFF_C000_0000  kernel image: text R-X, constants R--, data and stack RW-
 *   0xFF_FFE0_0000  devices the kernel owns, one 2 MiB table of 4 KiB pages:
 *
 *       page 0     1..2    3      16..31   256..511
 *            UART  GICC    GICH   GICD     GICR
 *
 * The numbers are those of <abi/boot_table.h>; repeated here for assembler, checked in mmu.c.
 */
#pragma once

#define LAYOUT_WINDOW  0x8000000000
#define LAYOUT_IMAGE   0xffc0000000
#define LAYOUT_DEVICES 0xffffe00000

#define LAYOUT_PAGE_BYTES 0x1000
#define LAYOUT_PAGE_BITS  12

/* Pages of the device table. */
#define DEVICE_PAGE_UART  0
#define DEVICE_PAGE_GICC  1
#define DEVICE_PAGE_GICH  3
#define DEVICE_PAGE_GICD  16
#define DEVICE_PAGE_GICR  256
#define DEVICE_PAGES_GICC 2
#define DEVICE_PAGES_GICH 1
#define DEVICE_PAGES_GICD 16
#define DEVICE_PAGES_GICR 256

#ifndef __ASSEMBLER__
#define DEVICE_ADDRESS(page) (LAYOUT_DEVICES + (word_t)(page)*LAYOUT_PAGE_BYTES)
#endif
