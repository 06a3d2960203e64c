/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the CNode invocations: order of checks, and effects
 */
#include <core/cnode.h>

#include <abi/labels.h>
#include <abi/messages.h>
#include <core/cdt.h>
#include <core/endpoint.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <world/world.h>

#include <cmocka.h>

#define EP   20 /* an endpoint */
#define NTFN 21
#define NODE 22 /* a CNode of 2^3 slots */
#define DEST 40

static int setup(void **state)
{
    (void)state;
    world_init();
    world_retype(OBJECT_ENDPOINT, 0, EP, 1);
    world_retype(OBJECT_NOTIFICATION, 0, NTFN, 1);
    world_retype(OBJECT_CNODE, 3, NODE, 1);
    return 0;
}

static enum outcome copy(word_t from, word_t to, word_t rights)
{
    return CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(to, 64, from, 64, rights), CAPS(SLOT_CNODE));
}

static enum outcome mint(word_t from, word_t to, word_t rights, word_t data)
{
    return CALL(SLOT_CNODE, LABEL_CNODE_MINT, WORDS(to, 64, from, 64, rights, data),
                CAPS(SLOT_CNODE));
}

static enum outcome move(word_t from, word_t to)
{
    return CALL(SLOT_CNODE, LABEL_CNODE_MOVE, WORDS(to, 64, from, 64), CAPS(SLOT_CNODE));
}

static enum outcome mutate(word_t from, word_t to, word_t data)
{
    return CALL(SLOT_CNODE, LABEL_CNODE_MUTATE, WORDS(to, 64, from, 64, data), CAPS(SLOT_CNODE));
}

/* destination, its data, pivot, its data, source */
static enum outcome rotate(word_t to, word_t pivot_data, word_t pivot, word_t source_data,
                           word_t from)
{
    return CALL(SLOT_CNODE, LABEL_CNODE_ROTATE,
                WORDS(to, 64, pivot_data, pivot, 64, source_data, from, 64),
                CAPS(SLOT_CNODE, SLOT_CNODE));
}

static void common_checks_in_order(void **state)
{
    (void)state;
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_REVOKE - 1, WORDS(EP)), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_ROTATE + 1, WORDS(EP, 64)), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(EP)), ERR_TRUNCATED_MESSAGE);
    assert_range_error(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(EP, 0)), 1, 64);
    assert_lookup_error(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(EP, 7)), false,
                        LOOKUP_GUARD_MISMATCH, 7);
    assert_lookup_error(CALL(NODE, LABEL_CNODE_DELETE, WORDS(1, 2)), false, LOOKUP_DEPTH_MISMATCH,
                        2);
}

static void transfer_checks_in_order(void **state)
{
    (void)state;
    /* No capability, or too few words, before anything else. */
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(EP, 64, 0, 0, 15)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_MOVE, WORDS(EP, 64, 0), CAPS(SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    /* The destination before the source. */
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(EP, 64, 0, 0, 15), CAPS(SLOT_TCB)),
                 ERR_DELETE_FIRST);
    assert_lookup_error(
        CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(DEST, 64, 0, 0, 15), CAPS(SLOT_TCB)), true,
        LOOKUP_INVALID_ROOT, 0);
    assert_range_error(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(DEST, 64, 0, 0), CAPS(SLOT_CNODE)),
                       1, 64);
    /* An empty source before the rest of the message; its bits left are the depth. */
    assert_lookup_error(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(DEST, 64, 4, 3), CAPS(NODE)), true,
                        LOOKUP_MISSING_CAPABILITY, 3);
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(DEST, 64, EP, 64), CAPS(SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_MINT, WORDS(DEST, 64, EP, 64, 15), CAPS(SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_MUTATE, WORDS(DEST, 64, EP, 64), CAPS(SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    assert_true(cap_is_null(world_slot(DEST)->cap));
}

static void copy_reduces_rights(void **state)
{
    struct cap cap;

    (void)state;
    assert_done(copy(EP, DEST, rights_new(1, 0, 0, 1)));
    cap = world_slot(DEST)->cap;
    assert_int_equal(cap_address(cap), cap_address(world_slot(EP)->cap));
    assert_true(cap_endpoint_can_send(cap));
    assert_false(cap_endpoint_can_receive(cap));
    assert_false(cap_endpoint_can_grant(cap));
    assert_true(cap_endpoint_can_grant_reply(cap));
    /* What is gone does not come back. */
    assert_done(copy(DEST, DEST + 1, RIGHTS_ALL));
    assert_false(cap_endpoint_can_receive(world_slot(DEST + 1)->cap));
    assert_done(copy(NTFN, DEST + 2, rights_new(0, 0, 1, 0)));
    assert_false(cap_notification_can_send(world_slot(DEST + 2)->cap));
    assert_true(cap_notification_can_receive(world_slot(DEST + 2)->cap));
}

static void frame_rights(void **state)
{
    (void)state;
    assert_int_equal(frame_rights_mask(FRAME_READ_WRITE, RIGHTS_ALL), FRAME_READ_WRITE);
    assert_int_equal(frame_rights_mask(FRAME_READ_WRITE, RIGHTS_READ_WRITE), FRAME_READ_WRITE);
    assert_int_equal(frame_rights_mask(FRAME_READ_WRITE, rights_new(0, 0, 1, 0)), FRAME_READ_ONLY);
    assert_int_equal(frame_rights_mask(FRAME_READ_WRITE, rights_new(1, 1, 0, 1)),
                     FRAME_KERNEL_ONLY);
    assert_int_equal(frame_rights_mask(FRAME_READ_ONLY, RIGHTS_ALL), FRAME_READ_ONLY);
    assert_int_equal(frame_rights_mask(FRAME_READ_ONLY, rights_new(0, 0, 0, 1)), FRAME_KERNEL_ONLY);
    assert_int_equal(frame_rights_mask(FRAME_KERNEL_ONLY, RIGHTS_ALL), FRAME_KERNEL_ONLY);
}

static void badge_is_set_once(void **state)
{
    (void)state;
    assert_done(mint(EP, DEST, RIGHTS_ALL, 77));
    assert_int_equal(cap_endpoint_badge(world_slot(DEST)->cap), 77);
    assert_error(mint(DEST, DEST + 1, RIGHTS_ALL, 78), ERR_ILLEGAL_OPERATION);
    assert_error(mint(DEST, DEST + 1, RIGHTS_ALL, 0), ERR_ILLEGAL_OPERATION);
    assert_done(copy(DEST, DEST + 1, RIGHTS_ALL));
    assert_int_equal(cap_endpoint_badge(world_slot(DEST + 1)->cap), 77);
    assert_done(mint(NTFN, DEST + 2, RIGHTS_ALL, ~0ul));
    assert_int_equal(cap_notification_badge(world_slot(DEST + 2)->cap), ~0ul);
    assert_done(mint(SLOT_SMC, DEST + 3, RIGHTS_ALL, 0x84000008));
    assert_int_equal(cap_smc_badge(world_slot(DEST + 3)->cap), 0x84000008);
    assert_error(mint(DEST + 3, DEST + 4, RIGHTS_ALL, 5), ERR_ILLEGAL_OPERATION);
}

static void guards(void **state)
{
    struct cap cap;

    (void)state;
    assert_done(mint(NODE, DEST, RIGHTS_ALL, cnode_data_new(0x1ff, 61)));
    cap = world_slot(DEST)->cap;
    assert_int_equal(cap_cnode_guard_size(cap), 61);
    assert_int_equal(cap_cnode_guard(cap), 0x1ff);
    assert_error(mint(NODE, DEST + 1, RIGHTS_ALL, cnode_data_new(0, 62)), ERR_ILLEGAL_OPERATION);
    /* Bits of the guard beyond its size do not count. */
    assert_done(mint(NODE, DEST + 1, RIGHTS_ALL, cnode_data_new(0xff, 3)));
    assert_int_equal(cap_cnode_guard(world_slot(DEST + 1)->cap), 7);
    assert_done(mutate(DEST, DEST + 2, 0));
    assert_int_equal(cap_cnode_guard_size(world_slot(DEST + 2)->cap), 0);
    assert_true(cap_is_null(world_slot(DEST)->cap));
}

static void what_cannot_be_copied(void **state)
{
    (void)state;
    assert_error(copy(SLOT_IRQ_CONTROL, DEST, RIGHTS_ALL), ERR_ILLEGAL_OPERATION);
    assert_error(mint(SLOT_IRQ_CONTROL, DEST, RIGHTS_ALL, 0), ERR_ILLEGAL_OPERATION);
    assert_error(copy(SLOT_UNTYPED, DEST, RIGHTS_ALL), ERR_REVOKE_FIRST); /* has children */
    assert_done(copy(SLOT_DEVICE, DEST, RIGHTS_ALL));
    world_retype(OBJECT_PAGE_TABLE, 0, DEST + 1, 1);
    world_retype(OBJECT_VSPACE, 0, DEST + 2, 1);
    assert_error(copy(DEST + 1, DEST + 3, RIGHTS_ALL), ERR_ILLEGAL_OPERATION);
    assert_error(copy(DEST + 2, DEST + 3, RIGHTS_ALL), ERR_ILLEGAL_OPERATION);
    assert_done(copy(SLOT_VSPACE, DEST + 3, RIGHTS_ALL));
    /* Moving is allowed to all of them. */
    assert_done(move(DEST + 1, DEST + 4));
    assert_done(move(SLOT_IRQ_CONTROL, DEST + 5));
    assert_int_equal(cap_type(world_slot(DEST + 5)->cap), CAP_IRQ_CONTROL);
}

static void copied_frame_is_unmapped(void **state)
{
    struct cap cap;

    (void)state;
    world_retype(OBJECT_SMALL_FRAME, 0, DEST, 1);
    world_slot(DEST)->cap =
        cap_frame_with_vaddr(cap_frame_with_asid(world_slot(DEST)->cap, 1), 4096);
    assert_done(copy(DEST, DEST + 1, rights_new(0, 0, 1, 0)));
    cap = world_slot(DEST + 1)->cap;
    assert_int_equal(cap_frame_asid(cap), 0);
    assert_int_equal(cap_frame_rights(cap), FRAME_READ_ONLY);
    assert_int_equal(cap_frame_asid(world_slot(DEST)->cap), 1);
}

static void move_keeps_the_place(void **state)
{
    (void)state;
    assert_done(mint(EP, DEST, RIGHTS_ALL, 5));
    assert_done(copy(DEST, DEST + 1, RIGHTS_ALL));
    assert_done(move(DEST, DEST + 2));
    assert_true(cap_is_null(world_slot(DEST)->cap));
    assert_true(cdt_is_parent(world_slot(DEST + 2), world_slot(DEST + 1)));
    assert_error(mutate(DEST + 2, DEST, 0), ERR_ILLEGAL_OPERATION);
    assert_error(move(DEST + 2, DEST + 2), ERR_DELETE_FIRST);
    assert_done(mutate(SLOT_TCB, DEST, 123));
    assert_int_equal(cap_type(world_slot(DEST)->cap), CAP_TCB);
}

static void rotate_checks_in_order(void **state)
{
    (void)state;
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_ROTATE, WORDS(DEST, 64, 0, EP, 64, 0, NTFN, 64),
                      CAPS(SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_ROTATE, WORDS(DEST, 64, 0, EP, 64, 0, NTFN),
                      CAPS(SLOT_CNODE, SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    /* Source (capability 1) before pivot (capability 0); both count as source. */
    assert_lookup_error(
        CALL(SLOT_CNODE, LABEL_CNODE_ROTATE, WORDS(DEST, 64, 0, EP, 2, 0, 1, 9), CAPS(NODE, NODE)),
        true, LOOKUP_DEPTH_MISMATCH, 6);
    assert_lookup_error(
        CALL(SLOT_CNODE, LABEL_CNODE_ROTATE, WORDS(DEST, 64, 0, EP, 2, 0, 1, 3), CAPS(NODE, NODE)),
        true, LOOKUP_DEPTH_MISMATCH, 2);
    assert_error(rotate(DEST, 0, NODE, 0, NODE), ERR_ILLEGAL_OPERATION);
    assert_error(rotate(NODE, 0, NODE, 0, EP), ERR_ILLEGAL_OPERATION);
    assert_error(rotate(EP, 0, NODE, 0, SLOT_TCB), ERR_DELETE_FIRST);
    assert_lookup_error(rotate(DEST, 0, NODE, 0, DEST + 1), true, LOOKUP_MISSING_CAPABILITY, 64);
    assert_lookup_error(rotate(DEST, 0, DEST + 1, 0, NODE), false, LOOKUP_MISSING_CAPABILITY, 64);
    assert_error(rotate(DEST, 0, NODE, 0, EP), ERR_ILLEGAL_OPERATION); /* endpoints have no data */
    assert_error(rotate(DEST, 0, EP, 0, NODE), ERR_ILLEGAL_OPERATION);
    assert_error(rotate(DEST, 63, NODE, 0, SLOT_TCB), ERR_ILLEGAL_OPERATION);
}

static void rotate_of_three(void **state)
{
    (void)state;
    assert_done(rotate(DEST, cnode_data_new(1, 2), NODE, 0, SLOT_TCB));
    assert_int_equal(cap_type(world_slot(DEST)->cap), CAP_CNODE);
    assert_int_equal(cap_cnode_guard_size(world_slot(DEST)->cap), 2);
    assert_int_equal(cap_type(world_slot(NODE)->cap), CAP_TCB);
    assert_true(cap_is_null(world_slot(SLOT_TCB)->cap));
    assert_cdt_sound(world_slot(SLOT_UNTYPED));
}

static void rotate_swaps_two(void **state)
{
    (void)state;
    assert_done(rotate(SLOT_TCB, cnode_data_new(1, 2), NODE, 0, SLOT_TCB));
    assert_int_equal(cap_type(world_slot(SLOT_TCB)->cap), CAP_CNODE);
    assert_int_equal(cap_cnode_guard(world_slot(SLOT_TCB)->cap), 1);
    assert_int_equal(cap_type(world_slot(NODE)->cap), CAP_TCB);
}

static void cancel_wants_all_rights(void **state)
{
    (void)state;
    assert_error(CALL(SLOT_CNODE, LABEL_CNODE_CANCEL_BADGED_SENDS, WORDS(NTFN, 64)),
                 ERR_ILLEGAL_OPERATION);
    for (word_t missing = 0; missing < 4; missing++) {
        assert_done(mint(EP, DEST + missing, RIGHTS_ALL & ~(1ul << missing), 5));
        assert_error(CALL(SLOT_CNODE, LABEL_CNODE_CANCEL_BADGED_SENDS, WORDS(DEST + missing, 64)),
                     ERR_ILLEGAL_OPERATION);
    }
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_CANCEL_BADGED_SENDS, WORDS(EP, 64)));
}

static void cancel_takes_its_badge_only(void **state)
{
    struct endpoint *endpoint = cap_endpoint_object(world_slot(EP)->cap);
    struct tcb *threads[3];

    (void)state;
    for (word_t i = 0; i < 3; i++) {
        threads[i] = world_thread();
        threads[i]->state = THREAD_RUNNING;
        endpoint_send(endpoint, threads[i],
                      (struct send_mode){ .badge = i == 1 ? 6 : 5, .is_blocking = true });
        assert_int_equal(threads[i]->state, THREAD_BLOCKED_ON_SEND);
    }
    assert_done(mint(EP, DEST, RIGHTS_ALL, 5));
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_CANCEL_BADGED_SENDS, WORDS(DEST, 64)));
    assert_int_equal(threads[0]->state, THREAD_RESTART);
    assert_int_equal(threads[1]->state, THREAD_BLOCKED_ON_SEND);
    assert_int_equal(threads[2]->state, THREAD_RESTART);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(common_checks_in_order, setup),
        cmocka_unit_test_setup(transfer_checks_in_order, setup),
        cmocka_unit_test_setup(copy_reduces_rights, setup),
        cmocka_unit_test_setup(frame_rights, setup),
        cmocka_unit_test_setup(badge_is_set_once, setup),
        cmocka_unit_test_setup(guards, setup),
        cmocka_unit_test_setup(what_cannot_be_copied, setup),
        cmocka_unit_test_setup(copied_frame_is_unmapped, setup),
        cmocka_unit_test_setup(move_keeps_the_place, setup),
        cmocka_unit_test_setup(rotate_checks_in_order, setup),
        cmocka_unit_test_setup(rotate_of_three, setup),
        cmocka_unit_test_setup(rotate_swaps_two, setup),
        cmocka_unit_test_setup(cancel_wants_all_rights, setup),
        cmocka_unit_test_setup(cancel_takes_its_badge_only, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
