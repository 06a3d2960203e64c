/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parts of the printer share (private to the room)
 */
#pragma once

#include "lang/lang.h"

/* A list of attributes or parameters: "before" the first item, ", " between. */
struct list {
    struct capdl_text *out;
    const char *before;
    bool is_open;
};

void list_item(struct list *list);
void list_end(struct list *list, const char *close); /* nothing if there was no item */
void list_number(struct list *list, const char *name, uint64_t number);

/*
 * A growing run of references: "x", or "x[0..3, 7]" for elements of one array. It is a text being
 * built; first, last and step describe the range at its end.
 */
struct run {
    struct capdl_text text;
    uint32_t name;
    bool is_array;
    uint32_t first, last; /* of the open range */
    int step;             /* +1, -1, or 0 for a single element */
};

void run_start(const struct capdl_spec *spec, struct run *run, uint32_t object);
bool run_add(const struct capdl_spec *spec, struct run *run, uint32_t object); /* same array? */
void run_end(struct run *run, struct capdl_text *out); /* appends the text, frees it */

/* "name[3]" and "(name[3], 4)", of any length */
void print_name(const struct capdl_spec *spec, uint32_t object, struct capdl_text *out);
void print_slot(const struct capdl_spec *spec, uint32_t object, uint64_t slot,
                struct capdl_text *out);

/* Which objects only a path can name, and which are declared with a path. */
struct layout {
    bool *is_loose;
    bool *has_path; /* no list of children names these */
};

void layout_make(struct layout *layout, const struct capdl_spec *spec, const uint32_t *sorted);
void layout_free(struct layout *layout);

/* Of sorted[0 .. count), objects of one name: how many does one declaration declare? */
uint32_t layout_run(const struct capdl_spec *spec, const uint32_t *sorted, uint32_t count);

/* How many objects at the start of sorted[0 .. count) have the name of the first? */
uint32_t same_name(const struct capdl_spec *spec, const uint32_t *sorted, uint32_t count);

/* The path before the name of an object that has_path: "u/q[3]/". */
void print_path(const struct capdl_spec *spec, const struct layout *layout, uint32_t object,
                struct capdl_text *out);

/* The sections "caps" and "cdt"; sorted: all objects by name. */
void print_caps(const struct capdl_spec *spec, const uint32_t *sorted, struct capdl_text *out);
void print_cdt(const struct capdl_spec *spec, const uint32_t *sorted, struct capdl_text *out);
