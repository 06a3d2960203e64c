/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: capabilities and their derivation (abi/02 §5)
 *
 * The array spec.caps is the derivation order. Who is whose parent is not stored: it follows from
 * the order, the two bits of each entry and the values.
 */
#include "caps.h"

#include <string.h>

struct spec_entry *spec_caps_at(word_t place)
{
    for (unsigned i = 0; i < spec.count; i++) {
        if (spec.caps[i].place == place) {
            return &spec.caps[i];
        }
    }
    return NULL;
}

struct spec_cap spec_caps_value(word_t place)
{
    const struct spec_entry *entry = spec_caps_at(place);

    return entry == NULL ? (struct spec_cap){ .type = CAP_NULL } : entry->cap;
}

word_t spec_caps_bytes(const struct spec_cap *cap)
{
    switch (cap->type) {
    case CAP_UNTYPED:
    case CAP_FRAME:
    case CAP_SCHED_CONTEXT: return 1ul << cap->size_bits;
    case CAP_CNODE:
    case CAP_ZOMBIE: return 1ul << (cap->size_bits + SLOT_BITS);
    case CAP_TCB: return 1ul << TCB_BITS;
    case CAP_ENDPOINT: return 1ul << ENDPOINT_BITS;
    case CAP_NOTIFICATION: return 1ul << NOTIFICATION_BITS;
    case CAP_REPLY: return 1ul << REPLY_BITS;
    case CAP_PAGE_TABLE: return 1ul << PAGE_TABLE_BITS;
    case CAP_VSPACE: return 1ul << VSPACE_BITS;
    case CAP_ASID_POOL: return 1ul << ASID_POOL_BITS;
    case CAP_VCPU: return 1ul << VCPU_BITS;
    default: return 0;
    }
}

static bool region_is_inside(const struct spec_cap *a, const struct spec_cap *b)
{
    return spec_caps_bytes(b) != 0 && b->object >= a->object &&
           b->object + spec_caps_bytes(b) <= a->object + spec_caps_bytes(a);
}

bool spec_caps_same_region(const struct spec_cap *a, const struct spec_cap *b)
{
    bool same_object = a->type == b->type && a->object == b->object;

    switch (a->type) {
    case CAP_UNTYPED: return region_is_inside(a, b);
    case CAP_FRAME: return b->type == CAP_FRAME && region_is_inside(a, b);
    case CAP_CNODE:
    case CAP_SCHED_CONTEXT: return same_object && a->size_bits == b->size_bits;
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_TCB:
    case CAP_REPLY:
    case CAP_PAGE_TABLE:
    case CAP_VSPACE:
    case CAP_VCPU:
    case CAP_ASID_POOL: return same_object;
    case CAP_IRQ_CONTROL:
        return b->type == CAP_IRQ_CONTROL || b->type == CAP_IRQ_HANDLER || b->type == CAP_SGI;
    case CAP_IRQ_HANDLER: return b->type == a->type && b->number == a->number;
    case CAP_DOMAIN:
    case CAP_SCHED_CONTROL:
    case CAP_ASID_CONTROL:
    case CAP_SMC: return b->type == a->type;
    case CAP_SGI: return b->type == a->type && b->number == a->number && b->target == a->target;
    default: return false;
    }
}

bool spec_caps_same_object(const struct spec_cap *a, const struct spec_cap *b)
{
    if (a->type == CAP_UNTYPED || a->type == CAP_IRQ_CONTROL || a->type == CAP_SGI) {
        return false;
    }
    if (a->type == CAP_FRAME) {
        return b->type == CAP_FRAME && a->object == b->object && a->size_bits == b->size_bits &&
               a->device == b->device;
    }
    return spec_caps_same_region(a, b);
}

bool spec_caps_is_parent(const struct spec_entry *a, const struct spec_entry *b)
{
    if (!a->revocable || !spec_caps_same_region(&a->cap, &b->cap)) {
        return false;
    }
    switch (a->cap.type) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC: return a->cap.badge == 0 || (a->cap.badge == b->cap.badge && !b->first_badged);
    case CAP_SGI: return !b->first_badged;
    default: return true;
    }
}

/* The neighbours of an entry in its list. */
static const struct spec_entry *neighbour(const struct spec_entry *entry, int step)
{
    long i = entry - spec.caps + step;

    if (i < 0 || i >= (long)spec.count || spec.caps[i].list != entry->list) {
        return NULL;
    }
    return &spec.caps[i];
}

bool spec_caps_has_children(const struct spec_entry *entry)
{
    const struct spec_entry *next = neighbour(entry, 1);

    return next != NULL && spec_caps_is_parent(entry, next);
}

bool spec_caps_is_final(const struct spec_entry *entry)
{
    const struct spec_entry *prev = neighbour(entry, -1);
    const struct spec_entry *next = neighbour(entry, 1);

    return (prev == NULL || !spec_caps_same_object(&prev->cap, &entry->cap)) &&
           (next == NULL || !spec_caps_same_object(&entry->cap, &next->cap));
}

static void insert_after(word_t source, struct spec_entry entry)
{
    struct spec_entry *before = spec_caps_at(source);
    size_t i = (size_t)(before - spec.caps) + 1;

    if (spec.count == SPEC_CAPS) {
        spec_give_up("too many capabilities");
    }
    entry.list = before->list;
    memmove(&spec.caps[i + 1], &spec.caps[i], (spec.count - i) * sizeof(entry));
    spec.caps[i] = entry;
    spec.count++;
}

void spec_caps_insert_new(struct spec_cap cap, word_t source, word_t place)
{
    insert_after(source, (struct spec_entry){ place, 0, true, true, cap });
}

void spec_caps_insert_derived(struct spec_cap cap, word_t source, word_t place)
{
    struct spec_entry *from = spec_caps_at(source);
    bool r = false;

    switch (cap.type) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC: r = cap.badge != from->cap.badge; break;
    case CAP_UNTYPED: r = true; break;
    case CAP_IRQ_HANDLER:
    case CAP_SGI: r = from->cap.type == CAP_IRQ_CONTROL; break;
    default: break;
    }
    /* A second untyped over the same memory: the source must not give that memory out again. */
    if (cap.type == CAP_UNTYPED && from->cap.type == CAP_UNTYPED &&
        cap.object == from->cap.object && cap.size_bits == from->cap.size_bits) {
        from->cap.watermark = 1ul << from->cap.size_bits;
    }
    insert_after(source, (struct spec_entry){ place, 0, r, r, cap });
}

void spec_caps_move(struct spec_cap cap, word_t from, word_t to)
{
    struct spec_entry *entry = spec_caps_at(from);

    entry->cap = cap;
    entry->place = to;
}

void spec_caps_swap(struct spec_cap a, word_t place_a, struct spec_cap b, word_t place_b)
{
    struct spec_entry *entry_a = spec_caps_at(place_a);
    struct spec_entry *entry_b = spec_caps_at(place_b);

    *entry_a =
        (struct spec_entry){ place_b, entry_a->list, entry_a->revocable, entry_a->first_badged, a };
    *entry_b =
        (struct spec_entry){ place_a, entry_b->list, entry_b->revocable, entry_b->first_badged, b };
}

void spec_caps_remove(word_t place)
{
    struct spec_entry *entry = spec_caps_at(place);
    size_t i = (size_t)(entry - spec.caps);

    if (i + 1 < spec.count && spec.caps[i + 1].list == entry->list) {
        spec.caps[i + 1].first_badged |= entry->first_badged;
    }
    spec.count--;
    memmove(entry, entry + 1, (spec.count - i) * sizeof(*entry));
}

enum err spec_caps_derive(const struct spec_cap *cap, word_t place, struct spec_cap *out)
{
    const struct spec_entry *entry = spec_caps_at(place);

    *out = *cap;
    switch (cap->type) {
    case CAP_ZOMBIE:
    case CAP_IRQ_CONTROL: *out = (struct spec_cap){ .type = CAP_NULL }; break;
    case CAP_UNTYPED: return spec_caps_has_children(entry) ? ERR_REVOKE_FIRST : ERR_NONE;
    case CAP_VSPACE:
    case CAP_PAGE_TABLE: return cap->mapped ? ERR_NONE : ERR_ILLEGAL_OPERATION;
    case CAP_FRAME: out->asid = out->vaddr = out->mapped = 0; break;
    default: break;
    }
    return ERR_NONE;
}

struct spec_cap spec_caps_mask(struct spec_cap cap, word_t rights)
{
    bool write = rights & 1, read = rights & 2;

    switch (cap.type) {
    case CAP_ENDPOINT:
        cap.grant &= (rights >> 2) & 1;
        cap.grant_reply &= (rights >> 3) & 1;
        cap.send &= write;
        cap.receive &= read;
        break;
    case CAP_NOTIFICATION:
        cap.send &= write;
        cap.receive &= read;
        break;
    case CAP_REPLY: cap.grant &= (rights >> 2) & 1; break;
    case CAP_FRAME:
        if (cap.rights == FRAME_READ_WRITE && read && write) {
            break;
        }
        cap.rights = cap.rights != FRAME_KERNEL_ONLY && read ? FRAME_READ_ONLY : FRAME_KERNEL_ONLY;
        break;
    default: break;
    }
    return cap;
}

struct spec_cap spec_caps_update(struct spec_cap cap, word_t data, bool preserve)
{
    const struct spec_cap none = { .type = CAP_NULL };
    word_t size = data & 63;

    switch (cap.type) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC:
        if (preserve || cap.badge != 0) {
            return none;
        }
        cap.badge = data;
        return cap;
    case CAP_CNODE:
        if (size + cap.size_bits > WORD_BITS) {
            return none;
        }
        cap.guard_size = size;
        cap.guard = (data >> 6) & ((1ul << size) - 1);
        return cap;
    default: return cap;
    }
}
