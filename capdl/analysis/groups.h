/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Groups of components (private to the room)
 */
#pragma once

#include "analysis/picture.h"

#include "extract.h"

/* Fills group_of and groups. */
void groups_make(struct picture *picture);

static inline bool is_grouped(const struct picture *picture, uint32_t subject)
{
    return picture->groups[picture->group_of[subject]].count > 1;
}
