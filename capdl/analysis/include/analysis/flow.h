/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Which component can influence which, and by what chain
 *
 * Influence is anything that one component does and another can notice. A chain is a row of steps
 * component - node - component; its class says how close they are.
 */
#pragma once

#include "analysis/audit.h"

enum flow_class {
    FLOW_NONE,   /* no chain */
    FLOW_TIMING, /* only by noticing time somewhere on the chain: a core, a scheduling context */
    FLOW_SERVER, /* a third component would have to pass it on */
    FLOW_DIRECT  /* through one object */
};

enum step_kind {
    STEP_MEMORY,    /* writes it / reads it */
    STEP_SIGNAL,    /* signals / waits */
    STEP_MESSAGE,   /* sends / receives */
    STEP_REPLY,     /* replies / calls */
    STEP_FAULT,     /* faults / handles faults */
    STEP_CONTROL,   /* controls, or is observed by who controls */
    STEP_HURT,      /* can take away or stop */
    STEP_INTERRUPT, /* interrupt */
    STEP_SHARED,    /* both hold it */
    STEP_TIME       /* both run on it */
};

/* What threads take turns on: a core, within a scheduling domain. The turns of the domains
 * themselves are fixed, so that components of different domains do not notice each other there. */
struct flow_turn {
    uint64_t core, domain;
};

/* Half a step: an edge of the graph whose vertices are subjects, nodes, replies of endpoints and
 * turns. */
struct flow_edge {
    uint32_t from, to;
    uint32_t fact;   /* that allows it, or AUTHORITY_NONE */
    uint32_t origin; /* capability, or AUTHORITY_NONE */
    uint32_t next;
    uint8_t kind;
    uint8_t phase; /* of the fact: 0 held, 1 taken, 2 given */
};

struct flow_graph {
    const struct audit *audit;
    struct flow_edge *edges;
    uint32_t edge_count, edge_capacity;
    uint32_t *first; /* per vertex */
    uint32_t vertex_count;
    struct flow_turn *turns;
    uint32_t turn_count, turn_capacity;
};

struct flow_chain {
    uint32_t *edges;
    uint32_t count;
    uint8_t phase; /* the highest of its edges' */
    enum flow_class class;
};

struct flow_graph *flow_graph_make(const struct audit *audit);
void flow_graph_free(struct flow_graph *graph);

/* Vertices: subjects first, then nodes, then the replies of nodes, then turns. */
uint32_t flow_node_vertex(const struct flow_graph *graph, uint32_t node);
/* Node of a vertex that is neither a subject nor a turn. */
uint32_t flow_vertex_node(const struct flow_graph *graph, uint32_t vertex);
/* The turn that the vertex is, or NULL. */
const struct flow_turn *flow_vertex_turn(const struct flow_graph *graph, uint32_t vertex);

/*
 * The shortest chain from one subject to another; of what is held if there is one, else of what
 * could be taken, else of what could be given. Trusted subjects pass nothing on. The chain's edges
 * are to be freed by the caller.
 */
struct flow_chain flow_find(const struct flow_graph *graph, uint32_t from, uint32_t to);

/* The same, but of no weaker class than `least`. */
struct flow_chain flow_find_within(const struct flow_graph *graph, uint32_t from, uint32_t to,
                                   enum flow_class least);

/* A core that both run on, if they do so in different scheduling domains only, or NULL. */
const struct flow_turn *flow_domains_part(const struct flow_graph *graph, uint32_t a, uint32_t b);

/* All subjects that `from` can influence, as classes by subject (an array to be freed). */
uint8_t *flow_reach(const struct flow_graph *graph, uint32_t from);

const char *flow_class_words(enum flow_class class);
