/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of capability lookup
 */
#include <core/cspace.h>

#include <core/cdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <world/world.h>

#include <cmocka.h>

static int setup(void **state)
{
    (void)state;
    world_init();
    return 0;
}

/* A CNode of 2^radix slots, its capability in slot `number` of the root. */
static struct cap make_cnode(word_t number, word_t radix, word_t guard_size, word_t guard)
{
    struct cap cap = cap_cnode_new(world_alloc(radix + SLOT_BITS), radix, guard_size, guard);

    cdt_insert_root(world_slot(number), cap);
    return cap;
}

static void assert_fault(enum lookup_failure failure, word_t left, word_t guard, word_t bits)
{
    const struct lookup_fault *fault = &this_cpu()->lookup_fault;

    assert_int_equal(fault->failure, failure);
    assert_int_equal(fault->bits_left, left);
    assert_int_equal(fault->guard_found, guard);
    assert_int_equal(fault->bits_found, bits);
}

static void finds_slot_of_one_level(void **state)
{
    struct slot *slot = NULL;

    (void)state;
    assert_true(cspace_lookup(world.root, SLOT_UNTYPED, &slot));
    assert_ptr_equal(slot, world_slot(SLOT_UNTYPED));
    /* An empty slot is found as well. */
    assert_true(cspace_lookup(world.root, SLOT_FREE, &slot));
    assert_ptr_equal(slot, world_slot(SLOT_FREE));
}

static void reports_wrong_guard(void **state)
{
    struct slot *slot = NULL;

    (void)state;
    assert_false(cspace_lookup(world.root, 1ul << 40 | SLOT_TCB, &slot));
    assert_fault(LOOKUP_GUARD_MISMATCH, 64, 0, WORD_BITS - ROOT_RADIX);
    assert_false(cspace_lookup(world.root, 1ul << ROOT_RADIX, &slot));
    assert_fault(LOOKUP_GUARD_MISMATCH, 64, 0, WORD_BITS - ROOT_RADIX);
}

static void reports_missing_root(void **state)
{
    struct tcb *thread = world_thread();
    struct slot *slot = NULL;

    (void)state;
    assert_false(cspace_lookup(thread, SLOT_TCB, &slot));
    assert_fault(LOOKUP_INVALID_ROOT, 0, 0, 0);
}

static void descends_levels(void **state)
{
    struct cap top = make_cnode(20, 4, 0, 0);
    struct cap middle = cap_cnode_new(world_alloc(6 + SLOT_BITS), 6, 8, 0x5a);
    struct slot *slot = NULL;

    (void)state;
    /* top consumes 4 bits, middle 8 + 6; 64 - 18 = 46 are left for a third level. */
    cdt_insert_root(cap_cnode_slot(top, 9), middle);
    cdt_insert_root(cap_cnode_slot(middle, 33), cap_cnode_new(world_alloc(11), 6, 40, 0x123));
    struct cap last = cap_cnode_slot(middle, 33)->cap;
    struct tcb *thread = world_thread();
    cdt_insert_root(&thread->slots[TCB_SLOT_CSPACE], top);
    word_t cptr = 9ul << 60 | 0x5aul << 52 | 33ul << 46 | 0x123ul << 6 | 17;

    assert_true(cspace_lookup(thread, cptr, &slot));
    assert_ptr_equal(slot, cap_cnode_slot(last, 17));
    assert_false(cspace_lookup(thread, cptr ^ 1ul << 52, &slot));
    assert_fault(LOOKUP_GUARD_MISMATCH, 60, 0x5a, 8);
    assert_false(cspace_lookup(thread, cptr ^ 1ul << 6, &slot));
    assert_fault(LOOKUP_GUARD_MISMATCH, 46, 0x123, 40);
    /* A resolution that ends at something else than a CNode leaves bits over, and succeeds. */
    cdt_insert_root(cap_cnode_slot(middle, 34), cap_tcb_new(tcb_ref_of(thread).raw));
    assert_true(cspace_lookup(thread, 9ul << 60 | 0x5aul << 52 | 34ul << 46 | 0xfff, &slot));
    assert_ptr_equal(slot, cap_cnode_slot(middle, 34));
}

static void reports_too_few_bits(void **state)
{
    struct cap small = make_cnode(20, 5, 0, 0);
    struct slot *slot = NULL;

    (void)state;
    assert_true(cspace_lookup_exact(small, 3, 5, &slot));
    assert_ptr_equal(slot, cap_cnode_slot(small, 3));
    assert_false(cspace_lookup_exact(small, 3, 4, &slot));
    assert_fault(LOOKUP_DEPTH_MISMATCH, 4, 0, 5);
    /* The guard is looked at first, and needs its bits too. */
    assert_false(cspace_lookup_exact(world.cnode, 3, 40, &slot));
    assert_fault(LOOKUP_GUARD_MISMATCH, 40, 0, WORD_BITS - ROOT_RADIX);
}

static void exact_lookup_wants_all_bits(void **state)
{
    struct cap small = make_cnode(20, 5, 0, 0);
    struct slot *slot = NULL;

    (void)state;
    assert_false(cspace_lookup_exact(small, 3, 6, &slot));
    assert_false(cspace_lookup_exact(small, 3, 0, &slot));
    assert_false(cspace_lookup_exact(small, 3, 65, &slot));
    assert_false(cspace_lookup_exact(cap_tcb_new(tcb_ref_of(world.root).raw), 3, 5, &slot));
}

static void operation_errors_in_order(void **state)
{
    struct cap small = make_cnode(20, 5, 0, 0);
    struct cap other = cap_domain_new();
    struct slot *slot = NULL;

    (void)state;
    /* The root comes before the depth. */
    assert_int_equal(cspace_lookup_target(other, 0, 0, &slot), ERR_FAILED_LOOKUP);
    assert_lookup_error(OUTCOME_ERROR, false, LOOKUP_INVALID_ROOT, 0);
    assert_int_equal(cspace_lookup_source(other, 0, 64, &slot), ERR_FAILED_LOOKUP);
    assert_lookup_error(OUTCOME_ERROR, true, LOOKUP_INVALID_ROOT, 0);
    assert_int_equal(cspace_lookup_target(small, 0, 0, &slot), ERR_RANGE);
    assert_range_error(OUTCOME_ERROR, 1, 64);
    assert_int_equal(cspace_lookup_pivot(small, 0, 65, &slot), ERR_RANGE);
    assert_range_error(OUTCOME_ERROR, 1, 64);
    assert_int_equal(cspace_lookup_pivot(small, 0, 3, &slot), ERR_FAILED_LOOKUP);
    assert_lookup_error(OUTCOME_ERROR, true, LOOKUP_DEPTH_MISMATCH, 3);
    assert_int_equal(this_cpu()->error.lookup.bits_found, 5);
    /* Bits left over, with 0 found. */
    assert_int_equal(cspace_lookup_target(small, 0, 9, &slot), ERR_FAILED_LOOKUP);
    assert_lookup_error(OUTCOME_ERROR, false, LOOKUP_DEPTH_MISMATCH, 4);
    assert_int_equal(this_cpu()->error.lookup.bits_found, 0);
}

static void operation_uses_low_bits_of_index(void **state)
{
    struct cap small = make_cnode(20, 5, 0, 0);
    struct slot *slot = NULL;

    (void)state;
    assert_int_equal(cspace_lookup_target(small, 0xabcde0 | 7, 5, &slot), ERR_NONE);
    assert_ptr_equal(slot, cap_cnode_slot(small, 7));
}

static void full_width_guard(void **state)
{
    struct cap narrow = make_cnode(20, 7, 57, 0x155555555555555);
    struct slot *slot = NULL;

    (void)state;
    assert_true(cspace_lookup_exact(narrow, 0x155555555555555ul << 7 | 100, 64, &slot));
    assert_ptr_equal(slot, cap_cnode_slot(narrow, 100));
    assert_false(cspace_lookup_exact(narrow, 0x055555555555555ul << 7 | 100, 64, &slot));
    assert_fault(LOOKUP_GUARD_MISMATCH, 64, 0x155555555555555, 57);
}

static void empty_lookup_refuses_occupied(void **state)
{
    struct slot *slot = NULL;

    (void)state;
    assert_int_equal(cspace_lookup_empty(world.cnode, SLOT_TCB, 64, &slot), ERR_DELETE_FIRST);
    assert_error(OUTCOME_ERROR, ERR_DELETE_FIRST);
    assert_int_equal(cspace_lookup_empty(world.cnode, SLOT_FREE, 64, &slot), ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(finds_slot_of_one_level, setup),
        cmocka_unit_test_setup(reports_wrong_guard, setup),
        cmocka_unit_test_setup(reports_missing_root, setup),
        cmocka_unit_test_setup(descends_levels, setup),
        cmocka_unit_test_setup(reports_too_few_bits, setup),
        cmocka_unit_test_setup(exact_lookup_wants_all_bits, setup),
        cmocka_unit_test_setup(operation_errors_in_order, setup),
        cmocka_unit_test_setup(operation_uses_low_bits_of_index, setup),
        cmocka_unit_test_setup(full_width_guard, setup),
        cmocka_unit_test_setup(empty_lookup_refuses_occupied, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
