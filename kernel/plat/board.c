/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Boards
 */
#include "plat/plat.h"

#include <stdbool.h>

static const struct plat_board boards[] = {
    /* QEMU's virt: the GIC has more lines than the ABI lets users ask for (abi/05 §8). */
    { "linux,dummy-virt", 159 },
};

/* Is the string at `text`, which has at most `bytes` characters, equal to `name`? */
static bool is_named(const char *text, size_t bytes, const char *name)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] != name[i]) {
            return false;
        }
        if (name[i] == '\0') {
            return true;
        }
    }
    return false;
}

const struct plat_board *plat_board_find(const char *compatible, size_t bytes)
{
    for (size_t at = 0; at < bytes; at++) {
        if (at > 0 && compatible[at - 1] != '\0') {
            continue; /* not the start of a string */
        }
        for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
            if (is_named(compatible + at, bytes - at, boards[i].compatible)) {
                return &boards[i];
            }
        }
    }
    return NULL;
}
