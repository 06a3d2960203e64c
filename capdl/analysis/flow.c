/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Influence between components
 */
#include "analysis/flow.h"

#include "extract.h"

#include <stdlib.h>

uint32_t flow_node_vertex(const struct flow_graph *graph, uint32_t node)
{
    return graph->audit->system.subject_count + node;
}

static uint32_t reply_vertex(const struct flow_graph *graph, uint32_t node)
{
    return graph->audit->system.subject_count + graph->audit->system.node_count + node;
}

uint32_t flow_vertex_node(const struct flow_graph *graph, uint32_t vertex)
{
    uint32_t node = vertex - graph->audit->system.subject_count;
    uint32_t count = graph->audit->system.node_count;
    return node < count ? node : node - count;
}

const struct flow_turn *flow_vertex_turn(const struct flow_graph *graph, uint32_t vertex)
{
    uint32_t first = graph->vertex_count - graph->turn_count;
    return vertex < first ? NULL : &graph->turns[vertex - first];
}

static void edge_add(struct flow_graph *graph, uint32_t from, uint32_t to, enum step_kind kind,
                     uint32_t fact, uint32_t origin)
{
    const struct closure *closure = graph->audit->closure;
    struct flow_edge edge = { .from = from,
                              .to = to,
                              .fact = fact,
                              .origin = origin,
                              .kind = (uint8_t)kind,
                              .phase = fact == AUTHORITY_NONE ? 0 : closure->facts[fact].phase };
    CAPDL_PUSH(graph->edges, graph->edge_count, graph->edge_capacity, edge);
}

/* The original capability behind a fact. */
static uint32_t fact_origin(const struct closure *closure, uint32_t fact)
{
    return closure->facts[fact].origin;
}

static void edge_both(struct flow_graph *graph, uint32_t a, uint32_t b, enum step_kind kind,
                      uint32_t fact, uint32_t origin)
{
    edge_add(graph, a, b, kind, fact, origin);
    edge_add(graph, b, a, kind, fact, origin);
}

static void endpoint_edges(struct flow_graph *graph, uint32_t self, uint32_t origin)
{
    const struct closure *closure = graph->audit->closure;
    struct authority_fact fact = closure->facts[self];
    uint32_t vertex = flow_node_vertex(graph, fact.node);
    uint32_t reply = reply_vertex(graph, fact.node);
    switch ((enum power)fact.power) {
    case POWER_WRITE: edge_add(graph, fact.holder, vertex, STEP_MESSAGE, self, origin); break;
    case POWER_READ:
        edge_add(graph, vertex, fact.holder, STEP_MESSAGE, self, origin);
        if (closure->replies[fact.holder] != AUTHORITY_NONE) {
            edge_add(graph, fact.holder, reply, STEP_REPLY, self, origin);
        }
        break;
    case POWER_CALL: edge_add(graph, reply, fact.holder, STEP_REPLY, self, origin); break;
    case POWER_FAULT:
        edge_add(graph, fact.holder, vertex, STEP_FAULT, self, origin);
        edge_add(graph, reply, fact.holder, STEP_FAULT, self, origin);
        break;
    default: break;
    }
}

static void fact_edges(struct flow_graph *graph, uint32_t self)
{
    const struct audit *audit = graph->audit;
    struct authority_fact fact = audit->closure->facts[self];
    uint32_t vertex = flow_node_vertex(graph, fact.node);
    uint32_t origin = fact_origin(audit->closure, self);
    switch ((enum node_kind)audit->system.kinds[fact.node]) {
    case NODE_ENDPOINT: endpoint_edges(graph, self, origin); break;
    case NODE_NOTIFICATION:
    case NODE_MEMORY: {
        enum step_kind kind =
            audit->system.kinds[fact.node] == NODE_MEMORY ? STEP_MEMORY : STEP_SIGNAL;
        if (audit->nodes[fact.node].is_per_viewer) {
            break;
        }
        if (fact.power == POWER_WRITE) {
            edge_add(graph, fact.holder, vertex, kind, self, origin);
        } else if (fact.power == POWER_READ) {
            edge_add(graph, vertex, fact.holder, kind, self, origin);
        }
        break;
    }
    case NODE_TCB:
    case NODE_VCPU: edge_both(graph, fact.holder, vertex, STEP_CONTROL, self, origin); break;
    case NODE_REPLY:
    case NODE_CNODE:
    case NODE_IRQ:
        if (fact.power == POWER_CONTROL) {
            edge_both(graph, fact.holder, vertex, STEP_SHARED, self, origin);
        }
        break;
    case NODE_UNTYPED:
    case NODE_VSPACE:
    case NODE_TABLE: edge_add(graph, fact.holder, vertex, STEP_HURT, self, origin); break;
    case NODE_SCHED_CONTEXT:
        edge_add(graph, fact.holder, vertex, STEP_HURT, self, origin);
        /* The kernel tells the holder how much time was used. */
        edge_add(graph, vertex, fact.holder, STEP_TIME, self, origin);
        break;
    default: break; /* the firmware and the like are no way to a certain component */
    }
}

/* From a node to the subject that power over it reaches. */
static void link_edges(struct flow_graph *graph)
{
    const struct audit *audit = graph->audit;
    for (uint32_t i = 0; i < audit->system.controls.count; i++) {
        const struct authority_link *link = &audit->system.controls.list[i];
        if (link->reason == LINK_THREAD || link->reason == LINK_VCPU) {
            edge_both(graph, flow_node_vertex(graph, link->node), link->target, STEP_CONTROL,
                      AUTHORITY_NONE, link->origin);
        }
    }
    for (uint32_t i = 0; i < audit->affects.count; i++) {
        const struct authority_link *link = &audit->affects.list[i];
        edge_add(graph, flow_node_vertex(graph, link->node), link->target, STEP_HURT,
                 AUTHORITY_NONE, link->origin);
        if (link->reason == LINK_TIME) {
            edge_both(graph, flow_node_vertex(graph, link->node), link->target, STEP_TIME,
                      AUTHORITY_NONE, link->origin);
        }
    }
    for (uint32_t i = 0; i < audit->spec->cap_count; i++) {
        const struct capdl_cap *cap = &audit->spec->caps[i];
        uint32_t node = audit->node_of[cap->container];
        if (audit->system.kinds[node] == NODE_IRQ && cap->target != CAPDL_NONE) {
            edge_add(graph, flow_node_vertex(graph, node),
                     flow_node_vertex(graph, audit->node_of[cap->target]), STEP_INTERRUPT,
                     AUTHORITY_NONE, i);
        }
    }
}

static uint32_t turn_of(struct flow_graph *graph, const struct capdl_object *tcb)
{
    struct flow_turn turn = { tcb->u.tcb.affinity, tcb->u.tcb.dom };
    uint32_t i = 0;
    while (i < graph->turn_count &&
           (graph->turns[i].core != turn.core || graph->turns[i].domain != turn.domain)) {
        i++;
    }
    if (i == graph->turn_count) {
        CAPDL_PUSH(graph->turns, graph->turn_count, graph->turn_capacity, turn);
    }
    return i;
}

/* Threads that share a core within a domain notice when the other runs. */
static void turn_edges(struct flow_graph *graph)
{
    const struct audit *audit = graph->audit;
    uint32_t first = graph->vertex_count;
    struct capdl_map met = { 0 };
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        if (object_at(audit, i)->kind != CAPDL_TCB) {
            continue;
        }
        uint32_t turn = turn_of(graph, object_at(audit, i));
        uint32_t subject = audit->subject_of[i];
        if (capdl_map_get(&met, subject, turn) == AUTHORITY_NONE) {
            capdl_map_set(&met, subject, turn, 0);
            edge_both(graph, first + turn, subject, STEP_TIME, AUTHORITY_NONE, AUTHORITY_NONE);
        }
    }
    graph->vertex_count += graph->turn_count;
    capdl_map_free(&met);
}

struct flow_graph *flow_graph_make(const struct audit *audit)
{
    struct flow_graph *graph = capdl_alloc(1, sizeof(*graph));
    graph->audit = audit;
    graph->vertex_count = audit->system.subject_count + 2 * audit->system.node_count;
    for (uint32_t i = 0; i < audit->closure->fact_count; i++) {
        if (audit->closure->facts[i].holder < audit->system.subject_count) {
            fact_edges(graph, i);
        }
    }
    link_edges(graph);
    turn_edges(graph);
    graph->first = capdl_alloc(graph->vertex_count + 1u, sizeof(*graph->first));
    for (uint32_t i = 0; i < graph->vertex_count; i++) {
        graph->first[i] = AUTHORITY_NONE;
    }
    for (uint32_t i = graph->edge_count; i-- > 0;) {
        graph->edges[i].next = graph->first[graph->edges[i].from];
        graph->first[graph->edges[i].from] = i;
    }
    return graph;
}

void flow_graph_free(struct flow_graph *graph)
{
    free(graph->edges);
    free(graph->first);
    free(graph->turns);
    free(graph);
}

static bool passes_on(const struct flow_graph *graph, uint32_t vertex)
{
    return vertex >= graph->audit->system.subject_count ||
           !graph->audit->subjects[vertex].is_trusted;
}

struct reach {
    uint8_t phase; /* of edges, at most */
    bool notices_time;
};

static bool is_open(const struct reach *reach, const struct flow_edge *edge)
{
    return edge->phase <= reach->phase && (edge->kind != STEP_TIME || reach->notices_time);
}

/* Breadth first over edges that are open; fills `by` with the edge that reached a vertex. */
static void search(const struct flow_graph *graph, uint32_t from, struct reach reach, uint32_t *by)
{
    uint32_t *queue = capdl_alloc(graph->vertex_count + 1u, sizeof(*queue));
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < graph->vertex_count; i++) {
        by[i] = AUTHORITY_NONE;
    }
    queue[tail++] = from;
    while (head < tail) {
        uint32_t vertex = queue[head++];
        if (vertex != from && !passes_on(graph, vertex)) {
            continue;
        }
        for (uint32_t i = graph->first[vertex]; i != AUTHORITY_NONE; i = graph->edges[i].next) {
            const struct flow_edge *edge = &graph->edges[i];
            if (is_open(&reach, edge) && edge->to != from && by[edge->to] == AUTHORITY_NONE) {
                by[edge->to] = i;
                queue[tail++] = edge->to;
            }
        }
    }
    free(queue);
}

static struct flow_chain chain_collect(const struct flow_graph *graph, const uint32_t *by,
                                       uint32_t from, uint32_t to)
{
    struct flow_chain chain = { 0 };
    uint32_t middle = 0;
    bool notices_time = false;
    for (uint32_t at = to; at != from; at = graph->edges[by[at]].from) {
        chain.count++;
    }
    chain.edges = capdl_alloc(chain.count + 1u, sizeof(*chain.edges));
    uint32_t place = chain.count;
    for (uint32_t at = to; at != from; at = graph->edges[by[at]].from) {
        const struct flow_edge *edge = &graph->edges[by[at]];
        chain.edges[--place] = by[at];
        chain.phase = edge->phase > chain.phase ? edge->phase : chain.phase;
        notices_time = notices_time || edge->kind == STEP_TIME;
        middle += edge->from != from && edge->from < graph->audit->system.subject_count ? 1u : 0u;
    }
    chain.class = notices_time ? FLOW_TIMING : middle == 0 ? FLOW_DIRECT : FLOW_SERVER;
    return chain;
}

/* From the strictest reading to the widest: what is held, taken, given; then the same with time. */
static struct reach reach_at(unsigned step)
{
    return (struct reach){ .phase = (uint8_t)(step % 3), .notices_time = step >= 3 };
}

struct flow_chain flow_find_within(const struct flow_graph *graph, uint32_t from, uint32_t to,
                                   enum flow_class least)
{
    struct flow_chain chain = { 0 };
    uint32_t *by = capdl_alloc(graph->vertex_count + 1u, sizeof(*by));
    bool found = from == to;
    for (unsigned step = 0; step < 6 && !found; step++) {
        search(graph, from, reach_at(step), by);
        if (by[to] != AUTHORITY_NONE) {
            chain = chain_collect(graph, by, from, to);
            found = chain.class >= least;
        }
        if (!found) {
            free(chain.edges);
            chain = (struct flow_chain){ 0 };
        }
    }
    free(by);
    return chain;
}

struct flow_chain flow_find(const struct flow_graph *graph, uint32_t from, uint32_t to)
{
    return flow_find_within(graph, from, to, FLOW_TIMING);
}

uint8_t *flow_reach(const struct flow_graph *graph, uint32_t from)
{
    uint32_t count = graph->audit->system.subject_count;
    uint8_t *classes = capdl_alloc(count + 1u, 1);
    uint32_t *by = capdl_alloc(graph->vertex_count + 1u, sizeof(*by));
    for (unsigned step = 2; step < 6; step += 3) {
        search(graph, from, reach_at(step), by);
        for (uint32_t i = 0; i < count; i++) {
            if (i != from && classes[i] == FLOW_NONE && by[i] != AUTHORITY_NONE) {
                struct flow_chain chain = chain_collect(graph, by, from, i);
                classes[i] = (uint8_t)chain.class;
                free(chain.edges);
            }
        }
    }
    free(by);
    return classes;
}

/* The turn of a thread of the subject. Pre: the object is one. */
static const struct flow_turn *turn_at(const struct flow_graph *graph, uint32_t thread)
{
    const struct capdl_object *tcb = object_at(graph->audit, thread);
    for (uint32_t i = 0; i < graph->turn_count; i++) {
        if (graph->turns[i].core == tcb->u.tcb.affinity &&
            graph->turns[i].domain == tcb->u.tcb.dom) {
            return &graph->turns[i];
        }
    }
    return NULL;
}

const struct flow_turn *flow_domains_part(const struct flow_graph *graph, uint32_t a, uint32_t b)
{
    const struct audit *audit = graph->audit;
    const struct flow_turn *parted = NULL;
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        const struct flow_turn *mine =
            audit->subject_of[i] == a && object_at(audit, i)->kind == CAPDL_TCB ? turn_at(graph, i)
                                                                                : NULL;
        for (uint32_t j = 0; mine != NULL && j < audit->spec->object_count; j++) {
            if (object_at(audit, j)->kind != CAPDL_TCB || audit->subject_of[j] != b ||
                turn_at(graph, j)->core != mine->core) {
                continue;
            }
            if (turn_at(graph, j) == mine) {
                return NULL;
            }
            parted = mine;
        }
    }
    return parted;
}

const char *flow_class_words(enum flow_class class)
{
    switch (class) {
    case FLOW_DIRECT: return "direct";
    case FLOW_SERVER: return "through a server";
    case FLOW_TIMING: return "timing only";
    case FLOW_NONE: break;
    }
    return "none";
}
