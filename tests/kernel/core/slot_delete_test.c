/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of delete and revoke
 *
 * First by example; then random structures of CNodes and TCBs that contain each other, deleted
 * with a preemption at every opportunity and compared with a model: counting references.
 */
#include <core/slot_delete.h>

#include <abi/labels.h>
#include <core/cdt.h>
#include <core/tcb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <world/world.h>

#include <cmocka.h>

#define FIRST 20 /* slots of the root CNode used here */

static int setup(void **state)
{
    (void)state;
    world_init();
    return 0;
}

static struct slot *inside(word_t container_slot, word_t index)
{
    return cap_cnode_slot(world_slot(container_slot)->cap, index);
}

static bool is_empty(const struct slot *slot)
{
    return cap_is_null(slot->cap);
}

/* Delete with a preemption wherever one is possible; returns how many there were. */
static int delete_stubborn(struct slot *slot)
{
    int preemptions = -1;
    enum progress progress;

    do {
        world_preempt(true);
        progress = slot_delete(slot);
        preemptions++;
        assert_true(preemptions < 1000000);
    } while (progress == PROGRESS_PREEMPTED);
    world_preempt(false);
    return preemptions;
}

static void revoke_stubborn(struct slot *slot)
{
    enum progress progress;
    int preemptions = 0;

    do {
        world_preempt(true);
        progress = slot_revoke(slot);
        assert_true(preemptions++ < 1000000);
    } while (progress == PROGRESS_PREEMPTED);
    world_preempt(false);
}

/* ---- By example ------------------------------------------------------------------------------ */

static void deletes_empty_slot(void **state)
{
    (void)state;
    assert_int_equal(slot_delete(world_slot(SLOT_FREE)), PROGRESS_DONE);
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(SLOT_FREE, 64)));
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_REVOKE, WORDS(SLOT_FREE, 64)));
}

static void copy_goes_without_the_object(void **state)
{
    (void)state;
    world_retype(OBJECT_CNODE, 3, FIRST, 1);
    cdt_insert(world_slot(FIRST)->cap, world_slot(FIRST), world_slot(FIRST + 1));
    cdt_insert(world_slot(SLOT_DOMAIN)->cap, world_slot(SLOT_DOMAIN), inside(FIRST, 2));
    assert_int_equal(slot_delete(world_slot(FIRST)), PROGRESS_DONE);
    assert_true(is_empty(world_slot(FIRST)));
    assert_false(is_empty(inside(FIRST + 1, 2)));
}

static void last_cap_empties_the_cnode(void **state)
{
    struct slot *content;

    (void)state;
    world_retype(OBJECT_CNODE, 3, FIRST, 1);
    content = inside(FIRST, 2);
    cdt_insert(world_slot(SLOT_DOMAIN)->cap, world_slot(SLOT_DOMAIN), content);
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(FIRST, 64)));
    assert_true(is_empty(world_slot(FIRST)));
    assert_true(is_empty(content));
    assert_cdt_sound(world_slot(SLOT_DOMAIN));
    assert_null(cdt_next(world_slot(SLOT_DOMAIN)));
}

static void nested_cnodes_go_to_any_depth(void **state)
{
    enum { DEPTH = 10000 };
    struct cap previous;
    word_t base = HOST_MEMORY + 0x100000; /* 2^1 slots each, linked at slot 1 */

    (void)state;
    cdt_insert_root(world_slot(FIRST), cap_cnode_new(base, 1, 0, 0));
    previous = world_slot(FIRST)->cap;
    for (word_t i = 1; i < DEPTH; i++) {
        struct cap cap = cap_cnode_new(base + i * 64, 1, 0, 0);

        cdt_insert_root(cap_cnode_slot(previous, i & 1), cap);
        cdt_insert_root(cap_cnode_slot(cap, i & 1), cap_domain_new());
        previous = cap;
    }
    assert_in_range(delete_stubborn(world_slot(FIRST)), DEPTH, 20 * DEPTH);
    assert_true(is_empty(world_slot(FIRST)));
    assert_true(host_memory_is_zero(base, DEPTH * 64));
}

static void cnode_in_itself_goes(void **state)
{
    struct slot *self;

    (void)state;
    world_retype(OBJECT_CNODE, 3, FIRST, 1);
    self = inside(FIRST, 5);
    cdt_insert(world_slot(SLOT_DOMAIN)->cap, world_slot(SLOT_DOMAIN), inside(FIRST, 2));
    cdt_insert(world_slot(SLOT_DOMAIN)->cap, world_slot(SLOT_DOMAIN), inside(FIRST, 7));
    cdt_move(world_slot(FIRST)->cap, world_slot(FIRST), self);
    /* Nobody can name it any more; revoking the untyped finds it. */
    world_preempt(false);
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_REVOKE, WORDS(SLOT_UNTYPED, 64)));
    assert_true(is_empty(self));
    assert_null(cdt_next(world_slot(SLOT_DOMAIN)));
    assert_null(cdt_next(world_slot(SLOT_UNTYPED)));
}

/* A ring of `count` CNodes, each holding the only capability to the next at slot `place`; the slot
 * that is deleted is in the ring. */
static void ring_goes(int count, word_t place)
{
    struct slot *start;

    world_retype(OBJECT_CNODE, 2, FIRST, (word_t)count);
    start = inside(FIRST, place);
    for (int i = 0; i < count; i++) {
        cdt_insert(world_slot(SLOT_DOMAIN)->cap, world_slot(SLOT_DOMAIN),
                   inside(FIRST + (word_t)i, place == 0 ? 3 : 0));
    }
    struct cap caps[8];
    for (int i = 0; i < count; i++) {
        caps[i] = world_slot(FIRST + (word_t)i)->cap;
    }
    for (int i = 0; i < count; i++) {
        word_t next = (word_t)((i + 1) % count);

        cdt_move(caps[next], world_slot(FIRST + next), cap_cnode_slot(caps[i], place));
    }
    delete_stubborn(start);
    for (int i = 0; i < count; i++) {
        assert_true(host_memory_is_zero(cap_address(caps[i]), 4ul << SLOT_BITS));
    }
    assert_null(cdt_next(world_slot(SLOT_UNTYPED)));
    assert_null(cdt_next(world_slot(SLOT_DOMAIN)));
}

static void rings_go(void **state)
{
    (void)state;
    for (int count = 1; count <= 8; count++) {
        for (word_t place = 0; place < 4; place++) {
            world_init();
            ring_goes(count, place);
        }
    }
}

static void zombie_is_no_cnode(void **state)
{
    (void)state;
    world_retype(OBJECT_CNODE, 7, FIRST, 1);
    world_preempt(true);
    assert_int_equal(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(FIRST, 64)), OUTCOME_PREEMPTED);
    world_preempt(false);
    assert_int_equal(cap_type(world_slot(FIRST)->cap), CAP_ZOMBIE);
    assert_numbered_error(CALL(FIRST, LABEL_CNODE_DELETE, WORDS(1, 7)), ERR_INVALID_CAPABILITY, 0);
    assert_lookup_error(
        CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(SLOT_FREE, 64, 1, 7, 15), CAPS(FIRST)), true,
        LOOKUP_INVALID_ROOT, 0);
    assert_error(
        CALL(SLOT_CNODE, LABEL_CNODE_MOVE, WORDS(FIRST, 64, SLOT_TCB, 64), CAPS(SLOT_CNODE)),
        ERR_DELETE_FIRST);
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(FIRST, 64)));
    assert_true(is_empty(world_slot(FIRST)));
}

/* The end of the initialiser: its thread deletes the CNode capability and then its own thread's,
 * in a CSpace whose last capability is in the thread. */
static void thread_deletes_itself_and_its_cspace(void **state)
{
    (void)state;
    world_retype(OBJECT_CNODE, 3, FIRST, 2);
    cdt_move(world_slot(FIRST + 1)->cap, world_slot(FIRST + 1), inside(FIRST, 6));
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(SLOT_CNODE, 64)));
    /* The capability in the thread's slot is now the last one to the CNode. */
    struct cap cnode = world.root->slots[TCB_SLOT_CSPACE].cap;
    cdt_insert(cnode, &world.root->slots[TCB_SLOT_CSPACE], world_slot(SLOT_CNODE));
    struct call delete_self = { SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(SLOT_TCB, 64) };
    struct invocation inv = { .label = delete_self.label, .length = 2 };
    inv.slot = world_slot(SLOT_CNODE);
    inv.cap = cnode;
    slot_delete(world_slot(SLOT_CNODE));
    world.root->context.regs[CONTEXT_MESSAGE] = SLOT_TCB;
    world.root->context.regs[CONTEXT_MESSAGE + 1] = 64;
    assert_done(decode_invocation(&inv));
    assert_true(host_memory_is_zero(cap_address(cnode), ROOT_SLOTS << SLOT_BITS));
    for (int i = 0; i < TCB_SLOT_COUNT; i++) {
        assert_true(is_empty(&world.root->slots[i]));
    }
    assert_int_equal(world.root->state, THREAD_INACTIVE);
    assert_int_equal(host.vspace_vmid, 0);
}

static void revoke_spares_the_slot_and_strangers(void **state)
{
    (void)state;
    world_retype(OBJECT_ENDPOINT, 0, FIRST, 2);
    struct cap endpoint = world_slot(FIRST)->cap;
    struct cap badged = cap_endpoint_with_badge(endpoint, 9);
    cdt_insert(endpoint, world_slot(FIRST), world_slot(FIRST + 2));
    cdt_insert(badged, world_slot(FIRST), world_slot(FIRST + 3));
    cdt_insert(badged, world_slot(FIRST + 3), world_slot(FIRST + 4));
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_REVOKE, WORDS(FIRST + 3, 64)));
    assert_true(is_empty(world_slot(FIRST + 4)));
    assert_false(is_empty(world_slot(FIRST + 3)));
    assert_false(is_empty(world_slot(FIRST + 2)));
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_REVOKE, WORDS(FIRST, 64)));
    assert_true(is_empty(world_slot(FIRST + 2)));
    assert_true(is_empty(world_slot(FIRST + 3)));
    assert_false(is_empty(world_slot(FIRST)));
    assert_false(is_empty(world_slot(FIRST + 1)));
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_REVOKE, WORDS(SLOT_UNTYPED, 64)));
    assert_true(is_empty(world_slot(FIRST)));
    assert_true(is_empty(world_slot(FIRST + 1)));
    assert_false(is_empty(world_slot(SLOT_UNTYPED)));
}

static void preempted_revoke_goes_on(void **state)
{
    struct call revoke = { SLOT_CNODE, LABEL_CNODE_REVOKE, WORDS(SLOT_UNTYPED, 64) };

    (void)state;
    world_retype(OBJECT_ENDPOINT, 0, FIRST, 50);
    world_preempt(true);
    assert_int_equal(world_call(&revoke), OUTCOME_PREEMPTED);
    assert_false(is_empty(world_slot(FIRST)));
    assert_true(is_empty(world_slot(FIRST + 49)));
    assert_done(world_call_stubborn(&revoke));
    for (word_t i = 0; i < 50; i++) {
        assert_true(is_empty(world_slot(FIRST + i)));
    }
}

static void untyped_in_its_own_cnode_revoked(void **state)
{
    struct slot *holder;

    (void)state;
    /* The CNode is made of the untyped, and then holds its capability. */
    world_retype(OBJECT_CNODE, 3, FIRST, 1);
    holder = inside(FIRST, 3);
    cdt_move(world_slot(SLOT_UNTYPED)->cap, world_slot(SLOT_UNTYPED), holder);
    /* Stopped after the slot itself has gone, there is nothing to go on from: the CNode stays a
     * zombie until it is deleted by its own slot. */
    revoke_stubborn(holder);
    assert_true(is_empty(holder));
    assert_int_equal(cap_type(world_slot(FIRST)->cap), CAP_ZOMBIE);
    delete_stubborn(world_slot(FIRST));
    assert_true(is_empty(world_slot(FIRST)));
}

/* ---- At random, against a model --------------------------------------------------------------- */

#define CONTAINERS 12
#define ENDPOINTS  6
#define OBJECTS    (CONTAINERS + ENDPOINTS)
#define ROOTS      24 /* slots of the root CNode that take part */
#define MAX_SLOTS  (ROOTS + CONTAINERS * 8)

struct lab {
    struct cap caps[OBJECTS];      /* containers first */
    word_t slot_count[OBJECTS];    /* of containers */
    struct slot *slots[MAX_SLOTS]; /* all there are */
    int owner[MAX_SLOTS];          /* container of the slot, -1: the root CNode */
    int count;
    /* Model: object in each slot, -1 = none; and how many capabilities an object has. */
    int holds[MAX_SLOTS];
    int references[OBJECTS];
};

static struct lab lab;
static uint64_t seed;

static int choose(int limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)((seed >> 11) % (uint64_t)limit);
}

static int object_of(struct cap cap)
{
    for (int i = 0; i < OBJECTS; i++) {
        if (cap_address(lab.caps[i]) == cap_address(cap)) {
            return i;
        }
    }
    return -1;
}

static void add_slot(struct slot *slot, int owner)
{
    lab.slots[lab.count] = slot;
    lab.owner[lab.count] = owner;
    lab.count++;
}

static void make_objects(void)
{
    memset(&lab, 0, sizeof(lab));
    for (int i = 0; i < CONTAINERS; i++) {
        if (choose(4) == 0) {
            world_retype(OBJECT_TCB, 0, FIRST + (word_t)i, 1);
            lab.slot_count[i] = TCB_SLOT_COUNT;
        } else {
            word_t radix = 1 + (word_t)choose(3);

            world_retype(OBJECT_CNODE, radix, FIRST + (word_t)i, 1);
            lab.slot_count[i] = 1ul << radix;
        }
    }
    world_retype(OBJECT_ENDPOINT, 0, FIRST + CONTAINERS, ENDPOINTS);
    for (int i = 0; i < ROOTS; i++) {
        add_slot(world_slot(FIRST + (word_t)i), -1);
    }
    for (int i = 0; i < OBJECTS; i++) {
        lab.caps[i] = world_slot(FIRST + (word_t)i)->cap;
        for (word_t j = 0; i < CONTAINERS && j < lab.slot_count[i]; j++) {
            add_slot(cap_cnode_slot(lab.caps[i], j), i);
        }
    }
}

/* Copy and move capabilities about, so that containers contain each other in any way. */
static void shuffle(int steps)
{
    for (int i = 0; i < steps; i++) {
        struct slot *from = lab.slots[choose(lab.count)];
        struct slot *to = lab.slots[choose(lab.count)];

        if (is_empty(from) || !is_empty(to)) {
            continue;
        }
        if (choose(5) == 0) {
            cdt_insert(from->cap, from, to);
        } else {
            cdt_move(from->cap, from, to);
        }
    }
}

static void model_read(void)
{
    memset(lab.references, 0, sizeof(lab.references));
    for (int i = 0; i < lab.count; i++) {
        lab.holds[i] = is_empty(lab.slots[i]) ? -1 : object_of(lab.slots[i]->cap);
        if (lab.holds[i] >= 0) {
            lab.references[lab.holds[i]]++;
        }
    }
}

static void model_delete(int slot)
{
    int object = lab.holds[slot];

    if (object < 0) {
        return;
    }
    lab.holds[slot] = -1;
    if (--lab.references[object] > 0) {
        return;
    }
    for (int i = 0; i < lab.count; i++) {
        if (lab.owner[i] == object) {
            model_delete(i);
        }
    }
}

static void assert_as_in_model(void)
{
    for (int i = 0; i < lab.count; i++) {
        if (lab.holds[i] < 0) {
            assert_true(is_empty(lab.slots[i]));
        } else {
            assert_int_equal(object_of(lab.slots[i]->cap), lab.holds[i]);
            assert_int_not_equal(cap_type(lab.slots[i]->cap), CAP_ZOMBIE);
        }
    }
}

/* What must hold between any two steps: nothing is left in memory that nobody accounts for. */
static void assert_invariants(void)
{
    assert_cdt_sound(world_slot(SLOT_UNTYPED));
    for (int c = 0; c < CONTAINERS; c++) {
        const struct slot *zombie = NULL;
        int caps = 0;

        for (int i = 0; i < lab.count; i++) {
            if (!is_empty(lab.slots[i]) && object_of(lab.slots[i]->cap) == c) {
                caps++;
                if (cap_type(lab.slots[i]->cap) == CAP_ZOMBIE) {
                    zombie = lab.slots[i];
                }
            }
        }
        assert_true(zombie == NULL || caps == 1);
        for (word_t j = 0; j < lab.slot_count[c]; j++) {
            const struct slot *slot = cap_cnode_slot(lab.caps[c], j);

            if (caps == 0 ||
                (zombie != NULL && slot != zombie && j >= cap_zombie_remaining(zombie->cap))) {
                assert_true(is_empty(slot));
            }
        }
    }
}

/* Delete to the end, stopping now and then. */
static void delete_with_stops(struct slot *slot)
{
    enum progress progress;

    do {
        world_preempt(true);
        kernel.cpu.work_units = PREEMPTION_WORK_UNITS - 1 - (word_t)choose(4);
        progress = slot_delete(slot);
        assert_invariants();
    } while (progress == PROGRESS_PREEMPTED);
    world_preempt(false);
}

static void random_deletions_as_in_model(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        seed = 0x9e3779b97f4a7c15ul * (uint64_t)(round + 1);
        if (round % 100 == 0) {
            world_init();
        }
        make_objects();
        shuffle(20 + choose(400));
        for (int i = 0; i < 12; i++) {
            int victim = choose(lab.count);

            model_read();
            model_delete(victim);
            delete_with_stops(lab.slots[victim]);
            assert_as_in_model();
        }
        revoke_stubborn(world_slot(SLOT_UNTYPED));
        assert_null(cdt_next(world_slot(SLOT_UNTYPED)));
        for (int i = 0; i < lab.count; i++) {
            assert_true(is_empty(lab.slots[i]));
        }
    }
}

/* Deletions given up half-way, and others begun among what they left. */
static void abandoned_deletions_are_safe(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        seed = 0xd1342543de82ef95ul * (uint64_t)(round + 1);
        if (round % 100 == 0) {
            world_init();
        }
        make_objects();
        shuffle(20 + choose(400));
        for (int i = 0; i < 60; i++) {
            world_preempt(true);
            kernel.cpu.work_units = PREEMPTION_WORK_UNITS - 1 - (word_t)choose(6);
            slot_delete(lab.slots[choose(lab.count)]);
            assert_invariants();
        }
        revoke_stubborn(world_slot(SLOT_UNTYPED));
        assert_invariants();
        assert_null(cdt_next(world_slot(SLOT_UNTYPED)));
        for (int i = 0; i < lab.count; i++) {
            assert_true(is_empty(lab.slots[i]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(deletes_empty_slot, setup),
        cmocka_unit_test_setup(copy_goes_without_the_object, setup),
        cmocka_unit_test_setup(last_cap_empties_the_cnode, setup),
        cmocka_unit_test_setup(nested_cnodes_go_to_any_depth, setup),
        cmocka_unit_test_setup(cnode_in_itself_goes, setup),
        cmocka_unit_test_setup(rings_go, setup),
        cmocka_unit_test_setup(zombie_is_no_cnode, setup),
        cmocka_unit_test_setup(thread_deletes_itself_and_its_cspace, setup),
        cmocka_unit_test_setup(revoke_spares_the_slot_and_strangers, setup),
        cmocka_unit_test_setup(preempted_revoke_goes_on, setup),
        cmocka_unit_test_setup(untyped_in_its_own_cnode_revoked, setup),
        cmocka_unit_test_setup(random_deletions_as_in_model, setup),
        cmocka_unit_test_setup(abandoned_deletions_are_safe, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
