/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The closure of authority, by a work list
 *
 * The list of facts is its own work list: each fact is looked at once, in the order of arrival, so
 * that a derivation found is a short one. A rule whose premises arrive in any order is tried when
 * the last of them does. Copying "all that one holder has to another" is an edge; facts flow along
 * edges as they are looked at. Endpoints and CNodes are holders themselves, which keeps the number
 * of edges linear in the number of capabilities.
 */
#include "analysis/authority.h"

#include <stdlib.h>

static uint64_t fact_key(uint32_t node, enum power power)
{
    return (uint64_t)node * POWER_COUNT + power;
}

uint32_t closure_find(const struct closure *closure, uint32_t holder, uint32_t node,
                      enum power power)
{
    return capdl_map_get(&closure->fact_map, holder, fact_key(node, power));
}

uint32_t closure_controls(const struct closure *closure, uint32_t subject, uint32_t other)
{
    return capdl_map_get(&closure->control_map, subject, other);
}

static void fact_add(struct closure *closure, struct authority_fact fact)
{
    uint64_t key = fact_key(fact.node, fact.power);
    if (capdl_map_get(&closure->fact_map, fact.holder, key) != AUTHORITY_NONE) {
        return;
    }
    uint32_t self = closure->fact_count;
    fact.phase = closure->phase;
    fact.next = AUTHORITY_NONE;
    CAPDL_PUSH(closure->facts, closure->fact_count, closure->fact_capacity, fact);
    capdl_map_set(&closure->fact_map, fact.holder, key, self);
    if (closure->first_fact[fact.holder] == AUTHORITY_NONE) {
        closure->first_fact[fact.holder] = self;
    } else {
        closure->facts[closure->last_fact[fact.holder]].next = self;
    }
    closure->last_fact[fact.holder] = self;
}

static void fact_copy(struct closure *closure, uint32_t from, const struct authority_edge *edge)
{
    struct authority_fact fact = closure->facts[from];
    fact.holder = edge->to;
    fact.from = from;
    fact.because = edge->because;
    fact.rule = edge->rule;
    fact_add(closure, fact);
}

/* From now on `to` gets all that `from` has. */
static void edge_add(struct closure *closure, uint32_t from, uint32_t to, enum rule rule,
                     uint32_t because)
{
    if (from == to || capdl_map_get(&closure->edge_map, from, to) != AUTHORITY_NONE) {
        return;
    }
    struct authority_edge edge = {
        .to = to, .because = because, .rule = (uint8_t)rule, .next = closure->first_edge[from]
    };
    capdl_map_set(&closure->edge_map, from, to, closure->edge_count);
    closure->first_edge[from] = closure->edge_count;
    CAPDL_PUSH(closure->edges, closure->edge_count, closure->edge_capacity, edge);
    uint32_t fact = closure->first_fact[from];
    while (fact != AUTHORITY_NONE && fact <= closure->cursor) {
        fact_copy(closure, fact, &edge);
        fact = closure->facts[fact].next;
    }
}

static enum node_kind kind_of(const struct closure *closure, const struct authority_fact *fact)
{
    return (enum node_kind)closure->system->kinds[fact->node];
}

static bool is_passive(const struct closure *closure, uint32_t subject)
{
    return closure->system->passive != NULL && closure->system->passive[subject] != 0;
}

static void control_add(struct closure *closure, uint32_t subject, uint32_t other, uint32_t because)
{
    if (subject == other || closure_controls(closure, subject, other) != AUTHORITY_NONE) {
        return;
    }
    capdl_map_set(&closure->control_map, subject, other, because);
    edge_add(closure, other, subject, RULE_CONTROL, because);
    if (closure->phase > 1 && closure->receives[subject] != AUTHORITY_NONE &&
        !is_passive(closure, subject)) {
        edge_add(closure, subject, other, RULE_CONFIGURE, because);
    }
}

/* What an address space or an untyped shows. */
static void views_add(struct closure *closure, uint32_t self, uint32_t thread)
{
    struct authority_fact fact = closure->facts[self];
    const struct links *views = &closure->system->views;
    for (uint32_t i = views->first[fact.node]; i != AUTHORITY_NONE; i = views->list[i].next) {
        const struct authority_link *link = &views->list[i];
        fact_add(closure, (struct authority_fact){ .holder = fact.holder,
                                                   .node = link->target,
                                                   .power = link->target_power,
                                                   .from = self,
                                                   .because = thread,
                                                   .origin = link->origin,
                                                   .rule = RULE_VIEW });
    }
}

/* Who receives on an endpoint and can reply, sets the registers of those that fault there. */
static void faults_add(struct closure *closure, uint32_t self)
{
    struct authority_fact fact = closure->facts[self];
    const struct links *faults = &closure->system->faults;
    for (uint32_t i = faults->first[fact.node]; i != AUTHORITY_NONE; i = faults->list[i].next) {
        control_add(closure, fact.holder, faults->list[i].target, self);
    }
}

/* Calls `visit` for all facts of a subject about endpoints and address spaces seen so far. */
static void facts_revisit(struct closure *closure, uint32_t subject, enum node_kind kind,
                          enum power power, void (*visit)(struct closure *, uint32_t))
{
    uint32_t fact = closure->first_fact[subject];
    while (fact != AUTHORITY_NONE && fact <= closure->cursor) {
        if (kind_of(closure, &closure->facts[fact]) == kind &&
            closure->facts[fact].power == power) {
            visit(closure, fact);
        }
        fact = closure->facts[fact].next;
    }
}

static void vspace_visit(struct closure *closure, uint32_t fact)
{
    views_add(closure, fact, closure->threads[closure->facts[fact].holder]);
}

static void thread_note(struct closure *closure, uint32_t subject, uint32_t fact)
{
    if (closure->threads[subject] == AUTHORITY_NONE) {
        closure->threads[subject] = fact;
        facts_revisit(closure, subject, NODE_VSPACE, POWER_CONTROL, vspace_visit);
    }
}

static void take_by_kind(struct closure *closure, uint32_t self, struct authority_fact fact)
{
    const struct authority_system *system = closure->system;
    switch (kind_of(closure, &fact)) {
    case NODE_CNODE:
        edge_add(closure, authority_contents(system, fact.node), fact.holder, RULE_COPY_OUT, self);
        if (closure->receives[fact.holder] == AUTHORITY_NONE) {
            closure->receives[fact.holder] = self;
        }
        break;
    case NODE_TCB: thread_note(closure, fact.holder, self); break;
    case NODE_UNTYPED:
        thread_note(closure, fact.holder, self);
        views_add(closure, self, AUTHORITY_NONE);
        break;
    case NODE_VSPACE:
        if (closure->threads[fact.holder] != AUTHORITY_NONE) {
            vspace_visit(closure, self);
        }
        break;
    case NODE_REPLY:
        if (fact.power == POWER_CONTROL && closure->replies[fact.holder] == AUTHORITY_NONE) {
            closure->replies[fact.holder] = self;
            facts_revisit(closure, fact.holder, NODE_ENDPOINT, POWER_READ, faults_add);
        }
        break;
    case NODE_ENDPOINT:
        if (fact.power == POWER_READ && closure->replies[fact.holder] != AUTHORITY_NONE) {
            faults_add(closure, self);
        }
        break;
    default: break;
    }
}

/* The rules that need the subject's will alone. */
static void rules_take(struct closure *closure, uint32_t self)
{
    struct authority_fact fact = closure->facts[self];
    const struct links *controls = &closure->system->controls;
    take_by_kind(closure, self, fact);
    for (uint32_t i = controls->first[fact.node]; i != AUTHORITY_NONE; i = controls->list[i].next) {
        if (controls->list[i].power == fact.power) {
            control_add(closure, fact.holder, controls->list[i].target, self);
        }
    }
}

static void give_over_endpoint(struct closure *closure, uint32_t self)
{
    struct authority_fact fact = closure->facts[self];
    uint32_t sent = authority_contents(closure->system, fact.node);
    uint32_t answered = authority_added(closure->system, fact.node);
    bool receives = closure->receives[fact.holder] != AUTHORITY_NONE;
    if (fact.power == POWER_GRANT) {
        edge_add(closure, fact.holder, sent, RULE_SEND, self);
    } else if (fact.power == POWER_READ) {
        if (receives) {
            edge_add(closure, sent, fact.holder, RULE_RECEIVE, self);
        }
        if (closure->reply_grants[fact.holder] != AUTHORITY_NONE) {
            edge_add(closure, fact.holder, answered, RULE_ANSWER, self);
        }
    } else if (fact.power == POWER_CALL && receives) {
        edge_add(closure, answered, fact.holder, RULE_BRING, self);
    }
}

static void endpoints_revisit(struct closure *closure, uint32_t subject)
{
    facts_revisit(closure, subject, NODE_ENDPOINT, POWER_READ, give_over_endpoint);
    facts_revisit(closure, subject, NODE_ENDPOINT, POWER_CALL, give_over_endpoint);
}

/* The rules that need another's will. A CNode cap makes its holder able to receive. */
static void rules_give(struct closure *closure, uint32_t self)
{
    struct authority_fact fact = closure->facts[self];
    if (is_passive(closure, fact.holder)) {
        return;
    }
    switch (kind_of(closure, &fact)) {
    case NODE_CNODE:
        edge_add(closure, fact.holder, authority_added(closure->system, fact.node), RULE_PUT, self);
        if (closure->receives[fact.holder] != self) {
            break;
        }
        endpoints_revisit(closure, fact.holder);
        for (uint32_t i = 0; i < closure->system->subject_count; i++) {
            uint32_t because = closure_controls(closure, fact.holder, i);
            if (because != AUTHORITY_NONE) {
                edge_add(closure, fact.holder, i, RULE_CONFIGURE, because);
            }
        }
        break;
    case NODE_REPLY:
        if (fact.power == POWER_GRANT && closure->reply_grants[fact.holder] == AUTHORITY_NONE) {
            closure->reply_grants[fact.holder] = self;
            endpoints_revisit(closure, fact.holder);
        }
        break;
    case NODE_ENDPOINT: give_over_endpoint(closure, self); break;
    default: break;
    }
}

static void fact_process(struct closure *closure)
{
    uint32_t self = closure->cursor;
    uint32_t holder = closure->facts[self].holder;
    for (uint32_t i = closure->first_edge[holder]; i != AUTHORITY_NONE;) {
        struct authority_edge edge = closure->edges[i];
        fact_copy(closure, self, &edge);
        i = edge.next;
    }
    if (holder < closure->system->subject_count) {
        rules_take(closure, self);
        if (closure->phase > 1) {
            rules_give(closure, self);
        }
    }
}

static uint32_t *none_array(uint32_t count)
{
    uint32_t *array = capdl_alloc(count + 1u, sizeof(*array));
    for (uint32_t i = 0; i < count; i++) {
        array[i] = AUTHORITY_NONE;
    }
    return array;
}

static struct closure *closure_new(const struct authority_system *system)
{
    struct closure *closure = capdl_alloc(1, sizeof(*closure));
    uint32_t holders = authority_holder_count(system);
    closure->system = system;
    closure->first_fact = none_array(holders);
    closure->last_fact = none_array(holders);
    closure->first_edge = none_array(holders);
    closure->receives = none_array(system->subject_count);
    closure->threads = none_array(system->subject_count);
    closure->replies = none_array(system->subject_count);
    closure->reply_grants = none_array(system->subject_count);
    return closure;
}

/* What is put into a CNode is in it, and before the eyes of all who look into it. */
static void spaces_add(struct closure *closure)
{
    const struct authority_system *system = closure->system;
    for (uint32_t i = 0; i < system->node_count; i++) {
        if (system->kinds[i] == NODE_CNODE) {
            edge_add(closure, authority_added(system, i), authority_contents(system, i), RULE_FIND,
                     AUTHORITY_NONE);
        }
    }
    for (uint32_t i = 0; i < system->spaces.count; i++) {
        const struct authority_link *link = &system->spaces.list[i];
        edge_add(closure, authority_added(system, link->node), link->target, RULE_FIND,
                 AUTHORITY_NONE);
    }
}

struct closure *closure_make(const struct authority_system *system)
{
    struct closure *closure = closure_new(system);
    for (uint32_t i = 0; i < system->hold_count; i++) {
        const struct authority_hold *hold = &system->holds[i];
        fact_add(closure, (struct authority_fact){ .holder = hold->holder,
                                                   .node = hold->node,
                                                   .power = hold->power,
                                                   .from = AUTHORITY_NONE,
                                                   .because = AUTHORITY_NONE,
                                                   .origin = hold->origin,
                                                   .rule = RULE_HELD });
    }
    closure->held_count = closure->fact_count;
    closure->phase = 1;
    spaces_add(closure);
    for (; closure->cursor < closure->fact_count; closure->cursor++) {
        fact_process(closure);
    }
    closure->taken_count = closure->fact_count;
    closure->phase = 2;
    for (uint32_t i = 0; i < closure->taken_count; i++) {
        if (closure->facts[i].holder < system->subject_count) {
            rules_give(closure, i);
        }
    }
    for (; closure->cursor < closure->fact_count; closure->cursor++) {
        fact_process(closure);
    }
    return closure;
}

void closure_free(struct closure *closure)
{
    free(closure->facts);
    free(closure->first_fact);
    free(closure->last_fact);
    free(closure->edges);
    free(closure->first_edge);
    free(closure->receives);
    free(closure->threads);
    free(closure->replies);
    free(closure->reply_grants);
    capdl_map_free(&closure->fact_map);
    capdl_map_free(&closure->edge_map);
    capdl_map_free(&closure->control_map);
    free(closure);
}
