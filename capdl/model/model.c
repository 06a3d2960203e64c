/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The model of a system: building it up and finding things in it
 */
#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Index under which an object without index is filed. */
#define PLAIN_INDEX UINT64_MAX

struct capdl_spec *capdl_spec_new(void)
{
    return capdl_alloc(1, sizeof(struct capdl_spec));
}

void capdl_spec_free(struct capdl_spec *spec)
{
    if (spec == NULL) {
        return;
    }
    free(spec->objects);
    free(spec->caps);
    free(spec->fills);
    free(spec->irqs);
    free(spec->edges);
    free(spec->schedule);
    free(spec->words);
    free(spec->name_offsets);
    free(spec->name_elements);
    free(spec->name_table);
    capdl_text_free(&spec->name_texts);
    capdl_map_free(&spec->object_map);
    capdl_map_free(&spec->slot_map);
    capdl_map_free(&spec->irq_map);
    capdl_map_free(&spec->edge_map);
    free(spec);
}

static uint32_t text_hash(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    }
    return (uint32_t)(hash ^ (hash >> 32));
}

/* Entry of the hash table of names: where the name is, or a free place for it. */
static struct capdl_name_entry *name_entry(const struct capdl_spec *spec, uint32_t hash,
                                           const char *text, size_t length)
{
    uint32_t at = hash & spec->name_mask;
    while (spec->name_table[at].name != CAPDL_NONE) {
        if (spec->name_table[at].hash == hash) {
            const char *known = capdl_name_text(spec, spec->name_table[at].name);
            if (strncmp(known, text, length) == 0 && known[length] == '\0') {
                break;
            }
        }
        at = (at + 1) & spec->name_mask;
    }
    return &spec->name_table[at];
}

static void name_table_grow(struct capdl_spec *spec)
{
    struct capdl_name_entry *old = spec->name_table;
    uint32_t old_size = old == NULL ? 0 : spec->name_mask + 1;
    uint32_t size = old == NULL ? 256 : old_size * 2;
    spec->name_table = capdl_alloc(size, sizeof(*spec->name_table));
    spec->name_mask = size - 1;
    for (uint32_t i = 0; i < size; i++) {
        spec->name_table[i].name = CAPDL_NONE;
    }
    for (uint32_t i = 0; i < old_size; i++) {
        uint32_t at = old[i].hash & spec->name_mask;
        while (old[i].name != CAPDL_NONE && spec->name_table[at].name != CAPDL_NONE) {
            at = (at + 1) & spec->name_mask;
        }
        if (old[i].name != CAPDL_NONE) {
            spec->name_table[at] = old[i];
        }
    }
    free(old);
}

uint32_t capdl_name(struct capdl_spec *spec, const char *text, size_t length)
{
    if (spec->name_table == NULL || spec->name_count >= spec->name_mask / 2) {
        name_table_grow(spec);
    }
    uint32_t hash = text_hash(text, length);
    struct capdl_name_entry *entry = name_entry(spec, hash, text, length);
    if (entry->name == CAPDL_NONE) {
        uint32_t elements = spec->name_count;
        *entry = (struct capdl_name_entry){ hash, spec->name_count };
        CAPDL_PUSH(spec->name_elements, elements, spec->element_capacity, 0);
        CAPDL_PUSH(spec->name_offsets, spec->name_count, spec->name_capacity,
                   spec->name_texts.length);
        capdl_text_add(&spec->name_texts, text, length);
        capdl_text_add(&spec->name_texts, "", 1);
        return spec->name_count - 1;
    }
    return entry->name;
}

uint32_t capdl_name_find(const struct capdl_spec *spec, const char *text, size_t length)
{
    return spec->name_table == NULL ? CAPDL_NONE
                                    : name_entry(spec, text_hash(text, length), text, length)->name;
}

const char *capdl_name_text(const struct capdl_spec *spec, uint32_t name)
{
    return spec->name_texts.bytes + spec->name_offsets[name];
}

uint32_t capdl_object_find(const struct capdl_spec *spec, uint32_t name, uint64_t index)
{
    return capdl_map_get(&spec->object_map, name, index == CAPDL_NONE ? PLAIN_INDEX : index);
}

uint32_t capdl_element_count(const struct capdl_spec *spec, uint32_t name)
{
    return spec->name_elements[name];
}

uint32_t capdl_object_add(struct capdl_spec *spec, uint32_t name, uint32_t index,
                          enum capdl_kind kind, struct capdl_pos pos)
{
    bool is_plain = index == CAPDL_NONE;
    if (capdl_object_find(spec, name, index) != CAPDL_NONE ||
        (is_plain ? spec->name_elements[name] != 0
                  : capdl_object_find(spec, name, CAPDL_NONE) != CAPDL_NONE)) {
        return CAPDL_NONE;
    }
    struct capdl_object object = { .name = name,
                                   .index = index,
                                   .kind = kind,
                                   .pos = pos,
                                   .parent = CAPDL_NONE,
                                   .first_child = CAPDL_NONE,
                                   .last_child = CAPDL_NONE,
                                   .next_sibling = CAPDL_NONE };
    capdl_map_set(&spec->object_map, name, is_plain ? PLAIN_INDEX : index, spec->object_count);
    if (!is_plain) {
        spec->name_elements[name]++;
    }
    CAPDL_PUSH(spec->objects, spec->object_count, spec->object_capacity, object);
    return spec->object_count - 1;
}

const char *capdl_object_text(const struct capdl_spec *spec, uint32_t object)
{
    static char buffers[4][160];
    static uint32_t turn;
    char *buffer = buffers[turn++ % 4];
    const struct capdl_object *o = &spec->objects[object];
    if (o->index == CAPDL_NONE) {
        snprintf(buffer, sizeof(buffers[0]), "%.140s", capdl_name_text(spec, o->name));
    } else {
        snprintf(buffer, sizeof(buffers[0]), "%.140s[%u]", capdl_name_text(spec, o->name),
                 o->index);
    }
    return buffer;
}

uint32_t capdl_cap_add(struct capdl_spec *spec, const struct capdl_cap *cap)
{
    if (capdl_map_add(&spec->slot_map, cap->container, cap->slot, spec->cap_count) != UINT32_MAX) {
        return CAPDL_NONE;
    }
    CAPDL_PUSH(spec->caps, spec->cap_count, spec->cap_capacity, *cap);
    return spec->cap_count - 1;
}

uint32_t capdl_cap_find(const struct capdl_spec *spec, uint32_t container, uint64_t slot)
{
    if (!spec->is_sealed) {
        return capdl_map_get(&spec->slot_map, container, slot);
    }
    const struct capdl_object *object = &spec->objects[container];
    uint32_t low = object->first_cap;
    uint32_t high = low + object->cap_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (spec->caps[middle].slot < slot) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_found = low < object->first_cap + object->cap_count && spec->caps[low].slot == slot;
    return is_found ? low : CAPDL_NONE;
}

bool capdl_irq_add(struct capdl_spec *spec, uint64_t number, uint32_t object, struct capdl_pos pos)
{
    if (capdl_map_get(&spec->irq_map, 0, number) != UINT32_MAX) {
        return false;
    }
    struct capdl_irq_line line = { number, object, pos };
    capdl_map_set(&spec->irq_map, 0, number, spec->irq_count);
    if (capdl_map_get(&spec->irq_map, 1, object) == UINT32_MAX) {
        capdl_map_set(&spec->irq_map, 1, object, spec->irq_count);
    }
    CAPDL_PUSH(spec->irqs, spec->irq_count, spec->irq_capacity, line);
    return true;
}

uint32_t capdl_irq_of(const struct capdl_spec *spec, uint32_t object)
{
    return capdl_map_get(&spec->irq_map, 1, object);
}

bool capdl_edge_add(struct capdl_spec *spec, const struct capdl_edge *edge)
{
    if (capdl_map_add(&spec->edge_map, edge->child, edge->child_slot, spec->edge_count) !=
        UINT32_MAX) {
        return false;
    }
    CAPDL_PUSH(spec->edges, spec->edge_count, spec->edge_capacity, *edge);
    return true;
}

void capdl_cover_add(struct capdl_spec *spec, uint32_t untyped, uint32_t object)
{
    struct capdl_object *parent = &spec->objects[untyped];
    spec->objects[object].parent = untyped;
    if (parent->last_child == CAPDL_NONE) {
        parent->first_child = object;
    } else {
        spec->objects[parent->last_child].next_sibling = object;
    }
    parent->last_child = object;
}

static int slot_compare(const void *left, const void *right)
{
    const struct capdl_cap *a = left;
    const struct capdl_cap *b = right;
    return a->slot < b->slot ? -1 : a->slot > b->slot;
}

static int irq_compare(const void *left, const void *right)
{
    const struct capdl_irq_line *a = left;
    const struct capdl_irq_line *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Sort the caps of one object, unless they are in order as they mostly are. */
static void sort_slots(struct capdl_cap *caps, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (caps[i - 1].slot > caps[i].slot) {
            qsort(caps, count, sizeof(*caps), slot_compare);
            return;
        }
    }
}

/* By container, then slot. The containers are counted out, so that the work grows with the caps. */
static void sort_caps(struct capdl_spec *spec)
{
    struct capdl_cap *sorted = capdl_alloc(spec->cap_count, sizeof(*sorted));
    uint32_t first = 0;
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        spec->objects[spec->caps[i].container].cap_count++;
    }
    for (uint32_t i = 0; i < spec->object_count; i++) {
        struct capdl_object *object = &spec->objects[i];
        object->first_cap = object->cap_count == 0 ? 0 : first;
        first += object->cap_count;
        object->cap_count = 0;
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        struct capdl_object *object = &spec->objects[spec->caps[i].container];
        sorted[object->first_cap + object->cap_count++] = spec->caps[i];
    }
    free(spec->caps);
    spec->caps = sorted;
    spec->cap_capacity = spec->cap_count;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        sort_slots(&sorted[spec->objects[i].first_cap], spec->objects[i].cap_count);
    }
}

void capdl_spec_seal(struct capdl_spec *spec)
{
    capdl_map_free(&spec->slot_map);
    spec->is_sealed = true;
    if (spec->cap_count > 0) {
        sort_caps(spec);
    }
    if (spec->irq_count > 1) {
        qsort(spec->irqs, spec->irq_count, sizeof(*spec->irqs), irq_compare);
    }
    for (uint32_t i = spec->irq_count; i > 0; i--) {
        capdl_map_set(&spec->irq_map, 0, spec->irqs[i - 1].number, i - 1);
        capdl_map_set(&spec->irq_map, 1, spec->irqs[i - 1].object, i - 1);
    }
}
