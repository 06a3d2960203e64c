/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The questions of tessera-audit
 */
#include "verbs.h"

#include "analysis/lint.h"
#include "analysis/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_TOLD = 40 };

static bool subject_want(const struct audit *audit, const char *name, uint32_t *subject)
{
    *subject = audit_subject_find(audit, name);
    if (*subject != AUTHORITY_NONE) {
        return true;
    }
    const char *near = audit_subject_near(audit, name);
    fprintf(stderr, "%s: error: there is no component \"%s\"\n  remedy: ", audit->file, name);
    if (near != NULL) {
        fprintf(stderr, "did you mean \"%s\"? Or name one of:", near);
    } else {
        fprintf(stderr, "name one of:");
    }
    for (uint32_t i = 0; i < audit->system.subject_count && i < NAMES_TOLD; i++) {
        fprintf(stderr, " %s", audit->subjects[i].name);
    }
    fprintf(stderr, "%s\n", audit->system.subject_count > NAMES_TOLD ? " and others" : "");
    return false;
}

static int verb_who_can(const struct flow_graph *graph, int count, char **words)
{
    const struct audit *audit = graph->audit;
    struct capdl_text out = { 0 };
    const char *right = count > 1 ? words[1] : NULL;
    uint32_t found = 0, known = 0;
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (audit_node_is(audit, i, words[0])) {
            capdl_text_printf(&out, "%s (%s)\n", audit->nodes[i].words,
                              audit_object_place(audit, audit->nodes[i].object));
            found += report_who_can(audit, i, right, &out);
            known++;
        }
    }
    uint32_t subject = audit_subject_find(audit, words[0]);
    if (subject != AUTHORITY_NONE) {
        capdl_text_printf(&out, "component %s (%s)\n", words[0],
                          audit_object_place(audit, audit->subjects[subject].thread));
        found += report_who_can_subject(audit, subject, right, &out);
        known++;
    }
    if (known == 0) {
        const char *near = audit_node_near(audit, words[0]);
        near = near != NULL ? near : audit_subject_near(audit, words[0]);
        fprintf(stderr, "%s: error: there is no object \"%s\"\n  remedy: %s%s%s\n", audit->file,
                words[0],
                near == NULL ? "name an object of the spec, a component, a memory region, a "
                               "device, \"interrupt N\" or firmware"
                             : "did you mean \"",
                near == NULL ? "" : near, near == NULL ? "" : "\"?");
        return 2;
    }
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

/* What there is to say about the policies; returns whether all are kept. */
static bool policies_say(struct audit *audit, struct capdl_text *out)
{
    struct policies policies = { 0 };
    policies_check(audit, &policies, out);
    bool good = policies.wrong + policies.broken == 0;
    if (good && policies.count > 1) {
        capdl_text_printf(out, "all %u policies hold\n", (unsigned)policies.count);
    } else if (good) {
        capdl_text_printf(out,
                          policies.count == 0 ? "no policy is stated\n" : "the policy holds\n");
    }
    policies_free(&policies);
    return good;
}

static int verb_policies(struct audit *audit, const char *word)
{
    struct capdl_text out = { 0 };
    (void)word;
    bool good = policies_say(audit, &out);
    return text_show(&out, good ? 0 : 1);
}

static int verb_text(struct audit *audit, const char *word)
{
    struct capdl_text out = { 0 };
    struct capdl_text policies = { 0 };
    struct findings findings = { 0 };
    (void)word;
    policies_say(audit, &policies);
    struct flow_graph *graph = flow_graph_make(audit);
    report_summary(graph, &out);
    lint_audit(graph, &findings);
    capdl_text_printf(&out, "policies\n%s%u findings\n", policies.bytes, findings.count);
    findings_report(&findings, &out);
    findings_free(&findings);
    flow_graph_free(graph);
    capdl_text_free(&policies);
    return text_show(&out, 0);
}

static int verb_svg(struct audit *audit, const char *path)
{
    return verb_draw(audit, "", false, path);
}

static int verb_html(struct audit *audit, const char *path)
{
    struct capdl_text policies = { 0 };
    policies_say(audit, &policies);
    int status = verb_draw(audit, policies.bytes, true, path);
    capdl_text_free(&policies);
    return status;
}

/* Questions about the whole system. */
static const struct {
    const char *name;
    int words; /* that follow */
    int (*run)(struct audit *audit, const char *word);
} whole_verbs[] = {
    { "--text", 0, verb_text },
    { "policies", 0, verb_policies },
    { "--svg", 1, verb_svg },
    { "--html", 1, verb_html },
};

/* Questions that the graph of influence answers. */
static const struct {
    const char *name;
    int least, most; /* words that follow */
    int (*run)(const struct flow_graph *graph, int count, char **words);
} verbs[] = {
    { "who-can", 1, 2, verb_who_can },   { "holds", 1, 1, verb_holds },
    { "why", 2, 2, verb_flow },          { "can-flow", 2, 2, verb_flow },
    { "isolated", 2, 2, verb_isolated }, { "budgets", 0, 0, verb_budgets },
    { "lint", 0, 0, verb_lint },
};

static int graph_run(struct audit *audit, size_t verb, int count, char **words)
{
    struct flow_graph *graph = flow_graph_make(audit);
    int status = verbs[verb].run(graph, count, words);
    flow_graph_free(graph);
    return status;
}

int verb_run(struct audit *audit, int count, char **words)
{
    const char *wanted = count == 0 ? "--text" : words[0];
    int left = count == 0 ? 0 : count - 1;
    for (size_t i = 0; i < sizeof(whole_verbs) / sizeof(whole_verbs[0]); i++) {
        if (strcmp(whole_verbs[i].name, wanted) == 0 && left == whole_verbs[i].words) {
            return whole_verbs[i].run(audit, left == 0 ? NULL : words[1]);
        }
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, wanted) == 0 && left >= verbs[i].least && left <= verbs[i].most) {
            return graph_run(audit, i, left, words + 1);
        }
    }
    return usage_error();
}
