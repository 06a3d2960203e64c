/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The graph in graphviz' language
 *
 * Ids of the picture's elements: s<subject>, n<node>, e<number>. Classes tell the page what to
 * hide: memory, device, signal, message, control, trusted.
 */
#include "analysis/picture.h"

#include "analysis/report.h"
#include "extract.h"

#include <stdlib.h>

enum { LAYERED_MAX = 40 };

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

static bool holds(const struct audit *audit, uint32_t subject, uint32_t node, enum power power)
{
    return closure_find(audit->closure, subject, node, power) < audit->closure->held_count;
}

/* Memory is drawn when it connects: a device, or several users. */
static bool is_drawn(const struct audit *audit, uint32_t node)
{
    uint32_t users = 0;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        users += holds(audit, i, node, POWER_READ) || holds(audit, i, node, POWER_WRITE) ? 1u : 0u;
    }
    return audit->system.kinds[node] == NODE_MEMORY &&
           (users > 1 || (audit->nodes[node].is_device && users > 0));
}

static void subject_draw(const struct audit *audit, uint32_t self, struct capdl_text *out)
{
    const struct audit_subject *subject = &audit->subjects[self];
    capdl_text_printf(out,
                      "s%u [id=\"s%u\" class=\"component%s\" shape=box style=\"%s\" label=", self,
                      self, subject->is_trusted ? " trusted" : "",
                      subject->is_guest ? "filled,dashed" : "filled,rounded");
    quoted(out, subject->name);
    capdl_text_printf(out, " fillcolor=\"%s\" tooltip=",
                      subject->is_trusted ? "#dddddd"
                      : subject->is_guest ? "#d6eaff"
                                          : "#e3f5dc");
    quoted(out, audit_object_place(audit, subject->thread));
    capdl_text_printf(out, "];\n");
}

static void memory_draw(const struct audit *audit, uint32_t self, struct capdl_text *out)
{
    const struct audit_node *node = &audit->nodes[self];
    capdl_text_printf(out, "n%u [id=\"n%u\" class=\"%s\" shape=%s style=filled label=", self, self,
                      node->is_device ? "device" : "memory",
                      node->is_device ? "component" : "note");
    quoted(out, node->name);
    capdl_text_printf(out, " fillcolor=\"%s\" tooltip=", node->is_device ? "#ffe2c8" : "#fff8c4");
    quoted(out, audit_object_place(audit, node->object));
    capdl_text_printf(out, "];\n");
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        bool reads = holds(audit, i, self, POWER_READ);
        bool writes = holds(audit, i, self, POWER_WRITE);
        if (!reads && !writes) {
            continue;
        }
        uint32_t fact = closure_find(audit->closure, i, self, writes ? POWER_WRITE : POWER_READ);
        capdl_text_printf(out, "s%u -> n%u [class=\"%s\" color=\"#8a6d00\" dir=%s tooltip=", i,
                          self, node->is_device ? "device" : "memory",
                          reads && writes ? "both"
                          : writes        ? "forward"
                                          : "back");
        quoted(out, audit_place(audit, audit->closure->facts[fact].origin));
        capdl_text_printf(out, "];\n");
    }
}

/* Who writes to a node and who reads from it, as edges between components. */
static void channel_draw(const struct audit *audit, uint32_t node, enum power from, enum power to,
                         const char *style, struct capdl_text *out)
{
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        uint32_t fact = closure_find(audit->closure, i, node, from);
        for (uint32_t j = 0; j < audit->system.subject_count && fact < audit->closure->held_count;
             j++) {
            if (i != j && holds(audit, j, node, to)) {
                capdl_text_printf(out, "s%u -> s%u [%s tooltip=", i, j, style);
                quoted(out, audit_place(audit, audit->closure->facts[fact].origin));
                capdl_text_printf(out, "];\n");
            }
        }
    }
}

static void control_draw(const struct audit *audit, uint32_t a, uint32_t b, struct capdl_text *out)
{
    uint32_t fact = closure_controls(audit->closure, a, b);
    if (fact >= audit->closure->taken_count) {
        return;
    }
    capdl_text_printf(out,
                      "s%u -> s%u [class=\"control%s\" color=\"#c00000\" style=bold tooltip=", a, b,
                      audit->subjects[a].is_trusted ? " trusted" : "");
    quoted(out, audit_place(audit, audit->closure->facts[fact].origin));
    capdl_text_printf(out, "];\n");
}

void picture_dot(const struct flow_graph *graph, struct capdl_text *out)
{
    const struct audit *audit = graph->audit;
    /* Layers are easy to read while they fit a screen; many components need both dimensions. */
    bool is_large = audit->system.subject_count > LAYERED_MAX;
    capdl_text_printf(out,
                      "digraph system {\nrankdir=LR; %snode [fontname=\"sans-serif\" "
                      "fontsize=11]; edge [arrowsize=0.6];\n",
                      is_large ? "layout=sfdp; overlap=prism; K=1.2; outputorder=edgesfirst; "
                               : "");
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        subject_draw(audit, i, out);
    }
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (is_drawn(audit, i)) {
            memory_draw(audit, i, out);
        } else if (audit->system.kinds[i] == NODE_NOTIFICATION) {
            channel_draw(audit, i, POWER_WRITE, POWER_READ,
                         "class=\"signal\" color=\"#2060c0\" style=dashed", out);
        } else if (audit->system.kinds[i] == NODE_ENDPOINT) {
            channel_draw(audit, i, POWER_CALL, POWER_READ, "class=\"message\" color=\"#2060c0\"",
                         out);
        }
    }
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        for (uint32_t j = 0; j < audit->system.subject_count; j++) {
            control_draw(audit, i, j, out);
        }
    }
    capdl_text_printf(out, "}\n");
}
