/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The name that was probably meant
 */
#include "analysis/audit.h"

#include "extract.h"

#include <string.h>

enum { NAME_BYTES = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* How many letters to change, add or remove; names longer than a buffer are far from all. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[NAME_BYTES + 1];
    size_t width = strlen(b);
    if (strlen(a) > NAME_BYTES || width > NAME_BYTES) {
        return NAME_BYTES;
    }
    for (unsigned j = 0; j <= width; j++) {
        row[j] = j;
    }
    for (unsigned i = 0; a[i] != '\0'; i++) {
        unsigned corner = row[0];
        row[0] = i + 1;
        for (unsigned j = 0; j < width; j++) {
            unsigned changed = corner + (a[i] == b[j] ? 0u : 1u);
            corner = row[j + 1];
            row[j + 1] = least(changed, least(row[j], row[j + 1]) + 1);
        }
    }
    return row[width];
}

static void near_try(const char *wanted, const char *name, const char **best, unsigned *least_far)
{
    unsigned far = distance(wanted, name);
    if (strlen(wanted) > 2 && strstr(name, wanted) != NULL) {
        far = least(far, 2);
    }
    if (far < *least_far) {
        *least_far = far;
        *best = name;
    }
}

/* Farther than so is another name. */
static unsigned reach_of(const char *name)
{
    unsigned third = (unsigned)least((unsigned)strlen(name), NAME_BYTES) / 3;
    return third < 1 ? 2 : third + 2;
}

const char *audit_subject_near(const struct audit *audit, const char *name)
{
    const char *best = NULL;
    unsigned far = reach_of(name);
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        near_try(name, audit->subjects[i].name, &best, &far);
    }
    return best;
}

const char *audit_node_near(const struct audit *audit, const char *name)
{
    const char *best = NULL;
    unsigned far = reach_of(name);
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        near_try(name, audit->nodes[i].name, &best, &far);
    }
    return best;
}
