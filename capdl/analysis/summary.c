/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The system on one page of text
 */
#include "analysis/report.h"

#include "extract.h"

#include <stdlib.h>

static void node_line(const struct audit *audit, uint32_t node, struct capdl_text *out)
{
    capdl_text_printf(out, "  %s:", audit->nodes[node].words);
    const char *separator = " ";
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        bool reads = closure_find(audit->closure, i, node, POWER_READ) < audit->closure->held_count;
        bool writes =
            closure_find(audit->closure, i, node, POWER_WRITE) < audit->closure->held_count;
        if (reads || writes) {
            capdl_text_printf(out, "%s%s %s%s", separator, audit->subjects[i].name,
                              reads ? "r" : "", writes ? "w" : "");
            separator = ", ";
        }
    }
    capdl_text_printf(out, "\n");
}

static uint32_t users_of(const struct audit *audit, uint32_t node)
{
    uint32_t users = 0;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        users += closure_find(audit->closure, i, node, POWER_READ) < audit->closure->held_count ||
                 closure_find(audit->closure, i, node, POWER_WRITE) < audit->closure->held_count;
    }
    return users;
}

static void reach_line(const struct flow_graph *graph, uint32_t subject, struct capdl_text *out)
{
    const struct audit *audit = graph->audit;
    uint8_t *classes = flow_reach(graph, subject);
    capdl_text_printf(out, "  %s%s\n", audit->subjects[subject].name,
                      audit->subjects[subject].is_trusted ? " (trusted to pass nothing on)"
                      : audit->subjects[subject].is_guest ? " (virtual machine)"
                                                          : "");
    for (unsigned class = FLOW_DIRECT; class >= FLOW_TIMING; class --) {
        const char *separator = " ";
        for (uint32_t i = 0; i < audit->system.subject_count; i++) {
            if (classes[i] == class) {
                if (separator[0] == ' ') {
                    capdl_text_printf(out, "    %s:", flow_class_words((enum flow_class) class));
                }
                capdl_text_printf(out, "%s%s", separator, audit->subjects[i].name);
                separator = ", ";
            }
        }
        capdl_text_printf(out, separator[0] == ',' ? "\n" : "");
    }
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        uint32_t fact = closure_controls(audit->closure, subject, i);
        if (fact != AUTHORITY_NONE) {
            const struct authority_fact *by = &audit->closure->facts[fact];
            capdl_text_printf(out, "    controls %s by %s%s (%s)\n", audit->subjects[i].name,
                              by->power == POWER_READ ? "answering its faults at " : "",
                              audit->nodes[by->node].words, audit_place(audit, by->origin));
        }
    }
    free(classes);
}

void report_summary(const struct flow_graph *graph, struct capdl_text *out)
{
    const struct audit *audit = graph->audit;
    capdl_text_printf(out, "components, and whom each can influence\n");
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        reach_line(graph, i, out);
    }
    capdl_text_printf(out, "devices and shared memory\n");
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (audit->system.kinds[i] == NODE_MEMORY &&
            (audit->nodes[i].is_device || users_of(audit, i) > 1)) {
            node_line(audit, i, out);
        }
    }
    report_budgets(audit, out);
}
