/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Classes of influence against a table of who does what to whom
 *
 * Small systems are written at random as capDL. For each pair of components the test asks of every
 * object, by the meaning of its kind, whether one does something there that the other notices; the
 * table of these answers is closed over those who pass things on. The search must say the same:
 * direct, through a server, by timing, or not at all.
 */
#include "analysis/flow.h"

#include <lang/lang.h>
#include <model/check.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SYSTEMS = 2000, SUBJECTS = 4, CLASS_LEAST = 200, SLOT_CONTEXT = 6, SLOT_CSPACE = 0 };

static uint64_t seed;

static uint32_t random_below(uint32_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % bound;
}

static void object_write(struct capdl_text *out, uint32_t i)
{
    capdl_text_printf(
        out,
        "u%u = ut (16 bits) { c%u_tcb = tcb (addr: 0x1000, ip: 0x1000, sp: 0x2000, prio: %u, max_prio: 9, affinity: %u, dom: %u)\n"
        "c%u_vspace = pud\nc%u_pd = pd\nc%u_pt = pt\nc%u_cnode = cnode (4 bits)\n"
        "c%u_reply = rtreply }\n",
        i, i, i + 1, random_below(3), random_below(2), i, i, i, i, i);
}

static const char *rights_random(void)
{
    static const char *const rights[] = { "R", "W", "RW", "WG", "WP", "RWG" };
    return rights[random_below(6)];
}

/* A capability that is seldom too much: most go to what messages are made of. */
static void cap_write(struct capdl_text *out, uint32_t slot, uint32_t count)
{
    uint32_t other = random_below(count);
    switch (random_below(14)) {
    case 0:
    case 1:
    case 2: capdl_text_printf(out, "%u: e%u (%s)\n", slot, random_below(2), rights_random()); break;
    case 3:
    case 4:
    case 5:
        capdl_text_printf(out, "%u: n%u (%s)\n", slot, random_below(2),
                          random_below(2) == 0 ? "R" : "W");
        break;
    case 6: capdl_text_printf(out, "%u: c%u_reply\n", slot, other); break;
    case 7: capdl_text_printf(out, "%u: c%u_tcb\n", slot, other); break;
    case 8: capdl_text_printf(out, "%u: s%u\n", slot, random_below(count)); break;
    case 9: capdl_text_printf(out, "%u: u%u\n", slot, other); break;
    case 10: capdl_text_printf(out, "%u: c%u_cnode\n", slot, other); break;
    case 11: capdl_text_printf(out, "%u: i0\n", slot); break;
    case 12: capdl_text_printf(out, "%u: c%u_vspace\n", slot, other); break;
    default: break;
    }
}

static void component_write(struct capdl_text *out, uint32_t i, uint32_t count)
{
    capdl_text_printf(out, "c%u_tcb { cspace: c%u_cnode (guard: 0, guard_size: 60)\n", i, i);
    capdl_text_printf(out, "vspace: c%u_vspace\n", i);
    if (random_below(3) != 0) {
        capdl_text_printf(out, "sc_slot: s%u\n", random_below(count));
    }
    if (random_below(3) == 0) {
        capdl_text_printf(out, "fault_ep_slot: e%u (WP, badge: 1)\n", random_below(2));
    }
    capdl_text_printf(out, "}\nc%u_vspace { 0: c%u_pd }\nc%u_pd { 0: c%u_pt }\nc%u_pt {\n", i, i, i,
                      i, i);
    for (uint32_t frame = 0; frame < 2; frame++) {
        uint32_t way = random_below(6);
        if (way < 3) {
            capdl_text_printf(out, "%u: f%u (%s)\n", frame, frame, way == 0 ? "RW" : "R");
        }
    }
    capdl_text_printf(out, "}\nc%u_cnode {\n", i);
    for (uint32_t slot = 1; slot < 5; slot++) {
        cap_write(out, slot, count);
    }
    capdl_text_printf(out, "}\n");
}

static struct capdl_text system_write(void)
{
    struct capdl_text out = { 0 };
    uint32_t count = 2 + random_below(SUBJECTS - 1);
    capdl_text_printf(&out, "arch aarch64\nobjects {\n");
    for (uint32_t i = 0; i < count; i++) {
        object_write(&out, i);
        capdl_text_printf(&out, "s%u = sc (8 bits, period: 10, budget: 1)\n", i);
    }
    capdl_text_printf(&out, "e0 = ep\ne1 = ep\nn0 = notification\nn1 = notification\n"
                            "f0 = frame (4k)\nf1 = frame (4k)\n"
                            "i0 = arm_irq (trigger: level, target: 0)\n}\ncaps {\n");
    for (uint32_t i = 0; i < count; i++) {
        component_write(&out, i, count);
    }
    capdl_text_printf(&out, "i0 { 0: n0 (W, badge: 1) }\n}\nirq maps { 40: i0 }\n");
    return out;
}

/* What was asked; a fact counts up to the phase. */
struct asking {
    const struct audit *audit;
    unsigned phase;
};

static bool can(const struct asking *asking, uint32_t subject, uint32_t node, enum power power)
{
    const struct closure *closure = asking->audit->closure;
    const uint32_t limits[] = { closure->held_count, closure->taken_count, closure->fact_count };
    return closure_find(closure, subject, node, power) < limits[asking->phase];
}

/* Does the thread slot of a component's thread name the object? */
static bool slot_names(const struct audit *audit, uint32_t subject, uint64_t slot, uint32_t node)
{
    uint32_t cap = capdl_cap_find(audit->spec, audit->subjects[subject].thread, slot);
    return cap != CAPDL_NONE && audit->node_of[audit->spec->caps[cap].target] == node;
}

static bool has_reply(const struct asking *asking, uint32_t subject)
{
    for (uint32_t i = 0; i < asking->audit->system.node_count; i++) {
        if (asking->audit->system.kinds[i] == NODE_REPLY &&
            can(asking, subject, i, POWER_CONTROL)) {
            return true;
        }
    }
    return false;
}

static bool endpoint_tells(const struct asking *asking, uint32_t node, uint32_t a, uint32_t b)
{
    bool there = can(asking, a, node, POWER_WRITE) || can(asking, a, node, POWER_FAULT);
    bool back = can(asking, b, node, POWER_CALL) || can(asking, b, node, POWER_FAULT);
    /* Whether somebody can answer does not depend on how it came by a reply object. */
    struct asking all = { asking->audit, 2 };
    return (there && can(asking, b, node, POWER_READ)) ||
           (back && can(asking, a, node, POWER_READ) && has_reply(&all, a));
}

/* Is the object of the kind that the component runs by? */
static bool is_part(const struct audit *audit, uint32_t node, uint32_t subject)
{
    const struct audit_subject *its = &audit->subjects[subject];
    switch ((enum node_kind)audit->system.kinds[node]) {
    case NODE_VSPACE: return audit->node_of[its->vspace] == node;
    case NODE_UNTYPED: return audit->node_of[its->untyped] == node;
    case NODE_CNODE: return slot_names(audit, subject, SLOT_CSPACE, node);
    case NODE_SCHED_CONTEXT: return slot_names(audit, subject, SLOT_CONTEXT, node);
    case NODE_TCB: return audit->node_of[its->thread] == node;
    default: return false;
    }
}

/* Does `a` do something with the object that `b` notices, time left out? */
static bool node_tells(const struct asking *asking, uint32_t node, uint32_t a, uint32_t b)
{
    const struct audit *audit = asking->audit;
    bool by_a = can(asking, a, node, POWER_CONTROL), by_b = can(asking, b, node, POWER_CONTROL);
    switch ((enum node_kind)audit->system.kinds[node]) {
    case NODE_ENDPOINT: return endpoint_tells(asking, node, a, b);
    case NODE_MEMORY:
    case NODE_NOTIFICATION:
        return can(asking, a, node, POWER_WRITE) && can(asking, b, node, POWER_READ);
    case NODE_REPLY: return by_a && by_b;
    case NODE_IRQ: {
        uint32_t signalled = audit_node_find(audit, "n0");
        return by_a && (by_b || can(asking, b, signalled, POWER_READ));
    }
    case NODE_TCB: return (by_a || is_part(audit, node, a)) && (by_b || is_part(audit, node, b));
    case NODE_CNODE: return by_a && (by_b || is_part(audit, node, b));
    case NODE_VSPACE:
    case NODE_UNTYPED:
    case NODE_SCHED_CONTEXT: return by_a && is_part(audit, node, b);
    default: return false;
    }
}

static bool shares_time(const struct asking *asking, uint32_t a, uint32_t b)
{
    const struct audit *audit = asking->audit;
    const struct capdl_tcb_attrs *one = &audit->spec->objects[audit->subjects[a].thread].u.tcb;
    const struct capdl_tcb_attrs *other = &audit->spec->objects[audit->subjects[b].thread].u.tcb;
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (audit->system.kinds[i] == NODE_SCHED_CONTEXT &&
            (is_part(audit, i, a) || can(asking, a, i, POWER_CONTROL)) &&
            (is_part(audit, i, b) || can(asking, b, i, POWER_CONTROL))) {
            return true;
        }
    }
    return one->affinity == other->affinity && one->dom == other->dom;
}

struct table {
    bool is[SUBJECTS][SUBJECTS];
};

static struct table table_direct(const struct asking *asking, bool with_time)
{
    struct table table = { 0 };
    uint32_t count = asking->audit->system.subject_count;
    for (uint32_t a = 0; a < count; a++) {
        for (uint32_t b = 0; b < count; b++) {
            table.is[a][b] = a != b && with_time && shares_time(asking, a, b);
            for (uint32_t node = 0; a != b && node < asking->audit->system.node_count; node++) {
                table.is[a][b] = table.is[a][b] || node_tells(asking, node, a, b);
            }
        }
    }
    return table;
}

/* Closed over all who pass on what they notice. */
static struct table table_closed(const struct audit *audit, struct table table)
{
    uint32_t count = audit->system.subject_count;
    for (uint32_t k = 0; k < count; k++) {
        for (uint32_t a = 0; a < count && !audit->subjects[k].is_trusted; a++) {
            for (uint32_t b = 0; b < count; b++) {
                table.is[a][b] = table.is[a][b] || (table.is[a][k] && table.is[k][b] && a != b);
            }
        }
    }
    return table;
}

/* The class by the tables, from `first` phase on. */
static enum flow_class class_by_tables(const struct audit *audit, uint32_t a, uint32_t b,
                                       unsigned first)
{
    for (unsigned with_time = 0; with_time < 2; with_time++) {
        for (unsigned phase = first; phase < 3; phase++) {
            struct asking asking = { audit, phase };
            struct table direct = table_direct(&asking, with_time == 1);
            if (table_closed(audit, direct).is[a][b]) {
                return with_time == 1 ? FLOW_TIMING : direct.is[a][b] ? FLOW_DIRECT : FLOW_SERVER;
            }
        }
    }
    return FLOW_NONE;
}

static void pair_check(const struct flow_graph *graph, uint32_t a, uint32_t b, const char *text,
                       uint32_t *counts)
{
    struct asking all = { graph->audit, 2 };
    struct flow_chain chain = flow_find(graph, a, b);
    struct flow_chain direct = flow_find_within(graph, a, b, FLOW_DIRECT);
    uint8_t *reach = flow_reach(graph, a);
    enum flow_class wanted = class_by_tables(graph->audit, a, b, 0);
    if (chain.class != wanted || reach[b] != class_by_tables(graph->audit, a, b, 2) ||
        (direct.class == FLOW_DIRECT) != table_direct(&all, false).is[a][b]) {
        fail_msg("seed %llu, %u to %u: search %s, tables %s, reach %s, direct %d\n%s",
                 (unsigned long long)seed, a, b, flow_class_words(chain.class),
                 flow_class_words(wanted), flow_class_words((enum flow_class)reach[b]),
                 direct.class == FLOW_DIRECT, text);
    }
    counts[wanted]++;
    free(chain.edges);
    free(direct.edges);
    free(reach);
}

static void system_check(uint32_t number, uint32_t *counts)
{
    seed = number;
    struct capdl_text text = system_write();
    struct capdl_diags diags = { 0 };
    struct capdl_spec *spec = capdl_parse(text.bytes, text.length, NULL, &diags);
    if (spec != NULL) {
        capdl_check(spec, &diags);
    }
    if (diags.error_count > 0) {
        fail_msg("%s\n%s", diags.list[0].message, text.bytes);
    }
    struct audit *audit = audit_make(spec, "random", text.bytes, text.length);
    bool trusted[SUBJECTS];
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        trusted[i] = random_below(5) == 0;
    }
    audit_trust(audit, trusted);
    struct flow_graph *graph = flow_graph_make(audit);
    for (uint32_t a = 0; a < audit->system.subject_count; a++) {
        for (uint32_t b = 0; b < audit->system.subject_count; b++) {
            if (a != b) {
                pair_check(graph, a, b, text.bytes, counts);
            }
        }
    }
    flow_graph_free(graph);
    audit_free(audit);
    capdl_spec_free(spec);
    capdl_diags_free(&diags);
    capdl_text_free(&text);
}

static void test_classes_are_what_tables_say(void **state)
{
    uint32_t counts[FLOW_DIRECT + 1] = { 0 };
    (void)state;
    for (uint32_t i = 0; i < SYSTEMS; i++) {
        system_check(i + 1, counts);
    }
    printf("%u systems: %u pairs direct, %u through a server, %u by timing, %u not at all\n",
           (unsigned)SYSTEMS, counts[FLOW_DIRECT], counts[FLOW_SERVER], counts[FLOW_TIMING],
           counts[FLOW_NONE]);
    for (unsigned class = FLOW_NONE; class <= FLOW_DIRECT; class ++) {
        assert_true(counts[class] >= CLASS_LEAST);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_classes_are_what_tables_say) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
