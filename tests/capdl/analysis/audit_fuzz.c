/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzzing the audit
 *
 * Whatever the bytes are, if they are a system: every question has an answer, the policies too, and
 * the page ends as it should. What the lints say has a place and a remedy.
 */
#include "analysis/lint.h"
#include "analysis/picture.h"
#include "analysis/policy.h"
#include "analysis/report.h"

#include <lang/lang.h>
#include <model/check.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct capdl_limits limits = { 512, 1024 };

enum { PAIRS = 6 };

static void ask_about_pairs(const struct flow_graph *graph, struct capdl_text *out)
{
    uint32_t count = graph->audit->system.subject_count;
    for (uint32_t i = 0; i < count && i < PAIRS; i++) {
        uint8_t *reach = flow_reach(graph, i);
        report_holds(graph->audit, i, out);
        report_who_can_subject(graph->audit, i, NULL, out);
        for (uint32_t j = 0; j < count && j < PAIRS; j++) {
            struct flow_chain chain = flow_find(graph, i, j);
            report_chain(graph, i, j, &chain, out);
            /* What is found is reached. */
            if (i != j && (chain.class == FLOW_NONE) != (reach[j] == FLOW_NONE)) {
                abort();
            }
            free(chain.edges);
        }
        free(reach);
    }
}

static void ask_about_nodes(struct audit *audit, struct capdl_text *out)
{
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (audit->nodes[i].name == NULL || audit->nodes[i].words == NULL ||
            !audit_node_is(audit, i, audit->nodes[i].name)) {
            abort();
        }
        report_who_can(audit, i, NULL, out);
        audit_node_near(audit, audit->nodes[i].name);
    }
}

static void draw(const struct flow_graph *graph, struct capdl_text *out)
{
    struct picture *picture = picture_make(graph);
    struct picture_svg svg = { 0 };
    picture_dot(picture, false, &svg.whole);
    picture_groups_dot(picture, &svg.groups, &svg.merged);
    picture_html(picture, &svg, "", out);
    if (out->length < 8 || strcmp(out->bytes + out->length - 9, "</html>\n\n") != 0) {
        abort();
    }
    capdl_text_free(&svg.whole);
    capdl_text_free(&svg.groups);
    capdl_text_free(&svg.merged);
    picture_free(picture);
}

static void audit_all(struct audit *audit)
{
    struct capdl_text out = { 0 };
    struct policies policies = { 0 };
    struct findings findings = { 0 };
    policies_check(audit, &policies, &out);
    struct flow_graph *graph = flow_graph_make(audit);
    report_summary(graph, &out);
    ask_about_pairs(graph, &out);
    ask_about_nodes(audit, &out);
    lint_audit(graph, &findings);
    for (uint32_t i = 0; i < findings.count; i++) {
        if (findings.list[i].remedy[0] == '\0' || strchr(findings.list[i].file_line, ':') == NULL) {
            abort();
        }
    }
    draw(graph, &out);
    findings_free(&findings);
    policies_free(&policies);
    flow_graph_free(graph);
    capdl_text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct capdl_diags diags = { 0 };
    /* As the command reads it: with a zero byte behind. */
    char *text = calloc(1, length + 1);
    if (text == NULL) {
        abort();
    }
    memcpy(text, bytes, length);
    struct capdl_spec *spec = capdl_parse(text, length, &limits, &diags);
    if (spec != NULL) {
        capdl_check(spec, &diags);
    }
    if (spec != NULL && diags.error_count == 0) {
        struct audit *audit = audit_make(spec, "fuzz.cdl", text, length);
        audit_all(audit);
        audit_free(audit);
    }
    capdl_spec_free(spec);
    capdl_diags_free(&diags);
    free(text);
    return 0;
}
