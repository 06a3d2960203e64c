/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Packing, step 5: CNode contents and address spaces
 */
#include <abi/objects.h>
#include <string.h>

#include "model/check.h"
#include "pack.h"

static void report_slot(struct packer *packer, const struct capdl_cap *cap, uint64_t slots)
{
    capdl_error(packer->diags, cap->pos, "slot %llu is outside \"%s\", which has %llu",
                (unsigned long long)cap->slot, capdl_object_text(packer->spec, cap->container),
                (unsigned long long)slots);
    capdl_remedy(packer->diags, "use a smaller slot, or a larger cnode or the next table");
}

static bool check_object_cap(struct packer *packer, const struct capdl_cap *cap)
{
    const struct capdl_object *target = &packer->spec->objects[cap->target];
    const char *name = capdl_object_text(packer->spec, cap->target);
    if (packer->objects[cap->target].packed == PACKED_NONE) {
        capdl_error(packer->diags, cap->pos, "cap to interrupt \"%s\", which has no number", name);
        capdl_remedy(packer->diags, "list it in irq maps { number: %s }", name);
        return false;
    }
    if (target->kind == CAPDL_UT) {
        if (packer->objects[cap->target].is_moved) {
            capdl_error(packer->diags, cap->pos, "second cap to untyped \"%s\"", name);
            capdl_remedy(packer->diags, "an untyped in use cannot be copied: give it to one only");
            return false;
        }
        packer->objects[cap->target].is_moved = true;
    }
    if (target->kind == CAPDL_CNODE &&
        (cap->guard_size > 63 || cap->guard_size + target->bits > 64 ||
         cap->guard >> cap->guard_size != 0)) {
        capdl_error(packer->diags, cap->pos, "guard of %llu bits does not fit \"%s\" of %llu bits",
                    (unsigned long long)cap->guard_size, name, (unsigned long long)target->bits);
        capdl_remedy(packer->diags, "guard_size plus bits is at most 64, the guard below "
                                    "2^guard_size");
        return false;
    }
    return true;
}

static uint8_t global_kind(const struct capdl_cap *cap)
{
    switch ((enum capdl_cap_kind)cap->kind) {
    case CAPDL_CAP_IRQ_CONTROL: return PACKED_CAP_IRQ_CONTROL;
    case CAPDL_CAP_ASID_CONTROL: return PACKED_CAP_ASID_CONTROL;
    case CAPDL_CAP_DOMAIN: return PACKED_CAP_DOMAIN;
    case CAPDL_CAP_SCHED_CONTROL: return PACKED_CAP_SCHED_CONTROL;
    default: return PACKED_CAP_OBJECT;
    }
}

static void add_cap(struct packer *packer, const struct capdl_cap *cap, bool *irq_control_given)
{
    uint32_t self = (uint32_t)(cap - packer->spec->caps);
    struct packed_cap record = { .container = packer->objects[cap->container].packed,
                                 .slot = (uint32_t)cap->slot,
                                 .target = PACKED_NONE,
                                 .mapping = PACKED_NONE,
                                 .kind = global_kind(cap),
                                 .rights = cap->rights };
    if (record.kind == PACKED_CAP_IRQ_CONTROL) {
        record.flags = PACKED_CAP_MOVE;
        if (*irq_control_given) {
            capdl_error(packer->diags, cap->pos, "second cap to irq_control");
            capdl_remedy(packer->diags, "there is only one: give it to one holder");
        }
        *irq_control_given = true;
    } else if (record.kind == PACKED_CAP_SCHED_CONTROL) {
        record.data = cap->badge > 63 ? 63 : cap->badge;
    } else if (record.kind == PACKED_CAP_OBJECT) {
        enum capdl_kind kind = packer->spec->objects[cap->target].kind;
        if (!check_object_cap(packer, cap)) {
            return;
        }
        record.target = packer->objects[cap->target].packed;
        record.data = kind == CAPDL_CNODE ? cap->guard : cap->badge;
        record.guard_size = (uint8_t)cap->guard_size;
        bool is_original = packer->objects[cap->target].original == self;
        record.flags = kind == CAPDL_UT || is_original ? PACKED_CAP_MOVE : 0;
    }
    uint32_t number = packed_builder_add(&packer->builder, PACKED_CAPS, &record);
    packer->cap_numbers[self] = number;
    if (cap->mapping_table != CAPDL_NONE) {
        capdl_map_set(&packer->claim_map, cap->mapping_table, cap->mapping_slot, number);
    }
}

void pack_caps(struct packer *packer)
{
    const struct capdl_spec *spec = packer->spec;
    bool irq_control_given = false;
    for (uint32_t i = 0; i < packer->order_count; i++) {
        uint32_t self = packer->order[i];
        if (self == CAPDL_NONE || spec->objects[self].kind != CAPDL_CNODE) {
            continue;
        }
        const struct capdl_object *cnode = &spec->objects[self];
        uint32_t first = packed_builder_count(&packer->builder, PACKED_CAPS);
        for (uint32_t k = 0; k < cnode->cap_count; k++) {
            const struct capdl_cap *cap = &spec->caps[cnode->first_cap + k];
            if (cap->slot >> cnode->bits != 0) {
                report_slot(packer, cap, UINT64_C(1) << cnode->bits);
            } else {
                add_cap(packer, cap, &irq_control_given);
            }
        }
        struct packed_object *record = packer_object(packer, self);
        record->count = packed_builder_count(&packer->builder, PACKED_CAPS) - first;
        record->first = record->count == 0 ? 0 : first;
    }
}

/* One walk over the tables of an address space: first for its tables, then for its frames. */
struct walk {
    struct packer *packer;
    uint32_t vspace; /* in the spec */
    bool wants_tables;
};

static void add_map(struct walk *walk, const struct capdl_cap *cap, uint64_t vaddr)
{
    struct packer *packer = walk->packer;
    struct pack_object *target = &packer->objects[cap->target];
    struct packed_map map = { .object = target->packed,
                              .vspace = packer->objects[walk->vspace].packed,
                              .vaddr = vaddr,
                              .cap = PACKED_NONE };
    uint32_t claim = capdl_map_get(&packer->claim_map, cap->container, cap->slot);
    uint32_t number = packed_builder_count(&packer->builder, PACKED_MAPS);
    if (walk->wants_tables) {
        map.flags = PACKED_MAP_TABLE | PACKED_MAP_ORIGINAL;
        packed_builder_add(&packer->builder, PACKED_MAPS, &map);
        return;
    }
    map.rights = cap->rights & (CAPDL_RIGHT_READ | CAPDL_RIGHT_WRITE);
    map.flags = (uint8_t)(((cap->rights & CAPDL_RIGHT_GRANT) != 0 ? PACKED_MAP_EXECUTABLE : 0) |
                          (cap->is_uncached ? PACKED_MAP_UNCACHED : 0));
    if (claim != UINT32_MAX) {
        struct packed_cap *holder = packed_builder_at(&packer->builder, PACKED_CAPS, claim);
        if (holder->target != map.object) {
            capdl_error(packer->diags, cap->pos,
                        "slot %llu of \"%s\" maps another frame than the "
                        "cap that claims the mapping",
                        (unsigned long long)cap->slot,
                        capdl_object_text(packer->spec, cap->container));
            capdl_remedy(packer->diags, "correct \"mapping\" of that cap");
            return;
        }
        if ((map.rights & ~holder->rights) != 0) {
            capdl_error(packer->diags, cap->pos,
                        "slot %llu of \"%s\" is mapped with more rights than the cap has that "
                        "claims the mapping",
                        (unsigned long long)cap->slot,
                        capdl_object_text(packer->spec, cap->container));
            capdl_remedy(packer->diags, "give both the same rights");
            return;
        }
        holder->mapping = number;
        map.cap = claim;
    } else if (!target->is_mapped && target->file == CAPDL_NONE &&
               target->root == packer->objects[walk->vspace].root) {
        /* Frames of others outlive the address space, so their originals stay unmapped. */
        map.flags |= PACKED_MAP_ORIGINAL;
        target->is_mapped = true;
    }
    packed_builder_add(&packer->builder, PACKED_MAPS, &map);
}

/* A table may have one place only. */
static bool claim_table(struct walk *walk, const struct capdl_cap *cap)
{
    struct pack_object *table = &walk->packer->objects[cap->target];
    if (!walk->wants_tables) {
        return true;
    }
    if (table->is_mapped) {
        capdl_error(walk->packer->diags, cap->pos, "table \"%s\" is mapped twice",
                    capdl_object_text(walk->packer->spec, cap->target));
        capdl_remedy(walk->packer->diags, "declare a table of its own for each place");
        return false;
    }
    table->is_mapped = true;
    return true;
}

static void walk_table(struct walk *walk, uint32_t table, uint64_t base);

static void walk_entry(struct walk *walk, const struct capdl_cap *cap, uint32_t entry_bits,
                       uint32_t span_bits, uint64_t base)
{
    const struct capdl_spec *spec = walk->packer->spec;
    uint64_t vaddr = base + (cap->slot << span_bits);
    if (cap->slot >> entry_bits != 0) {
        report_slot(walk->packer, cap, UINT64_C(1) << entry_bits);
        return;
    }
    if (spec->objects[cap->target].kind == CAPDL_FRAME) {
        if (spec->objects[cap->target].bits != span_bits) {
            capdl_error(walk->packer->diags, cap->pos,
                        "\"%s\" of 2^%llu bytes in \"%s\", whose entries are 2^%u bytes",
                        capdl_object_text(spec, cap->target),
                        (unsigned long long)spec->objects[cap->target].bits,
                        capdl_object_text(spec, cap->container), span_bits);
            capdl_remedy(walk->packer->diags,
                         "4k frames go into a pt, 2M into a pd, 1024M into a pud");
        } else if (!walk->wants_tables) {
            add_map(walk, cap, vaddr);
        }
        return;
    }
    if (claim_table(walk, cap)) {
        if (walk->wants_tables) {
            add_map(walk, cap, vaddr);
        }
        walk_table(walk, cap->target, vaddr);
    }
}

/* Depth is bounded by the kinds: a pud holds pds, a pd pts, a pt frames only. */
static void walk_table(struct walk *walk, uint32_t table, uint64_t base)
{
    const struct capdl_object *object = &walk->packer->spec->objects[table];
    uint32_t entry_bits = 0;
    uint32_t span_bits = 0;
    capdl_table_shape(walk->packer->spec, table, &entry_bits, &span_bits);
    for (uint32_t i = 0; i < object->cap_count; i++) {
        walk_entry(walk, &walk->packer->spec->caps[object->first_cap + i], entry_bits, span_bits,
                   base);
    }
}

void pack_maps(struct packer *packer)
{
    for (uint32_t i = 0; i < packer->order_count; i++) {
        uint32_t self = packer->order[i];
        if (self == CAPDL_NONE || packer->spec->objects[self].kind != CAPDL_PUD) {
            continue;
        }
        struct walk walk = { packer, self, true };
        walk_table(&walk, self, 0);
        walk.wants_tables = false;
        walk_table(&walk, self, 0);
    }
}
