/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Packing, step 3: number the objects in the order of their creation
 *
 * First what comes from the boot untypeds, then, untyped by untyped, the children of each as one
 * run; siblings in placement order. An untyped at a fixed address may have children at fixed
 * addresses: the space between them is filled with other children, and with untypeds nobody uses.
 */
#include "pack.h"

#include <stdlib.h>
#include <string.h>

#include "model/order.h"

uint32_t packer_number(const struct packer *packer, uint32_t object)
{
    return object == CAPDL_NONE ? PACKED_NONE : packer->objects[object].packed;
}

struct packed_object *packer_object(const struct packer *packer, uint32_t object)
{
    return packed_builder_at(&packer->builder, PACKED_OBJECTS, packer->objects[object].packed);
}

static uint8_t type_of(enum capdl_kind kind)
{
    switch (kind) {
    case CAPDL_EP: return PACKED_ENDPOINT;
    case CAPDL_NOTIFICATION: return PACKED_NOTIFICATION;
    case CAPDL_TCB: return PACKED_TCB;
    case CAPDL_CNODE: return PACKED_CNODE;
    case CAPDL_UT: return PACKED_UNTYPED;
    case CAPDL_ASID_POOL: return PACKED_ASID_POOL;
    case CAPDL_FRAME: return PACKED_FRAME;
    case CAPDL_PUD: return PACKED_VSPACE;
    case CAPDL_PT:
    case CAPDL_PD: return PACKED_PAGE_TABLE;
    case CAPDL_IRQ:
    case CAPDL_ARM_IRQ: return PACKED_IRQ;
    case CAPDL_VCPU: return PACKED_VCPU;
    case CAPDL_SC: return PACKED_SCHED_CONTEXT;
    case CAPDL_RTREPLY: return PACKED_REPLY;
    case CAPDL_SMC: return PACKED_SMC;
    case CAPDL_SGI: return PACKED_SGI;
    default: return PACKED_TYPE_COUNT;
    }
}

static void append(struct packer *packer, const struct packed_object *record, uint32_t object)
{
    uint32_t number = packed_builder_add(&packer->builder, PACKED_OBJECTS, record);
    CAPDL_PUSH(packer->order, packer->order_count, packer->order_capacity, object);
    if (object != CAPDL_NONE) {
        packer->objects[object].packed = number;
    }
}

static bool shape(struct packer *packer, uint32_t self, struct packed_object *record)
{
    const struct capdl_object *object = &packer->spec->objects[self];
    uint32_t bits = object->kind == CAPDL_SC ? capdl_object_size_bits(packer->spec, self)
                                             : (uint32_t)object->bits;
    if (packed_builder_shape(record->type, bits, record)) {
        return true;
    }
    capdl_error(packer->diags, object->pos, "\"%s\": the kernel has no %s of %u bits",
                capdl_object_text(packer->spec, self), capdl_kind_info(object->kind)->keyword,
                bits);
    capdl_remedy(packer->diags, "%s",
                 object->kind == CAPDL_FRAME   ? "frames are 4k, 2M or 1024M"
                 : object->kind == CAPDL_SC    ? "an sc has 7 to 47 bits"
                 : object->kind == CAPDL_CNODE ? "a cnode has 1 to 42 bits"
                                               : "a ut has 4 to 47 bits");
    return false;
}

/* The composer gives a supervisor, and nobody else, a CNode <name>_supervised. */
static bool is_supervised(const struct packer *packer, uint32_t cnode)
{
    static const char suffix[] = "_supervised";
    const char *name = capdl_name_text(packer->spec, packer->spec->objects[cnode].name);
    size_t length = strlen(name);
    return length >= sizeof suffix && strcmp(name + length - (sizeof suffix - 1), suffix) == 0;
}

/* Append an object; parent is the packed number of the untyped it is made from. */
static void append_object(struct packer *packer, uint32_t self, uint32_t parent)
{
    const struct capdl_object *object = &packer->spec->objects[self];
    struct packed_object record = { .index = object->index,
                                    .parent = parent,
                                    .keeper = PACKED_NONE,
                                    .type = type_of(object->kind) };
    if (!shape(packer, self, &record)) {
        return;
    }
    record.name =
        packed_builder_name(&packer->builder, capdl_name_text(packer->spec, object->name));
    uint32_t root = packer->objects[self].root;
    root = root == CAPDL_NONE && object->kind == CAPDL_UT ? self : root;
    record.component = root == CAPDL_NONE ? 0 : pack_component(packer, root);
    if (packer->objects[self].file != CAPDL_NONE) {
        const struct capdl_fill *fill = &packer->spec->fills[object->u.frame.first_fill];
        record.flags = PACKED_OBJECT_FROM_IMAGE;
        record.place = packer->files[packer->objects[self].file].placed_at + fill->source;
    } else if ((object->present & CAPDL_HAS_PADDR) != 0) {
        record.flags = PACKED_OBJECT_HAS_PADDR;
        record.place = object->paddr;
        if ((object->paddr & ((UINT64_C(1) << object->bits) - 1)) != 0) {
            capdl_error(packer->diags, object->pos,
                        "\"%s\": physical address 0x%llx is not a multiple of its size",
                        capdl_object_text(packer->spec, self), (unsigned long long)object->paddr);
            capdl_remedy(packer->diags, "align it to 0x%llx", 1ull << object->bits);
        }
    }
    if (object->kind == CAPDL_CNODE && is_supervised(packer, self)) {
        record.flags |= PACKED_OBJECT_SUPERVISED;
    }
    if (object->kind == CAPDL_ASID_POOL) {
        record.first = (uint32_t)object->u.device.number[0];
        record.size_bits = record.first == 0 ? 0 : record.size_bits;
    }
    append(packer, &record, self);
}

/* Is the object made from memory of its untyped? */
static bool takes_memory(const struct packer *packer, uint32_t object)
{
    return capdl_object_size_bits(packer->spec, object) != 0 &&
           packer->objects[object].file == CAPDL_NONE;
}

/* An interrupt without number cannot be had; the rest of the checks says when that matters. */
static bool is_left_out(const struct packer *packer, uint32_t object)
{
    return capdl_kind_is_irq(packer->spec->objects[object].kind) &&
           capdl_irq_of(packer->spec, object) == CAPDL_NONE;
}

/* Placement of the children of one untyped. */
struct placement {
    struct packer *packer;
    uint32_t untyped; /* in the spec */
    uint32_t number;  /* packed */
    uint64_t used, size;
    uint64_t needed; /* sum of the children's sizes: for messages */
};

static void report_full(const struct placement *placement, uint32_t child)
{
    const struct capdl_spec *spec = placement->packer->spec;
    uint32_t bits = (uint32_t)spec->objects[placement->untyped].bits;
    uint64_t left = placement->size - placement->used;
    capdl_error(placement->packer->diags, spec->objects[child].pos,
                "\"%s\" (%s, %llu bytes) does not fit into untyped \"%s\" of %llu bytes: %llu are "
                "left, its children need %llu",
                capdl_object_text(spec, child), capdl_kind_info(spec->objects[child].kind)->keyword,
                1ull << capdl_object_size_bits(spec, child),
                capdl_object_text(spec, placement->untyped), (unsigned long long)placement->size,
                (unsigned long long)left, (unsigned long long)placement->needed);
    while (bits < 63 && (UINT64_C(1) << bits) < placement->needed) {
        bits++;
    }
    capdl_remedy(placement->packer->diags, "give \"%s\" %u bits",
                 capdl_object_text(spec, placement->untyped), bits);
}

/* Place a child at the watermark; false if there is no room. */
static bool place_child(struct placement *placement, uint32_t child)
{
    uint64_t bytes = UINT64_C(1) << capdl_object_size_bits(placement->packer->spec, child);
    uint64_t at = (placement->used + bytes - 1) & ~(bytes - 1);
    if (at > placement->size || bytes > placement->size - at) {
        report_full(placement, child);
        return false;
    }
    placement->used = at + bytes;
    append_object(placement->packer, child, placement->number);
    return true;
}

/* One untyped that nobody uses, as large as the watermark's alignment and the space allow. */
static void place_gap(struct placement *placement, uint64_t target)
{
    struct packed_object gap = { .parent = placement->number,
                                 .index = PACKED_NONE,
                                 .keeper = PACKED_NONE,
                                 .type = PACKED_UNTYPED,
                                 .flags = PACKED_OBJECT_GAP };
    uint32_t bits = 4;
    while (placement->used % (UINT64_C(2) << bits) == 0 &&
           (UINT64_C(2) << bits) <= target - placement->used) {
        bits++;
    }
    packed_builder_shape(PACKED_UNTYPED, bits, &gap);
    gap.name = packed_builder_name(&placement->packer->builder, "gap");
    append(placement->packer, &gap, CAPDL_NONE);
    placement->used += UINT64_C(1) << bits;
}

/* Bring the watermark to target: with the largest waiting children that fit, else with gaps. */
static void fill_up(struct placement *placement, uint64_t target, const uint32_t *waiting,
                    uint32_t count, bool *is_placed)
{
    uint32_t next = 0;
    while (placement->used < target) {
        bool found = false;
        for (uint32_t i = next; i < count && !found; i++) {
            uint64_t bytes = UINT64_C(1)
                             << capdl_object_size_bits(placement->packer->spec, waiting[i]);
            if (!is_placed[i] && placement->used % bytes == 0 &&
                bytes <= target - placement->used) {
                place_child(placement, waiting[i]);
                is_placed[i] = true;
                found = true;
            }
        }
        if (!found) {
            place_gap(placement, target);
        }
        while (next < count && is_placed[next]) {
            next++;
        }
    }
}

static bool place_fixed(struct placement *placement, uint32_t child, const uint32_t *waiting,
                        uint32_t count, bool *is_placed)
{
    const struct capdl_spec *spec = placement->packer->spec;
    const struct capdl_object *untyped = &spec->objects[placement->untyped];
    const struct capdl_object *object = &spec->objects[child];
    if ((untyped->present & CAPDL_HAS_PADDR) == 0) {
        capdl_error(placement->packer->diags, object->pos,
                    "\"%s\" has a physical address, untyped \"%s\" around it has none",
                    capdl_object_text(spec, child), capdl_object_text(spec, placement->untyped));
        capdl_remedy(placement->packer->diags, "give the untyped a paddr too, or declare the "
                                               "object outside of it");
        return false;
    }
    if (object->paddr < untyped->paddr || object->paddr - untyped->paddr >= placement->size ||
        object->paddr - untyped->paddr < placement->used) {
        capdl_error(placement->packer->diags, object->pos,
                    "\"%s\" cannot be at 0x%llx: free in untyped \"%s\" is 0x%llx up to 0x%llx",
                    capdl_object_text(spec, child), (unsigned long long)object->paddr,
                    capdl_object_text(spec, placement->untyped),
                    (unsigned long long)(untyped->paddr + placement->used),
                    (unsigned long long)(untyped->paddr + placement->size));
        capdl_remedy(placement->packer->diags, "correct one of the addresses");
        return false;
    }
    fill_up(placement, object->paddr - untyped->paddr, waiting, count, is_placed);
    return place_child(placement, child);
}

/* Children of an untyped that take memory, in placement order; the caller frees the array. */
static uint32_t *children_of(struct packer *packer, uint32_t untyped, uint32_t *count)
{
    const struct capdl_spec *spec = packer->spec;
    uint32_t *children = NULL;
    uint32_t capacity = 0;
    *count = 0;
    for (uint32_t child = spec->objects[untyped].first_child; child != CAPDL_NONE;
         child = spec->objects[child].next_sibling) {
        if (takes_memory(packer, child) && packer->objects[child].packed == PACKED_NONE) {
            CAPDL_PUSH(children, *count, capacity, child);
        }
    }
    capdl_sort(spec, children, *count, capdl_placement_compare);
    return children;
}

static void place_children(struct packer *packer, uint32_t number)
{
    const struct capdl_spec *spec = packer->spec;
    uint32_t untyped = packer->order[number];
    struct placement placement = {
        packer, untyped, number, 0, UINT64_C(1) << spec->objects[untyped].bits, 0
    };
    uint32_t count = 0;
    uint32_t *children = children_of(packer, untyped, &count);
    uint32_t fixed = 0;
    for (uint32_t i = 0; i < count; i++) {
        placement.needed += UINT64_C(1) << capdl_object_size_bits(spec, children[i]);
        fixed += (spec->objects[children[i]].present & CAPDL_HAS_PADDR) != 0;
    }
    bool *is_placed = capdl_alloc(count, sizeof(*is_placed));
    uint32_t first = packer->order_count;
    bool good = true;
    for (uint32_t i = 0; i < fixed && good; i++) {
        good = place_fixed(&placement, children[i], children + fixed, count - fixed, is_placed);
    }
    for (uint32_t i = fixed; i < count && good; i++) {
        good = is_placed[i - fixed] || place_child(&placement, children[i]);
    }
    struct packed_object *record = packed_builder_at(&packer->builder, PACKED_OBJECTS, number);
    record->count = packer->order_count - first;
    record->first = record->count == 0 ? 0 : first;
    free(is_placed);
    free(children);
}

/* What no untyped of the spec covers, and what takes no memory. */
static void place_roots(struct packer *packer)
{
    const struct capdl_spec *spec = packer->spec;
    uint32_t *roots = capdl_alloc(spec->object_count, sizeof(*roots));
    uint32_t count = 0;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        bool is_covered = spec->objects[i].parent != CAPDL_NONE && takes_memory(packer, i);
        if (!is_covered && !is_left_out(packer, i)) {
            roots[count++] = i;
        }
    }
    capdl_sort(spec, roots, count, capdl_placement_compare);
    for (uint32_t i = 0; i < count; i++) {
        append_object(packer, roots[i], PACKED_NONE);
    }
    free(roots);
}

void pack_objects(struct packer *packer)
{
    const struct capdl_spec *spec = packer->spec;
    uint32_t errors = packer->diags->error_count;
    place_roots(packer);
    /* The order grows while it is walked: children are appended behind what is there. */
    for (uint32_t i = 0; i < packer->order_count; i++) {
        if (packer->order[i] != CAPDL_NONE && spec->objects[packer->order[i]].kind == CAPDL_UT) {
            place_children(packer, i);
        }
    }
    for (uint32_t i = 0; i < spec->object_count && packer->diags->error_count == errors; i++) {
        if (packer->objects[i].packed == PACKED_NONE && !is_left_out(packer, i)) {
            capdl_error(packer->diags, spec->objects[i].pos,
                        "\"%s\" is made from an untyped that is made from itself",
                        capdl_object_text(spec, i));
            capdl_remedy(packer->diags, "make the covers a tree");
        }
    }
}
