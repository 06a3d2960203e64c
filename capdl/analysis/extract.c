/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Nodes, what is held at the start, and what powers mean
 */
#include "extract.h"

#include <model/check.h>

#include <stdlib.h>
#include <string.h>

enum {
    SLOT_CSPACE = 0,
    SLOT_FAULT = 5,
    SLOT_CONTEXT = 6,
    SLOT_TIMEOUT = 7,
    SLOT_NOTIFICATION = 8,
    SLOT_VCPU = 9
};

static enum node_kind node_kind_of(const struct audit *audit, uint32_t object)
{
    switch (object_at(audit, object)->kind) {
    case CAPDL_EP: return NODE_ENDPOINT;
    case CAPDL_NOTIFICATION: return NODE_NOTIFICATION;
    case CAPDL_RTREPLY: return NODE_REPLY;
    case CAPDL_TCB: return NODE_TCB;
    case CAPDL_CNODE: return NODE_CNODE;
    case CAPDL_UT: return NODE_UNTYPED;
    case CAPDL_SC: return NODE_SCHED_CONTEXT;
    case CAPDL_VCPU: return NODE_VCPU;
    case CAPDL_SMC: return NODE_FIRMWARE;
    case CAPDL_ASID_POOL: return NODE_ASID;
    default: break;
    }
    if (capdl_kind_is_irq(object_at(audit, object)->kind)) {
        return NODE_IRQ;
    }
    if (capdl_kind_is_table(object_at(audit, object)->kind)) {
        return audit->subject_of[object] != AUTHORITY_NONE ||
                       capdl_kind_is_vspace(object_at(audit, object)->kind, audit->spec->arch)
                   ? NODE_VSPACE
                   : NODE_TABLE;
    }
    return NODE_OTHER;
}

/* How the composer ends names, and what people call it. */
static void words_make(struct audit *audit, struct audit_node *node, enum node_kind kind)
{
    static const struct {
        enum node_kind kind;
        const char *suffix, *words;
    } known[] = {
        { NODE_ENDPOINT, "_ep", "the endpoint" },
        { NODE_NOTIFICATION, "_ntfn", "the notification" },
        { NODE_TCB, "_tcb", "the thread" },
        { NODE_CNODE, "_cnode", "the CNode" },
        { NODE_CNODE, "_cspace", "the root CNode" },
        { NODE_VSPACE, "_vspace", "the address space" },
        { NODE_UNTYPED, "_ut", "the untyped memory" },
        { NODE_SCHED_CONTEXT, "_sc", "the scheduling context" },
        { NODE_REPLY, "_reply", "the reply object" },
    };
    struct capdl_text words = { 0 };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t length = strlen(node->name) - strlen(known[i].suffix);
        if (known[i].kind == kind && text_ends(node->name, known[i].suffix) && length > 0) {
            capdl_text_printf(&words, "%s of %.*s", known[i].words, (int)length, node->name);
            node->words = words.bytes;
            return;
        }
    }
    const char *keyword = capdl_kind_info(object_at(audit, node->object)->kind)->words;
    uint32_t line = kind == NODE_IRQ ? capdl_irq_of(audit->spec, node->object) : CAPDL_NONE;
    if (line != CAPDL_NONE) {
        capdl_text_printf(&words, "interrupt %llu",
                          (unsigned long long)audit->spec->irqs[line].number);
    } else {
        capdl_text_printf(&words, "%s %s", keyword, node->name);
    }
    node->words = words.bytes;
}

uint32_t extract_node(struct audit *audit, enum node_kind kind, const char *name, uint32_t object)
{
    struct audit_node node = { .object = object };
    node.name = text_copy(name, strlen(name));
    uint32_t self = authority_node_add(&audit->system, kind, &audit->kind_capacity);
    uint32_t count = self;
    CAPDL_PUSH(audit->nodes, count, audit->node_capacity, node);
    return self;
}

void extract_nodes(struct audit *audit)
{
    audit->node_of = capdl_alloc(audit->spec->object_count + 1u, sizeof(*audit->node_of));
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        if (object_at(audit, i)->kind == CAPDL_FRAME) {
            continue;
        }
        enum node_kind kind = node_kind_of(audit, i);
        uint32_t node = extract_node(audit, kind, capdl_object_text(audit->spec, i), i);
        audit->node_of[i] = node;
        audit->nodes[node].object_count = 1;
        words_make(audit, &audit->nodes[node], kind);
    }
    extract_memory(audit);
}

/* One node for each kind of capability without object, made when first met. */
static uint32_t master_node(struct audit *audit, const struct capdl_cap *cap)
{
    const char *words = capdl_cap_words(audit->spec, cap);
    if (audit->masters[cap->kind] != 0) {
        return audit->masters[cap->kind] - 1;
    }
    uint32_t node = extract_node(audit, NODE_MASTER, words, CAPDL_NONE);
    audit->nodes[node].words = text_copy(words, strlen(words));
    audit->masters[cap->kind] = node + 1;
    return node;
}

static uint32_t cap_node(struct audit *audit, uint32_t self)
{
    const struct capdl_cap *cap = &audit->spec->caps[self];
    if (cap->target == CAPDL_NONE) {
        return master_node(audit, cap);
    }
    return audit->node_of[cap->target];
}

static void hold(struct audit *audit, uint32_t holder, uint32_t node, uint32_t cap, bool condition,
                 enum power power)
{
    if (condition) {
        authority_hold_add(&audit->system, holder, node, power, cap);
    }
}

/* What a capability lets its holder do. */
static void hold_cap(struct audit *audit, uint32_t holder, uint32_t self)
{
    const struct capdl_cap *cap = &audit->spec->caps[self];
    uint32_t node = cap_node(audit, self);
    bool reads = (cap->rights & CAPDL_RIGHT_READ) != 0;
    bool writes = (cap->rights & CAPDL_RIGHT_WRITE) != 0;
    bool grants = (cap->rights & CAPDL_RIGHT_GRANT) != 0;
    bool calls = grants || (cap->rights & CAPDL_RIGHT_GRANT_REPLY) != 0;
    switch ((enum node_kind)audit->system.kinds[node]) {
    case NODE_ENDPOINT:
        hold(audit, holder, node, self, writes && grants, POWER_GRANT);
        hold(audit, holder, node, self, writes && calls, POWER_CALL);
        hold(audit, holder, node, self, reads, POWER_READ);
        hold(audit, holder, node, self, writes, POWER_WRITE);
        break;
    case NODE_NOTIFICATION:
    case NODE_MEMORY:
        hold(audit, holder, node, self,
             reads || (writes && audit->system.kinds[node] == NODE_MEMORY), POWER_READ);
        hold(audit, holder, node, self, writes, POWER_WRITE);
        break;
    case NODE_REPLY:
        hold(audit, holder, node, self, true, POWER_CONTROL);
        hold(audit, holder, node, self, cap->rights == 0 || grants, POWER_GRANT);
        break;
    default: hold(audit, holder, node, self, true, POWER_CONTROL); break;
    }
}

struct lookup {
    uint32_t cnode, left;
};

/*
 * All that a thread can name: lookup takes guard and index bits off the pointer until none are
 * left or something else than a CNode is met. A CNode that lies on the way cannot be named.
 */
static void cspace_walk(struct audit *audit, uint32_t subject, uint32_t root, struct capdl_map *met)
{
    const struct capdl_spec *spec = audit->spec;
    uint32_t word = spec->arch == CAPDL_IA32 || spec->arch == CAPDL_ARM11 ? 32 : 64;
    struct lookup *stack = NULL;
    uint32_t count = 0, capacity = 0;
    CAPDL_PUSH(stack, count, capacity, ((struct lookup){ root, word }));
    while (count > 0) {
        struct lookup at = stack[--count];
        const struct capdl_cap *cap = &spec->caps[at.cnode];
        const struct capdl_object *cnode = &spec->objects[cap->target];
        uint64_t bits = cap->guard_size + cnode->bits;
        uint64_t key = ((uint64_t)cap->target << 7) | (at.left - (uint32_t)bits);
        if (bits == 0 || bits > at.left || capdl_map_get(met, subject, key) != AUTHORITY_NONE) {
            continue;
        }
        capdl_map_set(met, subject, key, 0);
        authority_link_add(&audit->system.spaces,
                           &(struct authority_link){ .node = audit->node_of[cap->target],
                                                     .target = subject,
                                                     .origin = at.cnode,
                                                     .reason = LINK_CSPACE });
        uint32_t left = at.left - (uint32_t)bits;
        for (uint32_t i = cnode->first_cap; i < cnode->first_cap + cnode->cap_count; i++) {
            const struct capdl_cap *entry = &spec->caps[i];
            bool is_cnode =
                entry->target != CAPDL_NONE && spec->objects[entry->target].kind == CAPDL_CNODE;
            if (is_cnode && left > 0) {
                CAPDL_PUSH(stack, count, capacity, ((struct lookup){ i, left }));
            } else {
                hold_cap(audit, subject, i);
            }
        }
    }
    free(stack);
}

static void hold_slot(struct audit *audit, uint32_t self, struct capdl_map *met)
{
    const struct capdl_cap *cap = &audit->spec->caps[self];
    uint32_t subject = audit->subject_of[cap->container];
    if (cap->slot == SLOT_CSPACE) {
        cspace_walk(audit, subject, self, met);
    } else if (cap->slot == SLOT_FAULT || cap->slot == SLOT_TIMEOUT) {
        uint32_t endpoint = audit->node_of[cap->target];
        authority_hold_add(&audit->system, subject, endpoint, POWER_FAULT, self);
        authority_link_add(&audit->system.faults, &(struct authority_link){ .node = endpoint,
                                                                            .target = subject,
                                                                            .origin = self,
                                                                            .reason = LINK_FAULT });
    } else if (cap->slot == SLOT_NOTIFICATION) {
        authority_hold_add(&audit->system, subject, audit->node_of[cap->target], POWER_READ, self);
    }
}

void extract_holds(struct audit *audit)
{
    const struct capdl_spec *spec = audit->spec;
    struct capdl_map met = { 0 };
    /* Nodes first: holders are numbered behind them. */
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        cap_node(audit, i);
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        uint32_t container = spec->caps[i].container;
        if (spec->objects[container].kind == CAPDL_TCB) {
            hold_slot(audit, i, &met);
        } else if (spec->objects[container].kind == CAPDL_CNODE) {
            hold_cap(audit, authority_contents(&audit->system, audit->node_of[container]), i);
        }
    }
    capdl_map_free(&met);
    extract_memory_holds(audit);
}

static void link_add(struct links *links, uint32_t node, uint32_t target, enum link_reason reason,
                     uint32_t origin)
{
    authority_link_add(links, &(struct authority_link){ .node = node,
                                                        .target = target,
                                                        .origin = origin,
                                                        .power = POWER_CONTROL,
                                                        .reason = (uint8_t)reason });
}

/* Which component an object belongs to: it runs or is mapped there. */
static void thread_links(struct audit *audit, uint32_t self)
{
    const struct capdl_cap *cap = &audit->spec->caps[self];
    uint32_t subject = audit->subject_of[cap->container];
    if (cap->slot == SLOT_VCPU) {
        link_add(&audit->system.controls, audit->node_of[cap->target], subject, LINK_VCPU, self);
    } else if (cap->slot == SLOT_CONTEXT) {
        link_add(&audit->affects, audit->node_of[cap->target], subject, LINK_TIME, self);
    }
}

/* Who holds an untyped can take all away that was made from it, and see the devices below it. */
static void cover_links(struct audit *audit, uint32_t object)
{
    uint32_t subject = audit->subject_of[object];
    uint32_t node = audit->node_of[object];
    uint32_t at = object_at(audit, object)->parent;
    for (uint32_t i = 0; at != CAPDL_NONE && i < 64; i++, at = object_at(audit, at)->parent) {
        if (subject != AUTHORITY_NONE && object_at(audit, object)->kind == CAPDL_TCB) {
            link_add(&audit->affects, audit->node_of[at], subject, LINK_BELOW, AUTHORITY_NONE);
        }
        if (audit->system.kinds[node] == NODE_MEMORY && audit->nodes[node].is_device &&
            audit->nodes[node].object == object) {
            struct authority_link view = { .node = audit->node_of[at],
                                           .target = node,
                                           .origin = AUTHORITY_NONE,
                                           .power = POWER_CONTROL,
                                           .target_power = POWER_READ,
                                           .reason = LINK_DEVICE };
            authority_link_add(&audit->system.views, &view);
            view.target_power = POWER_WRITE;
            authority_link_add(&audit->system.views, &view);
        }
    }
}

void extract_links(struct audit *audit)
{
    const struct capdl_spec *spec = audit->spec;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        cover_links(audit, i);
        if (spec->objects[i].kind == CAPDL_TCB) {
            link_add(&audit->system.controls, audit->node_of[i], audit->subject_of[i], LINK_THREAD,
                     AUTHORITY_NONE);
        }
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        if (spec->objects[spec->caps[i].container].kind == CAPDL_TCB) {
            thread_links(audit, i);
        }
    }
    for (uint32_t i = 0; i < audit->system.spaces.count; i++) {
        const struct authority_link *space = &audit->system.spaces.list[i];
        link_add(&audit->affects, space->node, space->target, LINK_CSPACE, space->origin);
    }
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (audit->subjects[i].vspace != CAPDL_NONE) {
            link_add(&audit->affects, audit->node_of[audit->subjects[i].vspace], i, LINK_SPACE,
                     AUTHORITY_NONE);
        }
    }
}
