/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The printer: untypeds that only a path can name
 *
 * "q[3]/r = ep" makes the element q[3] of an array that nothing else declares. Such a loose element
 * has no declaration of its own, so what it covers is printed with the path again, and is left out
 * of all lists of children.
 */
#include <stdlib.h>

#include "print.h"

/* Most parts of a path; covers may form a cycle. */
#define PATH_MAX_PARTS 64u

/* How many of the elements of one name a declaration with a size would declare just so. */
uint32_t layout_run(const struct capdl_spec *spec, const uint32_t *sorted, uint32_t count)
{
    const struct capdl_object *first = &spec->objects[sorted[0]];
    uint32_t run = 0;
    while (run < count) {
        const struct capdl_object *object = &spec->objects[sorted[run]];
        if (object->index != run || object->kind != first->kind ||
            object->present != first->present || object->bits != first->bits ||
            object->paddr != first->paddr) {
            break;
        }
        run++;
    }
    return first->index == CAPDL_NONE ? 1 : run;
}

/*
 * The untypeds of the path before an object, innermost first: up to the outermost loose one, and
 * what covers that. Returns how many; 0 if the object needs no path.
 */
static uint32_t path_of(const struct capdl_spec *spec, const struct layout *layout, uint32_t object,
                        uint32_t *path)
{
    uint32_t count = 0;
    uint32_t wanted = 0;
    for (uint32_t at = spec->objects[object].parent; at != CAPDL_NONE && count < PATH_MAX_PARTS;
         at = spec->objects[at].parent) {
        path[count++] = at;
        if (layout->is_loose[at]) {
            wanted = count + 1;
        } else if (spec->objects[at].index == CAPDL_NONE) {
            break; /* this one has a declaration, with a path of its own */
        }
    }
    return wanted < count ? wanted : wanted == 0 ? 0 : count;
}

/* Do the objects of a declaration have one parent, and does it take a path to say which? */
static bool needs_path(const struct capdl_spec *spec, const struct layout *layout,
                       const uint32_t *sorted, uint32_t run)
{
    uint32_t path[PATH_MAX_PARTS];
    for (uint32_t i = 1; i < run; i++) {
        if (spec->objects[sorted[i]].parent != spec->objects[sorted[0]].parent) {
            return false;
        }
    }
    return run > 0 && path_of(spec, layout, sorted[0], path) > 0;
}

void layout_make(struct layout *layout, const struct capdl_spec *spec, const uint32_t *sorted)
{
    layout->is_loose = capdl_alloc(spec->object_count, sizeof(*layout->is_loose));
    layout->has_path = capdl_alloc(spec->object_count, sizeof(*layout->has_path));
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < spec->object_count;) {
            uint32_t count = same_name(spec, sorted + i, spec->object_count - i);
            uint32_t run = layout_run(spec, sorted + i, count);
            bool has_path = pass == 1 && needs_path(spec, layout, sorted + i, run);
            for (uint32_t k = 0; k < count; k++) {
                layout->is_loose[sorted[i + k]] = k >= run;
                layout->has_path[sorted[i + k]] = k < run ? has_path : true;
            }
            i += count;
        }
    }
}

void layout_free(struct layout *layout)
{
    free(layout->is_loose);
    free(layout->has_path);
}

void print_path(const struct capdl_spec *spec, const struct layout *layout, uint32_t object,
                struct capdl_text *out)
{
    uint32_t path[PATH_MAX_PARTS];
    uint32_t count = path_of(spec, layout, object, path);
    while (count > 0) {
        print_name(spec, path[--count], out);
        capdl_text_printf(out, "/");
    }
}
