/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks of CNode contents, fills, mappings and keepers of a packed spec
 *
 * Relies on checked objects. Invariant established: sections are sorted as packed.h says, so that
 * no slot is filled twice and no address mapped twice.
 */
#include "check.h"

/* Can the original of such an object be moved to its holder? The initialiser needs the others. */
static bool is_movable(uint8_t type)
{
    return type == PACKED_ENDPOINT || type == PACKED_NOTIFICATION || type == PACKED_FRAME ||
           type == PACKED_REPLY || type == PACKED_SCHED_CONTEXT || type == PACKED_VCPU ||
           type == PACKED_IRQ;
}

static const char *check_derived(const struct packed_view *view, const struct packed_cap *cap)
{
    if ((cap->flags & PACKED_CAP_DERIVED) == 0) {
        return cap->parent == 0 ? NULL : "parent of what is not derived";
    }
    if (cap->flags != PACKED_CAP_DERIVED || cap->kind != PACKED_CAP_OBJECT ||
        cap->mapping != PACKED_NONE || cap->parent >= view->cap_count) {
        return "derived capability of a wrong kind";
    }
    const struct packed_cap *parent = &view->caps[cap->parent];
    if ((parent->flags & PACKED_CAP_DERIVED) != 0 || parent->target != cap->target ||
        parent->data != cap->data || (cap->rights & ~parent->rights) != 0) {
        return "capability that cannot derive from its parent";
    }
    return NULL;
}

static const char *check_target(const struct packed_view *view, const struct packed_cap *cap)
{
    bool is_move = (cap->flags & PACKED_CAP_MOVE) != 0;
    if (cap->kind != PACKED_CAP_OBJECT) {
        if (cap->target != PACKED_NONE || cap->kind >= PACKED_CAP_KIND_COUNT) {
            return "capability of an unknown kind";
        }
        if (cap->kind == PACKED_CAP_SCHED_CONTROL ? cap->data >= 64 : cap->data != 0) {
            return "control capability with a wrong number";
        }
        return is_move == (cap->kind == PACKED_CAP_IRQ_CONTROL) ? NULL : "wrong kind of move";
    }
    if (cap->target >= view->object_count) {
        return "capability to an object that does not exist";
    }
    const struct packed_object *target = &view->objects[cap->target];
    if ((target->flags & PACKED_OBJECT_GAP) != 0) {
        return "capability to a gap";
    }
    if (is_move ? target->type != PACKED_UNTYPED && !is_movable(target->type)
                : target->type == PACKED_UNTYPED) {
        return "wrong kind of move";
    }
    switch ((enum packed_type)target->type) {
    case PACKED_ENDPOINT:
    case PACKED_NOTIFICATION:
    case PACKED_SMC: return cap->guard_size == 0 ? NULL : "guard on what is not a CNode";
    case PACKED_CNODE:
        return packed_guard_fits(cap->data, cap->guard_size, target->retype_bits)
                   ? NULL
                   : "guard does not fit its CNode";
    default: return cap->data == 0 && cap->guard_size == 0 ? NULL : "badge on what has none";
    }
}

static const char *check_cap(const struct packed_view *view, uint32_t self)
{
    const struct packed_cap *cap = &view->caps[self];
    if (!packed_is(view, cap->container, PACKED_CNODE)) {
        return "container is not a CNode";
    }
    const struct packed_object *container = &view->objects[cap->container];
    if (self < container->first || self - container->first >= container->count) {
        return "capability is not among the contents of its CNode";
    }
    if (container->retype_bits < 32 && cap->slot >> container->retype_bits != 0) {
        return "slot is outside its CNode";
    }
    if (self > 0 && (cap[-1].container > cap->container ||
                     (cap[-1].container == cap->container && cap[-1].slot >= cap->slot))) {
        return "capabilities are not in order";
    }
    if ((cap->rights & ~PACKED_RIGHTS_ALL) != 0 ||
        (cap->flags & ~(PACKED_CAP_MOVE | PACKED_CAP_DERIVED)) != 0) {
        return "capability with unknown rights or flags";
    }
    const char *wrong = check_derived(view, cap);
    if (wrong != NULL) {
        return wrong;
    }
    if (cap->mapping != PACKED_NONE &&
        (cap->mapping >= view->map_count || view->maps[cap->mapping].cap != self ||
         view->maps[cap->mapping].object != cap->target)) {
        return "capability of a mapping that is not its own";
    }
    return check_target(view, cap);
}

/* Each CNode's run of caps holds only its own. */
static const char *check_cnode(const struct packed_view *view, uint32_t self)
{
    const struct packed_object *cnode = &view->objects[self];
    if (cnode->count == 0) {
        return cnode->first == 0 ? NULL : "range of nothing that does not start at 0";
    }
    if (cnode->first > view->cap_count || cnode->count > view->cap_count - cnode->first) {
        return "contents of a CNode are out of range";
    }
    for (uint32_t i = cnode->first; i < cnode->first + cnode->count; i++) {
        if (view->caps[i].container != self) {
            return "contents of a CNode belong to another";
        }
    }
    return NULL;
}

const char *packed_check_caps(struct packed_view *view)
{
    const char *wrong = NULL;
    view->fault_section = PACKED_OBJECTS;
    for (uint32_t i = 0; i < view->object_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = view->objects[i].type == PACKED_CNODE ? check_cnode(view, i) : NULL;
    }
    if (wrong != NULL) {
        return wrong;
    }
    view->fault_section = PACKED_CAPS;
    for (uint32_t i = 0; i < view->cap_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_cap(view, i);
    }
    return wrong;
}

static const char *check_fill(const struct packed_view *view, uint32_t self)
{
    const struct packed_fill *fill = &view->fills[self];
    if (!packed_is(view, fill->frame, PACKED_FRAME)) {
        return "fill of what is not a frame";
    }
    const struct packed_object *frame = &view->objects[fill->frame];
    uint64_t size = UINT64_C(1) << frame->size_bits;
    uint64_t payload = view->header->payload_bytes;
    if (self < frame->first || self - frame->first >= frame->count) {
        return "fill is not among those of its frame";
    }
    if (fill->offset > size || fill->length > size - fill->offset) {
        return "fill is larger than its frame";
    }
    if (fill->kind == PACKED_FILL_PAYLOAD) {
        return fill->source <= payload && fill->length <= payload - fill->source
                   ? NULL
                   : "fill from beyond the payload";
    }
    return fill->kind == PACKED_FILL_BOOT_INFO ? NULL : "fill of an unknown kind";
}

static const char *check_frame(const struct packed_view *view, uint32_t self)
{
    const struct packed_object *frame = &view->objects[self];
    if (frame->count == 0) {
        return frame->first == 0 ? NULL : "range of nothing that does not start at 0";
    }
    if (frame->first > view->fill_count || frame->count > view->fill_count - frame->first) {
        return "fills of a frame are out of range";
    }
    for (uint32_t i = frame->first; i < frame->first + frame->count; i++) {
        if (view->fills[i].frame != self) {
            return "fills of a frame belong to another";
        }
    }
    return NULL;
}

const char *packed_check_fills(struct packed_view *view)
{
    const char *wrong = NULL;
    view->fault_section = PACKED_OBJECTS;
    for (uint32_t i = 0; i < view->object_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = view->objects[i].type == PACKED_FRAME ? check_frame(view, i) : NULL;
    }
    if (wrong != NULL) {
        return wrong;
    }
    view->fault_section = PACKED_FILLS;
    for (uint32_t i = 0; i < view->fill_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_fill(view, i);
    }
    return wrong;
}

/* Order within a vspace: tables, then frames by address; a frame starts after the one before. */
static const char *check_map_order(const struct packed_view *view, uint32_t self)
{
    const struct packed_map *map = &view->maps[self];
    if (self == 0 || map[-1].vspace < map->vspace) {
        return NULL;
    }
    if (map[-1].vspace > map->vspace) {
        return "mappings are not in order";
    }
    bool is_table = (map->flags & PACKED_MAP_TABLE) != 0;
    bool was_table = (map[-1].flags & PACKED_MAP_TABLE) != 0;
    if (is_table || was_table) {
        return is_table && !was_table ? "table is mapped after a frame" : NULL;
    }
    uint64_t end = map[-1].vaddr + (UINT64_C(1) << view->objects[map[-1].object].size_bits);
    return end <= map->vaddr ? NULL : "mappings overlap";
}

static const char *check_map(const struct packed_view *view, uint32_t self)
{
    const struct packed_map *map = &view->maps[self];
    bool is_table = (map->flags & PACKED_MAP_TABLE) != 0;
    if ((map->flags & ~(PACKED_MAP_TABLE | PACKED_MAP_ORIGINAL | PACKED_MAP_EXECUTABLE |
                        PACKED_MAP_UNCACHED)) != 0 ||
        (map->rights & ~(PACKED_RIGHT_READ | PACKED_RIGHT_WRITE)) != 0) {
        return "mapping with unknown flags or rights";
    }
    if (!packed_is(view, map->vspace, PACKED_VSPACE) ||
        !packed_is(view, map->object, is_table ? PACKED_PAGE_TABLE : PACKED_FRAME)) {
        return "mapping of a wrong object";
    }
    const struct packed_object *object = &view->objects[map->object];
    uint64_t align = is_table ? PACKED_LARGE_BYTES : UINT64_C(1) << object->size_bits;
    if (map->vaddr >= PACKED_ADDRESS_END || map->vaddr % align != 0) {
        return "mapping at an impossible address";
    }
    if ((map->flags & PACKED_MAP_ORIGINAL) != 0) {
        if (map->cap != PACKED_NONE || (object->flags & PACKED_OBJECT_FROM_IMAGE) != 0) {
            return "original capability cannot make this mapping";
        }
    } else if (is_table) {
        return "table must be mapped by its original capability";
    }
    if (map->cap != PACKED_NONE &&
        (map->cap >= view->cap_count || view->caps[map->cap].mapping != self)) {
        return "mapping capability goes to a slot that does not want it";
    }
    return check_map_order(view, self);
}

const char *packed_check_maps(struct packed_view *view)
{
    const char *wrong = NULL;
    view->fault_section = PACKED_MAPS;
    for (uint32_t i = 0; i < view->map_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_map(view, i);
    }
    return wrong;
}

static bool keep_is_self(const struct packed_keep *keep)
{
    return keep->kind == PACKED_KEEP_OBJECT && keep->source == keep->keeper;
}

static const char *check_keep(const struct packed_view *view, uint32_t self)
{
    const struct packed_keep *keep = &view->keeps[self];
    bool is_last = self + 1 == view->keep_count || keep[1].keeper != keep->keeper;
    if (!packed_is(view, keep->keeper, PACKED_CNODE)) {
        return "keeper is not a CNode";
    }
    const struct packed_object *keeper = &view->objects[keep->keeper];
    if (keeper->count != 0) {
        return "keeper holds capabilities of the spec";
    }
    if (keeper->retype_bits < 32 && keep->slot >> keeper->retype_bits != 0) {
        return "slot is outside its keeper";
    }
    if (self > 0 && (keep[-1].keeper > keep->keeper ||
                     (keep[-1].keeper == keep->keeper && keep[-1].slot >= keep->slot))) {
        return "kept capabilities are not in order";
    }
    if (is_last != keep_is_self(keep)) {
        return "keeper must hold itself, last";
    }
    if (keep->kind == PACKED_KEEP_OBJECT) {
        return keep->source < view->object_count &&
                       (view->objects[keep->source].flags & PACKED_OBJECT_FROM_IMAGE) == 0
                   ? NULL
                   : "kept object is out of range";
    }
    if (keep->kind != PACKED_KEEP_MAP || keep->source >= view->map_count ||
        (view->maps[keep->source].flags & PACKED_MAP_ORIGINAL) != 0 ||
        view->maps[keep->source].cap != PACKED_NONE) {
        return "kept mapping has no capability of its own";
    }
    return NULL;
}

const char *packed_check_keeps(struct packed_view *view)
{
    const char *wrong = NULL;
    view->fault_section = PACKED_KEEPS;
    for (uint32_t i = 0; i < view->keep_count && wrong == NULL; i++) {
        view->fault_index = i;
        wrong = check_keep(view, i);
    }
    return wrong;
}
