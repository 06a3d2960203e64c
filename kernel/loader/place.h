/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding places in RAM
 *
 * Pure: lists of ranges in, an address out.
 */
#pragma once

#include <abi/boot_table.h>
#include <stdbool.h>
#include <stdint.h>

#define PLACE_TAKEN_MAX 64

/* Ranges where nothing may be put; in any order, may overlap. */
struct place {
    const struct boot_range *ram;
    uint32_t ram_count;
    struct boot_range taken[PLACE_TAKEN_MAX];
    uint32_t taken_count;
};

/** Take [start, end) out; false if the list is full. An empty range is no range. */
bool place_take(struct place *place, uint64_t start, uint64_t end);

/** Is all of [start, end) RAM that is not taken? */
bool place_is_free(const struct place *place, uint64_t start, uint64_t end);

/** The lowest free address, a multiple of `align` (a power of two), with `bytes` behind it. */
bool place_find(const struct place *place, uint64_t bytes, uint64_t align, uint64_t *start);
