/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lints about endpoints, notifications and replies
 */
#include "lint.h"

static uint32_t origin_of(const struct audit *audit, uint32_t subject, uint32_t node,
                          enum power power)
{
    return audit->closure->facts[closure_find(audit->closure, subject, node, power)].origin;
}

/* Messages that nobody can receive block their sender for ever. */
static void lint_unreceived(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    uint32_t first, second, sender;
    bool is_endpoint = audit->system.kinds[node] == NODE_ENDPOINT;
    if (lint_holders(audit, node, POWER_READ, &first, &second) > 0) {
        return;
    }
    if (lint_holders(audit, node, POWER_WRITE, &sender, &second) > 0) {
        struct found found = { "unused-right", origin_of(audit, sender, node, POWER_WRITE),
                               CAPDL_NONE, sender, node };
        lint_add(lint, &found,
                 is_endpoint ? "%s can send to %s, but nobody receives there: it would wait for "
                               "ever\ngive the receiver a cap with R, or remove this one"
                             : "%s can signal %s, but nobody waits for it\ngive somebody a cap "
                               "with R, or remove this one",
                 audit->subjects[sender].name, audit->nodes[node].words);
    }
    if (lint_holders(audit, node, POWER_FAULT, &sender, &second) > 0) {
        struct found found = { "lost-faults", origin_of(audit, sender, node, POWER_FAULT),
                               CAPDL_NONE, sender, node };
        lint_add(lint, &found,
                 "faults of %s go to %s, where nobody receives: it would stop in silence\n"
                 "name an endpoint that a fault handler receives from",
                 audit->subjects[sender].name, audit->nodes[node].words);
    }
}

/* Capabilities can be sent, but the receiver has no CNode capability to say where to. */
static void lint_unused_grant(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    bool can_receive = false;
    uint32_t sender, ignored;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        can_receive = can_receive || (holds(audit, i, node, POWER_READ) &&
                                      audit->closure->receives[i] != AUTHORITY_NONE);
    }
    if (can_receive || lint_holders(audit, node, POWER_GRANT, &sender, &ignored) == 0) {
        return;
    }
    struct found found = { "unused-right", origin_of(audit, sender, node, POWER_GRANT), CAPDL_NONE,
                           sender, node };
    lint_add(lint, &found,
             "%s may grant capabilities over %s, but no receiver there can take any\n"
             "give it WP instead of WG: P is enough for a call",
             audit->subjects[sender].name, audit->nodes[node].words);
}

/* Who may be called, must be able to answer. */
static void lint_unanswered(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    bool answers = false;
    uint32_t caller, ignored;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        answers = answers || (holds(audit, i, node, POWER_READ) &&
                              audit->closure->replies[i] != AUTHORITY_NONE);
    }
    if (answers || lint_holders(audit, node, POWER_READ, &ignored, &ignored) == 0 ||
        lint_holders(audit, node, POWER_CALL, &caller, &ignored) == 0) {
        return;
    }
    struct found found = { "unanswered-call", origin_of(audit, caller, node, POWER_CALL),
                           CAPDL_NONE, caller, node };
    lint_add(lint, &found,
             "%s can call %s, but who receives there has no reply object: the call never returns\n"
             "give the receiver a reply object, or the caller W only",
             audit->subjects[caller].name, audit->nodes[node].words);
}

/* Two senders with one badge: the receiver cannot tell them apart, nor deny one of them. */
static void lint_same_badge(const struct lint *lint, uint32_t node, struct capdl_map *badges)
{
    const struct audit *audit = lint->audit;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (!holds(audit, i, node, POWER_WRITE)) {
            continue;
        }
        uint32_t cap = origin_of(audit, i, node, POWER_WRITE);
        uint64_t badge = audit->spec->caps[cap].badge;
        uint32_t other = capdl_map_get(badges, node, badge);
        if (other == AUTHORITY_NONE) {
            capdl_map_set(badges, node, badge, i);
            continue;
        }
        struct found found = { "same-badge", cap, CAPDL_NONE, i, node };
        lint_add(lint, &found,
                 "%s and %s send to %s with the same badge 0x%llx: the receiver cannot tell them "
                 "apart\ngive each its own badge",
                 audit->subjects[other].name, audit->subjects[i].name, audit->nodes[node].words,
                 (unsigned long long)badge);
    }
}

static void lint_shared_reply(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    uint32_t first, second;
    if (lint_holders(audit, node, POWER_CONTROL, &first, &second) < 2) {
        return;
    }
    struct found found = { "shared-reply", origin_of(audit, second, node, POWER_CONTROL),
                           CAPDL_NONE, second, node };
    lint_add(lint, &found,
             "%s and %s share %s: one can answer the other's callers\n"
             "give each its own reply object",
             audit->subjects[first].name, audit->subjects[second].name, audit->nodes[node].words);
}

/* Two components that wait on one object steal each other's messages. */
static void lint_two_receivers(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    uint32_t first = AUTHORITY_NONE, second = AUTHORITY_NONE;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (holds(audit, i, node, POWER_READ) && !audit->subjects[i].is_trusted) {
            second = first != AUTHORITY_NONE && second == AUTHORITY_NONE ? i : second;
            first = first == AUTHORITY_NONE ? i : first;
        }
    }
    if (second == AUTHORITY_NONE) {
        return;
    }
    struct found found = { "two-receivers", origin_of(audit, second, node, POWER_READ), CAPDL_NONE,
                           second, node };
    lint_add(lint, &found,
             "%s and %s both receive from %s: each takes what is meant for the other\n"
             "give one of them an object of its own",
             audit->subjects[first].name, audit->subjects[second].name, audit->nodes[node].words);
}

void lint_messages(const struct lint *lint)
{
    const struct audit *audit = lint->audit;
    struct capdl_map badges = { 0 };
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        enum node_kind kind = (enum node_kind)audit->system.kinds[i];
        if (kind == NODE_ENDPOINT || kind == NODE_NOTIFICATION) {
            lint_unreceived(lint, i);
            lint_same_badge(lint, i, &badges);
            lint_two_receivers(lint, i);
        }
        if (kind == NODE_ENDPOINT) {
            lint_unused_grant(lint, i);
            lint_unanswered(lint, i);
        } else if (kind == NODE_REPLY) {
            lint_shared_reply(lint, i);
        }
    }
    capdl_map_free(&badges);
}
