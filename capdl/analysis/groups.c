/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Groups of components
 *
 * A component belongs with the one that controls it, and with those whose names begin alike: up
 * to the first "_", or to a number at the end. Who controls nearly all, as a monitor, makes no
 * group.
 */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

enum { WARDS_MAX = 8 };

/* Who controls it and few others, or the component itself. */
static uint32_t keeper_of(const struct audit *audit, uint32_t subject, const uint32_t *wards)
{
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        uint32_t fact = closure_controls(audit->closure, i, subject);
        if (fact < audit->closure->held_count && !audit->subjects[i].is_trusted &&
            wards[i] <= WARDS_MAX) {
            return i;
        }
    }
    return subject;
}

static uint32_t *wards_count(const struct audit *audit)
{
    uint32_t count = audit->system.subject_count;
    uint32_t *wards = capdl_alloc(count + 1u, sizeof(*wards));
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count; j++) {
            wards[i] += closure_controls(audit->closure, i, j) < audit->closure->held_count;
        }
    }
    return wards;
}

static size_t stem_of(const char *name)
{
    size_t length = strcspn(name, "_");
    if (name[length] != '\0') {
        return length;
    }
    while (length > 1 && name[length - 1] >= '0' && name[length - 1] <= '9') {
        length--;
    }
    return length;
}

static uint32_t group_take(struct picture *picture, const char *name, size_t length)
{
    for (uint32_t i = 0; i < picture->group_count; i++) {
        if (strlen(picture->groups[i].name) == length &&
            memcmp(picture->groups[i].name, name, length) == 0) {
            picture->groups[i].count++;
            return i;
        }
    }
    struct picture_group group = { .name = text_copy(name, length), .count = 1 };
    CAPDL_PUSH(picture->groups, picture->group_count, picture->group_capacity, group);
    return picture->group_count - 1;
}

void groups_make(struct picture *picture)
{
    const struct audit *audit = picture->graph->audit;
    uint32_t *wards = wards_count(audit);
    picture->group_of = capdl_alloc(audit->system.subject_count + 1u, sizeof(*picture->group_of));
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        uint32_t keeper = keeper_of(audit, i, wards);
        const char *name = audit->subjects[keeper].name;
        picture->group_of[i] = group_take(picture, name, stem_of(name));
    }
    free(wards);
}
