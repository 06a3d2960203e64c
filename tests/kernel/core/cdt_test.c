/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the derivation tree
 */
#include <core/cdt.h>

#include <core/untyped.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <world/world.h>

#include <cmocka.h>

#define OBJECT_A (HOST_MEMORY + 0x100000)
#define OBJECT_B (HOST_MEMORY + 0x200000)

static struct slot slots[8];

static int setup(void **state)
{
    (void)state;
    world_init();
    for (int i = 0; i < 8; i++) {
        slots[i] = (struct slot){ 0 };
    }
    return 0;
}

static struct cap endpoint(word_t badge)
{
    return cap_endpoint_new(OBJECT_A, badge, 1, 1, 1, 1);
}

/* Is the list exactly the slots with these numbers? */
static void assert_order(const int *order, int count)
{
    for (int i = 0; i < count; i++) {
        const struct slot *slot = &slots[order[i]];

        assert_ptr_equal(cdt_prev(slot), i == 0 ? NULL : &slots[order[i - 1]]);
        assert_ptr_equal(cdt_next(slot), i == count - 1 ? NULL : &slots[order[i + 1]]);
    }
}

#define ASSERT_ORDER(...) \
    assert_order((const int[]){ __VA_ARGS__ }, sizeof((int[]){ __VA_ARGS__ }) / sizeof(int))

static word_t flags(const struct slot *slot)
{
    return slot->cdt.next_flags & CDT_FLAGS;
}

static void copies_follow_their_source(void **state)
{
    (void)state;
    cdt_insert_root(&slots[0], endpoint(0));
    cdt_insert(endpoint(0), &slots[0], &slots[1]);
    cdt_insert(endpoint(7), &slots[0], &slots[2]);
    cdt_insert(endpoint(7), &slots[2], &slots[3]);
    ASSERT_ORDER(0, 2, 3, 1);
    assert_int_equal(flags(&slots[0]), CDT_REVOCABLE | CDT_FIRST_BADGED);
    assert_int_equal(flags(&slots[1]), 0);
    assert_int_equal(flags(&slots[2]), CDT_REVOCABLE | CDT_FIRST_BADGED);
    assert_int_equal(flags(&slots[3]), 0);
}

static void badges_make_parents(void **state)
{
    (void)state;
    cdt_insert_root(&slots[0], endpoint(0));
    cdt_insert(endpoint(7), &slots[0], &slots[1]);
    cdt_insert(endpoint(7), &slots[1], &slots[2]);
    cdt_insert(endpoint(8), &slots[0], &slots[3]);
    cdt_insert(endpoint(7), &slots[0], &slots[4]); /* a second mint with the same badge */
    ASSERT_ORDER(0, 4, 3, 1, 2);
    assert_true(cdt_is_parent(&slots[0], &slots[1]));
    assert_true(cdt_is_parent(&slots[1], &slots[2]));
    assert_false(cdt_is_parent(&slots[1], &slots[3]));
    assert_false(cdt_is_parent(&slots[4], &slots[1])); /* first badged: not below the other */
    assert_false(cdt_is_parent(&slots[2], &slots[1])); /* not revocable */
    assert_true(cdt_has_children(&slots[1]));
    assert_false(cdt_has_children(&slots[4]));
    assert_false(cdt_has_children(&slots[2]));
}

static void deletion_passes_first_badged_on(void **state)
{
    (void)state;
    cdt_insert_root(&slots[0], endpoint(0));
    cdt_insert(endpoint(7), &slots[0], &slots[1]);
    cdt_insert(endpoint(7), &slots[1], &slots[2]);
    cdt_insert(endpoint(7), &slots[0], &slots[3]);
    ASSERT_ORDER(0, 3, 1, 2);
    cdt_remove(&slots[1]);
    ASSERT_ORDER(0, 3, 2);
    assert_int_equal(flags(&slots[2]), CDT_FIRST_BADGED);
    /* So the orphan does not become a child of the other mint. */
    assert_false(cdt_is_parent(&slots[3], &slots[2]));
    assert_true(cap_is_null(slots[1].cap));
    assert_int_equal(slots[1].cdt.next_flags, 0);
}

static void retyped_objects_are_children(void **state)
{
    struct cap tcb = cap_tcb_new(OBJECT_A);

    (void)state;
    cdt_insert_root(&slots[0], cap_untyped_new(OBJECT_A, 20, false, 0));
    cdt_insert_child(&slots[0], &slots[1], tcb);
    cdt_insert_child(&slots[0], &slots[2], cap_endpoint_new(OBJECT_A + 4096, 0, 1, 1, 1, 1));
    ASSERT_ORDER(0, 2, 1);
    cdt_insert(tcb, &slots[1], &slots[3]);
    ASSERT_ORDER(0, 2, 1, 3);
    assert_true(cdt_is_parent(&slots[0], &slots[3]));
    assert_int_equal(flags(&slots[3]), 0);
    assert_true(cdt_is_parent(&slots[1], &slots[3]));
    assert_false(cdt_is_final(&slots[1]));
    assert_false(cdt_is_final(&slots[3]));
    assert_true(cdt_is_final(&slots[2]));
    cdt_remove(&slots[1]);
    assert_true(cdt_is_final(&slots[3]));
}

static void untyped_copy_fills_its_source(void **state)
{
    struct cap whole = cap_untyped_new(OBJECT_A, 20, false, 0);

    (void)state;
    cdt_insert_root(&slots[0], whole);
    cdt_insert(whole, &slots[0], &slots[1]);
    assert_int_equal(untyped_used_bytes(slots[0].cap), 1 << 20);
    assert_int_equal(untyped_used_bytes(slots[1].cap), 0);
    assert_true(cdt_is_parent(&slots[0], &slots[1]));
    assert_int_equal(flags(&slots[1]), CDT_REVOCABLE | CDT_FIRST_BADGED);
    assert_true(cdt_is_final(&slots[1])); /* untypeds are never the same object */
}

static void move_takes_the_place(void **state)
{
    (void)state;
    cdt_insert_root(&slots[0], endpoint(0));
    cdt_insert(endpoint(5), &slots[0], &slots[1]);
    cdt_insert(endpoint(5), &slots[1], &slots[2]);
    cdt_move(slots[1].cap, &slots[1], &slots[4]);
    ASSERT_ORDER(0, 4, 2);
    assert_int_equal(flags(&slots[4]), CDT_REVOCABLE | CDT_FIRST_BADGED);
    assert_true(cap_is_null(slots[1].cap));
    assert_true(cdt_is_parent(&slots[4], &slots[2]));
}

/* Four capabilities in the order 0 1 2 3, all distinguishable. */
static void make_four(void)
{
    cdt_insert_root(&slots[0], endpoint(0));
    cdt_insert(endpoint(3), &slots[0], &slots[3]);
    cdt_insert(endpoint(2), &slots[0], &slots[2]);
    cdt_insert(endpoint(1), &slots[0], &slots[1]);
    ASSERT_ORDER(0, 1, 2, 3);
}

static void swap_of_strangers(void **state)
{
    (void)state;
    make_four();
    cdt_swap(slots[0].cap, &slots[0], slots[2].cap, &slots[2]);
    ASSERT_ORDER(2, 1, 0, 3);
    assert_int_equal(cap_endpoint_badge(slots[0].cap), 2);
    assert_int_equal(cap_endpoint_badge(slots[2].cap), 0);
}

static void swap_of_neighbours(void **state)
{
    (void)state;
    make_four();
    cdt_swap(slots[1].cap, &slots[1], slots[2].cap, &slots[2]);
    ASSERT_ORDER(0, 2, 1, 3);
    cdt_swap(slots[1].cap, &slots[1], slots[2].cap, &slots[2]); /* the first one comes second */
    ASSERT_ORDER(0, 1, 2, 3);
    cdt_swap(slots[3].cap, &slots[3], slots[2].cap, &slots[2]);
    ASSERT_ORDER(0, 1, 3, 2);
    assert_int_equal(cap_endpoint_badge(slots[2].cap), 3);
}

static void swap_with_empty(void **state)
{
    (void)state;
    make_four();
    cdt_swap(slots[1].cap, &slots[1], cap_null_new(), &slots[5]);
    ASSERT_ORDER(0, 5, 2, 3);
    assert_true(cap_is_null(slots[1].cap));
    assert_int_equal(slots[1].cdt.next_flags, 0);
    assert_int_equal(slots[1].cdt.prev.raw, 0);
    cdt_swap(cap_null_new(), &slots[1], slots[5].cap, &slots[5]);
    ASSERT_ORDER(0, 1, 2, 3);
    cdt_swap(cap_null_new(), &slots[6], cap_null_new(), &slots[7]);
    assert_true(cap_is_null(slots[6].cap));
}

static void interrupts_hang_below_control(void **state)
{
    (void)state;
    cdt_insert_root(&slots[0], cap_irq_control_new());
    cdt_insert(cap_irq_handler_new(33), &slots[0], &slots[1]);
    cdt_insert(cap_sgi_new(3, 1), &slots[0], &slots[2]);
    cdt_insert(slots[1].cap, &slots[1], &slots[3]);
    cdt_insert(slots[2].cap, &slots[2], &slots[4]);
    ASSERT_ORDER(0, 2, 4, 1, 3);
    for (int i = 1; i < 5; i++) {
        assert_true(cdt_is_parent(&slots[0], &slots[i]));
    }
    assert_true(cdt_is_parent(&slots[1], &slots[3]));
    assert_true(cdt_is_parent(&slots[2], &slots[4]));
    assert_int_equal(flags(&slots[3]), 0);
    assert_false(cdt_is_final(&slots[1]));
    assert_true(cdt_is_final(&slots[0]));
    assert_true(cdt_is_final(&slots[2])); /* SGI capabilities are never the same object */
}

static void two_issues_of_one_sgi_are_apart(void **state)
{
    (void)state;
    cdt_insert_root(&slots[0], cap_irq_control_new());
    cdt_insert(cap_sgi_new(3, 1), &slots[0], &slots[1]);
    cdt_insert(cap_sgi_new(3, 1), &slots[0], &slots[2]);
    ASSERT_ORDER(0, 2, 1);
    assert_false(cdt_is_parent(&slots[2], &slots[1]));
}

static void frames_of_one_size_only_are_same(void **state)
{
    struct cap large = cap_frame_new(OBJECT_B, FRAME_LARGE, FRAME_READ_WRITE, false, 0, 0);

    (void)state;
    cdt_insert_root(&slots[0], cap_untyped_new(OBJECT_B, 21, false, 0));
    cdt_insert_child(&slots[0], &slots[1], large);
    assert_true(cdt_is_final(&slots[1]));
    cdt_insert(large, &slots[1], &slots[2]);
    assert_false(cdt_is_final(&slots[1]));
    assert_true(cdt_is_parent(&slots[0], &slots[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(copies_follow_their_source, setup),
        cmocka_unit_test_setup(badges_make_parents, setup),
        cmocka_unit_test_setup(deletion_passes_first_badged_on, setup),
        cmocka_unit_test_setup(retyped_objects_are_children, setup),
        cmocka_unit_test_setup(untyped_copy_fills_its_source, setup),
        cmocka_unit_test_setup(move_takes_the_place, setup),
        cmocka_unit_test_setup(swap_of_strangers, setup),
        cmocka_unit_test_setup(swap_of_neighbours, setup),
        cmocka_unit_test_setup(swap_with_empty, setup),
        cmocka_unit_test_setup(interrupts_hang_below_control, setup),
        cmocka_unit_test_setup(two_issues_of_one_sgi_are_apart, setup),
        cmocka_unit_test_setup(frames_of_one_size_only_are_same, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
