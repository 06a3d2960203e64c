/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory: frames in groups
 *
 * Frames with the same name (but for its counting end) that are mapped by the same address spaces
 * with the same rights are one node: a region, a program's code, its data, its stack. So a system
 * of a hundred thousand frames has a graph that a person can look at.
 */
#include "extract.h"

#include "board.h"

#include <model/check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 6, SLOT_BUFFER = 4 };

struct walk_step {
    uint32_t table;
    uint32_t level;
    uint64_t address;
};

static uint32_t use_bits(const struct capdl_cap *cap)
{
    return ((cap->rights & CAPDL_RIGHT_READ) != 0 ? USE_READ : 0u) |
           ((cap->rights & CAPDL_RIGHT_WRITE) != 0 ? USE_READ | USE_WRITE : 0u) |
           ((cap->rights & CAPDL_RIGHT_GRANT) != 0 ? USE_READ | USE_EXECUTE : 0u) |
           (cap->is_uncached ? USE_UNCACHED : 0u);
}

static void use_add(struct audit *audit, uint32_t container, uint32_t cap, uint64_t address)
{
    struct frame_use use = { .frame = audit->spec->caps[cap].target,
                             .container = container,
                             .cap = cap,
                             .bits = use_bits(&audit->spec->caps[cap]),
                             .address = address };
    CAPDL_PUSH(audit->uses, audit->use_count, audit->use_capacity, use);
}

/* All mappings of an address space. A table that is met twice is walked once. */
static void space_walk(struct audit *audit, uint32_t root, uint32_t *met)
{
    const struct capdl_spec *spec = audit->spec;
    struct walk_step *stack = NULL;
    uint32_t count = 0, capacity = 0;
    CAPDL_PUSH(stack, count, capacity, ((struct walk_step){ root, 0, 0 }));
    while (count > 0) {
        struct walk_step step = stack[--count];
        const struct capdl_object *table = &spec->objects[step.table];
        uint32_t entry_bits = 0, span_bits = 0;
        if (met[step.table] == root || step.level >= LEVELS ||
            !capdl_table_shape(spec, step.table, &entry_bits, &span_bits)) {
            continue;
        }
        met[step.table] = root;
        for (uint32_t i = table->first_cap; i < table->first_cap + table->cap_count; i++) {
            const struct capdl_cap *cap = &spec->caps[i];
            uint64_t address = step.address + (cap->slot << span_bits);
            if (cap->kind != CAPDL_CAP_OBJECT) {
                continue;
            }
            if (spec->objects[cap->target].kind == CAPDL_FRAME) {
                use_add(audit, root, i, address);
            } else {
                CAPDL_PUSH(stack, count, capacity,
                           ((struct walk_step){ cap->target, step.level + 1, address }));
            }
        }
    }
    free(stack);
}

static void uses_collect(struct audit *audit)
{
    const struct capdl_spec *spec = audit->spec;
    uint32_t *met = capdl_alloc(spec->object_count + 1u, sizeof(*met));
    for (uint32_t i = 0; i < spec->object_count; i++) {
        met[i] = CAPDL_NONE;
    }
    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (capdl_kind_is_table(spec->objects[i].kind) && audit->subject_of[i] != AUTHORITY_NONE) {
            space_walk(audit, i, met);
        }
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct capdl_cap *cap = &spec->caps[i];
        if (cap->kind == CAPDL_CAP_OBJECT && spec->objects[cap->target].kind == CAPDL_FRAME &&
            spec->objects[cap->container].kind == CAPDL_CNODE) {
            use_add(audit, cap->container, i, 0);
        }
    }
    free(met);
}

/* The uses of one address space follow each other. Pre: subject has one. */
static void uses_of(const struct audit *audit, const uint32_t *first_use, uint32_t vspace,
                    uint32_t *first, uint32_t *end)
{
    *first = *end = vspace == CAPDL_NONE ? CAPDL_NONE : first_use[vspace];
    while (*end < audit->use_count && audit->uses[*end].container == vspace) {
        (*end)++;
    }
}

/* The frame a thread's stack begins in, and all of the same array mapped there, are its stack. */
static void stack_mark(struct audit *audit, const uint32_t *first_use, uint32_t thread)
{
    const struct capdl_object *tcb = object_at(audit, thread);
    uint32_t buffer = capdl_cap_find(audit->spec, thread, SLOT_BUFFER);
    uint32_t frame = CAPDL_NONE;
    uint32_t first, end;
    uint64_t top = (tcb->present & CAPDL_HAS_SP) != 0 ? tcb->u.tcb.sp - 1 : UINT64_MAX;
    uses_of(audit, first_use, audit->subjects[audit->subject_of[thread]].vspace, &first, &end);
    for (uint32_t i = first; i < end && top != UINT64_MAX; i++) {
        const struct frame_use *use = &audit->uses[i];
        if (use->address <= top &&
            top - use->address < UINT64_C(1) << (object_at(audit, use->frame)->bits & 63)) {
            frame = use->frame;
        }
    }
    for (uint32_t i = first; i < end; i++) {
        struct frame_use *use = &audit->uses[i];
        if (frame != CAPDL_NONE &&
            object_at(audit, use->frame)->name == object_at(audit, frame)->name) {
            use->bits |= USE_STACK;
        }
        if (buffer != CAPDL_NONE && use->frame == audit->spec->caps[buffer].target) {
            use->bits |= USE_BUFFER;
        }
    }
}

static void stacks_mark(struct audit *audit)
{
    uint32_t count = audit->spec->object_count;
    uint32_t *first_use = capdl_alloc(count + 1u, sizeof(*first_use));
    for (uint32_t i = 0; i < count; i++) {
        first_use[i] = CAPDL_NONE;
    }
    for (uint32_t i = audit->use_count; i-- > 0;) {
        first_use[audit->uses[i].container] = i;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (object_at(audit, i)->kind == CAPDL_TCB) {
            stack_mark(audit, first_use, i);
        }
    }
    free(first_use);
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The name without "_frame", "_page_1f", "_elf_0x200000" and the like. */
static size_t stem_length(const char *name)
{
    static const char *const marks[] = { "_page_", "_elf_0x", "_zero_0x" };
    static const char *const ends[] = { "_frame", "_stack", "_ipc" };
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (text_ends(name, ends[i]) && length > strlen(ends[i])) {
            return length - strlen(ends[i]);
        }
    }
    size_t at = length;
    while (at > 0 && strchr("0123456789abcdef", name[at - 1]) != NULL) {
        at--;
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && at < length; i++) {
        size_t mark = strlen(marks[i]);
        if (at > mark && memcmp(name + at - mark, marks[i], mark) == 0) {
            return at - mark;
        }
    }
    return length;
}

static uint64_t text_hash(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* In the user's words: region, or "code of hello". */
static void group_name(struct audit *audit, struct audit_node *node, const char *stem,
                       size_t length)
{
    struct capdl_text name = { 0 };
    char *base = text_copy(stem, length);
    bool is_program = audit_subject_find(audit, base) != AUTHORITY_NONE && !node->is_device;
    const char *part = (node->uses & USE_STACK) != 0     ? "stack"
                       : (node->uses & USE_BUFFER) != 0  ? "IPC buffer"
                       : (node->uses & USE_EXECUTE) != 0 ? "code"
                       : (node->uses & USE_WRITE) != 0   ? "data"
                                                         : "constants";
    if (is_program) {
        capdl_text_printf(&name, "%s of %s", part, base);
    } else {
        capdl_text_printf(&name, "%s", base);
    }
    free(node->name);
    free(node->words);
    node->name = name.bytes;
    struct capdl_text words = { 0 };
    capdl_text_printf(&words, "%s%s",
                      is_program        ? "the "
                      : node->is_device ? "device "
                                        : "memory ",
                      node->name);
    if (node->device != NULL) {
        capdl_text_printf(&words, " (%s)", node->device);
    }
    node->words = words.bytes;
    free(base);
}

static void device_find(struct audit *audit, struct audit_node *node)
{
    const struct capdl_object *frame = object_at(audit, node->object);
    if ((frame->present & CAPDL_HAS_PADDR) == 0) {
        return;
    }
    const struct board_device *device = board_device_at(frame->paddr);
    node->is_device =
        device != NULL || (node->uses & USE_UNCACHED) != 0 || !board_has_ram_at(frame->paddr);
    node->device = device == NULL ? NULL : device->name;
    node->device_has_dma = device != NULL && device->has_dma;
    node->is_per_viewer = device != NULL && device->is_per_viewer;
}

/* Frames of one group: same stem, same cover, same uses, same device. */
static void groups_make(struct audit *audit, const uint64_t *signatures, const uint32_t *all_bits)
{
    struct capdl_map groups = { 0 };
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        const struct capdl_object *frame = object_at(audit, i);
        if (frame->kind != CAPDL_FRAME) {
            continue;
        }
        const char *name = capdl_name_text(audit->spec, frame->name);
        size_t length = stem_length(name);
        const struct board_device *device =
            (frame->present & CAPDL_HAS_PADDR) != 0 ? board_device_at(frame->paddr) : NULL;
        uint64_t key = mix(signatures[i] ^ text_hash(name, length)) + mix(frame->parent) +
                       (device == NULL ? 0 : mix(device->base));
        uint32_t group = capdl_map_get(&groups, 1, key);
        if (group == AUTHORITY_NONE) {
            group = extract_node(audit, NODE_MEMORY, name, i);
            capdl_map_set(&groups, 1, key, group);
            audit->nodes[group].uses = all_bits[i];
            device_find(audit, &audit->nodes[group]);
            group_name(audit, &audit->nodes[group], name, length);
        }
        audit->node_of[i] = group;
        audit->nodes[group].object_count++;
        audit->nodes[group].bytes += UINT64_C(1) << (frame->bits & 63);
    }
    capdl_map_free(&groups);
}

void extract_memory(struct audit *audit)
{
    uint32_t count = audit->spec->object_count;
    uint64_t *signatures = capdl_alloc(count + 1u, sizeof(*signatures));
    uint32_t *all_bits = capdl_alloc(count + 1u, sizeof(*all_bits));
    uses_collect(audit);
    stacks_mark(audit);
    for (uint32_t i = 0; i < audit->use_count; i++) {
        const struct frame_use *use = &audit->uses[i];
        signatures[use->frame] += mix(((uint64_t)use->container << 8) + use->bits + 1);
        all_bits[use->frame] |= use->bits;
    }
    groups_make(audit, signatures, all_bits);
    free(signatures);
    free(all_bits);
}

static void memory_links(struct audit *audit, const struct frame_use *use, uint32_t node)
{
    uint32_t subject = audit->subject_of[use->container];
    struct authority_link view = { .node = audit->node_of[use->container],
                                   .target = node,
                                   .origin = use->cap,
                                   .power = POWER_CONTROL,
                                   .target_power = POWER_READ,
                                   .reason = LINK_MAPPED };
    struct authority_link control = {
        .node = node, .target = subject, .origin = use->cap, .power = POWER_WRITE
    };
    if ((use->bits & USE_READ) != 0) {
        authority_hold_add(&audit->system, subject, node, POWER_READ, use->cap);
        authority_link_add(&audit->system.views, &view);
    }
    if ((use->bits & USE_WRITE) != 0) {
        authority_hold_add(&audit->system, subject, node, POWER_WRITE, use->cap);
        view.target_power = POWER_WRITE;
        authority_link_add(&audit->system.views, &view);
    }
    if ((use->bits & (USE_EXECUTE | USE_STACK | USE_BUFFER)) != 0) {
        control.reason = (use->bits & USE_EXECUTE) != 0 ? LINK_CODE
                         : (use->bits & USE_STACK) != 0 ? LINK_STACK
                                                        : LINK_BUFFER;
        authority_link_add(&audit->system.controls, &control);
    }
}

/* Frames of a group are alike, so the first stands for all. */
void extract_memory_holds(struct audit *audit)
{
    for (uint32_t i = 0; i < audit->use_count; i++) {
        const struct frame_use *use = &audit->uses[i];
        uint32_t node = audit->node_of[use->frame];
        if (audit->nodes[node].object == use->frame &&
            audit->subject_of[use->container] != AUTHORITY_NONE) {
            memory_links(audit, use, node);
        }
    }
}
