/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks of the objects of a packed spec
 *
 * Invariant established: types, sizes and kernel types agree; parents come before children; the
 * children of an untyped are one contiguous run which fits into it when placed in order.
 */
#include "check.h"
#include "types.h"

bool packed_is(const struct packed_view *view, uint32_t index, uint8_t type)
{
    return index < view->object_count && view->objects[index].type == type;
}

bool packed_is_or_none(const struct packed_view *view, uint32_t index, uint8_t type)
{
    return index == PACKED_NONE || packed_is(view, index, type);
}

bool packed_guard_fits(uint64_t guard, uint8_t guard_size, uint8_t radix)
{
    return guard_size < 64 && guard_size + radix <= 64 && (guard >> guard_size) == 0;
}

static const char *check_shape(const struct packed_object *object)
{
    struct packed_object right;
    uint32_t bits = object->type == PACKED_FRAME ? object->size_bits : object->retype_bits;
    if (object->type >= PACKED_TYPE_COUNT) {
        return "object of an unknown type";
    }
    if (!packed_type_shape(object->type, bits, &right)) {
        return "object of a size the kernel does not have";
    }
    if (object->type == PACKED_ASID_POOL && object->first == 0) {
        right.size_bits = 0; /* the root task's own pool exists already */
    }
    if (object->kernel_type != right.kernel_type || object->size_bits != right.size_bits ||
        object->retype_bits != right.retype_bits) {
        return "object whose size or kernel type does not fit its type";
    }
    return NULL;
}

static const char *check_place(const struct packed_view *view, const struct packed_object *object)
{
    uint64_t size = UINT64_C(1) << object->size_bits;
    uint8_t flags = object->flags;
    if ((flags & ~(PACKED_OBJECT_HAS_PADDR | PACKED_OBJECT_FROM_IMAGE | PACKED_OBJECT_GAP |
                   PACKED_OBJECT_SUPERVISED)) != 0) {
        return "object with an unknown flag";
    }
    if ((flags & PACKED_OBJECT_SUPERVISED) != 0 && object->type != PACKED_CNODE) {
        return "supervised is what is not a CNode";
    }
    if ((flags & PACKED_OBJECT_GAP) != 0 && object->type != PACKED_UNTYPED) {
        return "only an untyped can fill a gap";
    }
    if ((flags & PACKED_OBJECT_HAS_PADDR) != 0) {
        if ((object->type != PACKED_UNTYPED && object->type != PACKED_FRAME) ||
            object->place % size != 0 || object->place + size < object->place) {
            return "object with an impossible physical address";
        }
    }
    if ((flags & PACKED_OBJECT_FROM_IMAGE) != 0) {
        if (object->type != PACKED_FRAME || flags != PACKED_OBJECT_FROM_IMAGE ||
            object->parent != PACKED_NONE || object->count != 0 || object->place % size != 0 ||
            object->place > view->header->payload_bytes ||
            size > view->header->payload_bytes - object->place) {
            return "frame that cannot come from the boot image";
        }
    }
    if ((flags & (PACKED_OBJECT_HAS_PADDR | PACKED_OBJECT_FROM_IMAGE)) == 0 && object->place != 0) {
        return "object with a place but no flag that says which";
    }
    return NULL;
}

/* Place the children in order, as the kernel will, and see that they fit. */
static const char *check_children(const struct packed_view *view, uint32_t self)
{
    const struct packed_object *untyped = &view->objects[self];
    bool has_paddr = (untyped->flags & PACKED_OBJECT_HAS_PADDR) != 0;
    uint64_t size = UINT64_C(1) << untyped->size_bits;
    uint64_t used = 0;
    if (untyped->count == 0) {
        return untyped->first == 0 ? NULL : "range of nothing that does not start at 0";
    }
    if (untyped->first <= self || untyped->first > view->object_count ||
        untyped->count > view->object_count - untyped->first) {
        return "children of an untyped are out of range";
    }
    for (uint32_t i = untyped->first; i < untyped->first + untyped->count; i++) {
        const struct packed_object *child = &view->objects[i];
        if (child->parent != self) {
            return "range of children holds another untyped's object";
        }
        if (child->size_bits == 0) {
            continue;
        }
        if (child->size_bits >= 48) {
            return "object of an impossible size";
        }
        uint64_t bytes = UINT64_C(1) << child->size_bits;
        uint64_t at = (used + bytes - 1) & ~(bytes - 1);
        if (at > size || bytes > size - at) {
            return "children do not fit into their untyped";
        }
        if ((child->flags & PACKED_OBJECT_HAS_PADDR) != 0 &&
            (!has_paddr || child->place != untyped->place + at)) {
            return "child is not at the physical address it demands";
        }
        used = at + bytes;
    }
    return NULL;
}

static const char *check_object(const struct packed_view *view, uint32_t self)
{
    const struct packed_object *object = &view->objects[self];
    uint32_t names = view->header->sections[PACKED_NAMES].count;
    if (object->name >= names || object->component >= names) {
        return "name is out of range";
    }
    if (object->parent != PACKED_NONE) {
        if (object->parent >= self || view->objects[object->parent].type != PACKED_UNTYPED) {
            return "parent is not an earlier untyped";
        }
        const struct packed_object *parent = &view->objects[object->parent];
        if (self < parent->first || self - parent->first >= parent->count) {
            return "object is not among the children of its parent";
        }
    }
    if (object->keeper != PACKED_NONE &&
        (object->type != PACKED_UNTYPED || object->parent != PACKED_NONE ||
         !packed_is(view, object->keeper, PACKED_CNODE))) {
        return "keeper is not a CNode of a root untyped";
    }
    const char *wrong = check_shape(object);
    if (wrong == NULL) {
        wrong = check_place(view, object);
    }
    if (wrong == NULL && object->type == PACKED_UNTYPED) {
        wrong = check_children(view, self);
    }
    return wrong;
}

/* `first` and `count` of the types that have neither contents nor a record. */
static const char *check_bare(const struct packed_object *object)
{
    switch ((enum packed_type)object->type) {
    case PACKED_ENDPOINT:
    case PACKED_NOTIFICATION:
    case PACKED_REPLY:
    case PACKED_VSPACE:
    case PACKED_PAGE_TABLE:
    case PACKED_VCPU:
    case PACKED_SMC:
        return object->first == 0 && object->count == 0 ? NULL
                                                        : "object with a detail it cannot have";
    case PACKED_ASID_POOL:
        return object->first < 128 && object->count == 0 ? NULL : "number of an ASID pool is wrong";
    default: return NULL;
    }
}

const char *packed_check_objects(struct packed_view *view)
{
    view->fault_section = PACKED_OBJECTS;
    for (uint32_t i = 0; i < view->object_count; i++) {
        view->fault_index = i;
        const char *wrong = check_object(view, i);
        if (wrong == NULL) {
            wrong = check_bare(&view->objects[i]);
        }
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}
