/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The picture in graphviz' language
 *
 * Classes tell the page what to hide, and its style sheet what things look like; the colours here
 * are for those who want the SVG alone.
 */
#include "groups.h"

#include <stdlib.h>

static const struct {
    const char *colour;
    const char *style;
} looks[PICTURE_CLASS_COUNT] = {
    [PICTURE_MEMORY] = { "#a07800", "solid" },  [PICTURE_DEVICE] = { "#c2570c", "solid" },
    [PICTURE_SIGNAL] = { "#2563b0", "dashed" }, [PICTURE_MESSAGE] = { "#2563b0", "solid" },
    [PICTURE_CONTROL] = { "#b91c1c", "bold" },
};

static void quoted(struct capdl_text *out, const char *text)
{
    capdl_text_add(out, "\"", 1);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            capdl_text_add(out, "\\", 1);
        }
        capdl_text_add(out, text, 1);
    }
    capdl_text_add(out, "\"", 1);
}

static void subject_dot(const struct audit *audit, uint32_t self, struct capdl_text *out)
{
    const struct audit_subject *subject = &audit->subjects[self];
    capdl_text_printf(
        out, "s%u [id=\"s%u\" class=\"component%s%s\" shape=box style=\"%s\" label=", self, self,
        subject->is_trusted ? " trusted" : "", subject->is_guest ? " guest" : "",
        subject->is_guest ? "filled,dashed" : "filled,rounded");
    quoted(out, subject->name);
    capdl_text_printf(out, " fillcolor=\"%s\" tooltip=",
                      subject->is_trusted ? "#e5e7eb"
                      : subject->is_guest ? "#dbeafe"
                                          : "#dcfce7");
    quoted(out, audit_object_place(audit, subject->thread));
    capdl_text_printf(out, "];\n");
}

static void node_dot(const struct audit *audit, uint32_t self, struct capdl_text *out)
{
    const struct audit_node *node = &audit->nodes[self];
    capdl_text_printf(out, "n%u [id=\"n%u\" class=\"%s\" shape=%s style=filled label=", self, self,
                      node->is_device ? "device" : "memory",
                      node->is_device ? "component" : "note");
    quoted(out, node->name);
    capdl_text_printf(out, " fillcolor=\"%s\" tooltip=", node->is_device ? "#ffedd5" : "#fef9c3");
    quoted(out, audit_object_place(audit, node->object));
    capdl_text_printf(out, "];\n");
}

static const char *direction_of(bool reads, bool writes)
{
    return reads && writes ? "both" : writes ? "forward" : "back";
}

/* From one group to another. */
static bool is_far(const struct picture *picture, const struct picture_edge *edge)
{
    return !edge->to_node && picture->group_of[edge->from] != picture->group_of[edge->to];
}

static void edge_dot(const struct picture *picture, uint32_t self, struct capdl_text *out)
{
    const struct picture_edge *edge = &picture->edges[self];
    const struct audit *audit = picture->graph->audit;
    /* A called server answers, but the arrow says who asks. */
    capdl_text_printf(
        out,
        "s%u -> %c%u [id=\"e%u\" class=\"%s%s%s\" color=\"%s\" style=%s dir=%s constraint=%s "
        "tooltip=",
        edge->from, edge->to_node ? 'n' : 's', edge->to, self,
        picture_class_words((enum picture_class)edge->class), edge->is_trusted ? " trusted" : "",
        is_far(picture, edge) ? " far" : "", looks[edge->class].colour, looks[edge->class].style,
        direction_of(edge->reads && edge->class != PICTURE_MESSAGE, edge->writes),
        edge->is_trusted ? "false" : "true");
    quoted(out, audit_place(audit, edge->caps[0]));
    capdl_text_printf(out, "];\n");
}

/* How graphviz is to lay out: layers while they fit a screen; else groups in rows, or boxes that
 * keep their distance. Edges of many are straight: to lead them around takes too long. */
static const char LAYERS[] = "nodesep=0.25; ranksep=0.7;";
static const char ROWS[] = "layout=osage; pack=24; packmode=\"array\"; outputorder=edgesfirst;";
static const char SPREAD[] = "layout=sfdp; overlap=prism; K=0.9; repulsiveforce=1.4; "
                             "splines=line; outputorder=edgesfirst;";

static void head_dot(const char *layout, struct capdl_text *out)
{
    capdl_text_printf(out,
                      "digraph system {\nrankdir=LR; bgcolor=\"transparent\"; %s\n"
                      "node [fontname=\"Helvetica\" fontsize=12 color=\"#6b7280\" penwidth=1];\n"
                      "edge [arrowsize=0.6 penwidth=1.2];\n",
                      layout);
}

/* Memory and devices stand with those who alone use them. */
static uint32_t group_of_node(const struct picture *picture, uint32_t node)
{
    uint32_t group = AUTHORITY_NONE;
    for (uint32_t i = 0; i < picture->edge_count; i++) {
        const struct picture_edge *edge = &picture->edges[i];
        if (edge->to_node && edge->to == node) {
            uint32_t other = picture->group_of[edge->from];
            if (group != AUTHORITY_NONE && group != other) {
                return AUTHORITY_NONE;
            }
            group = other;
        }
    }
    return group;
}

static void cluster_dot(const struct picture *picture, uint32_t group, const uint32_t *node_groups,
                        struct capdl_text *out)
{
    const struct audit *audit = picture->graph->audit;
    bool is_box = picture->groups[group].count > 1;
    if (is_box) {
        capdl_text_printf(out, "subgraph cluster_%u { id=\"c%u\" class=\"group\" label=", group,
                          group);
        quoted(out, picture->groups[group].name);
        capdl_text_printf(out, " fontname=\"Helvetica\" fontsize=11 fontcolor=\"#6b7280\" "
                               "color=\"#d1d5db\" style=\"rounded\"\n");
    }
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (picture->group_of[i] == group) {
            subject_dot(audit, i, out);
        }
    }
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (picture->drawn[i] && node_groups[i] == group) {
            node_dot(audit, i, out);
        }
    }
    capdl_text_printf(out, is_box ? "}\n" : "");
}

void picture_dot(const struct picture *picture, bool without_trusted, struct capdl_text *out)
{
    const struct audit *audit = picture->graph->audit;
    uint32_t *node_groups = capdl_alloc(audit->system.node_count + 1u, sizeof(*node_groups));
    head_dot(picture->is_large ? ROWS : LAYERS, out);
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        node_groups[i] = group_of_node(picture, i);
        if (picture->drawn[i] && node_groups[i] == AUTHORITY_NONE) {
            node_dot(audit, i, out);
        }
    }
    for (uint32_t i = 0; i < picture->group_count; i++) {
        cluster_dot(picture, i, node_groups, out);
    }
    for (uint32_t i = 0; i < picture->edge_count; i++) {
        if (!(without_trusted && picture->is_large && picture->edges[i].is_trusted)) {
            edge_dot(picture, i, out);
        }
    }
    capdl_text_printf(out, "}\n");
    free(node_groups);
}

/* A box of the picture of groups. */
struct box {
    char letter;
    uint32_t number;
};

static struct box box_of(const struct picture *picture, uint32_t subject)
{
    return is_grouped(picture, subject) ? (struct box){ 'g', picture->group_of[subject] }
                                        : (struct box){ 's', subject };
}

/* All users in one group: inside its box. Pre: the node is drawn. */
static bool is_inside(const struct picture *picture, uint32_t node)
{
    struct box first = { 0 };
    for (uint32_t i = 0; i < picture->edge_count; i++) {
        const struct picture_edge *edge = &picture->edges[i];
        if (edge->to_node && edge->to == node) {
            struct box box = box_of(picture, edge->from);
            if (box.letter == 's' || (first.letter != 0 && first.number != box.number)) {
                return false;
            }
            first = box;
        }
    }
    return !picture->graph->audit->nodes[node].is_device;
}

struct merger {
    const struct picture *picture;
    struct capdl_map numbers; /* of merged edges */
    struct capdl_text *lists; /* per merged edge: its edges */
    struct capdl_text *heads;
    uint32_t count, capacity, head_capacity, head_count;
};

static void merge(struct merger *merger, uint32_t self)
{
    const struct picture_edge *edge = &merger->picture->edges[self];
    struct box from = box_of(merger->picture, edge->from);
    struct box to =
        edge->to_node ? (struct box){ 'n', edge->to } : box_of(merger->picture, edge->to);
    bool both_ways = edge->reads && edge->writes && edge->class != PICTURE_MESSAGE;
    if (both_ways && to.letter == from.letter && to.number < from.number) {
        struct box other = from;
        from = to;
        to = other;
    }
    uint64_t key = ((uint64_t)from.number << 34) | ((uint64_t)to.number << 10) |
                   ((uint64_t)edge->class << 4) | (from.letter == 'g' ? 8u : 0u) |
                   (to.letter == 'g'   ? 4u
                    : to.letter == 'n' ? 2u
                                       : 0u);
    if (from.letter == to.letter && from.number == to.number) {
        return;
    }
    uint32_t number = capdl_map_get(&merger->numbers, 0, key);
    if (number == AUTHORITY_NONE) {
        struct capdl_text empty = { 0 };
        number = merger->count;
        capdl_map_set(&merger->numbers, 0, key, number);
        CAPDL_PUSH(merger->lists, merger->count, merger->capacity, empty);
        CAPDL_PUSH(merger->heads, merger->head_count, merger->head_capacity, empty);
        capdl_text_printf(&merger->heads[number],
                          "%c%u -> %c%u [id=\"m%u\" class=\"%s%s\" color=\"%s\" style=%s dir=%s "
                          "constraint=%s];\n",
                          from.letter, from.number, to.letter, to.number, number,
                          picture_class_words((enum picture_class)edge->class),
                          edge->is_trusted ? " trusted" : "", looks[edge->class].colour,
                          looks[edge->class].style,
                          direction_of(edge->reads && edge->class != PICTURE_MESSAGE, edge->writes),
                          edge->is_trusted ? "false" : "true");
    }
    capdl_text_printf(&merger->lists[number], "%s%u", merger->lists[number].length == 0 ? "" : ",",
                      self);
}

static void merger_write(struct merger *merger, struct capdl_text *out, struct capdl_text *merged)
{
    capdl_text_printf(merged, "[");
    for (uint32_t i = 0; i < merger->count; i++) {
        capdl_text_add(out, merger->heads[i].bytes, merger->heads[i].length);
        capdl_text_printf(merged, "%s[%s]", i == 0 ? "" : ",", merger->lists[i].bytes);
        capdl_text_free(&merger->heads[i]);
        capdl_text_free(&merger->lists[i]);
    }
    capdl_text_printf(merged, "]");
    free(merger->heads);
    free(merger->lists);
    capdl_map_free(&merger->numbers);
}

static void boxes_dot(const struct picture *picture, struct capdl_text *out)
{
    const struct audit *audit = picture->graph->audit;
    for (uint32_t i = 0; i < picture->group_count; i++) {
        if (picture->groups[i].count > 1) {
            struct capdl_text label = { 0 };
            capdl_text_printf(&label, "%s (%u)", picture->groups[i].name,
                              (unsigned)picture->groups[i].count);
            capdl_text_printf(out,
                              "g%u [id=\"g%u\" class=\"component group\" shape=box "
                              "style=\"filled,rounded\" penwidth=2 fillcolor=\"#f3f4f6\" label=",
                              i, i);
            quoted(out, label.bytes);
            capdl_text_printf(out, "];\n");
            capdl_text_free(&label);
        }
    }
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (!is_grouped(picture, i)) {
            subject_dot(audit, i, out);
        }
    }
}

void picture_groups_dot(const struct picture *picture, struct capdl_text *out,
                        struct capdl_text *merged)
{
    const struct audit *audit = picture->graph->audit;
    struct merger merger = { .picture = picture };
    bool *inside = capdl_alloc(audit->system.node_count + 1u, sizeof(*inside));
    head_dot(picture->is_large ? SPREAD : LAYERS, out);
    boxes_dot(picture, out);
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        inside[i] = !picture->drawn[i] || is_inside(picture, i);
        if (!inside[i]) {
            node_dot(audit, i, out);
        }
    }
    for (uint32_t i = 0; i < picture->edge_count; i++) {
        if (!picture->edges[i].to_node || !inside[picture->edges[i].to]) {
            merge(&merger, i);
        }
    }
    merger_write(&merger, out, merged);
    capdl_text_printf(out, "}\n");
    free(inside);
}
