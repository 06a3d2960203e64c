/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the device tree says about the machine
 */
#pragma once

#include <abi/boot_table.h>
#include <stddef.h>

/**
 * Fill in ram, reserved, the GIC, the timer and the UART of `table` from the device tree.
 * NULL, or a sentence that says what is missing.
 */
const char *machine_read(const void *dtb, struct boot_table *table);

/** Physical address of register block `index` of the node at `node`, translated through the
 *  `ranges` of the buses above it; false if there is none. */
bool machine_reg(const void *dtb, int node, unsigned index, struct boot_range *range);
