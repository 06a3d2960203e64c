/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Diagnostics as data: what is wrong, where, and what to do about it
 *
 * The model and the parser only collect them; capdl/lang renders them with the source line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capdl_pos {
    uint32_t line; /* from 1; 0: no place in the text */
    uint32_t column;
};

struct capdl_diag {
    bool is_error; /* else a warning */
    struct capdl_pos pos;
    uint32_t order;     /* of arrival; breaks ties when sorting */
    const char *format; /* of the message: tells repetitions */
    char *message;
    char *remedy; /* never NULL once capdl_remedy was called */
};

struct capdl_diags {
    struct capdl_diag *list;
    uint32_t count;
    uint32_t capacity;
    uint32_t error_count;
    uint32_t warning_count;
    uint32_t kept[2];     /* warnings, errors */
    uint32_t dropped;     /* not kept because there were too many */
    bool remedy_is_known; /* the one added last was not kept */
};

/* Most errors kept, and most warnings; more are only counted. Warnings never crowd out errors. */
#define CAPDL_DIAGS_MAX 100u

void capdl_diags_free(struct capdl_diags *diags);

/*
 * Add one. Each must be followed by capdl_remedy. The same complaint about the same place (another
 * element of an array) is counted but not kept.
 */
__attribute__((format(printf, 3, 4))) void
capdl_error(struct capdl_diags *diags, struct capdl_pos pos, const char *format, ...);
__attribute__((format(printf, 3, 4))) void
capdl_warning(struct capdl_diags *diags, struct capdl_pos pos, const char *format, ...);

/* Say what to do about the diagnostic added last. */
__attribute__((format(printf, 2, 3))) void capdl_remedy(struct capdl_diags *diags,
                                                        const char *format, ...);

/* Order by place in the text; those without place come last. */
void capdl_diags_sort(struct capdl_diags *diags);
