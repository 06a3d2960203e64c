/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Answers in words
 */
#include "analysis/report.h"

#include "extract.h"

#include <stdlib.h>
#include <string.h>

enum { DERIVATION_LINES = 12 };

const char *power_words(enum node_kind kind, enum power power)
{
    bool message = kind == NODE_ENDPOINT;
    switch (power) {
    case POWER_READ: return message ? "receive" : kind == NODE_NOTIFICATION ? "wait" : "read";
    case POWER_WRITE: return message ? "send" : kind == NODE_NOTIFICATION ? "signal" : "write";
    case POWER_GRANT: return "grant";
    case POWER_CALL: return "call";
    case POWER_FAULT: return "fault";
    case POWER_CONTROL: return "control";
    case POWER_COUNT: break;
    }
    return NULL;
}

static enum node_kind kind_at(const struct audit *audit, uint32_t node)
{
    return (enum node_kind)audit->system.kinds[node];
}

const char *phase_words(uint8_t phase)
{
    return phase == 0 ? "holds" : phase == 1 ? "can take" : "could be given";
}

/* Name of a holder in a derivation: a component, or what lies in a CNode or passes an endpoint. */
static const char *holder_words(const struct audit *audit, uint32_t holder)
{
    if (holder < audit->system.subject_count) {
        return audit->subjects[holder].name;
    }
    return audit->nodes[(holder - audit->system.subject_count) / 2].words;
}

static void derivation_line(const struct audit *audit, const struct authority_fact *fact,
                            struct capdl_text *out)
{
    const struct authority_fact *facts = audit->closure->facts;
    const struct authority_fact *because =
        fact->because == AUTHORITY_NONE ? NULL : &facts[fact->because];
    const char *tool = because == NULL ? "" : audit->nodes[because->node].words;
    const char *place = because == NULL ? "" : audit_place(audit, because->origin);
    const char *name = holder_words(audit, fact->holder);
    const char *source = holder_words(audit, facts[fact->from].holder);
    switch ((enum rule)fact->rule) {
    case RULE_CONTROL:
        capdl_text_printf(out, "%s acts as %s: it controls it by %s%s (%s)", name, source,
                          because->power == POWER_READ ? "answering its faults at " : "", tool,
                          place);
        break;
    case RULE_COPY_OUT:
        capdl_text_printf(out, "%s copies it out of %s (%s)", name, tool, place);
        break;
    case RULE_VIEW:
        capdl_text_printf(out, "%s sees it through %s (%s)", name,
                          audit->nodes[facts[fact->from].node].words,
                          audit_place(audit, facts[fact->from].origin));
        break;
    case RULE_PUT:
        capdl_text_printf(out, "%s is where %s puts it (%s)", name, source, place);
        break;
    case RULE_FIND: capdl_text_printf(out, "%s finds it in %s", name, source); break;
    case RULE_SEND: capdl_text_printf(out, "%s sends it over %s (%s)", source, tool, place); break;
    case RULE_RECEIVE:
        capdl_text_printf(out, "%s receives it from %s (%s)", name, tool, place);
        break;
    case RULE_ANSWER:
        capdl_text_printf(out, "%s puts it into an answer to callers of %s (%s)", source, tool,
                          place);
        break;
    case RULE_BRING:
        capdl_text_printf(out, "the answer brings it to %s, which calls %s (%s)", name, tool,
                          place);
        break;
    case RULE_CONFIGURE:
        capdl_text_printf(out, "%s gives it to %s, which it controls by %s (%s)", source, name,
                          tool, place);
        break;
    case RULE_HELD: break;
    }
}

void report_derivation(const struct audit *audit, uint32_t fact, const char *indent,
                       struct capdl_text *out)
{
    const struct authority_fact *at = &audit->closure->facts[fact];
    for (unsigned i = 0; i < DERIVATION_LINES && at->rule != RULE_HELD; i++) {
        capdl_text_printf(out, "%s", indent);
        derivation_line(audit, at, out);
        capdl_text_printf(out, "\n");
        at = &audit->closure->facts[at->from];
    }
}

/* Who made the kernel objects of a node from untyped memory and can take it back. */
static uint32_t who_can_destroy(const struct audit *audit, uint32_t node, struct capdl_text *out)
{
    uint32_t found = 0;
    uint32_t at = audit->nodes[node].object;
    at = at == CAPDL_NONE ? CAPDL_NONE : object_at(audit, at)->parent;
    for (unsigned depth = 0; at != CAPDL_NONE && depth < 64; depth++) {
        for (uint32_t i = 0; i < audit->system.subject_count; i++) {
            uint32_t fact = closure_find(audit->closure, i, audit->node_of[at], POWER_CONTROL);
            if (fact != AUTHORITY_NONE) {
                const struct authority_fact *held = &audit->closure->facts[fact];
                capdl_text_printf(out, "  %-20s %s destroy, by %s (%s)\n", audit->subjects[i].name,
                                  phase_words(held->phase), audit->nodes[held->node].words,
                                  audit_place(audit, held->origin));
                found++;
            }
        }
        at = object_at(audit, at)->parent;
    }
    return found;
}

uint32_t report_who_can(const struct audit *audit, uint32_t node, const char *right,
                        struct capdl_text *out)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        for (unsigned power = 0; power < POWER_COUNT; power++) {
            uint32_t fact = closure_find(audit->closure, i, node, (enum power)power);
            const char *words = power_words(kind_at(audit, node), (enum power)power);
            if (fact == AUTHORITY_NONE || (right != NULL && strcmp(words, right) != 0)) {
                continue;
            }
            const struct authority_fact *at = &audit->closure->facts[fact];
            capdl_text_printf(out, "  %-20s %s %s (%s)\n", audit->subjects[i].name,
                              phase_words(at->phase), words, audit_place(audit, at->origin));
            report_derivation(audit, fact, "      ", out);
            found++;
        }
    }
    if (right == NULL || strcmp(right, "destroy") == 0) {
        found += who_can_destroy(audit, node, out);
    }
    return found;
}

uint32_t report_who_can_subject(const struct audit *audit, uint32_t subject, const char *right,
                                struct capdl_text *out)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        uint32_t fact = closure_controls(audit->closure, i, subject);
        if (fact == AUTHORITY_NONE || (right != NULL && strcmp(right, "control") != 0)) {
            continue;
        }
        const struct authority_fact *at = &audit->closure->facts[fact];
        capdl_text_printf(out, "  %-20s %s control, by %s%s (%s)\n", audit->subjects[i].name,
                          phase_words(at->phase),
                          at->power == POWER_READ ? "answering its faults at " : "",
                          audit->nodes[at->node].words, audit_place(audit, at->origin));
        report_derivation(audit, fact, "      ", out);
        found++;
    }
    if (right == NULL || strcmp(right, "destroy") == 0) {
        found += who_can_destroy(audit, audit->node_of[audit->subjects[subject].thread], out);
    }
    return found;
}

void report_holds(const struct audit *audit, uint32_t subject, struct capdl_text *out)
{
    for (uint32_t i = audit->closure->first_fact[subject]; i != AUTHORITY_NONE;
         i = audit->closure->facts[i].next) {
        const struct authority_fact *fact = &audit->closure->facts[i];
        capdl_text_printf(out, "  %s %s over %s (%s)\n", phase_words(fact->phase),
                          power_words(kind_at(audit, fact->node), (enum power)fact->power),
                          audit->nodes[fact->node].words, audit_place(audit, fact->origin));
        report_derivation(audit, i, "      ", out);
    }
}
