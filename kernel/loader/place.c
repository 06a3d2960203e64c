/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding places in RAM
 */
#include "place.h"

bool place_take(struct place *place, uint64_t start, uint64_t end)
{
    if (start >= end) {
        return true;
    }
    if (place->taken_count == PLACE_TAKEN_MAX) {
        return false;
    }
    place->taken[place->taken_count] = (struct boot_range){ start, end };
    place->taken_count++;
    return true;
}

/* The end of a taken range that [start, end) touches, or 0. */
static uint64_t obstacle(const struct place *place, uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < place->taken_count; i++) {
        if (place->taken[i].start < end && start < place->taken[i].end) {
            return place->taken[i].end;
        }
    }
    return 0;
}

bool place_is_free(const struct place *place, uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < place->ram_count; i++) {
        if (place->ram[i].start <= start && start <= end && end <= place->ram[i].end) {
            return obstacle(place, start, end) == 0;
        }
    }
    return false;
}

bool place_find(const struct place *place, uint64_t bytes, uint64_t align, uint64_t *start)
{
    for (uint32_t i = 0; i < place->ram_count; i++) {
        uint64_t at = (place->ram[i].start + align - 1) & ~(align - 1);
        uint64_t end = place->ram[i].end;

        /* Each obstacle moves `at` up past its end, so there are at most taken_count rounds. */
        while (at < end && bytes <= end - at) {
            uint64_t behind = obstacle(place, at, at + bytes);
            if (behind == 0) {
                *start = at;
                return true;
            }
            if (behind >= end) {
                break; /* also keeps the sum below from overflowing */
            }
            at = (behind + align - 1) & ~(align - 1);
        }
    }
    return false;
}
