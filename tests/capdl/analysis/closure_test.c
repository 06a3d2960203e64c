/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The closure of authority against the acts it stands for
 *
 * Small systems are made at random. In each, single acts (one subject makes one invocation, one
 * capability gets to one more place) are tried until none adds anything; the closure must say the
 * same, fact for fact, with and without the acts that need two. Where few facts can be added, all
 * states are explored, deletions included: no state may have a fact that the closure lacks, and
 * each fact of the closure must be in some state.
 */
#include "analysis/authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    SYSTEMS = 3000,
    EXPLORED_LEAST = 100,
    RULE_LEAST = 100, /* facts by each rule */
    SUBJECTS = 4,
    NODES = 12,
    PLACES = SUBJECTS + 2 * NODES,
    EXPLORE_BITS = 7
};

/* place -> node -> powers */
struct state {
    uint8_t has[PLACES][NODES];
};

struct world {
    struct authority_system system;
    bool together; /* acts that need two wills too */
};

/* What follows from a state about who can act how. */
struct ability {
    bool controls[SUBJECTS][SUBJECTS];
    bool passes[SUBJECTS][SUBJECTS]; /* from, to */
    bool runs[SUBJECTS];             /* has a thread to run where it likes */
};

static uint64_t seed = 1;

static uint32_t random_below(uint32_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % bound;
}

static bool has(const struct state *state, uint32_t place, uint32_t node, enum power power)
{
    return (state->has[place][node] >> power & 1) != 0;
}

static bool has_any(const struct world *world, const struct state *state, uint32_t subject,
                    enum node_kind kind, enum power power)
{
    for (uint32_t i = 0; i < world->system.node_count; i++) {
        if (world->system.kinds[i] == kind && has(state, subject, i, power)) {
            return true;
        }
    }
    return false;
}

static bool can_control(const struct world *world, const struct state *state, uint32_t actor,
                        uint32_t other)
{
    const struct links *controls = &world->system.controls;
    const struct links *faults = &world->system.faults;
    for (uint32_t i = 0; i < controls->count; i++) {
        const struct authority_link *link = &controls->list[i];
        if (link->target == other && has(state, actor, link->node, (enum power)link->power)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < faults->count; i++) {
        if (faults->list[i].target == other &&
            has(state, actor, faults->list[i].node, POWER_READ) &&
            has_any(world, state, actor, NODE_REPLY, POWER_CONTROL)) {
            return true;
        }
    }
    return false;
}

/* Can the actor hand what it has to another subject by one invocation of each? */
static bool can_pass(const struct world *world, const struct state *state, uint32_t from,
                     uint32_t to)
{
    const struct authority_system *system = &world->system;
    bool receives =
        has_any(world, state, to, NODE_CNODE, POWER_CONTROL) && system->passive[to] == 0;
    if (system->passive[from] != 0) {
        return false;
    }
    for (uint32_t i = 0; i < system->node_count; i++) {
        if (system->kinds[i] != NODE_ENDPOINT || !receives) {
            continue;
        }
        if (has(state, from, i, POWER_GRANT) && has(state, to, i, POWER_READ)) {
            return true;
        }
        if (has(state, from, i, POWER_READ) && has(state, to, i, POWER_CALL) &&
            has_any(world, state, from, NODE_REPLY, POWER_GRANT)) {
            return true;
        }
    }
    return can_control(world, state, from, to) &&
           has_any(world, state, from, NODE_CNODE, POWER_CONTROL);
}

static struct ability ability_of(const struct world *world, const struct state *state)
{
    struct ability ability = { 0 };
    uint32_t subjects = world->system.subject_count;
    for (uint32_t i = 0; i < subjects; i++) {
        for (uint32_t j = 0; j < subjects; j++) {
            ability.controls[i][j] = i != j && can_control(world, state, i, j);
            ability.passes[i][j] = i != j && world->together && can_pass(world, state, i, j);
        }
        ability.runs[i] = has_any(world, state, i, NODE_TCB, POWER_CONTROL) ||
                          has_any(world, state, i, NODE_UNTYPED, POWER_CONTROL);
    }
    return ability;
}

/* Could one act bring the power over the node to the place? */
static bool act_brings(const struct world *world, const struct state *state,
                       const struct ability *ability, uint32_t place, uint32_t node,
                       enum power power)
{
    const struct authority_system *system = &world->system;
    uint32_t subjects = system->subject_count;
    if (place < subjects) {
        for (uint32_t i = 0; i < subjects; i++) {
            if (has(state, i, node, power) &&
                (ability->controls[place][i] || ability->passes[i][place])) {
                return true;
            }
        }
        for (uint32_t i = 0; i < system->node_count; i++) {
            if (system->kinds[i] == NODE_CNODE && has(state, place, i, POWER_CONTROL) &&
                has(state, authority_contents(system, i), node, power)) {
                return true;
            }
        }
        for (uint32_t i = 0; i < system->views.count; i++) {
            const struct authority_link *view = &system->views.list[i];
            if (view->target == node && view->target_power == power && ability->runs[place] &&
                has(state, place, view->node, POWER_CONTROL)) {
                return true;
            }
        }
        for (uint32_t i = 0; i < system->spaces.count; i++) {
            if (system->spaces.list[i].target == place &&
                has(state, authority_added(system, system->spaces.list[i].node), node, power)) {
                return true;
            }
        }
        return false;
    }
    uint32_t cnode = (place - subjects) / 2;
    if (system->kinds[cnode] != NODE_CNODE) {
        return false;
    }
    if (place == authority_contents(system, cnode)) {
        return has(state, authority_added(system, cnode), node, power);
    }
    for (uint32_t i = 0; i < subjects && world->together; i++) {
        if (system->passive[i] == 0 && has(state, i, cnode, POWER_CONTROL) &&
            has(state, i, node, power)) {
            return true;
        }
    }
    return false;
}

/* Every act that the state allows; false if none adds anything. */
static bool act(const struct world *world, struct state *state)
{
    struct state before = *state;
    struct ability ability = ability_of(world, &before);
    bool acted = false;
    for (uint32_t place = 0; place < authority_holder_count(&world->system); place++) {
        for (uint32_t node = 0; node < world->system.node_count; node++) {
            for (unsigned power = 0; power < POWER_COUNT; power++) {
                if (!has(&before, place, node, (enum power)power) &&
                    act_brings(world, &before, &ability, place, node, (enum power)power)) {
                    state->has[place][node] |= (uint8_t)(1u << power);
                    acted = true;
                }
            }
        }
    }
    return acted;
}

static void link_random(struct links *links, uint32_t node, uint32_t target, enum power power,
                        enum power target_power)
{
    authority_link_add(links, &(struct authority_link){ .node = node,
                                                        .target = target,
                                                        .power = (uint8_t)power,
                                                        .target_power = (uint8_t)target_power });
}

static void hold_random(struct authority_system *system, uint32_t holder)
{
    uint32_t node = random_below(system->node_count);
    enum power power = POWER_CONTROL;
    switch ((enum node_kind)system->kinds[node]) {
    case NODE_ENDPOINT: power = (enum power)random_below(POWER_FAULT); break;
    case NODE_MEMORY: power = (enum power)random_below(2); break;
    case NODE_REPLY: power = random_below(2) == 0 ? POWER_GRANT : POWER_CONTROL; break;
    default: break;
    }
    authority_hold_add(system, holder, node, power, 0);
}

/* Every second system: who can receive capabilities, and who sends them. */
static void holds_to_talk(struct authority_system *system)
{
    bool talks = random_below(2) == 0;
    for (uint32_t i = 0; i < system->node_count && talks; i++) {
        uint32_t subject = random_below(system->subject_count);
        if (system->kinds[i] == NODE_CNODE) {
            authority_hold_add(system, subject, i, POWER_CONTROL, 0);
        } else if (system->kinds[i] == NODE_ENDPOINT) {
            authority_hold_add(system, subject, i, POWER_READ, 0);
            authority_hold_add(system, random_below(system->subject_count), i, POWER_GRANT, 0);
            authority_hold_add(system, random_below(system->subject_count), i, POWER_CALL, 0);
        } else if (system->kinds[i] == NODE_REPLY) {
            authority_hold_add(system, subject, i, POWER_GRANT, 0);
        }
    }
}

static void world_make(struct world *world)
{
    static const uint8_t kinds[] = { NODE_ENDPOINT, NODE_ENDPOINT, NODE_REPLY,
                                     NODE_CNODE,    NODE_CNODE,    NODE_VSPACE,
                                     NODE_UNTYPED,  NODE_MEMORY,   NODE_MEMORY };
    struct authority_system *system = &world->system;
    uint32_t capacity = 0;
    *world = (struct world){ 0 };
    system->subject_count = 2 + random_below(SUBJECTS - 1);
    for (uint32_t i = 0; i < sizeof(kinds); i++) {
        if (random_below(4) != 0) {
            authority_node_add(system, (enum node_kind)kinds[i], &capacity);
        }
    }
    for (uint32_t i = 0; i < system->subject_count && system->node_count < NODES; i++) {
        uint32_t tcb = authority_node_add(system, NODE_TCB, &capacity);
        link_random(&system->controls, tcb, i, POWER_CONTROL, POWER_READ);
    }
    for (uint32_t i = 0; i < system->node_count; i++) {
        uint32_t subject = random_below(system->subject_count);
        switch ((enum node_kind)system->kinds[i]) {
        case NODE_CNODE: link_random(&system->spaces, i, subject, POWER_READ, POWER_READ); break;
        case NODE_ENDPOINT: link_random(&system->faults, i, subject, POWER_READ, POWER_READ); break;
        case NODE_MEMORY:
            if (random_below(2) == 0) {
                link_random(&system->controls, i, subject, POWER_WRITE, POWER_READ);
            }
            for (uint32_t j = 0; j < system->node_count; j++) {
                if (system->kinds[j] == NODE_VSPACE || system->kinds[j] == NODE_UNTYPED) {
                    link_random(&system->views, j, i, POWER_CONTROL, (enum power)random_below(2));
                }
            }
            break;
        default: break;
        }
    }
    uint32_t holds = 2 + random_below(9);
    for (uint32_t i = 0; i < holds; i++) {
        uint32_t node = random_below(system->node_count);
        hold_random(system, system->kinds[node] == NODE_CNODE && random_below(2) == 0
                                ? authority_contents(system, node)
                                : random_below(system->subject_count));
    }
    holds_to_talk(system);
    system->passive = calloc(system->subject_count, 1);
    assert_non_null(system->passive);
    for (uint32_t i = 0; i < system->subject_count; i++) {
        system->passive[i] = random_below(8) == 0 ? 1 : 0;
    }
    authority_seal(system);
}

static void state_start(const struct world *world, struct state *state)
{
    memset(state, 0, sizeof(*state));
    for (uint32_t i = 0; i < world->system.hold_count; i++) {
        const struct authority_hold *hold = &world->system.holds[i];
        state->has[hold->holder][hold->node] |= (uint8_t)(1u << hold->power);
    }
}

/* Is what the closure says (up to its phase) what the acts lead to? Endpoints as holders are an
 * aid of the closure alone. */
static void assert_same(const struct world *world, const struct closure *closure,
                        const struct state *state)
{
    uint32_t limit = world->together ? closure->fact_count : closure->taken_count;
    for (uint32_t place = 0; place < authority_holder_count(&world->system); place++) {
        uint32_t subjects = world->system.subject_count;
        if (place >= subjects && world->system.kinds[(place - subjects) / 2] != NODE_CNODE) {
            continue;
        }
        for (uint32_t node = 0; node < world->system.node_count; node++) {
            for (unsigned power = 0; power < POWER_COUNT; power++) {
                bool said = closure_find(closure, place, node, (enum power)power) < limit;
                if (said != has(state, place, node, (enum power)power)) {
                    fail_msg("place %u, node %u, power %u: the closure says %d", place, node, power,
                             said);
                }
            }
        }
    }
}

struct slot {
    uint32_t place, node;
    enum power power;
};

static struct state state_of(uint32_t bits, const struct slot *slots, uint32_t count)
{
    struct state state = { 0 };
    for (uint32_t i = 0; i < count; i++) {
        if ((bits >> i & 1) != 0) {
            state.has[slots[i].place][slots[i].node] |= (uint8_t)(1u << slots[i].power);
        }
    }
    return state;
}

/* All states that acts and deletions lead to. Each fact of the end state must occur, no other. */
static bool explore(const struct world *world, const struct state *start, const struct state *end)
{
    static struct slot slots[PLACES * NODES * POWER_COUNT];
    static uint8_t met[1 << EXPLORE_BITS];
    static uint32_t queue[1 << EXPLORE_BITS];
    uint32_t count = 0, head = 0, tail = 0, first = 0, seen = 0;
    for (uint32_t place = 0; place < PLACES; place++) {
        for (uint32_t node = 0; node < NODES; node++) {
            for (unsigned power = 0; power < POWER_COUNT; power++) {
                if (has(end, place, node, (enum power)power)) {
                    first |=
                        count < 32 && has(start, place, node, (enum power)power) ? 1u << count : 0u;
                    slots[count++] = (struct slot){ place, node, (enum power)power };
                }
            }
        }
    }
    if (count > EXPLORE_BITS) {
        return false;
    }
    memset(met, 0, sizeof(met));
    queue[tail++] = first;
    met[first] = 1;
    while (head < tail) {
        uint32_t bits = queue[head++];
        struct state state = state_of(bits, slots, count);
        struct ability ability = ability_of(world, &state);
        seen |= bits;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t next = bits ^ 1u << i;
            bool possible =
                (bits >> i & 1) != 0 ||
                act_brings(world, &state, &ability, slots[i].place, slots[i].node, slots[i].power);
            if (possible && met[next] == 0) {
                met[next] = 1;
                queue[tail++] = next;
            }
        }
        struct state further = state;
        act(world, &further);
        for (uint32_t place = 0; place < PLACES; place++) {
            for (uint32_t node = 0; node < NODES; node++) {
                assert_int_equal(further.has[place][node] & ~end->has[place][node], 0);
            }
        }
    }
    assert_int_equal(seen, (1u << count) - 1);
    return true;
}

static void test_closure_is_what_acts_lead_to(void **unused)
{
    (void)unused;
    uint32_t explored = 0, grown = 0;
    uint32_t by_rule[RULE_CONFIGURE + 1] = { 0 };
    for (uint32_t i = 0; i < SYSTEMS; i++) {
        struct world world;
        seed = i + 1;
        world_make(&world);
        struct closure *closure = closure_make(&world.system);
        struct state start, state;
        for (unsigned together = 0; together < 2; together++) {
            world.together = together == 1;
            state_start(&world, &start);
            state = start;
            while (act(&world, &state)) {
            }
            assert_same(&world, closure, &state);
            explored += explore(&world, &start, &state) ? 1u : 0u;
        }
        for (uint32_t j = 0; j < closure->fact_count; j++) {
            by_rule[closure->facts[j].rule]++;
        }
        grown += closure->fact_count > closure->held_count ? 1u : 0u;
        closure_free(closure);
        authority_free(&world.system);
    }
    printf("%u systems, %u with more than they started with, %u explored state by state\n",
           (unsigned)SYSTEMS, grown, explored);
    assert_true(explored >= EXPLORED_LEAST);
    for (unsigned rule = 0; rule <= RULE_CONFIGURE; rule++) {
        if (by_rule[rule] < RULE_LEAST) {
            fail_msg("only %u facts by rule %u", by_rule[rule], rule);
        }
    }
    assert_true(grown >= SYSTEMS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_closure_is_what_acts_lead_to) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
