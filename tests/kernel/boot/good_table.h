/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A boot table that the kernel accepts, for tests to spoil
 */
#pragma once

#include <abi/boot_table.h>

#define KERNEL_START 0x40000000ul
#define KERNEL_BYTES 0x50000ul
#define KERNEL_END   (KERNEL_START + 0x200000ul)

/** QEMU's virt with 256 MiB and a GICv2. The table must lie behind the kernel: say where it is. */
void good_table(struct boot_table *table);
