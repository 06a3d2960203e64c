/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the default board has at which physical address (private to the room)
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct board_device {
    uint64_t base;
    uint64_t bytes;
    const char *name;
    bool has_dma;       /* reads and writes memory by itself; the board has no IOMMU before it */
    bool is_per_viewer; /* the hardware shows each virtual CPU its own */
};

/* The device at the address, or NULL. */
const struct board_device *board_device_at(uint64_t address);
bool board_has_ram_at(uint64_t address);
