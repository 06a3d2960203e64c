/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Boards
 *
 * Everything that can be read from a device tree is; what is left is here. A board that is not
 * listed works with the values found in hardware.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct plat_board {
    char compatible[24]; /* of the root node of the device tree */
    uint32_t max_irq;    /* highest interrupt number that is part of the ABI; 0 = ask the GIC */
};

/* Where to complain before (or without) a device tree: a PL011 of the board developed on. */
#define PLAT_FALLBACK_UART 0x09000000ul

/** The board of a `compatible` property (`bytes` of strings, each ended by a zero byte), or NULL. */
const struct plat_board *plat_board_find(const char *compatible, size_t bytes);
