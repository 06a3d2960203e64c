/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checking the boot table
 *
 * Pure, and called before the MMU is on: no static pointers (a sentence is found by adrp).
 */
#pragma once

#include <abi/boot_table.h>
#include <abi/types.h>
#include <stdbool.h>

/** Is this a boot table of our version at all? Then its UART may be used to complain. */
bool boot_table_is_readable(const struct boot_table *table);

/**
 * NULL if the table can be trusted; else a sentence that says what is wrong with it.
 * `image_start`, `image_end`: where the kernel really is; the table must say the same.
 */
const char *boot_table_check(const struct boot_table *table, word_t image_start, word_t image_end);

/**
 * The first piece of ordinary RAM at or above `from`: RAM without the reserved ranges and the VM
 * window. False if there is none. Pre: the table has been checked.
 */
bool boot_table_ram_next(const struct boot_table *table, word_t from, struct boot_range *piece);
