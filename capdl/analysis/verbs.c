/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The questions of tessera-audit
 */
#include "verbs.h"

#include "analysis/lint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool subject_want(const struct audit *audit, const char *name, uint32_t *subject)
{
    *subject = audit_subject_find(audit, name);
    if (*subject != AUTHORITY_NONE) {
        return true;
    }
    fprintf(stderr, "%s: error: there is no component \"%s\"\n  remedy: name one of:", audit->file,
            name);
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        fprintf(stderr, " %s", audit->subjects[i].name);
    }
    fputc('\n', stderr);
    return false;
}

static int verb_who_can(const struct flow_graph *graph, int count, char **words)
{
    const struct audit *audit = graph->audit;
    struct capdl_text out = { 0 };
    uint32_t node = audit_node_find(audit, words[0]);
    if (node == AUTHORITY_NONE) {
        fprintf(stderr,
                "%s: error: there is no object \"%s\"\n"
                "  remedy: name an object of the spec, a memory region or a device\n",
                audit->file, words[0]);
        return 2;
    }
    capdl_text_printf(&out, "%s (%s)\n", audit->nodes[node].words,
                      audit_object_place(audit, audit->nodes[node].object));
    uint32_t found = report_who_can(audit, node, count > 1 ? words[1] : NULL, &out);
    if (found == 0) {
        capdl_text_printf(&out, "  nobody\n");
    }
    return text_show(&out, found == 0 ? 1 : 0);
}

static int verb_holds(const struct flow_graph *graph, int count, char **words)
{
    struct capdl_text out = { 0 };
    uint32_t subject;
    (void)count;
    if (!subject_want(graph->audit, words[0], &subject)) {
        return 2;
    }
    report_holds(graph->audit, subject, &out);
    return text_show(&out, 0);
}

/* Prints the chain one way; returns whether more than time flows. */
static bool chain_show(const struct flow_graph *graph, uint32_t from, uint32_t to,
                       struct capdl_text *out)
{
    struct flow_chain chain = flow_find(graph, from, to);
    report_chain(graph, from, to, &chain, out);
    free(chain.edges);
    return chain.class >= FLOW_SERVER;
}

static int verb_flow(const struct flow_graph *graph, int count, char **words)
{
    struct capdl_text out = { 0 };
    uint32_t from, to;
    (void)count;
    if (!subject_want(graph->audit, words[0], &from) ||
        !subject_want(graph->audit, words[1], &to)) {
        return 2;
    }
    bool flows = chain_show(graph, from, to, &out);
    return text_show(&out, flows ? 0 : 1);
}

static int verb_isolated(const struct flow_graph *graph, int count, char **words)
{
    struct capdl_text out = { 0 };
    uint32_t a, b;
    (void)count;
    if (!subject_want(graph->audit, words[0], &a) || !subject_want(graph->audit, words[1], &b)) {
        return 2;
    }
    bool forth = chain_show(graph, a, b, &out);
    bool back = chain_show(graph, b, a, &out);
    capdl_text_printf(&out, "%s and %s are %sisolated\n", words[0], words[1],
                      forth || back ? "not " : "");
    return text_show(&out, forth || back ? 1 : 0);
}

static int verb_budgets(const struct flow_graph *graph, int count, char **words)
{
    struct capdl_text out = { 0 };
    (void)count;
    (void)words;
    report_budgets(graph->audit, &out);
    return text_show(&out, 0);
}

static int verb_lint(const struct flow_graph *graph, int count, char **words)
{
    struct findings findings = { 0 };
    struct capdl_text out = { 0 };
    (void)count;
    (void)words;
    lint_audit(graph, &findings);
    findings_report(&findings, &out);
    int status = findings.count == 0 ? 0 : 1;
    if (status == 0) {
        capdl_text_printf(&out, "nothing found\n");
    }
    findings_free(&findings);
    return text_show(&out, status);
}

static int verb_text(const struct flow_graph *graph, int count, char **words)
{
    struct capdl_text out = { 0 };
    (void)count;
    (void)words;
    struct findings findings = { 0 };
    report_summary(graph, &out);
    lint_audit(graph, &findings);
    capdl_text_printf(&out, "%u findings\n", findings.count);
    findings_report(&findings, &out);
    findings_free(&findings);
    return text_show(&out, 0);
}

static int verb_svg(const struct flow_graph *graph, int count, char **words)
{
    (void)count;
    return verb_draw(graph, false, words[0]);
}

static int verb_html(const struct flow_graph *graph, int count, char **words)
{
    (void)count;
    return verb_draw(graph, true, words[0]);
}

static const struct {
    const char *name;
    int least, most; /* words that follow */
    int (*run)(const struct flow_graph *graph, int count, char **words);
} verbs[] = {
    { "who-can", 1, 2, verb_who_can },   { "holds", 1, 1, verb_holds },
    { "why", 2, 2, verb_flow },          { "can-flow", 2, 2, verb_flow },
    { "isolated", 2, 2, verb_isolated }, { "budgets", 0, 0, verb_budgets },
    { "lint", 0, 0, verb_lint },         { "--text", 0, 0, verb_text },
    { "--svg", 1, 1, verb_svg },         { "--html", 1, 1, verb_html },
};

int verb_run(const struct flow_graph *graph, int count, char **words)
{
    if (count == 0) {
        return verb_text(graph, 0, words);
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, words[0]) == 0 && count - 1 >= verbs[i].least &&
            count - 1 <= verbs[i].most) {
            return verbs[i].run(graph, count - 1, words + 1);
        }
    }
    return usage_error();
}
