/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checking policies; those about influence
 *
 * Each policy is judged in a closure where those whom it trusts pass nothing on.
 */
#include "policy.h"

#include "analysis/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BREACHES_TOLD = 5 };

bool policy_breach(struct judge *judge, const char *format, ...)
{
    va_list args;
    if (++judge->breaches > BREACHES_TOLD) {
        return false;
    }
    va_start(args, format);
    char *buffer = capdl_format(format, args);
    va_end(args);
    capdl_text_printf(judge->out, "%s: error: policy \"%s\" is broken: %s\n",
                      audit_line_place(judge->audit, judge->policy->line),
                      policy_kind_words(judge->policy->kind), buffer);
    free(buffer);
    return true;
}

void policy_remedy(struct judge *judge, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *buffer = capdl_format(format, args);
    va_end(args);
    if (judge->policy->words[KEY_REASON] != NULL) {
        capdl_text_printf(judge->out, "  the policy is there because: %s\n",
                          judge->policy->words[KEY_REASON]);
    }
    capdl_text_printf(judge->out, "  remedy: %s\n", buffer);
    free(buffer);
}

static void set_add(struct judge *judge, struct subject_set *set, const char *name)
{
    const struct audit *audit = judge->audit;
    uint32_t subject = audit_subject_find(audit, name);
    if (strcmp(name, "*") == 0) {
        set->is_star = true;
    } else if (subject == AUTHORITY_NONE) {
        const char *near = audit_subject_near(audit, name);
        policy_wrong(audit, judge->policy, judge->out,
                     "the policy names the component \"%s\", which does not exist\n%s%s%s", name,
                     near == NULL ? "correct the name" : "did you mean \"",
                     near == NULL ? "" : near, near == NULL ? "" : "\"?");
    } else {
        set->count += set->has[subject] ? 0u : 1u;
        set->has[subject] = true;
    }
}

struct subject_set policy_subjects(struct judge *judge, enum policy_key key)
{
    const char *at = judge->policy->words[key];
    struct subject_set set = { .has = capdl_alloc(judge->audit->system.subject_count + 1u, 1) };
    while (at != NULL && *at != '\0') {
        size_t blanks = strspn(at, " ,");
        size_t length = strcspn(at + blanks, " ,");
        char *name = text_copy(at + blanks, length);
        if (length > 0) {
            set_add(judge, &set, name);
        }
        free(name);
        at += blanks + length;
    }
    return set;
}

uint64_t policy_number(struct judge *judge, enum policy_key key, uint64_t missing)
{
    const char *word = judge->policy->words[key];
    char *end = NULL;
    if (word == NULL) {
        return missing;
    }
    unsigned long long value = strtoull(word, &end, 0);
    if (word[0] < '0' || word[0] > '9' || *end != '\0' || value > UINT64_C(1) << 48) {
        policy_wrong(judge->audit, judge->policy, judge->out,
                     "\"%s\" in a policy is no number\nwrite it like 80 or 0x200000", word);
        return missing;
    }
    return value;
}

bool policy_subject(struct judge *judge, enum policy_key key, uint32_t *subject)
{
    struct subject_set set = policy_subjects(judge, key);
    *subject = AUTHORITY_NONE;
    for (uint32_t i = 0; i < judge->audit->system.subject_count; i++) {
        *subject = set.has[i] && *subject == AUTHORITY_NONE ? i : *subject;
    }
    if (set.count != 1 || set.is_star) {
        policy_wrong(judge->audit, judge->policy, judge->out,
                     "the policy is about one component, but names %u\nwrite one policy for each",
                     (unsigned)set.count);
    }
    free(set.has);
    return !judge->policy->is_wrong;
}

/* "*": all but those of the other set and those that are trusted. */
static void star_expand(const struct audit *audit, struct subject_set *set,
                        const struct subject_set *other)
{
    for (uint32_t i = 0; set->is_star && i < audit->system.subject_count; i++) {
        set->has[i] = set->has[i] || (!other->has[i] && !audit->subjects[i].is_trusted);
    }
}

static bool class_read(struct judge *judge, enum flow_class *least)
{
    static const struct {
        const char *word;
        enum flow_class class;
    } classes[] = { { "direct", FLOW_DIRECT },
                    { "server", FLOW_SERVER },
                    { "timing", FLOW_TIMING } };
    const char *word = judge->policy->words[KEY_CLASS];
    *least = FLOW_SERVER;
    for (size_t i = 0; word != NULL && i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(classes[i].word, word) == 0) {
            *least = classes[i].class;
            return true;
        }
    }
    if (word != NULL) {
        policy_wrong(judge->audit, judge->policy, judge->out,
                     "\"%s\" is no class of influence\nwrite direct (forbid that only), server "
                     "(that too) or timing (all)",
                     word);
    }
    return word == NULL;
}

static void judge_pair(struct judge *judge, uint32_t from, uint32_t to, enum flow_class least)
{
    const struct audit *audit = judge->audit;
    struct flow_chain chain = flow_find_within(judge->graph, from, to, least);
    if (chain.class != FLOW_NONE &&
        policy_breach(judge, "%s can influence %s, %s", audit->subjects[from].name,
                      audit->subjects[to].name,
                      chain.class == FLOW_DIRECT   ? "directly"
                      : chain.class == FLOW_SERVER ? "through a server"
                                                   : "by timing")) {
        report_steps(judge->graph, &chain, judge->out);
        policy_remedy(judge, "%s",
                      chain.class == FLOW_DIRECT
                          ? "take away a grant in the chain, or change the policy"
                      : chain.class == FLOW_SERVER
                          ? "take away a grant in the chain, or name who may be relied on to pass "
                            "nothing on in trust=\"\""
                          : "give them other cores or other scheduling domains, or allow timing");
    }
    free(chain.edges);
}

void judge_flow(struct judge *judge)
{
    uint32_t count = judge->audit->system.subject_count;
    bool both_ways = judge->policy->kind == POLICY_ISOLATED;
    enum flow_class least;
    struct subject_set a = policy_subjects(judge, KEY_A);
    struct subject_set b = policy_subjects(judge, KEY_B);
    if (!judge->policy->is_wrong && (a.count + a.is_star == 0 || b.count + b.is_star == 0)) {
        policy_wrong(judge->audit, judge->policy, judge->out,
                     "the policy does not name two sides\nwrite %s",
                     both_ways ? "a=\"COMPONENT ...\" b=\"COMPONENT ...\""
                               : "from=\"COMPONENT ...\" to=\"COMPONENT ...\"");
    }
    star_expand(judge->audit, &a, &b);
    star_expand(judge->audit, &b, &a);
    bool good = class_read(judge, &least) && !judge->policy->is_wrong;
    for (uint32_t i = 0; good && i < count; i++) {
        for (uint32_t j = 0; j < count; j++) {
            if (i != j && a.has[i] && b.has[j]) {
                judge_pair(judge, i, j, least);
            }
            if (i != j && a.has[i] && b.has[j] && both_ways) {
                judge_pair(judge, j, i, least);
            }
        }
    }
    free(a.has);
    free(b.has);
}

/* Whom the policy trusts, and those trusted anyway; false if it names somebody unknown. */
static bool trust_apply(struct judge *judge)
{
    struct audit *audit = judge->audit;
    struct subject_set trust = policy_subjects(judge, KEY_TRUST);
    bool changed = false;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        trust.has[i] = trust.has[i] || judge->vouched[i];
        changed = changed || trust.has[i] != audit->subjects[i].is_trusted;
    }
    if (trust.is_star) {
        policy_wrong(audit, judge->policy, judge->out,
                     "a policy cannot trust everybody\nname the components that are relied on");
    }
    if (changed) {
        audit_trust(audit, trust.has);
    }
    if (changed || judge->graph == NULL) {
        if (judge->graph != NULL) {
            flow_graph_free(judge->graph);
        }
        judge->graph = flow_graph_make(audit);
    }
    free(trust.has);
    return !judge->policy->is_wrong;
}

static void policy_judge(struct judge *judge)
{
    static void (*const judges[])(struct judge * judge) = {
        [POLICY_ISOLATED] = judge_flow,
        [POLICY_NO_FLOW] = judge_flow,
        [POLICY_ONLY] = judge_only,
        [POLICY_AT_MOST] = judge_at_most,
    };
    judge->breaches = 0;
    if (!judge->policy->is_wrong && trust_apply(judge)) {
        judges[judge->policy->kind](judge);
    }
    if (judge->breaches > BREACHES_TOLD) {
        capdl_text_printf(judge->out, "%s: note: this policy is broken in %u more ways\n",
                          audit_line_place(judge->audit, judge->policy->line),
                          (unsigned)(judge->breaches - BREACHES_TOLD));
    }
}

void policies_check(struct audit *audit, struct policies *policies, struct capdl_text *out)
{
    uint32_t count = audit->system.subject_count;
    bool *vouched = capdl_alloc(count + 1u, 1);
    struct judge judge = { .audit = audit, .out = out, .vouched = vouched };
    for (uint32_t i = 0; i < count; i++) {
        vouched[i] = audit->subjects[i].is_trusted;
    }
    policies_read(audit, policies, out);
    for (uint32_t i = 0; i < policies->count; i++) {
        judge.policy = &policies->list[i];
        policy_judge(&judge);
        policies->wrong += judge.policy->is_wrong ? 1u : 0u;
        policies->broken += judge.breaches > 0 ? 1u : 0u;
    }
    if (judge.graph != NULL) {
        flow_graph_free(judge.graph);
    }
    audit_trust(audit, vouched);
    free(vouched);
}
