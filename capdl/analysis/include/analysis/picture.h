/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The system as a picture
 *
 * A picture is what of a system is drawn: components, devices, memory that connects, and the
 * edges between them. Components form groups: who controls whom, and common beginnings of names.
 */
#pragma once

#include "analysis/flow.h"

enum picture_class {
    PICTURE_MEMORY,
    PICTURE_DEVICE,
    PICTURE_SIGNAL,
    PICTURE_MESSAGE,
    PICTURE_CONTROL,
    PICTURE_CLASS_COUNT
};

struct picture_edge {
    uint32_t from;    /* subject */
    uint32_t to;      /* subject; of memory and devices that are drawn, node */
    uint32_t node;    /* what the edge stands for, or AUTHORITY_NONE */
    uint32_t caps[2]; /* that make it, or AUTHORITY_NONE */
    uint8_t class;
    bool to_node; /* `to` is a node */
    bool reads, writes;
    bool is_trusted; /* one end is */
};

struct picture_group {
    char *name;
    uint32_t count; /* of members; below two it is not drawn */
};

struct picture {
    const struct flow_graph *graph;
    struct picture_edge *edges;
    uint32_t edge_count, edge_capacity;
    bool *drawn;        /* by node */
    uint32_t *group_of; /* by subject */
    struct picture_group *groups;
    uint32_t group_count, group_capacity;
    bool is_large;
};

struct picture *picture_make(const struct flow_graph *graph);
void picture_free(struct picture *picture);

const char *picture_class_words(enum picture_class class);

/* The whole picture in graphviz' language; ids are s<subject>, n<node> and e<edge>. A large one
 * without_trusted has no edges of those who watch all: they would hide the others. */
void picture_dot(const struct picture *picture, bool without_trusted, struct capdl_text *out);

/* The same with each group as one box, and as few edges as can be; ids are g<group>, s<subject>,
 * n<node> and m<number>. Which edges each of those stands for goes to `merged` as JSON. */
void picture_groups_dot(const struct picture *picture, struct capdl_text *out,
                        struct capdl_text *merged);

/* What graphviz made of the two. */
struct picture_svg {
    struct capdl_text whole, groups, merged;
};

/* One page that needs nothing else. policies: what there is to say about them. */
void picture_html(const struct picture *picture, const struct picture_svg *svg,
                  const char *policies, struct capdl_text *out);
