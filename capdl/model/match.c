/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding the counterparts of objects in another spec
 *
 * First by name. What is left is matched by a signature: kind, attributes, and all relations to
 * objects that are matched already. A signature that one object of each side has, and nobody else,
 * makes a pair; pairs give new relations, so this is done in rounds. Objects without any relation
 * make no such pair. Last, names that changed in the way the name of a pair did are paired too.
 */
#include <stdlib.h>
#include <string.h>

#include "model/diff.h"

#define ROUNDS_MAX    8
#define RENAMINGS_MAX 16
#define SHARED        (UINT32_MAX - 1) /* more than one object has the signature */

/* One of the two specs, and what is known of its objects. */
struct side {
    const struct capdl_spec *spec;
    uint32_t *other;     /* counterparts */
    const uint32_t *ids; /* number by which both sides know a matched object; NULL: its own */
    uint64_t *signatures;
    uint32_t *relations; /* how many went into the signature */
    struct capdl_map owners;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 31);
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++) {
        hash = mix(hash, (uint8_t)*text);
    }
    return mix(hash, 0x100);
}

/* The number both sides know the object by, or 0 if it has no counterpart (yet). */
static uint64_t known_id(const struct side *side, uint32_t object)
{
    if (object == CAPDL_NONE) {
        return 1;
    }
    if (side->other[object] == CAPDL_NONE) {
        return 0;
    }
    return (uint64_t)(side->ids == NULL ? object : side->ids[object]) + 2;
}

static uint64_t attributes_hash(const struct capdl_spec *spec, const struct capdl_object *object)
{
    uint64_t hash = mix(mix(mix(7, object->kind), object->present), object->bits);
    hash = mix(hash, object->paddr);
    if (object->kind == CAPDL_FRAME) {
        for (uint32_t i = 0; i < object->u.frame.fill_count; i++) {
            uint32_t words = spec->fills[object->u.frame.first_fill + i].words;
            hash = mix_text(hash, capdl_name_text(spec, words));
        }
    } else if (object->kind == CAPDL_TCB) {
        const struct capdl_tcb_attrs *tcb = &object->u.tcb;
        hash = mix(mix(mix(hash, tcb->addr), tcb->ip), tcb->sp);
        hash = mix(mix(mix(hash, tcb->prio), tcb->max_prio), tcb->affinity);
    } else if (object->kind == CAPDL_SC) {
        hash = mix(mix(mix(hash, object->u.sc.period), object->u.sc.budget), object->u.sc.data);
    } else {
        for (uint32_t i = 0; i < 4; i++) {
            hash = mix(hash, object->u.device.number[i]);
        }
    }
    return hash;
}

static void relate(struct side *side, uint32_t object, uint64_t hash)
{
    if (side->other[object] == CAPDL_NONE) {
        side->signatures[object] += hash; /* a sum: the order does not count */
        side->relations[object]++;
    }
}

static void relate_cap(struct side *side, const struct capdl_cap *cap)
{
    uint64_t container = known_id(side, cap->container);
    uint64_t target = known_id(side, cap->target);
    uint64_t what = mix(mix(mix(mix(3, cap->slot), cap->kind), cap->rights), cap->badge);
    if (container != 0 && cap->target != CAPDL_NONE) {
        relate(side, cap->target, mix(mix(what, 5), container));
    }
    if (target != 0) {
        relate(side, cap->container, mix(mix(what, 6), target));
    }
}

static void sign(struct side *side)
{
    const struct capdl_spec *spec = side->spec;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        const struct capdl_object *object = &spec->objects[i];
        uint64_t parent = known_id(side, object->parent);
        side->relations[i] = 0;
        side->signatures[i] = attributes_hash(spec, object);
        if (object->parent != CAPDL_NONE && parent != 0) {
            side->signatures[i] += mix(11, parent); /* too weak to count as a relation */
        }
    }
    for (uint32_t i = 0; i < spec->object_count; i++) {
        uint64_t self = known_id(side, i);
        if (spec->objects[i].parent != CAPDL_NONE && self != 0) {
            relate(side, spec->objects[i].parent, mix(12, self));
        }
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        relate_cap(side, &spec->caps[i]);
    }
    for (uint32_t i = 0; i < spec->irq_count; i++) {
        relate(side, spec->irqs[i].object, mix(13, spec->irqs[i].number));
    }
    capdl_map_free(&side->owners);
    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (side->other[i] == CAPDL_NONE && side->relations[i] > 0) {
            bool is_taken = capdl_map_get(&side->owners, 0, side->signatures[i]) != UINT32_MAX;
            capdl_map_set(&side->owners, 0, side->signatures[i], is_taken ? SHARED : i);
        }
    }
}

/* Pair the objects whose signature nobody else has. Returns how many pairs were found. */
static uint32_t pair(struct side *a, struct side *b)
{
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < a->spec->object_count; i++) {
        if (a->other[i] != CAPDL_NONE || a->relations[i] == 0 ||
            capdl_map_get(&a->owners, 0, a->signatures[i]) != i) {
            continue;
        }
        uint32_t counterpart = capdl_map_get(&b->owners, 0, a->signatures[i]);
        if (counterpart != UINT32_MAX && counterpart != SHARED &&
            a->spec->objects[i].kind == b->spec->objects[counterpart].kind) {
            a->other[i] = counterpart;
            b->other[counterpart] = i;
            pairs++;
        }
    }
    return pairs;
}

/* A way in which names were changed: names that began with `from` begin with `to` now. */
struct renaming {
    char *from, *to;
};

struct renamings {
    struct renaming list[RENAMINGS_MAX];
    uint32_t count;
};

static char *text_part(const char *text, size_t length)
{
    char *part = capdl_alloc(length + 1, 1);
    memcpy(part, text, length);
    return part;
}

/* Learn from one pair: what differs before the end that both names share. */
static void renaming_learn(struct renamings *renamings, const char *from, const char *to)
{
    size_t from_length = strlen(from);
    size_t to_length = strlen(to);
    while (from_length > 0 && to_length > 0 && from[from_length - 1] == to[to_length - 1]) {
        from_length--;
        to_length--;
    }
    bool is_known = from[from_length] == '\0'; /* nothing in common: teaches nothing */
    for (uint32_t i = 0; i < renamings->count && !is_known; i++) {
        const struct renaming *known = &renamings->list[i];
        is_known = strlen(known->from) == from_length && strlen(known->to) == to_length &&
                   strncmp(known->from, from, from_length) == 0 &&
                   strncmp(known->to, to, to_length) == 0;
    }
    if (!is_known && from_length > 0 && renamings->count < RENAMINGS_MAX) {
        renamings->list[renamings->count++] =
            (struct renaming){ text_part(from, from_length), text_part(to, to_length) };
    }
}

/* What the object would be called after a renaming, if b has an object of that name to pair. */
static uint32_t renamed(const struct side *a, const struct side *b, uint32_t object,
                        const struct renaming *renaming)
{
    const struct capdl_object *o = &a->spec->objects[object];
    const char *name = capdl_name_text(a->spec, o->name);
    size_t length = strlen(renaming->from);
    if (strncmp(name, renaming->from, length) != 0) {
        return CAPDL_NONE;
    }
    struct capdl_text changed = { 0 };
    capdl_text_printf(&changed, "%s%s", renaming->to, name + length);
    uint32_t found = capdl_name_find(b->spec, changed.bytes, changed.length);
    capdl_text_free(&changed);
    found = found == CAPDL_NONE ? CAPDL_NONE : capdl_object_find(b->spec, found, o->index);
    bool is_free = found != CAPDL_NONE && b->other[found] == CAPDL_NONE &&
                   b->spec->objects[found].kind == o->kind;
    return is_free ? found : CAPDL_NONE;
}

/* Pair by name what was renamed in the way of pairs that were found otherwise. */
static uint32_t pair_renamed(struct side *a, struct side *b)
{
    struct renamings renamings = { .count = 0 };
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < a->spec->object_count; i++) {
        if (a->other[i] != CAPDL_NONE) {
            renaming_learn(&renamings, capdl_name_text(a->spec, a->spec->objects[i].name),
                           capdl_name_text(b->spec, b->spec->objects[a->other[i]].name));
        }
    }
    for (uint32_t i = 0; i < a->spec->object_count && renamings.count > 0; i++) {
        for (uint32_t r = 0; r < renamings.count && a->other[i] == CAPDL_NONE; r++) {
            uint32_t found = renamed(a, b, i, &renamings.list[r]);
            if (found != CAPDL_NONE) {
                a->other[i] = found;
                b->other[found] = i;
                pairs++;
            }
        }
    }
    for (uint32_t r = 0; r < renamings.count; r++) {
        free(renamings.list[r].from);
        free(renamings.list[r].to);
    }
    return pairs;
}

static void match_names(struct side *a, struct side *b)
{
    for (uint32_t i = 0; i < b->spec->object_count; i++) {
        b->other[i] = CAPDL_NONE;
    }
    uint32_t *names = capdl_alloc(a->spec->name_count, sizeof(*names)); /* of b, plus 1 */
    for (uint32_t i = 0; i < b->spec->object_count; i++) {
        const char *text = capdl_name_text(b->spec, b->spec->objects[i].name);
        uint32_t name = capdl_name_find(a->spec, text, strlen(text));
        if (name != CAPDL_NONE) {
            names[name] = b->spec->objects[i].name + 1;
        }
    }
    for (uint32_t i = 0; i < a->spec->object_count; i++) {
        const struct capdl_object *object = &a->spec->objects[i];
        uint32_t name = names[object->name];
        uint32_t found =
            name == 0 ? CAPDL_NONE : capdl_object_find(b->spec, name - 1, object->index);
        bool is_same = found != CAPDL_NONE && b->spec->objects[found].kind == object->kind;
        a->other[i] = is_same ? found : CAPDL_NONE;
        if (is_same) {
            b->other[found] = i;
        }
    }
    free(names);
}

static bool has_unmatched(const struct side *side)
{
    for (uint32_t i = 0; i < side->spec->object_count; i++) {
        if (side->other[i] == CAPDL_NONE) {
            return true;
        }
    }
    return false;
}

void capdl_match_make(struct capdl_match *match, const struct capdl_spec *a,
                      const struct capdl_spec *b)
{
    match->to_b = capdl_alloc(a->object_count, sizeof(*match->to_b));
    match->to_a = capdl_alloc(b->object_count, sizeof(*match->to_a));
    struct side left = { .spec = a, .other = match->to_b };
    struct side right = { .spec = b, .other = match->to_a, .ids = match->to_a };
    match_names(&left, &right);
    if (!has_unmatched(&left) || !has_unmatched(&right)) {
        return;
    }
    struct side *sides[] = { &left, &right };
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t count = sides[i]->spec->object_count;
        sides[i]->signatures = capdl_alloc(count, sizeof(*left.signatures));
        sides[i]->relations = capdl_alloc(count, sizeof(*left.relations));
    }
    for (uint32_t round = 0; round < ROUNDS_MAX; round++) {
        sign(&left);
        sign(&right);
        uint32_t pairs = pair(&left, &right);
        if (pairs + pair_renamed(&left, &right) == 0) {
            break;
        }
    }
    for (uint32_t i = 0; i < 2; i++) {
        free(sides[i]->signatures);
        free(sides[i]->relations);
        capdl_map_free(&sides[i]->owners);
    }
}

void capdl_match_free(struct capdl_match *match)
{
    free(match->to_b);
    free(match->to_a);
}
