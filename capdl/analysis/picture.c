/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What is drawn of a system
 */
#include "analysis/picture.h"

#include "groups.h"

#include <stdlib.h>

enum { LARGE = 40 };

const char *picture_class_words(enum picture_class class)
{
    static const char *const words[] = { "memory", "device", "signal", "message", "control" };
    return words[class];
}

static uint32_t held(const struct audit *audit, uint32_t subject, uint32_t node, enum power power)
{
    uint32_t fact = closure_find(audit->closure, subject, node, power);
    return fact < audit->closure->held_count ? fact : AUTHORITY_NONE;
}

static uint32_t cap_of(const struct audit *audit, uint32_t fact)
{
    return fact == AUTHORITY_NONE ? AUTHORITY_NONE : audit->closure->facts[fact].origin;
}

static void edge_add(struct picture *picture, struct picture_edge edge)
{
    const struct audit *audit = picture->graph->audit;
    edge.is_trusted = audit->subjects[edge.from].is_trusted ||
                      (!edge.to_node && audit->subjects[edge.to].is_trusted);
    CAPDL_PUSH(picture->edges, picture->edge_count, picture->edge_capacity, edge);
}

struct memory_user {
    uint32_t subject, read, write; /* facts */
};

static uint32_t memory_users(const struct audit *audit, uint32_t node, struct memory_user *first,
                             struct memory_user *second)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        struct memory_user user = { i, held(audit, i, node, POWER_READ),
                                    held(audit, i, node, POWER_WRITE) };
        if (user.read == AUTHORITY_NONE && user.write == AUTHORITY_NONE) {
            continue;
        }
        *first = count == 0 ? user : *first;
        *second = count == 1 ? user : *second;
        count++;
    }
    return count;
}

static uint32_t user_cap(const struct audit *audit, const struct memory_user *user)
{
    return cap_of(audit, user->write != AUTHORITY_NONE ? user->write : user->read);
}

/* Memory of two in a large system is an edge between them; else it is a box with edges. */
static void memory_draw(struct picture *picture, uint32_t node)
{
    const struct audit *audit = picture->graph->audit;
    bool is_device = audit->nodes[node].is_device;
    struct memory_user first = { 0 }, second = { 0 };
    uint32_t count = memory_users(audit, node, &first, &second);
    if (count == 0 || (count == 1 && !is_device)) {
        return;
    }
    if (picture->is_large && count == 2 && !is_device) {
        bool forth = first.write != AUTHORITY_NONE, back = second.write != AUTHORITY_NONE;
        edge_add(picture, (struct picture_edge){
                              .from = forth ? first.subject : second.subject,
                              .to = forth ? second.subject : first.subject,
                              .node = node,
                              .caps = { user_cap(audit, &first), user_cap(audit, &second) },
                              .class = PICTURE_MEMORY,
                              .writes = true,
                              .reads = forth && back });
        return;
    }
    picture->drawn[node] = true;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        struct memory_user user = { i, held(audit, i, node, POWER_READ),
                                    held(audit, i, node, POWER_WRITE) };
        if (user.read != AUTHORITY_NONE || user.write != AUTHORITY_NONE) {
            edge_add(picture,
                     (struct picture_edge){ .from = i,
                                            .to = node,
                                            .to_node = true,
                                            .node = node,
                                            .caps = { user_cap(audit, &user), AUTHORITY_NONE },
                                            .class = is_device ? PICTURE_DEVICE : PICTURE_MEMORY,
                                            .reads = user.read != AUTHORITY_NONE,
                                            .writes = user.write != AUTHORITY_NONE });
        }
    }
}

/* Two that signal each other are one edge; false if the other does not. */
static bool signal_back(struct picture *picture, uint32_t from, uint32_t to, uint32_t cap)
{
    for (uint32_t i = 0; i < picture->edge_count; i++) {
        struct picture_edge *edge = &picture->edges[i];
        if (edge->class == PICTURE_SIGNAL && edge->from == to && edge->to == from && !edge->reads) {
            edge->reads = true;
            edge->caps[1] = cap;
            return true;
        }
    }
    return false;
}

/* Who sends to a node and who receives from it, as edges between components. */
static void channel_draw(struct picture *picture, uint32_t node, enum power from,
                         enum picture_class class)
{
    const struct audit *audit = picture->graph->audit;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        uint32_t sends = held(audit, i, node, from);
        for (uint32_t j = 0; sends != AUTHORITY_NONE && j < audit->system.subject_count; j++) {
            uint32_t receives = i == j ? AUTHORITY_NONE : held(audit, j, node, POWER_READ);
            if (receives != AUTHORITY_NONE &&
                !(class == PICTURE_SIGNAL && signal_back(picture, i, j, cap_of(audit, sends)))) {
                edge_add(picture, (struct picture_edge){ .from = i,
                                                         .to = j,
                                                         .node = node,
                                                         .caps = { cap_of(audit, sends),
                                                                   class == PICTURE_SIGNAL
                                                                       ? AUTHORITY_NONE
                                                                       : cap_of(audit, receives) },
                                                         .class = (uint8_t) class,
                                                         .writes = true,
                                                         .reads = class == PICTURE_MESSAGE });
            }
        }
    }
}

static void control_draw(struct picture *picture, uint32_t a, uint32_t b)
{
    const struct audit *audit = picture->graph->audit;
    uint32_t fact = closure_controls(audit->closure, a, b);
    if (fact < audit->closure->taken_count) {
        edge_add(picture, (struct picture_edge){ .from = a,
                                                 .to = b,
                                                 .node = audit->closure->facts[fact].node,
                                                 .caps = { cap_of(audit, fact), AUTHORITY_NONE },
                                                 .class = PICTURE_CONTROL,
                                                 .writes = true });
    }
}

struct picture *picture_make(const struct flow_graph *graph)
{
    const struct audit *audit = graph->audit;
    struct picture *picture = capdl_alloc(1, sizeof(*picture));
    picture->graph = graph;
    picture->is_large = audit->system.subject_count > LARGE;
    picture->drawn = capdl_alloc(audit->system.node_count + 1u, sizeof(*picture->drawn));
    groups_make(picture);
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        switch ((enum node_kind)audit->system.kinds[i]) {
        case NODE_MEMORY: memory_draw(picture, i); break;
        case NODE_NOTIFICATION: channel_draw(picture, i, POWER_WRITE, PICTURE_SIGNAL); break;
        case NODE_ENDPOINT: channel_draw(picture, i, POWER_CALL, PICTURE_MESSAGE); break;
        default: break;
        }
    }
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        for (uint32_t j = 0; j < audit->system.subject_count; j++) {
            control_draw(picture, i, j);
        }
    }
    return picture;
}

void picture_free(struct picture *picture)
{
    for (uint32_t i = 0; i < picture->group_count; i++) {
        free(picture->groups[i].name);
    }
    free(picture->groups);
    free(picture->group_of);
    free(picture->drawn);
    free(picture->edges);
    free(picture);
}
