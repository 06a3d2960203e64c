/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Chains in words
 */
#include "analysis/report.h"

#include "extract.h"

#include <string.h>

static const char *out_words(enum step_kind kind)
{
    static const char *const words[] = {
        [STEP_MEMORY] = "writes %s",
        [STEP_SIGNAL] = "signals %s",
        [STEP_MESSAGE] = "sends to %s",
        [STEP_REPLY] = "answers callers of %s",
        [STEP_FAULT] = "reports its faults to %s",
        [STEP_CONTROL] = "controls %s",
        [STEP_HURT] = "can take away %s",
        [STEP_INTERRUPT] = "raises %s",
        [STEP_SHARED] = "holds %s",
        [STEP_TIME] = "uses the time of %s",
    };
    return words[kind];
}

static const char *in_words(enum step_kind kind)
{
    static const char *const words[] = {
        [STEP_MEMORY] = "reads it",
        [STEP_SIGNAL] = "waits for it",
        [STEP_MESSAGE] = "receives from it",
        [STEP_REPLY] = "calls it",
        [STEP_FAULT] = "is resumed by the answer to its fault",
        [STEP_CONTROL] = "is what it runs, or looks at it",
        [STEP_HURT] = "needs it",
        [STEP_INTERRUPT] = "is signalled",
        [STEP_SHARED] = "holds it too",
        [STEP_TIME] = "notices when it is used",
    };
    return words[kind];
}

const char *step_words(enum step_kind kind, bool is_out)
{
    return is_out ? out_words(kind) : in_words(kind);
}

static void vertex_words(const struct flow_graph *graph, uint32_t vertex, const char *format,
                         struct capdl_text *out)
{
    const char *mark = strstr(format, "%s");
    const struct flow_turn *turn = flow_vertex_turn(graph, vertex);
    if (mark == NULL) {
        capdl_text_printf(out, "%s", format);
        return;
    }
    capdl_text_add(out, format, (size_t)(mark - format));
    if (turn == NULL) {
        capdl_text_printf(out, "%s", graph->audit->nodes[flow_vertex_node(graph, vertex)].words);
    } else {
        capdl_text_printf(out, "core %llu", (unsigned long long)turn->core);
        if (graph->audit->spec->schedule_count > 0) {
            capdl_text_printf(out, " in domain %llu", (unsigned long long)turn->domain);
        }
    }
}

static void chain_line(const struct flow_graph *graph, const struct flow_edge *edge,
                       unsigned *number, struct capdl_text *out)
{
    const struct audit *audit = graph->audit;
    uint32_t subjects = audit->system.subject_count;
    if (edge->from < subjects) {
        capdl_text_printf(out, "  %u. %s ", ++*number, audit->subjects[edge->from].name);
        capdl_text_printf(out, edge->phase == 0   ? ""
                               : edge->phase == 1 ? "(taking it) "
                                                  : "(given it) ");
        vertex_words(graph, edge->to, out_words((enum step_kind)edge->kind), out);
    } else if (edge->to < subjects) {
        capdl_text_printf(out, "     %s ", audit->subjects[edge->to].name);
        vertex_words(graph, edge->from, in_words((enum step_kind)edge->kind), out);
    } else {
        capdl_text_printf(out, "     ");
        vertex_words(graph, edge->to, in_words((enum step_kind)edge->kind), out);
    }
    if (edge->origin != AUTHORITY_NONE) {
        capdl_text_printf(out, " (%s)", audit_place(audit, edge->origin));
    }
    capdl_text_printf(out, "\n");
    if (edge->fact != AUTHORITY_NONE) {
        report_derivation(audit, edge->fact, "         ", out);
    }
}

void report_steps(const struct flow_graph *graph, const struct flow_chain *chain,
                  struct capdl_text *out)
{
    unsigned number = 0;
    for (uint32_t i = 0; i < chain->count; i++) {
        chain_line(graph, &graph->edges[chain->edges[i]], &number, out);
    }
}

void report_chain(const struct flow_graph *graph, uint32_t from, uint32_t to,
                  const struct flow_chain *chain, struct capdl_text *out)
{
    const struct audit *audit = graph->audit;
    const struct flow_turn *parted =
        chain->class != FLOW_NONE || from == to ? NULL : flow_domains_part(graph, from, to);
    capdl_text_printf(out, "%s -> %s: %s\n", audit->subjects[from].name, audit->subjects[to].name,
                      flow_class_words(chain->class));
    if (parted != NULL) {
        capdl_text_printf(
            out, "     both run on core %llu, in scheduling domains whose turns are fixed\n",
            (unsigned long long)parted->core);
    }
    report_steps(graph, chain, out);
}
