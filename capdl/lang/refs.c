/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * References: from name, name[], name[ranges] to objects or named caps
 *
 * Objects and caps have separate name spaces but the same notation, so one expansion serves both;
 * a lookup function makes the difference.
 */
#include <stdio.h>
#include <string.h>

#include "resolve.h"

typedef uint32_t (*lookup_fn)(const struct resolver *resolver, uint32_t name, uint64_t index);
typedef uint32_t (*size_fn)(const struct resolver *resolver, uint32_t name);

struct name_space {
    const char *word;
    lookup_fn lookup; /* index CAPDL_NONE: without index; returns CAPDL_NONE if unknown */
    size_fn size;     /* elements of that name */
};

static uint32_t object_lookup(const struct resolver *resolver, uint32_t name, uint64_t index)
{
    return capdl_object_find(resolver->spec, name, index);
}

static uint32_t object_size(const struct resolver *resolver, uint32_t name)
{
    return capdl_element_count(resolver->spec, name);
}

static uint32_t cap_lookup(const struct resolver *resolver, uint32_t name, uint64_t index)
{
    return capdl_map_get(&resolver->cap_names, name, index == CAPDL_NONE ? UINT64_MAX : index);
}

static uint32_t cap_size(const struct resolver *resolver, uint32_t name)
{
    uint32_t count = capdl_map_get(&resolver->cap_name_counts, name, 0);
    return count == UINT32_MAX ? 0 : count;
}

static const struct name_space object_names = { "object", object_lookup, object_size };
static const struct name_space cap_names = { "cap name", cap_lookup, cap_size };

const char *resolver_text(const struct resolver *resolver, uint32_t name, uint64_t index)
{
    static char buffer[160];
    const char *text = capdl_name_text(resolver->spec, name);
    if (index == CAPDL_NONE) {
        snprintf(buffer, sizeof(buffer), "%.120s", text);
    } else {
        snprintf(buffer, sizeof(buffer), "%.120s[%llu]", text, (unsigned long long)index);
    }
    return buffer;
}

bool resolver_count(struct resolver *resolver, struct capdl_pos pos)
{
    if (resolver->expanded < resolver->limits.caps) {
        resolver->expanded++;
        return true;
    }
    if (!resolver->is_exhausted) {
        resolver->is_exhausted = true;
        capdl_error(resolver->diags, pos, "more than %u references", resolver->limits.caps);
        capdl_remedy(resolver->diags, "use fewer or smaller ranges");
    }
    return false;
}

static bool report_unknown(struct resolver *resolver, const struct name_space *space,
                           const struct ast_ref *ref, uint64_t index)
{
    struct capdl_diags *diags = resolver->diags;
    const char *name = capdl_name_text(resolver->spec, ref->name);
    uint32_t size = space->size(resolver, ref->name);
    capdl_error(diags, ref->pos, "unknown %s \"%s\"", space->word,
                resolver_text(resolver, ref->name, index));
    if (index == CAPDL_NONE && size > 0) {
        capdl_remedy(diags, "\"%.100s\" is an array: write %.100s[] for all of it, or %.100s[0]",
                     name, name, name);
    } else if (index != CAPDL_NONE && size > 0) {
        capdl_remedy(diags, "\"%.100s\" has %u elements, numbered from 0", name, size);
    } else if (index != CAPDL_NONE &&
               space->lookup(resolver, ref->name, CAPDL_NONE) != CAPDL_NONE) {
        capdl_remedy(diags, "\"%.100s\" is not an array: write it without brackets", name);
    } else if (space == &object_names) {
        capdl_remedy(diags, "declare it in objects { }, or correct the spelling");
    } else {
        capdl_remedy(diags, "name a cap with \"slot: name = cap\" or \"name = (object, slot)\"");
    }
    return false;
}

static bool add_one(struct resolver *resolver, const struct name_space *space,
                    const struct ast_ref *ref, uint64_t index)
{
    /* No element has the number that stands for "no index". */
    bool is_impossible = ref->is_bracketed && index >= CAPDL_NONE;
    uint32_t found = is_impossible ? CAPDL_NONE : space->lookup(resolver, ref->name, index);
    if (found == CAPDL_NONE) {
        return report_unknown(resolver, space, ref, index);
    }
    if (!resolver_count(resolver, ref->pos)) {
        return false;
    }
    CAPDL_PUSH(resolver->list, resolver->list_count, resolver->list_capacity, found);
    return true;
}

/* from..to, upwards or downwards. Ends at the first unknown element, so at the array's size. */
static bool add_run(struct resolver *resolver, const struct name_space *space,
                    const struct ast_ref *ref, uint64_t from, uint64_t to)
{
    uint64_t index = from;
    for (;;) {
        if (!add_one(resolver, space, ref, index)) {
            return false;
        }
        if (index == to) {
            return true;
        }
        index = from < to ? index + 1 : index - 1;
    }
}

static bool add_range(struct resolver *resolver, const struct name_space *space,
                      const struct ast_ref *ref, const struct ast_range *range)
{
    uint32_t size = space->size(resolver, ref->name);
    switch (range->kind) {
    case RANGE_ONE: return add_one(resolver, space, ref, range->from);
    case RANGE_FROM_TO: return add_run(resolver, space, ref, range->from, range->to);
    case RANGE_TO: return add_run(resolver, space, ref, 0, range->to);
    case RANGE_FROM:
        if (size == 0) {
            return report_unknown(resolver, space, ref, 0);
        }
        return range->from >= size || add_run(resolver, space, ref, range->from, size - 1);
    }
    return false;
}

static bool expand(struct resolver *resolver, const struct name_space *space,
                   const struct ast_ref *ref)
{
    resolver->list_count = 0;
    if (!ref->is_bracketed) {
        return add_one(resolver, space, ref, CAPDL_NONE);
    }
    if (ref->range_count == 0) {
        uint32_t size = space->size(resolver, ref->name);
        if (size == 0) {
            return report_unknown(resolver, space, ref, 0);
        }
        return add_run(resolver, space, ref, 0, size - 1);
    }
    for (uint32_t i = 0; i < ref->range_count; i++) {
        if (!add_range(resolver, space, ref, &resolver->ast->ranges[ref->first_range + i])) {
            return false;
        }
    }
    return true;
}

bool resolver_expand(struct resolver *resolver, const struct ast_ref *ref)
{
    return expand(resolver, &object_names, ref);
}

bool resolver_knows(const struct resolver *resolver, const struct ast_ref *ref)
{
    uint64_t index = CAPDL_NONE;
    if (ref->is_bracketed) {
        const struct ast_range *range = &resolver->ast->ranges[ref->first_range];
        if (ref->range_count != 1 || range->kind != RANGE_ONE) {
            return true;
        }
        index = range->from;
        if (index >= CAPDL_NONE) {
            return false;
        }
    }
    return object_lookup(resolver, ref->name, index) != CAPDL_NONE;
}

uint32_t resolver_one(struct resolver *resolver, const struct ast_ref *ref)
{
    if (!resolver_expand(resolver, ref)) {
        return CAPDL_NONE;
    }
    if (resolver->list_count != 1) {
        capdl_error(resolver->diags, ref->pos, "\"%s\" must mean one object here, not %u",
                    capdl_name_text(resolver->spec, ref->name), resolver->list_count);
        capdl_remedy(resolver->diags, "write one index");
        return CAPDL_NONE;
    }
    return resolver->list[0];
}

bool resolve_name_expand(struct resolver *resolver, const struct ast_ref *ref)
{
    return expand(resolver, &cap_names, ref);
}

void resolve_name_add(struct resolver *resolver, uint32_t name, uint32_t index,
                      struct cap_place place)
{
    uint64_t key = index == CAPDL_NONE ? UINT64_MAX : index;
    if (capdl_map_get(&resolver->cap_names, name, key) == UINT32_MAX && index != CAPDL_NONE) {
        capdl_map_set(&resolver->cap_name_counts, name, 0, cap_size(resolver, name) + 1);
    }
    capdl_map_set(&resolver->cap_names, name, key, resolver->place_count);
    CAPDL_PUSH(resolver->places, resolver->place_count, resolver->place_capacity, place);
}

bool resolve_slot(struct resolver *resolver, const struct ast_slot_ref *ref,
                  struct cap_place *place)
{
    if (ref->is_pair) {
        place->container = resolver_one(resolver, &ref->ref);
        place->slot = ref->slot;
        return place->container != CAPDL_NONE;
    }
    if (!resolve_name_expand(resolver, &ref->ref)) {
        return false;
    }
    if (resolver->list_count != 1) {
        capdl_error(resolver->diags, ref->ref.pos, "\"%s\" must mean one cap here, not %u",
                    capdl_name_text(resolver->spec, ref->ref.name), resolver->list_count);
        capdl_remedy(resolver->diags, "write one index");
        return false;
    }
    *place = resolver->places[resolver->list[0]];
    return place->container != CAPDL_NONE;
}
