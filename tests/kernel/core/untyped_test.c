/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of untyped memory
 */
#include <core/untyped.h>

#include <abi/labels.h>
#include <core/cdt.h>
#include <core/slot_delete.h>
#include <core/vcpu.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <world/world.h>

#include <cmocka.h>

#define DEST 20

static int setup(void **state)
{
    (void)state;
    world_init();
    return 0;
}

/* type, size_bits, node_index, node_depth, node_offset, count */
static enum outcome retype(word_t untyped, word_t type, word_t size_bits, word_t offset,
                           word_t count)
{
    return CALL(untyped, LABEL_UNTYPED_RETYPE, WORDS(type, size_bits, 0, 0, offset, count),
                CAPS(SLOT_CNODE));
}

/* An untyped of 2^bits bytes in slot `slot`, empty. */
static struct cap sub_untyped(word_t slot, word_t bits)
{
    assert_done(retype(SLOT_UNTYPED, OBJECT_UNTYPED, bits, slot, 1));
    return world_slot(slot)->cap;
}

static word_t used(word_t slot)
{
    return untyped_used_bytes(world_slot(slot)->cap);
}

static void checks_in_order(void **state)
{
    struct call call = { SLOT_UNTYPED, LABEL_UNTYPED_RETYPE, WORDS(13, 64, 5, 65, ROOT_SLOTS, 0),
                         CAPS(SLOT_TCB) };

    (void)state;
    /* Everything is wrong; put it right piece by piece. */
    call.label = LABEL_TCB_SUSPEND;
    call.length = 5;
    assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
    call.label = LABEL_UNTYPED_RETYPE;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.length = 6;
    call.extra_count = 0;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.extra_count = 1;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 0);
    call.words[0] = OBJECT_CNODE;
    assert_range_error(world_call(&call), 0, 47);
    call.words[1] = 43;
    assert_range_error(world_call(&call), 0, 47);
    call.words[1] = 0;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 1);
    call.words[0] = OBJECT_UNTYPED;
    call.words[1] = 3;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 1);
    call.words[1] = 48;
    assert_range_error(world_call(&call), 0, 47);
    call.words[0] = OBJECT_SCHED_CONTEXT;
    call.words[1] = 6;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 1);
    call.words[0] = OBJECT_TCB; /* size ignored, but below 64 */
    call.words[1] = 64;
    assert_range_error(world_call(&call), 0, 47);
    call.words[1] = 63;
    assert_lookup_error(world_call(&call), false, LOOKUP_INVALID_ROOT, 0);
    call.extra[0] = SLOT_CNODE;
    assert_range_error(world_call(&call), 1, 64);
    call.words[2] = SLOT_TCB; /* not a CNode */
    call.words[3] = 64;
    assert_lookup_error(world_call(&call), false, LOOKUP_MISSING_CAPABILITY, 64);
    call.words[2] = SLOT_CNODE;
    assert_range_error(world_call(&call), 0, ROOT_SLOTS - 1);
    call.words[4] = ROOT_SLOTS - 1;
    assert_range_error(world_call(&call), 1, 256);
    call.words[5] = 257;
    assert_range_error(world_call(&call), 1, 256);
    call.words[5] = 2;
    assert_range_error(world_call(&call), 1, 1);
    call.words[4] = SLOT_FREE - 1;
    assert_error(world_call(&call), ERR_DELETE_FIRST);
    call.words[4] = SLOT_FREE;
    assert_done(world_call(&call));
}

static void depth_zero_is_the_capability_itself(void **state)
{
    (void)state;
    assert_lookup_error(CALL(SLOT_UNTYPED, LABEL_UNTYPED_RETYPE,
                             WORDS(OBJECT_TCB, 0, 0, 0, DEST, 1), CAPS(SLOT_TCB)),
                        false, LOOKUP_MISSING_CAPABILITY, 0);
}

static void memory_check(void **state)
{
    (void)state;
    sub_untyped(DEST, 13);
    assert_error(retype(DEST, OBJECT_TCB, 0, DEST + 1, 5), ERR_NOT_ENOUGH_MEMORY);
    assert_int_equal(this_cpu()->error.bytes_left, 8192);
    assert_done(retype(DEST, OBJECT_ENDPOINT, 0, DEST + 1, 1));
    assert_int_equal(used(DEST), 16);
    assert_error(retype(DEST, OBJECT_TCB, 0, DEST + 2, 4), ERR_NOT_ENOUGH_MEMORY);
    assert_int_equal(this_cpu()->error.bytes_left, 8192 - 16);
    assert_done(retype(DEST, OBJECT_TCB, 0, DEST + 2, 3));
    assert_int_equal(used(DEST), 8192);
    assert_error(retype(DEST, OBJECT_ENDPOINT, 0, DEST + 5, 1), ERR_NOT_ENOUGH_MEMORY);
    assert_int_equal(this_cpu()->error.bytes_left, 0);
    /* Too large an object for the whole: */
    assert_done(slot_revoke(world_slot(DEST)));
    assert_error(retype(DEST, OBJECT_LARGE_FRAME, 0, DEST + 1, 1), ERR_NOT_ENOUGH_MEMORY);
    assert_int_equal(this_cpu()->error.bytes_left, 8192);
}

static void objects_are_aligned_adjacent_and_in_order(void **state)
{
    struct cap untyped = sub_untyped(DEST, 16);
    word_t base = cap_address(untyped);

    (void)state;
    assert_done(retype(DEST, OBJECT_ENDPOINT, 0, DEST + 1, 3));
    assert_done(retype(DEST, OBJECT_SMALL_FRAME, 0, DEST + 4, 2));
    assert_done(retype(DEST, OBJECT_REPLY, 0, DEST + 6, 1));
    for (word_t i = 0; i < 3; i++) {
        assert_int_equal(cap_address(world_slot(DEST + 1 + i)->cap), base + 16 * i);
    }
    assert_int_equal(cap_address(world_slot(DEST + 4)->cap), base + 4096);
    assert_int_equal(cap_address(world_slot(DEST + 5)->cap), base + 8192);
    assert_int_equal(cap_address(world_slot(DEST + 6)->cap), base + 12288);
    assert_int_equal(used(DEST), 12288 + 32);
    /* The last one created is nearest to the parent. */
    assert_ptr_equal(cdt_next(world_slot(DEST)), world_slot(DEST + 6));
    assert_ptr_equal(cdt_next(world_slot(DEST + 6)), world_slot(DEST + 5));
    assert_ptr_equal(cdt_next(world_slot(DEST + 2)), world_slot(DEST + 1));
}

static void first_contents(void **state)
{
    struct cap cap;

    (void)state;
    assert_done(retype(SLOT_UNTYPED, OBJECT_TCB, 0, DEST, 1));
    const struct tcb *thread = cap_tcb_object(world_slot(DEST)->cap);
    assert_int_equal(thread->state, THREAD_INACTIVE);
    assert_int_equal(thread->context.regs[CONTEXT_SPSR], 0x140);
    assert_int_equal(thread->context.regs[CONTEXT_X0], 0);
    assert_done(retype(SLOT_UNTYPED, OBJECT_VCPU, 0, DEST + 1, 1));
    const struct vcpu *vcpu = cap_vcpu_object(world_slot(DEST + 1)->cap);
    assert_int_equal(vcpu->registers.fields[VCPU_REG_SCTLR_EL1], 0x34d58820);
    assert_int_equal(vcpu->registers.vgic_hcr, 1);
    assert_done(retype(SLOT_UNTYPED, OBJECT_CNODE, 7, DEST + 2, 1));
    cap = world_slot(DEST + 2)->cap;
    assert_int_equal(cap_cnode_radix(cap), 7);
    assert_int_equal(cap_cnode_guard_size(cap), 0);
    assert_done(retype(SLOT_UNTYPED, OBJECT_LARGE_FRAME, 0, DEST + 3, 1));
    cap = world_slot(DEST + 3)->cap;
    assert_int_equal(cap_frame_size(cap), FRAME_LARGE);
    assert_int_equal(cap_frame_rights(cap), FRAME_READ_WRITE);
    assert_int_equal(cap_frame_asid(cap), 0);
    assert_int_equal(cap_address(cap) % (1ul << 21), 0);
    assert_done(retype(SLOT_UNTYPED, OBJECT_SCHED_CONTEXT, 9, DEST + 4, 1));
    assert_int_equal(cap_sched_context_size_bits(world_slot(DEST + 4)->cap), 9);
    assert_done(retype(SLOT_UNTYPED, OBJECT_REPLY, 0, DEST + 5, 1));
    assert_true(cap_reply_can_grant(world_slot(DEST + 5)->cap));
    assert_done(retype(SLOT_UNTYPED, OBJECT_VSPACE, 0, DEST + 6, 1));
    assert_false(cap_vspace_is_mapped(world_slot(DEST + 6)->cap));
    assert_int_equal(cap_address(world_slot(DEST + 6)->cap) % 8192, 0);
}

static void reset_zeroes_what_was_used(void **state)
{
    word_t bytes = 1ul << UNTYPED_BITS;

    (void)state;
    /* A boot untyped is full, so the first retype zeroes all of it. */
    assert_done(retype(SLOT_UNTYPED, OBJECT_SMALL_FRAME, 0, DEST, 1));
    assert_true(host_memory_is_zero(world.untyped, bytes));
    assert_int_equal(host.cleared_bytes, bytes);
    assert_int_equal(host.cleaned_bytes, bytes);
    /* With children left there is no reset. */
    host_memory_fill(world.untyped, 0x77, 4096);
    assert_done(retype(SLOT_UNTYPED, OBJECT_ENDPOINT, 0, DEST + 1, 1));
    assert_int_equal(host.cleared_bytes, bytes);
    assert_done(slot_revoke(world_slot(SLOT_UNTYPED)));
    assert_done(retype(SLOT_UNTYPED, OBJECT_ENDPOINT, 0, DEST + 1, 1));
    assert_int_equal(host.cleared_bytes, bytes + 4096 + 16);
    assert_true(host_memory_is_zero(world.untyped, bytes));
    assert_int_equal(cap_address(world_slot(DEST + 1)->cap), world.untyped);
}

static void preempted_reset_goes_on(void **state)
{
    struct call call = { SLOT_UNTYPED, LABEL_UNTYPED_RETYPE, WORDS(OBJECT_TCB, 0, 0, 0, DEST, 1),
                         CAPS(SLOT_CNODE) };
    word_t before = used(SLOT_UNTYPED);

    (void)state;
    world_preempt(true);
    assert_int_equal(world_call(&call), OUTCOME_PREEMPTED);
    assert_true(used(SLOT_UNTYPED) < before);
    assert_true(used(SLOT_UNTYPED) > 0);
    assert_true(cap_is_null(world_slot(DEST)->cap));
    assert_true(
        host_memory_is_zero(world.untyped + used(SLOT_UNTYPED), before - used(SLOT_UNTYPED)));
    assert_done(world_call_stubborn(&call));
    assert_int_equal(host.cleared_bytes, 1ul << UNTYPED_BITS);
    assert_true(host_memory_is_zero(world.untyped + 2048, (1ul << UNTYPED_BITS) - 2048));
}

static void device_memory_is_not_touched(void **state)
{
    (void)state;
    assert_numbered_error(retype(SLOT_DEVICE, OBJECT_TCB, 0, DEST, 1), ERR_INVALID_ARGUMENT, 1);
    assert_numbered_error(retype(SLOT_DEVICE, OBJECT_PAGE_TABLE, 0, DEST, 1), ERR_INVALID_ARGUMENT,
                          1);
    assert_done(retype(SLOT_DEVICE, OBJECT_HUGE_FRAME, 0, DEST, 2));
    assert_int_equal(host.cleared_bytes, 0);
    assert_true(cap_frame_is_device(world_slot(DEST)->cap));
    assert_int_equal(cap_address(world_slot(DEST + 1)->cap), KERNEL_WINDOW_BASE + (1ul << 30));
    assert_done(retype(SLOT_DEVICE, OBJECT_UNTYPED, 20, DEST + 2, 1));
    assert_true(cap_untyped_is_device(world_slot(DEST + 2)->cap));
    /* Memory is asked for before the type. */
    assert_done(retype(DEST + 2, OBJECT_SMALL_FRAME, 0, DEST + 3, 100));
    assert_error(retype(DEST + 2, OBJECT_CNODE, 20, DEST + 110, 1), ERR_NOT_ENOUGH_MEMORY);
}

static void copy_of_untyped_takes_all(void **state)
{
    (void)state;
    sub_untyped(DEST, 14);
    assert_done(
        CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(DEST + 1, 64, DEST, 64, 15), CAPS(SLOT_CNODE)));
    assert_error(retype(DEST, OBJECT_ENDPOINT, 0, DEST + 2, 1), ERR_NOT_ENOUGH_MEMORY);
    assert_done(retype(DEST + 1, OBJECT_ENDPOINT, 0, DEST + 2, 1));
    /* Without the copy the original can start afresh. */
    assert_done(slot_revoke(world_slot(DEST)));
    assert_true(cap_is_null(world_slot(DEST + 1)->cap));
    assert_true(cap_is_null(world_slot(DEST + 2)->cap));
    assert_done(retype(DEST, OBJECT_ENDPOINT, 0, DEST + 2, 1));
}

static void all_of_a_cnode_can_be_filled(void **state)
{
    (void)state;
    sub_untyped(DEST, 13);
    assert_done(retype(SLOT_UNTYPED, OBJECT_CNODE, 8, DEST + 1, 1));
    assert_done(CALL(DEST, LABEL_UNTYPED_RETYPE, WORDS(OBJECT_ENDPOINT, 0, DEST + 1, 64, 0, 256),
                     CAPS(SLOT_CNODE)));
    assert_int_equal(used(DEST), 4096);
    assert_int_equal(cap_type(cap_cnode_slot(world_slot(DEST + 1)->cap, 255)->cap), CAP_ENDPOINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(checks_in_order, setup),
        cmocka_unit_test_setup(depth_zero_is_the_capability_itself, setup),
        cmocka_unit_test_setup(memory_check, setup),
        cmocka_unit_test_setup(objects_are_aligned_adjacent_and_in_order, setup),
        cmocka_unit_test_setup(first_contents, setup),
        cmocka_unit_test_setup(reset_zeroes_what_was_used, setup),
        cmocka_unit_test_setup(preempted_reset_goes_on, setup),
        cmocka_unit_test_setup(device_memory_is_not_touched, setup),
        cmocka_unit_test_setup(copy_of_untyped_takes_all, setup),
        cmocka_unit_test_setup(all_of_a_cnode_can_be_filled, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
