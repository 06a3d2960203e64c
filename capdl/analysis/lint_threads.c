/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lints about threads, who watches them, and capabilities over much
 */
#include "lint.h"

#include <stdlib.h>

enum { SLOT_FAULT = 5, SLOT_CONTEXT = 6 };

/* Who receives the faults of the component: the first, or AUTHORITY_NONE. */
static uint32_t handler_of(const struct audit *audit, uint32_t thread)
{
    uint32_t cap = capdl_cap_find(audit->spec, thread, SLOT_FAULT);
    uint32_t first, second;
    if (cap == CAPDL_NONE) {
        return AUTHORITY_NONE;
    }
    uint32_t node = audit->node_of[audit->spec->caps[cap].target];
    return lint_holders(audit, node, POWER_READ, &first, &second) == 0 ? AUTHORITY_NONE : first;
}

/* A monitor that its ward can control watches nothing. */
static void lint_reaches_monitor(const struct lint *lint, uint32_t thread)
{
    const struct audit *audit = lint->audit;
    uint32_t subject = audit->subject_of[thread];
    uint32_t handler = handler_of(audit, thread);
    if (handler == subject) {
        uint32_t cap = capdl_cap_find(audit->spec, thread, SLOT_FAULT);
        struct found found = { "reaches-monitor", cap, CAPDL_NONE, subject, AUTHORITY_NONE };
        lint_add(lint, &found,
                 "%s is to handle its own faults: it cannot when it has faulted\n"
                 "let another component receive them",
                 audit->subjects[subject].name);
        return;
    }
    uint32_t fact = handler == AUTHORITY_NONE ? AUTHORITY_NONE
                                              : closure_controls(audit->closure, subject, handler);
    if (fact >= audit->closure->taken_count) {
        return;
    }
    const struct authority_fact *by = &audit->closure->facts[fact];
    struct found found = { "reaches-monitor", by->origin, CAPDL_NONE, subject, by->node };
    lint_add(lint, &found,
             "%s can control %s, which handles its faults, by %s: compromised, it would silence "
             "its own monitor\nremove that capability",
             audit->subjects[subject].name, audit->subjects[handler].name,
             audit->nodes[by->node].words);
}

/* Somebody must be the last to watch: who handles faults of others may have no handler itself. */
static bool handles_faults(const struct audit *audit, uint32_t subject)
{
    for (uint32_t i = 0; i < audit->system.faults.count; i++) {
        if (holds(audit, subject, audit->system.faults.list[i].node, POWER_READ)) {
            return true;
        }
    }
    return false;
}

static void lint_unwatched(const struct lint *lint, uint32_t thread)
{
    const struct audit *audit = lint->audit;
    uint32_t subject = audit->subject_of[thread];
    if (capdl_cap_find(audit->spec, thread, SLOT_FAULT) == CAPDL_NONE &&
        !audit->subjects[subject].is_trusted && !handles_faults(audit, subject)) {
        struct found found = { "lost-faults", AUTHORITY_NONE, thread, subject, AUTHORITY_NONE };
        lint_add(lint, &found,
                 "%s has no fault handler: when it fails, nobody learns of it\n"
                 "fill fault_ep_slot of %s",
                 audit->subjects[subject].name, capdl_object_text(audit->spec, thread));
    }
}

static void lint_context(const struct lint *lint, uint32_t thread, struct capdl_map *contexts)
{
    const struct audit *audit = lint->audit;
    uint32_t subject = audit->subject_of[thread];
    uint32_t cap = capdl_cap_find(audit->spec, thread, SLOT_CONTEXT);
    if (cap == CAPDL_NONE) {
        return;
    }
    uint32_t target = audit->spec->caps[cap].target;
    uint32_t other = capdl_map_get(contexts, 0, target);
    if (other == AUTHORITY_NONE) {
        capdl_map_set(contexts, 0, target, thread);
    } else {
        struct found found = { "shared-time", cap, CAPDL_NONE, subject, audit->node_of[target] };
        lint_add(lint, &found,
                 "%s is bound to two threads, %s and %s: only one of them can have it\n"
                 "give each its own",
                 audit->nodes[audit->node_of[target]].words, capdl_object_text(audit->spec, other),
                 capdl_object_text(audit->spec, thread));
    }
    const struct capdl_object *context = object_at(audit, target);
    if (context->u.sc.budget > context->u.sc.period && context->u.sc.period != 0) {
        struct found found = { "shared-time", AUTHORITY_NONE, target, subject,
                               audit->node_of[target] };
        lint_add(lint, &found,
                 "%s has a budget of %llu us in a period of %llu us: more than there is\n"
                 "state a budget of at most the period",
                 audit->nodes[audit->node_of[target]].words,
                 (unsigned long long)context->u.sc.budget,
                 (unsigned long long)context->u.sc.period);
    }
}

/* Two that control each other fall together. */
static void lint_mutual_control(const struct lint *lint, uint32_t a, uint32_t b)
{
    const struct audit *audit = lint->audit;
    uint32_t forth = closure_controls(audit->closure, a, b);
    uint32_t back = closure_controls(audit->closure, b, a);
    if (forth >= audit->closure->taken_count || back >= audit->closure->taken_count) {
        return;
    }
    const struct authority_fact *by = &audit->closure->facts[back];
    struct found found = { "mutual-control", by->origin, CAPDL_NONE, b, by->node };
    lint_add(lint, &found,
             "%s and %s control each other: they are one component in two names\n"
             "remove %s from %s, or make them one",
             audit->subjects[a].name, audit->subjects[b].name, audit->nodes[by->node].words,
             audit->subjects[b].name);
}

void lint_threads(const struct lint *lint)
{
    const struct audit *audit = lint->audit;
    struct capdl_map contexts = { 0 };
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        if (object_at(audit, i)->kind == CAPDL_TCB) {
            lint_reaches_monitor(lint, i);
            lint_unwatched(lint, i);
            lint_context(lint, i, &contexts);
        }
    }
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            lint_mutual_control(lint, j, i);
        }
    }
    capdl_map_free(&contexts);
}

/* What a capability over much allows, in one clause. */
static const char *master_reason(const struct audit *audit, uint32_t node)
{
    const char *name = audit->nodes[node].name;
    switch ((enum node_kind)audit->system.kinds[node]) {
    case NODE_UNTYPED: return "it can destroy all that was made from it, and make new objects";
    case NODE_ASID: return "it can put address spaces of its own into the system";
    case NODE_MASTER:
        return name[0] == 'i' && name[1] == 'r' ? "it can take any interrupt that is not in use"
               : name[0] == 's'                 ? "it can give itself any share of the processor"
               : name[0] == 'd'                 ? "it can move any thread to another time slot"
               : name[0] == 'a'                 ? "it can make pools of address spaces"
                                                : "it can change the whole machine";
    default: return NULL;
    }
}

static void lint_firmware(const struct lint *lint, uint32_t subject,
                          const struct authority_fact *fact)
{
    const struct audit *audit = lint->audit;
    if (audit->spec->caps[fact->origin].badge == 0) {
        struct found found = { "any-firmware", fact->origin, CAPDL_NONE, subject, fact->node };
        lint_add(lint, &found,
                 "%s may call any firmware function: it can power off or reset the machine\n"
                 "state as badge the one function it needs",
                 audit->subjects[subject].name);
    }
}

static void lint_foreign_object(const struct lint *lint, uint32_t subject,
                                const struct authority_fact *fact)
{
    const struct audit *audit = lint->audit;
    const struct links *affects = &audit->affects;
    for (uint32_t i = affects->first[fact->node]; i != AUTHORITY_NONE; i = affects->list[i].next) {
        const struct authority_link *link = &affects->list[i];
        if (link->target == subject || link->reason != LINK_CSPACE) {
            continue;
        }
        struct found found = { "foreign-cspace", fact->origin, CAPDL_NONE, subject, fact->node };
        lint_add(lint, &found,
                 "%s holds %s, where %s looks up its capabilities: it can take and replace them\n"
                 "remove it; hand out single capabilities",
                 audit->subjects[subject].name, audit->nodes[fact->node].words,
                 audit->subjects[link->target].name);
    }
}

/* A supervisor is there to hold these; the monitor is part of the system. */
void lint_masters(const struct lint *lint)
{
    const struct audit *audit = lint->audit;
    for (uint32_t i = 0; i < audit->closure->held_count; i++) {
        const struct authority_fact *fact = &audit->closure->facts[i];
        if (fact->holder >= audit->system.subject_count ||
            audit->subjects[fact->holder].is_supervisor ||
            audit->subjects[fact->holder].is_trusted) {
            continue;
        }
        enum node_kind kind = (enum node_kind)audit->system.kinds[fact->node];
        const char *reason = master_reason(audit, fact->node);
        if (reason != NULL) {
            struct found found = { kind == NODE_UNTYPED ? "untyped-given" : "master-given",
                                   fact->origin, CAPDL_NONE, fact->holder, fact->node };
            lint_add(lint, &found, "%s holds %s: %s\nleave it to a supervisor",
                     audit->subjects[fact->holder].name, audit->nodes[fact->node].words, reason);
        } else if (kind == NODE_FIRMWARE) {
            lint_firmware(lint, fact->holder, fact);
        } else if (kind == NODE_CNODE) {
            lint_foreign_object(lint, fact->holder, fact);
        }
    }
}
