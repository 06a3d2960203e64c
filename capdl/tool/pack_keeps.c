/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Packing, step 6: keepers and components
 *
 * A mapping lives as long as the cap that made it, a thread as long as one cap to it. When the
 * initialiser ends, these caps go into CNodes that no thread can reach, one for each root untyped:
 * so that revoking the untyped takes everything away, and nothing less does.
 */
#include <stdlib.h>
#include <string.h>

#include "model/order.h"
#include "pack.h"

/* Length of the base of "<base>_ut"; 0 if the name is not of that form. */
static size_t base_length(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, "_ut") == 0 ? length - 3 : 0;
}

uint32_t pack_keeper(const struct packer *packer, uint32_t untyped)
{
    const struct capdl_spec *spec = packer->spec;
    const char *name = capdl_name_text(spec, spec->objects[untyped].name);
    size_t length = base_length(name);
    if (length == 0 || spec->objects[untyped].parent != CAPDL_NONE) {
        return CAPDL_NONE;
    }
    for (uint32_t child = spec->objects[untyped].first_child; child != CAPDL_NONE;
         child = spec->objects[child].next_sibling) {
        const char *other = capdl_name_text(spec, spec->objects[child].name);
        if (spec->objects[child].kind == CAPDL_CNODE && strncmp(other, name, length) == 0 &&
            strcmp(other + length, "_keep") == 0) {
            return child;
        }
    }
    return CAPDL_NONE;
}

uint32_t pack_component(struct packer *packer, uint32_t untyped)
{
    const struct capdl_object *object = &packer->spec->objects[untyped];
    const char *name = capdl_name_text(packer->spec, object->name);
    size_t length = base_length(name);
    if (length == 0) {
        return 0;
    }
    struct capdl_text base = { 0 };
    capdl_text_add(&base, name, length);
    uint32_t offset = packed_builder_name(&packer->builder, base.bytes);
    capdl_text_free(&base);
    return offset;
}

/* Something to keep: in which keeper (object of the spec), and what. */
struct item {
    uint32_t keeper;
    struct packed_keep keep;
};

struct items {
    struct item *list;
    uint32_t count, capacity;
    uint32_t *keepers; /* by object of the spec: keeper of that root untyped */
};

static void item_add(struct items *items, uint32_t root, uint32_t kind, uint32_t source)
{
    if (root != CAPDL_NONE && items->keepers[root] != CAPDL_NONE) {
        struct item item = { items->keepers[root], { 0, 0, source, kind } };
        CAPDL_PUSH(items->list, items->count, items->capacity, item);
    }
}

/* Objects made from memory of an untyped stay with it; caps that a supervisor receives do not. */
static void keep_objects(struct packer *packer, struct items *items)
{
    for (uint32_t i = 0; i < packer->order_count; i++) {
        uint32_t self = packer->order[i];
        if (self == CAPDL_NONE || packer->objects[self].is_moved) {
            continue;
        }
        const struct packed_object *object = packer_object(packer, self);
        uint32_t root = packer->objects[self].root;
        bool is_keeper = root != CAPDL_NONE && items->keepers[root] == self;
        if (object->parent != PACKED_NONE && !is_keeper) {
            item_add(items, root, PACKED_KEEP_OBJECT, i);
        }
    }
}

/* A frame of no untyped (a device) belongs to the component that maps it first. */
static void keep_maps(struct packer *packer, struct items *items)
{
    uint32_t count = packed_builder_count(&packer->builder, PACKED_MAPS);
    for (uint32_t i = 0; i < count; i++) {
        const struct packed_map *map = packed_builder_at(&packer->builder, PACKED_MAPS, i);
        struct packed_object *object =
            packed_builder_at(&packer->builder, PACKED_OBJECTS, map->object);
        const struct packed_object *vspace =
            packed_builder_at(&packer->builder, PACKED_OBJECTS, map->vspace);
        uint32_t root = packer->objects[packer->order[map->vspace]].root;
        if (object->component == 0) {
            object->component = vspace->component;
        }
        if ((map->flags & PACKED_MAP_ORIGINAL) == 0) {
            if (map->cap == PACKED_NONE) {
                item_add(items, root, PACKED_KEEP_MAP, i);
            }
        } else if (object->parent == PACKED_NONE) {
            item_add(items, root, PACKED_KEEP_OBJECT, map->object);
        }
    }
}

static void keep_irqs(struct packer *packer, struct items *items)
{
    uint32_t count = packed_builder_count(&packer->builder, PACKED_IRQS);
    for (uint32_t i = 0; i < count; i++) {
        const struct packed_irq *irq = packed_builder_at(&packer->builder, PACKED_IRQS, i);
        if (irq->notification == PACKED_NONE ||
            packer->objects[packer->order[irq->object]].is_moved) {
            continue;
        }
        struct packed_object *object =
            packed_builder_at(&packer->builder, PACKED_OBJECTS, irq->object);
        const struct packed_object *signalled =
            packed_builder_at(&packer->builder, PACKED_OBJECTS, irq->notification);
        object->component = object->component == 0 ? signalled->component : object->component;
        item_add(items, packer->objects[packer->order[irq->notification]].root, PACKED_KEEP_OBJECT,
                 irq->object);
    }
}

/* Items were added in the order that decides their slots; sorting keeps it within a keeper. */
static int item_compare(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;
    if (a->keep.keeper != b->keep.keeper) {
        return a->keep.keeper < b->keep.keeper ? -1 : 1;
    }
    return a->keep.slot < b->keep.slot ? -1 : a->keep.slot > b->keep.slot;
}

static void check_keeper(struct packer *packer, uint32_t keeper, uint32_t needed)
{
    const struct capdl_object *cnode = &packer->spec->objects[keeper];
    const char *name = capdl_object_text(packer->spec, keeper);
    uint32_t bits = 1;
    while ((UINT64_C(1) << bits) < needed) {
        bits++;
    }
    if (cnode->bits < bits) {
        capdl_error(packer->diags, cnode->pos, "keeper \"%s\" has %llu slots, %u caps must be kept",
                    name, 1ull << cnode->bits, needed);
        capdl_remedy(packer->diags, "make it %u bits", bits);
    }
    if (cnode->cap_count != 0) {
        capdl_error(packer->diags, cnode->pos, "keeper \"%s\" holds caps of the spec", name);
        capdl_remedy(packer->diags, "leave it empty: it holds what keeps the component alive");
    }
}

/* Number the slots of each keeper, the keeper itself last, and write the records. */
static void write_keeps(struct packer *packer, struct items *items)
{
    uint32_t *used = capdl_alloc(packer->spec->object_count, sizeof(*used));
    for (uint32_t i = 0; i < items->count; i++) {
        struct item *item = &items->list[i];
        item->keep.keeper = packer->objects[item->keeper].packed;
        item->keep.slot = used[item->keeper]++;
        if (item->keep.source == item->keep.keeper && item->keep.kind == PACKED_KEEP_OBJECT) {
            check_keeper(packer, item->keeper, used[item->keeper]);
        }
    }
    if (items->count > 1) {
        qsort(items->list, items->count, sizeof(*items->list), item_compare);
    }
    for (uint32_t i = 0; i < items->count; i++) {
        packed_builder_add(&packer->builder, PACKED_KEEPS, &items->list[i].keep);
    }
    free(used);
}

void pack_keeps(struct packer *packer)
{
    uint32_t count = packer->spec->object_count;
    struct items items = { .keepers = capdl_alloc(count, sizeof(*items.keepers)) };
    for (uint32_t i = 0; i < count; i++) {
        items.keepers[i] =
            packer->spec->objects[i].kind == CAPDL_UT ? pack_keeper(packer, i) : CAPDL_NONE;
        if (items.keepers[i] != CAPDL_NONE) {
            packer_object(packer, i)->keeper = packer->objects[items.keepers[i]].packed;
        }
    }
    keep_objects(packer, &items);
    keep_maps(packer, &items);
    keep_irqs(packer, &items);
    for (uint32_t i = 0; i < count; i++) {
        if (items.keepers[i] != CAPDL_NONE) {
            item_add(&items, i, PACKED_KEEP_OBJECT, packer->objects[items.keepers[i]].packed);
        }
    }
    write_keeps(packer, &items);
    free(items.keepers);
    free(items.list);
}
