/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Policies about who can do what, and about amounts
 */
#include "policy.h"

#include "analysis/report.h"
#include "budgets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a policy is about: nodes, and for a component the control over it. */
struct target {
    bool *has; /* by node */
    uint32_t count;
    uint32_t component; /* or AUTHORITY_NONE */
    char *words;
};

static const char *const rights[] = { "read",   "write", "send",  "receive", "call",   "grant",
                                      "signal", "wait",  "fault", "control", "destroy" };

static bool right_is(const struct judge *judge, const char *word)
{
    const char *right = judge->policy->words[KEY_RIGHT];
    return right == NULL || strcmp(right, word) == 0;
}

static void right_check(struct judge *judge)
{
    const char *right = judge->policy->words[KEY_RIGHT];
    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        if (right == NULL || strcmp(right, rights[i]) == 0) {
            return;
        }
    }
    policy_wrong(judge->audit, judge->policy, judge->out,
                 "there is no right \"%s\"\nwrite read, write, send, receive, call, grant, signal, "
                 "wait, fault, control or destroy",
                 right);
}

static void target_add(struct target *target, uint32_t node)
{
    target->count += target->has[node] ? 0u : 1u;
    target->has[node] = true;
}

/* Where a component is talked to: what it receives from and waits for. */
static void target_component(struct judge *judge, struct target *target)
{
    const struct audit *audit = judge->audit;
    if (!policy_subject(judge, KEY_COMPONENT, &target->component)) {
        return;
    }
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        enum node_kind kind = (enum node_kind)audit->system.kinds[i];
        if ((kind == NODE_ENDPOINT || kind == NODE_NOTIFICATION) &&
            closure_find(audit->closure, target->component, i, POWER_READ) <
                audit->closure->held_count) {
            target_add(target, i);
        }
    }
}

static void target_named(struct judge *judge, struct target *target, const char *name)
{
    const struct audit *audit = judge->audit;
    bool is_firmware = judge->policy->words[KEY_OBJECT] != NULL && strcmp(name, "firmware") == 0;
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (audit_node_is(audit, i, name)) {
            target_add(target, i);
        }
    }
    uint32_t node = target->count > 0 ? AUTHORITY_NONE : audit_node_find(audit, name);
    if (node != AUTHORITY_NONE) {
        target_add(target, node);
    } else if (target->count == 0 && !is_firmware) {
        const char *near = audit_node_near(audit, name);
        policy_wrong(audit, judge->policy, judge->out,
                     "the policy names \"%s\", which does not exist\n%s%s%s", name,
                     near == NULL ? "name memory, a device or an object of the spec"
                                  : "did you mean \"",
                     near == NULL ? "" : near, near == NULL ? "" : "\"?");
    }
}

static struct target target_find(struct judge *judge)
{
    static const enum policy_key keys[] = { KEY_OBJECT, KEY_REGION, KEY_INTERRUPT, KEY_COMPONENT };
    char *const *words = judge->policy->words;
    struct target target = { .has = capdl_alloc(judge->audit->system.node_count + 1u, 1),
                             .component = AUTHORITY_NONE };
    struct capdl_text name = { 0 };
    unsigned given = 0;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (words[keys[i]] != NULL) {
            capdl_text_printf(&name, "%s%s", keys[i] == KEY_INTERRUPT ? "interrupt " : "",
                              words[keys[i]]);
            given++;
        }
    }
    right_check(judge);
    if (given != 1) {
        policy_wrong(judge->audit, judge->policy, judge->out,
                     "the policy is about %u things\nname one: region, component, interrupt or "
                     "object",
                     given);
        capdl_text_add(&name, "", 0);
    } else if (words[KEY_COMPONENT] != NULL) {
        target_component(judge, &target);
    } else {
        target_named(judge, &target, name.bytes);
    }
    target.words = name.bytes;
    return target;
}

static void target_free(struct target *target)
{
    free(target->has);
    free(target->words);
}

/* The fact by which the subject can destroy the component, or AUTHORITY_NONE. */
static uint32_t destroys(const struct audit *audit, uint32_t subject, uint32_t component)
{
    for (uint32_t i = 0; i < audit->affects.count; i++) {
        const struct authority_link *link = &audit->affects.list[i];
        uint32_t fact = link->target != component || link->reason != LINK_BELOW
                            ? AUTHORITY_NONE
                            : closure_find(audit->closure, subject, link->node, POWER_CONTROL);
        if (fact != AUTHORITY_NONE) {
            return fact;
        }
    }
    return AUTHORITY_NONE;
}

/* The first fact by which the subject has a right that the policy is about, or AUTHORITY_NONE. */
static uint32_t reaches(const struct judge *judge, const struct target *target, uint32_t subject,
                        const char **right)
{
    const struct audit *audit = judge->audit;
    uint32_t fact = AUTHORITY_NONE;
    bool has_component = target->component != AUTHORITY_NONE;
    if (has_component && right_is(judge, "control")) {
        *right = "control";
        fact = closure_controls(audit->closure, subject, target->component);
    }
    if (fact == AUTHORITY_NONE && has_component && right_is(judge, "destroy")) {
        *right = "destroy";
        fact = destroys(audit, subject, target->component);
    }
    for (uint32_t i = 0; fact == AUTHORITY_NONE && i < audit->system.node_count; i++) {
        for (unsigned power = POWER_COUNT; target->has[i] && power-- > 0;) {
            const char *words =
                power_words((enum node_kind)audit->system.kinds[i], (enum power)power);
            uint32_t one = closure_find(audit->closure, subject, i, (enum power)power);
            bool is_meant = right_is(judge, words) &&
                            !(has_component && (power == POWER_READ || power == POWER_FAULT));
            if (one < fact && is_meant) {
                fact = one;
                *right = words;
            }
        }
    }
    return fact;
}

/* Those whom the policy does not count: the component itself, and who was vouched for. */
static bool is_beside(const struct judge *judge, const struct target *target, uint32_t subject)
{
    return subject == target->component || judge->vouched[subject];
}

static void breach_tell(struct judge *judge, const struct target *target, uint32_t subject,
                        uint32_t fact, const char *right)
{
    const struct audit *audit = judge->audit;
    const struct authority_fact *at = &audit->closure->facts[fact];
    capdl_text_printf(judge->out, "  %s %s %s over %s", audit->subjects[subject].name,
                      phase_words(at->phase), right, target->words);
    if (target->component != AUTHORITY_NONE) {
        capdl_text_printf(judge->out, ", by %s", audit->nodes[at->node].words);
    }
    capdl_text_printf(judge->out, " (%s)\n", audit_place(audit, at->origin));
    report_derivation(audit, fact, "      ", judge->out);
}

void judge_only(struct judge *judge)
{
    const struct audit *audit = judge->audit;
    struct target target = target_find(judge);
    struct subject_set may = policy_subjects(judge, KEY_MAY);
    if (judge->policy->words[KEY_MAY] == NULL || may.is_star) {
        policy_wrong(audit, judge->policy, judge->out,
                     "the policy does not say who may\nwrite may=\"COMPONENT ...\", or may=\"\" "
                     "for nobody");
    }
    for (uint32_t i = 0; !judge->policy->is_wrong && i < audit->system.subject_count; i++) {
        const char *right = "";
        uint32_t fact = may.has[i] || is_beside(judge, &target, i)
                            ? AUTHORITY_NONE
                            : reaches(judge, &target, i, &right);
        if (fact != AUTHORITY_NONE && policy_breach(judge, "%s is not among those who may reach %s",
                                                    audit->subjects[i].name, target.words)) {
            breach_tell(judge, &target, i, fact, right);
            policy_remedy(judge, "take that grant away, or add %s to may=\"\"",
                          audit->subjects[i].name);
        }
    }
    free(may.has);
    target_free(&target);
}

static void judge_holders(struct judge *judge)
{
    const struct audit *audit = judge->audit;
    struct target target = target_find(judge);
    struct capdl_text holders = { 0 };
    struct judge quiet = *judge;
    uint64_t most = policy_number(judge, KEY_HOLDERS, 0);
    uint32_t count = 0;
    quiet.out = &holders;
    for (uint32_t i = 0; !judge->policy->is_wrong && i < audit->system.subject_count; i++) {
        const char *right = "";
        uint32_t fact =
            is_beside(judge, &target, i) ? AUTHORITY_NONE : reaches(judge, &target, i, &right);
        if (fact != AUTHORITY_NONE) {
            breach_tell(&quiet, &target, i, fact, right);
            count++;
        }
    }
    if (count > most &&
        policy_breach(judge, "%u of the components can reach %s, but at most %llu may",
                      (unsigned)count, target.words, (unsigned long long)most)) {
        capdl_text_add(judge->out, holders.bytes, holders.length);
        policy_remedy(judge, "take grants away, or allow more holders");
    }
    capdl_text_free(&holders);
    target_free(&target);
}

static void judge_memory(struct judge *judge)
{
    uint32_t subject;
    uint64_t most = policy_number(judge, KEY_MEMORY, 0);
    if (!policy_subject(judge, KEY_COMPONENT, &subject)) {
        return;
    }
    uint64_t bytes = budget_memory(judge->audit, subject);
    if (bytes > most &&
        policy_breach(judge, "%s has %llu KiB of memory, but at most %llu KiB may",
                      judge->audit->subjects[subject].name, (unsigned long long)bytes >> 10,
                      (unsigned long long)most >> 10)) {
        budget_memory_list(judge->audit, subject, judge->out);
        policy_remedy(judge, "map less, or allow more");
    }
}

static void judge_core(struct judge *judge, const struct budget_filter *filter, uint64_t percent)
{
    uint64_t share = budget_share(judge->audit, filter);
    if (share > percent * 10 &&
        policy_breach(judge,
                      "on core %llu, threads%s ask for %llu.%llu %% of the time, but at most "
                      "%llu %% may be",
                      (unsigned long long)filter->core,
                      filter->priority > 0 ? " of that priority and above" : "",
                      (unsigned long long)share / 10, (unsigned long long)share % 10,
                      (unsigned long long)percent)) {
        budget_share_list(judge->audit, filter, judge->out);
        policy_remedy(judge, "lower a budget or lengthen a period, or allow more");
    }
}

static void judge_time(struct judge *judge)
{
    struct budget_filter filter = { .subject = AUTHORITY_NONE };
    uint64_t percent = policy_number(judge, KEY_CPU, 0);
    uint64_t last = budget_last_core(judge->audit);
    uint64_t core = policy_number(judge, KEY_CORE, UINT64_MAX);
    filter.priority = policy_number(judge, KEY_PRIORITY, 0);
    if (judge->policy->words[KEY_COMPONENT] != NULL) {
        policy_subject(judge, KEY_COMPONENT, &filter.subject);
    }
    for (uint64_t i = 0; !judge->policy->is_wrong && i <= last; i++) {
        filter.core = i;
        if (core == UINT64_MAX || core == i) {
            judge_core(judge, &filter, percent);
        }
    }
}

void judge_at_most(struct judge *judge)
{
    char *const *words = judge->policy->words;
    if (words[KEY_CPU] != NULL && words[KEY_MEMORY] == NULL && words[KEY_HOLDERS] == NULL) {
        judge_time(judge);
    } else if (words[KEY_CPU] == NULL && words[KEY_MEMORY] != NULL && words[KEY_HOLDERS] == NULL) {
        judge_memory(judge);
    } else if (words[KEY_CPU] == NULL && words[KEY_MEMORY] == NULL && words[KEY_HOLDERS] != NULL) {
        judge_holders(judge);
    } else {
        policy_wrong(judge->audit, judge->policy, judge->out,
                     "the policy does not limit one thing\nstate one of cpu=\"PERCENT\", "
                     "memory=\"BYTES\" and holders=\"NUMBER\"");
    }
}
