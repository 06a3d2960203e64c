/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces: tables and their entries
 *
 *   address bits  39..30 root (1024 entries)  29..21 middle  20..12 leaf
 *
 * Invariant: a table exists exactly if something is mapped in its span.
 */
#include "plan.h"

#include <abi/objects.h>
#include <inttypes.h>

enum { ROOT_ENTRIES = 1 << VSPACE_INDEX_BITS, TABLE_ENTRIES = 1 << PAGE_TABLE_INDEX_BITS };

struct table {
    struct object *object;
    struct table **children; /* NULL in leaf tables */
};

void space_open(struct plan *plan, struct space *space, struct holder *holder, const char *base,
                const char *name)
{
    space->plan = plan;
    space->holder = holder;
    space->base = base;
    space->object = object_new(plan, holder, KIND_ROOT_TABLE, 0, name);
    space->root = arena_alloc(plan->arena, sizeof(*space->root));
    space->root->object = space->object;
    space->root->children = arena_alloc(plan->arena, ROOT_ENTRIES * sizeof(struct table *));
}

/* Adds an entry; joins it to the one before if it continues an array. */
static void table_enter(struct plan *plan, struct object *table, uint64_t slot,
                        const struct object *target, uint64_t element, const char *params)
{
    struct list *caps = &table->caps;
    struct cap *last = caps->count == 0 ? NULL : caps->items[caps->count - 1];
    if (last != NULL && last->at.line == plan->at.line && last->at.file == plan->at.file &&
        last->target == target && target->count > 0 && last->params == params &&
        last->slot + last->count == slot && last->first + last->count == element) {
        last->count++;
        return;
    }
    cap_add(plan, table, slot, target, params);
    last = caps->items[caps->count - 1];
    last->first = element;
}

/* The table that entry `index` of `parent` points to, made if need be. */
static struct table *table_below(struct space *space, struct table *parent, uint64_t index,
                                 enum object_kind kind, uint64_t vaddr)
{
    struct plan *plan = space->plan;
    if (parent->children[index] == NULL) {
        struct table *table = arena_alloc(plan->arena, sizeof(*table));
        const char *name = arena_format(plan->arena, "%s_%s_0x%" PRIx64, space->base,
                                        kind == KIND_MIDDLE_TABLE ? "pd" : "pt", vaddr);
        table->object = object_new(plan, space->holder, kind, 0, name);
        if (kind == KIND_MIDDLE_TABLE) {
            table->children = arena_alloc(plan->arena, TABLE_ENTRIES * sizeof(struct table *));
        }
        parent->children[index] = table;
        table_enter(plan, parent->object, index, table->object, 0, NULL);
    }
    return parent->children[index];
}

void space_map(struct space *space, uint64_t vaddr, const struct object *target, uint64_t element,
               unsigned page_bits, const char *params)
{
    uint64_t root_index = vaddr >> PAGE_HUGE;
    uint64_t middle_index = vaddr >> PAGE_LARGE & (TABLE_ENTRIES - 1);
    uint64_t leaf_index = vaddr >> PAGE_SMALL & (TABLE_ENTRIES - 1);
    space->holder->mappings++;
    if (page_bits == PAGE_HUGE) {
        table_enter(space->plan, space->object, root_index, target, element, params);
        return;
    }
    struct table *middle = table_below(space, space->root, root_index, KIND_MIDDLE_TABLE,
                                       vaddr >> PAGE_HUGE << PAGE_HUGE);
    if (page_bits == PAGE_LARGE) {
        table_enter(space->plan, middle->object, middle_index, target, element, params);
        return;
    }
    struct table *leaf = table_below(space, middle, middle_index, KIND_LEAF_TABLE,
                                     vaddr >> PAGE_LARGE << PAGE_LARGE);
    table_enter(space->plan, leaf->object, leaf_index, target, element, params);
}

const char *map_params(bool read, bool write, bool execute, bool cached)
{
    /* Writing without reading is not something a table entry can say. */
    static const char *const params[2][2][3] = {
        { { "(uncached)", "(R, uncached)", "(RW, uncached)" },
          { "(X, uncached)", "(RX, uncached)", "(RWX, uncached)" } },
        { { NULL, "(R)", "(RW)" }, { "(X)", "(RX)", "(RWX)" } },
    };
    return params[cached][execute][write ? 2 : read ? 1 : 0];
}
