/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of inspection: what is told, what is compared, and that nothing changes
 */
#include <core/inspect.h>

#include <abi/inspect.h>
#include <abi/labels.h>
#include <abi/messages.h>
#include <core/vspace.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <world/world.h>

#include <cmocka.h>

#define EP      20
#define EP2     21
#define NTFN    22
#define NODE    23 /* a CNode of 2^3 slots */
#define TCB     24
#define CONTEXT 25
#define TABLES  26 /* 2 of them */
#define FRAME   28
#define FRAME2  29
#define HANDLER 30
#define DEST    40
#define ROOT2   31
#define VADDR   0x8000200000ul

static int setup(void **state)
{
    (void)state;
    world_init();
    world_retype(OBJECT_ENDPOINT, 0, EP, 2);
    world_retype(OBJECT_NOTIFICATION, 0, NTFN, 1);
    world_retype(OBJECT_CNODE, 3, NODE, 1);
    world_retype(OBJECT_TCB, 0, TCB, 1);
    world_retype(OBJECT_SCHED_CONTEXT, 8, CONTEXT, 1);
    world_retype(OBJECT_PAGE_TABLE, 0, TABLES, 2);
    world_retype(OBJECT_SMALL_FRAME, 0, FRAME, 2);
    world_retype(OBJECT_VSPACE, 0, ROOT2, 1);
    return 0;
}

/* The answer in message word `i`. */
static word_t told(word_t i)
{
    return world.root->context.regs[CONTEXT_MESSAGE + i];
}

static void look(word_t slot, word_t compared)
{
    assert_done(CALL(SLOT_CNODE, LABEL_X_CNODE_INSPECT, WORDS(slot, 64), CAPS(compared)));
}

static void expect(enum cap_kind kind, word_t info, word_t data)
{
    assert_int_equal(told(0), kind);
    assert_int_equal(told(1), info);
    assert_int_equal(told(2), data);
}

static void mint(word_t from, word_t to, word_t rights, word_t data)
{
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_MINT, WORDS(to, 64, from, 64, rights, data),
                     CAPS(SLOT_CNODE)));
}

static void slots_are_told(void **state)
{
    (void)state;
    look(DEST, 0);
    expect(KIND_NULL, 0, 0);
    look(EP, EP2);
    expect(KIND_ENDPOINT, cap_info_new(RIGHTS_ALL, 4, 0, 0, 0, 0, false), 0);
    mint(EP, DEST, rights_new(1, 0, 0, 1), 0x1234567890abcdef);
    look(DEST, EP);
    expect(KIND_ENDPOINT, cap_info_new(rights_new(1, 0, 0, 1), 4, 0, 0, 0, 0, true),
           0x1234567890abcdef);
    look(EP, EP);
    assert_true(cap_info_has_children(told(1)));
    mint(NODE, DEST + 1, RIGHTS_ALL, 5ul << 6 | 4);
    look(DEST + 1, NODE);
    expect(KIND_CNODE, cap_info_new(0, 8, 4, 0, 0, 0, true), 5);
    look(SLOT_UNTYPED, SLOT_DEVICE);
    assert_int_equal(told(0), KIND_UNTYPED);
    assert_int_equal(cap_info_size_bits(told(1)), UNTYPED_BITS);
    assert_false(cap_info_is_device(told(1)));
    assert_true(cap_info_has_children(told(1)));
    assert_int_equal(told(2), cap_untyped_free_index(world_slot(SLOT_UNTYPED)->cap) << 4);
    look(SLOT_DEVICE, SLOT_DEVICE);
    assert_true(cap_info_is_device(told(1)));
    assert_true(cap_info_is_same(told(1)));
    look(SLOT_TCB, TCB);
    expect(KIND_TCB, cap_info_new(0, 11, 0, 0, 0, 0, false), 0);
}

/* No answer about a kind that has an object contains its address. */
static void no_address_is_told(void **state)
{
    (void)state;
    for (word_t slot = SLOT_TCB; slot < ROOT_SLOTS; slot++) {
        word_t address = cap_address(world_slot(slot)->cap);

        look(slot, slot);
        for (word_t i = 0; i < 3 && address != 0; i++) {
            assert_int_not_equal(told(i), address);
            assert_int_not_equal(told(i), vspace_paddr(address));
        }
    }
}

static void slot_lookup_fails_as_for_others(void **state)
{
    (void)state;
    assert_error(CALL(SLOT_CNODE, LABEL_X_CNODE_INSPECT, WORDS(EP), CAPS(0)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(SLOT_CNODE, LABEL_X_CNODE_INSPECT, WORDS(EP, 64)), ERR_TRUNCATED_MESSAGE);
    assert_range_error(CALL(SLOT_CNODE, LABEL_X_CNODE_INSPECT, WORDS(EP, 65), CAPS(0)), 1, 64);
    assert_lookup_error(CALL(NODE, LABEL_X_CNODE_INSPECT, WORDS(1, 2), CAPS(0)), false,
                        LOOKUP_DEPTH_MISMATCH, 2);
}

static void threads_are_told(void **state)
{
    struct tcb *thread = cap_tcb_object(world_slot(TCB)->cap);

    (void)state;
    thread->priority = 7;
    thread->mcp = 9;
    thread->flags = 1;
    thread->domain = 3;
    thread->counter_access = 0x203;
    assert_done(CALL(TCB, LABEL_X_TCB_INSPECT));
    assert_int_equal(told(0), thread_info_new(7, 9, 3, 1, true));
    assert_int_equal(told(1), 0x203);
    assert_done(CALL(SLOT_TCB, LABEL_X_TCB_INSPECT));
    assert_false(thread_info_is_stopped(told(0)));
}

static void binding(enum thread_binding number, word_t compared)
{
    assert_done(CALL(TCB, LABEL_X_TCB_INSPECT_BINDING, WORDS(number), CAPS(compared)));
}

static void bindings_are_told(void **state)
{
    (void)state;
    for (word_t i = BINDING_CSPACE; i <= BINDING_VCPU; i++) {
        binding((enum thread_binding)i, SLOT_CNODE);
        expect(KIND_NULL, 0, 0);
    }
    assert_done(CALL(TCB, LABEL_TCB_CONFIGURE, WORDS(3ul << 6 | 5, 0, 0x2400),
                     CAPS(NODE, SLOT_VSPACE, FRAME)));
    mint(EP, DEST, RIGHTS_ALL, 77);
    assert_done(CALL(TCB, LABEL_TCB_SET_SCHED_PARAMS, WORDS(5, 5), CAPS(SLOT_TCB, CONTEXT, DEST)));
    assert_done(CALL(TCB, LABEL_TCB_BIND_NOTIFICATION, CAPS(NTFN)));
    binding(BINDING_CSPACE, NODE);
    expect(KIND_CNODE, cap_info_new(0, 8, 5, 0, 0, 0, true), 3);
    binding(BINDING_VSPACE, SLOT_VSPACE);
    expect(KIND_VSPACE, cap_info_new(0, VSPACE_BITS, 0, 0, true, 0, true), 0);
    binding(BINDING_VSPACE, ROOT2);
    assert_false(cap_info_is_same(told(1)));
    binding(BINDING_BUFFER, FRAME);
    expect(KIND_FRAME, cap_info_new(RIGHTS_READ_WRITE, 12, 0, 0, 0, 0, true), 0x2400);
    binding(BINDING_FAULT_HANDLER, EP);
    expect(KIND_ENDPOINT, cap_info_new(RIGHTS_ALL, 4, 0, 0, 0, 0, true), 77);
    binding(BINDING_TIMEOUT_HANDLER, EP);
    expect(KIND_NULL, 0, 0);
    binding(BINDING_SCHED_CONTEXT, CONTEXT);
    expect(KIND_SCHED_CONTEXT, cap_info_new(0, 0, 0, 0, 0, 0, true), 0);
    binding(BINDING_SCHED_CONTEXT, SLOT_SCHED_CONTEXT);
    expect(KIND_SCHED_CONTEXT, 0, 0);
    binding(BINDING_NOTIFICATION, NTFN);
    expect(KIND_NOTIFICATION, cap_info_new(0, 0, 0, 0, 0, 0, true), 0);
    assert_numbered_error(CALL(TCB, LABEL_X_TCB_INSPECT_BINDING, WORDS(8), CAPS(0)),
                          ERR_INVALID_ARGUMENT, 0);
    assert_error(CALL(TCB, LABEL_X_TCB_INSPECT_BINDING, WORDS(0)), ERR_TRUNCATED_MESSAGE);
}

static word_t page(word_t vaddr, word_t compared)
{
    assert_done(CALL(SLOT_VSPACE, LABEL_X_VSPACE_INSPECT, WORDS(vaddr), CAPS(compared)));
    return told(0);
}

static void mappings_are_told(void **state)
{
    (void)state;
    assert_int_equal(page(VADDR, 0), mapping_info_new(0, 30, 0, 0, 0, 0));
    for (word_t i = 0; i < 2; i++) {
        assert_done(CALL(TABLES + i, LABEL_ARM_PAGE_TABLE_MAP, WORDS(VADDR, 0), CAPS(SLOT_VSPACE)));
    }
    /* Both tables are on the way, to neighbours too, but not to other gigabytes. */
    assert_int_equal(page(VADDR, TABLES), mapping_info_new(0, 12, 0, 0, 0, true));
    assert_int_equal(page(VADDR + 4096, TABLES + 1), mapping_info_new(0, 12, 0, 0, 0, true));
    assert_int_equal(page(VADDR + (1ul << 21), TABLES), mapping_info_new(0, 21, 0, 0, 0, true));
    assert_int_equal(page(VADDR + (1ul << 21), TABLES + 1), mapping_info_new(0, 21, 0, 0, 0, 0));
    assert_int_equal(page(VADDR + (1ul << 30), TABLES), mapping_info_new(0, 30, 0, 0, 0, 0));
    assert_done(CALL(FRAME, LABEL_ARM_PAGE_MAP, WORDS(VADDR, RIGHTS_READ_WRITE, PAGE_CACHEABLE),
                     CAPS(SLOT_VSPACE)));
    assert_int_equal(page(VADDR, FRAME), mapping_info_new(RIGHTS_READ_WRITE, 12, 1, 1, 0, true));
    assert_int_equal(page(VADDR, FRAME2), mapping_info_new(RIGHTS_READ_WRITE, 12, 1, 1, 0, 0));
    assert_done(CALL(FRAME2, LABEL_ARM_PAGE_MAP,
                     WORDS(VADDR + 4096, rights_new(0, 0, 1, 0), PAGE_EXECUTE_NEVER),
                     CAPS(SLOT_VSPACE)));
    assert_int_equal(page(VADDR + 4096, FRAME2),
                     mapping_info_new(rights_new(0, 0, 1, 0), 12, 1, 0, 1, true));
    look(FRAME2, FRAME2);
    expect(KIND_FRAME, cap_info_new(RIGHTS_READ_WRITE, 12, 0, 0, true, 0, true), VADDR + 4096);
    assert_numbered_error(CALL(SLOT_VSPACE, LABEL_X_VSPACE_INSPECT, WORDS(1ul << 40), CAPS(0)),
                          ERR_INVALID_ARGUMENT, 0);
    assert_numbered_error(CALL(ROOT2, LABEL_X_VSPACE_INSPECT, WORDS(0), CAPS(0)),
                          ERR_INVALID_CAPABILITY, 0);
    assert_error(CALL(SLOT_VSPACE, LABEL_X_VSPACE_INSPECT, WORDS(0)), ERR_TRUNCATED_MESSAGE);
}

static void contexts_are_told(void **state)
{
    (void)state;
    assert_done(CALL(SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
                     WORDS(2000, 10000, 3, 0x55, 0), CAPS(CONTEXT)));
    assert_done(CALL(CONTEXT, LABEL_X_SCHED_CONTEXT_INSPECT, WORDS(0), CAPS(TCB)));
    assert_int_equal(told(0), context_info_new(5, 1, 0, 0, 0, 0, 0));
    assert_int_equal(told(1), 10000);
    assert_int_equal(told(2), 2000);
    assert_int_equal(told(3), 0x55);
    assert_done(CALL(CONTEXT, LABEL_SCHED_CONTEXT_BIND, CAPS(TCB)));
    assert_done(CALL(CONTEXT, LABEL_SCHED_CONTEXT_BIND, CAPS(NTFN)));
    assert_done(CALL(CONTEXT, LABEL_X_SCHED_CONTEXT_INSPECT, WORDS(1), CAPS(TCB)));
    assert_int_equal(told(0), context_info_new(5, 1, 0, 0, true, true, true));
    assert_int_equal(told(2), 0);
    assert_done(CALL(CONTEXT, LABEL_X_SCHED_CONTEXT_INSPECT, WORDS(~0ul), CAPS(NTFN)));
    assert_true(context_info_is_same(told(0)));
    assert_int_equal(told(2), 0);
    assert_done(CALL(CONTEXT, LABEL_X_SCHED_CONTEXT_INSPECT, WORDS(0), CAPS(SLOT_TCB)));
    assert_false(context_info_is_same(told(0)));
    assert_error(CALL(CONTEXT, LABEL_X_SCHED_CONTEXT_INSPECT, WORDS(0)), ERR_TRUNCATED_MESSAGE);
}

/* Split refills lie around the end of the ring. */
static void refills_are_counted_from_the_next(void **state)
{
    struct sched_context *context = cap_sched_context_object(world_slot(CONTEXT)->cap);

    (void)state;
    assert_done(CALL(SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
                     WORDS(2000, 10000, 3, 0, 0), CAPS(CONTEXT)));
    context->refill_head = 4;
    context->refill_count = 2;
    context->refills[4].amount = 500 * TICKS_PER_MS / 1000;
    context->refills[0].amount = 1500 * TICKS_PER_MS / 1000;
    assert_done(CALL(CONTEXT, LABEL_X_SCHED_CONTEXT_INSPECT, WORDS(0), CAPS(0)));
    assert_int_equal(told(2), 500);
    assert_done(CALL(CONTEXT, LABEL_X_SCHED_CONTEXT_INSPECT, WORDS(1), CAPS(0)));
    assert_int_equal(told(2), 1500);
}

static void interrupts_and_pools_are_told(void **state)
{
    word_t used;

    (void)state;
    assert_done(
        CALL(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, WORDS(40, HANDLER, 64), CAPS(SLOT_CNODE)));
    look(HANDLER, HANDLER);
    expect(KIND_IRQ_HANDLER, cap_info_new(0, 0, 0, 0, 0, 0, true), 40);
    assert_done(CALL(HANDLER, LABEL_X_IRQ_HANDLER_INSPECT, CAPS(NTFN)));
    expect(KIND_NULL, 0, 0);
    mint(NTFN, DEST, rights_new(0, 0, 0, 1), 8);
    assert_done(CALL(HANDLER, LABEL_IRQ_HANDLER_SET_NOTIFICATION, CAPS(DEST)));
    assert_done(CALL(HANDLER, LABEL_X_IRQ_HANDLER_INSPECT, CAPS(NTFN)));
    expect(KIND_NOTIFICATION, cap_info_new(rights_new(0, 0, 0, 1), 6, 0, 0, 0, 0, true), 8);
    assert_done(CALL(HANDLER, LABEL_X_IRQ_HANDLER_INSPECT, CAPS(EP)));
    assert_false(cap_info_is_same(told(1)));
    assert_error(CALL(HANDLER, LABEL_X_IRQ_HANDLER_INSPECT), ERR_TRUNCATED_MESSAGE);
    assert_done(CALL(SLOT_ASID_POOL, LABEL_X_ASID_POOL_INSPECT));
    used = told(0);
    assert_done(CALL(SLOT_ASID_POOL, LABEL_ARM_ASID_POOL_ASSIGN, CAPS(ROOT2)));
    assert_done(CALL(SLOT_ASID_POOL, LABEL_X_ASID_POOL_INSPECT));
    assert_int_equal(told(0), used + 1);
}

static void labels_are_unknown_elsewhere(void **state)
{
    static const struct {
        word_t slot, label;
    } pairs[] = {
        { SLOT_CNODE, LABEL_X_CNODE_INSPECT },        { TCB, LABEL_X_TCB_INSPECT },
        { TCB, LABEL_X_TCB_INSPECT_BINDING },         { SLOT_VSPACE, LABEL_X_VSPACE_INSPECT },
        { CONTEXT, LABEL_X_SCHED_CONTEXT_INSPECT },   { HANDLER, LABEL_X_IRQ_HANDLER_INSPECT },
        { SLOT_ASID_POOL, LABEL_X_ASID_POOL_INSPECT }
    };

    (void)state;
    assert_done(
        CALL(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, WORDS(40, HANDLER, 64), CAPS(SLOT_CNODE)));
    for (word_t i = 0; i < 7; i++) {
        for (word_t j = 0; j < 7; j++) {
            struct call call = { .cptr = pairs[i].slot,
                                 .label = pairs[j].label,
                                 .words = { EP, 64 },
                                 .length = 2,
                                 .extra = { EP },
                                 .extra_count = 1 };

            if (pairs[i].slot != pairs[j].slot) {
                assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
            }
        }
    }
    kernel.config.extensions = false;
    for (word_t i = 0; i < 7; i++) {
        assert_error(CALL(pairs[i].slot, pairs[i].label, WORDS(0, 64), CAPS(0)),
                     ERR_ILLEGAL_OPERATION);
    }
}

static void nothing_changes(void **state)
{
    static uint8_t before[sizeof kernel];
    struct slot slot = *world_slot(EP);
    struct tcb thread = *cap_tcb_object(world_slot(TCB)->cap);

    (void)state;
    memcpy(before, &kernel, sizeof kernel);
    look(EP, EP2);
    binding(BINDING_BUFFER, EP);
    (void)page(VADDR, FRAME);
    assert_memory_equal(before, &kernel, sizeof kernel);
    assert_memory_equal(&slot, world_slot(EP), sizeof slot);
    assert_memory_equal(&thread, cap_tcb_object(world_slot(TCB)->cap), sizeof thread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(slots_are_told, setup),
        cmocka_unit_test_setup(no_address_is_told, setup),
        cmocka_unit_test_setup(slot_lookup_fails_as_for_others, setup),
        cmocka_unit_test_setup(threads_are_told, setup),
        cmocka_unit_test_setup(bindings_are_told, setup),
        cmocka_unit_test_setup(mappings_are_told, setup),
        cmocka_unit_test_setup(contexts_are_told, setup),
        cmocka_unit_test_setup(refills_are_counted_from_the_next, setup),
        cmocka_unit_test_setup(interrupts_and_pools_are_told, setup),
        cmocka_unit_test_setup(labels_are_unknown_elsewhere, setup),
        cmocka_unit_test_setup(nothing_changes, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
