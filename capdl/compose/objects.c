/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Names, objects and capabilities of the plan
 */
#include "plan.h"

#include <abi/objects.h>
#include <inttypes.h>
#include <string.h>

struct name_entry {
    struct name_entry *next;
    const char *name;
};

static size_t name_bucket(const char *name)
{
    size_t hash = 5381;
    for (; *name != '\0'; name++) {
        hash = hash * 33 + (unsigned char)*name;
    }
    return hash % NAME_BUCKETS;
}

static bool name_is_taken(const struct plan *plan, const char *name)
{
    const struct name_entry *entry = plan->names[name_bucket(name)];
    while (entry != NULL && !text_equal(entry->name, name)) {
        entry = entry->next;
    }
    return entry != NULL;
}

/* What capDL can spell: a letter, then letters, digits and four other characters. */
static char *name_spell(struct plan *plan, const char *wanted)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool letter_first = wanted[0] != '\0' && strchr(letters, wanted[0]) != NULL;
    char *name = arena_format(plan->arena, "%s%s", letter_first ? "" : "n_", wanted);
    for (char *at = name; *at != '\0'; at++) {
        if (strchr(letters, *at) == NULL && strchr("0123456789-_@.", *at) == NULL) {
            *at = '_';
        }
    }
    return name;
}

static void name_enter(struct plan *plan, const char *name)
{
    struct name_entry *entry = arena_alloc(plan->arena, sizeof(*entry));
    struct name_entry **bucket = &plan->names[name_bucket(name)];
    entry->name = name;
    entry->next = *bucket;
    *bucket = entry;
}

const char *name_take(struct plan *plan, const char *wanted)
{
    const char *name = name_spell(plan, wanted);
    const char *unique = name;
    for (unsigned i = 2; name_is_taken(plan, unique); i++) {
        unique = arena_format(plan->arena, "%s.%u", name, i);
    }
    name_enter(plan, unique);
    return unique;
}

const char *base_take(struct plan *plan, const char *wanted)
{
    const char *name = name_spell(plan, wanted);
    const char *base = name;
    for (unsigned i = 2;; i++) {
        const char *untyped = arena_format(plan->arena, "%s_ut", base);
        const char *keep = arena_format(plan->arena, "%s_keep", base);
        if (!name_is_taken(plan, base) && !name_is_taken(plan, untyped) &&
            !name_is_taken(plan, keep)) {
            name_enter(plan, base);
            name_enter(plan, untyped);
            name_enter(plan, keep);
            return base;
        }
        base = arena_format(plan->arena, "%s.%u", name, i);
    }
}

void holder_open(struct plan *plan, struct holder *holder, const char *base)
{
    holder->base = base;
    holder->untyped = arena_alloc(plan->arena, sizeof(*holder->untyped));
    holder->untyped->kind = KIND_UNTYPED;
    holder->untyped->at = plan->at;
    holder->untyped->name = arena_format(plan->arena, "%s_ut", base);
    holder->keep = arena_alloc(plan->arena, sizeof(*holder->keep));
    holder->keep->kind = KIND_CNODE;
    holder->keep->at = plan->at;
    holder->keep->name = arena_format(plan->arena, "%s_keep", base);
    list_add(plan->arena, &holder->members, holder->keep);
}

struct object *object_array(struct plan *plan, struct holder *holder, enum object_kind kind,
                            unsigned bits, const char *name, uint64_t count)
{
    struct object *object = arena_alloc(plan->arena, sizeof(*object));
    object->kind = kind;
    object->at = plan->at;
    object->bits = bits;
    object->name = name_take(plan, name);
    object->count = count;
    list_add(plan->arena, holder == NULL ? &plan->loose : &holder->members, object);
    return object;
}

struct object *object_new(struct plan *plan, struct holder *holder, enum object_kind kind,
                          unsigned bits, const char *name)
{
    return object_array(plan, holder, kind, bits, name, 0);
}

unsigned object_size_bits(const struct object *object)
{
    switch (object->kind) {
    case KIND_UNTYPED:
    case KIND_SCHED_CONTEXT:
    case KIND_FRAME: return object->bits;
    case KIND_CNODE: return object->bits + SLOT_BITS;
    case KIND_TCB: return TCB_BITS;
    case KIND_ENDPOINT: return ENDPOINT_BITS;
    case KIND_NOTIFICATION: return NOTIFICATION_BITS;
    case KIND_REPLY: return REPLY_BITS;
    case KIND_VCPU: return VCPU_BITS;
    case KIND_ROOT_TABLE: return VSPACE_BITS;
    case KIND_MIDDLE_TABLE:
    case KIND_LEAF_TABLE: return PAGE_TABLE_BITS;
    case KIND_IRQ:
    case KIND_SMC:
    case KIND_ASID_POOL: break;
    }
    return 0;
}

static struct cap *cap_new(struct plan *plan, struct object *container, uint64_t slot)
{
    struct cap *cap = arena_alloc(plan->arena, sizeof(*cap));
    cap->slot = slot;
    cap->count = 1;
    cap->at = plan->at;
    list_add(plan->arena, &container->caps, cap);
    return cap;
}

void cap_add(struct plan *plan, struct object *container, uint64_t slot,
             const struct object *target, const char *params)
{
    struct cap *cap = cap_new(plan, container, slot);
    cap->target = target;
    cap->params = params;
}

void cap_add_global(struct plan *plan, struct object *container, uint64_t slot, const char *global)
{
    cap_new(plan, container, slot)->global = global;
}

const char *cap_params(struct plan *plan, const char *rights, uint64_t badge)
{
    if (badge == 0) {
        return arena_format(plan->arena, "(%s)", rights);
    }
    return arena_format(plan->arena, "(%s, badge: 0x%" PRIx64 ")", rights, badge);
}

struct component *plan_component(struct plan *plan, const struct pd *pd)
{
    size_t index = pd->index < PD_LIMIT ? pd->index : plan->component_count - 1;
    return &plan->components[index];
}

struct region_plan *plan_region(struct plan *plan, const struct region *region)
{
    return &plan->regions[region->index];
}
