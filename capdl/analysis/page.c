/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One page that shows a system
 *
 * The page holds the picture and, as JSON, what each component can do and every shortest chain;
 * a small script shows them. It asks no network for anything.
 */
#include "analysis/picture.h"

#include "analysis/lint.h"
#include "analysis/report.h"
#include "page.h"

#include "extract.h"

#include <stdlib.h>

/* A JSON string that is also safe between script tags. */
static void json_text(struct capdl_text *out, const char *text, size_t length)
{
    capdl_text_add(out, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&') {
            capdl_text_printf(out, "\\u%04x", c);
        } else {
            capdl_text_add(out, text + i, 1);
        }
    }
    capdl_text_add(out, "\"", 1);
}

static void json_name(struct capdl_text *out, const char *name)
{
    size_t length = 0;
    while (name[length] != '\0') {
        length++;
    }
    json_text(out, name, length);
}

static void subject_json(const struct flow_graph *graph, uint32_t self, struct capdl_text *out)
{
    struct capdl_text holds = { 0 };
    const struct audit *audit = graph->audit;
    uint8_t *classes = flow_reach(graph, self);
    report_holds(audit, self, &holds);
    capdl_text_printf(out, "%s{\"name\":", self == 0 ? "" : ",");
    json_name(out, audit->subjects[self].name);
    capdl_text_printf(out, ",\"place\":");
    json_name(out, audit_object_place(audit, audit->subjects[self].thread));
    capdl_text_printf(out, ",\"holds\":");
    json_text(out, holds.bytes, holds.length);
    capdl_text_printf(out, ",\"reach\":[");
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        capdl_text_printf(out, "%s%u", i == 0 ? "" : ",", classes[i]);
    }
    capdl_text_printf(out, "]}");
    capdl_text_free(&holds);
    free(classes);
}

static void chains_json(const struct flow_graph *graph, struct capdl_text *out)
{
    uint32_t count = graph->audit->system.subject_count;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count; j++) {
            struct capdl_text text = { 0 };
            struct flow_chain chain = { 0 };
            capdl_text_printf(out, i + j == 0 ? "" : ",");
            if (i != j && count <= CHAINS_AHEAD) {
                chain = flow_find(graph, i, j);
                report_chain(graph, i, j, &chain, &text);
            }
            json_text(out, text.bytes, text.length);
            free(chain.edges);
            capdl_text_free(&text);
        }
    }
}

void picture_html(const struct flow_graph *graph, const char *svg, size_t length,
                  struct capdl_text *out)
{
    struct findings findings = { 0 };
    struct capdl_text lints = { 0 };
    struct capdl_text budgets = { 0 };
    lint_audit(graph, &findings);
    findings_report(&findings, &lints);
    report_budgets(graph->audit, &budgets);
    capdl_text_printf(out, "%s", page_head);
    capdl_text_add(out, svg, length);
    capdl_text_printf(out, "%s", page_middle);
    capdl_text_printf(out, "{\"components\":[");
    for (uint32_t i = 0; i < graph->audit->system.subject_count; i++) {
        subject_json(graph, i, out);
    }
    capdl_text_printf(out, "],\"chains\":[");
    chains_json(graph, out);
    capdl_text_printf(out, "],\"lints\":");
    json_text(out, lints.bytes, lints.length);
    capdl_text_printf(out, ",\"budgets\":");
    json_text(out, budgets.bytes, budgets.length);
    capdl_text_printf(out, "}");
    capdl_text_printf(out, "%s", page_tail);
    findings_free(&findings);
    capdl_text_free(&lints);
    capdl_text_free(&budgets);
}
