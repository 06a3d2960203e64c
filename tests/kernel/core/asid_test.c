/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of ASID pools, and of lending VMIDs
 */
#include <core/asid.h>

#include <abi/labels.h>
#include <core/cdt.h>
#include <core/slot_delete.h>
#include <core/untyped.h>
#include <core/vspace.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <world/world.h>

#include <cmocka.h>

#define UT   20
#define POOL 21
#define ROOT 22

static int setup(void **state)
{
    (void)state;
    world_init();
    world_retype(OBJECT_UNTYPED, 12, UT, 1);
    world_retype(OBJECT_VSPACE, 0, ROOT, 1);
    return 0;
}

static enum outcome make_pool(word_t untyped, word_t slot)
{
    return CALL(SLOT_ASID_CONTROL, LABEL_ARM_ASID_CONTROL_MAKE_POOL, WORDS(slot, 64),
                CAPS(untyped, SLOT_CNODE));
}

static enum outcome assign(word_t pool, word_t root)
{
    return CALL(pool, LABEL_ARM_ASID_POOL_ASSIGN, CAPS(root));
}

static void make_pool_checks_in_order(void **state)
{
    struct call call = { SLOT_ASID_CONTROL, LABEL_ARM_ASID_POOL_ASSIGN, WORDS(SLOT_TCB, 0),
                         CAPS(SLOT_DEVICE, SLOT_TCB) };
    struct asid_pool_ref one = kernel.asid_pools[0];

    (void)state;
    assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
    call.label = LABEL_ARM_ASID_CONTROL_MAKE_POOL;
    call.length = 1;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.length = 2;
    call.extra_count = 1;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.extra_count = 2;
    for (int i = 1; i < 128; i++) {
        kernel.asid_pools[i] = one;
    }
    assert_error(world_call(&call), ERR_DELETE_FIRST);
    kernel.asid_pools[127].raw = 0;
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 1);
    call.extra[0] = SLOT_UNTYPED; /* too large */
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 1);
    call.extra[0] = UT;
    assert_done(
        CALL(UT, LABEL_UNTYPED_RETYPE, WORDS(OBJECT_TCB, 0, 0, 0, 40, 1), CAPS(SLOT_CNODE)));
    assert_error(world_call(&call), ERR_REVOKE_FIRST);
    assert_int_equal(slot_delete(world_slot(40)), PROGRESS_DONE);
    assert_lookup_error(world_call(&call), false, LOOKUP_INVALID_ROOT, 0);
    call.extra[1] = SLOT_CNODE;
    assert_range_error(world_call(&call), 1, 64);
    call.words[1] = 64;
    assert_error(world_call(&call), ERR_DELETE_FIRST);
    call.words[0] = POOL;
    host_memory_fill(cap_address(world_slot(UT)->cap), 0x11, 4096);
    assert_done(world_call(&call));
    assert_int_equal(cap_asid_pool_base(world_slot(POOL)->cap), 127);
    assert_true(host_memory_is_zero(cap_address(world_slot(UT)->cap), 4096));
    assert_int_equal(untyped_used_bytes(world_slot(UT)->cap), 4096);
    assert_true(cdt_is_parent(world_slot(UT), world_slot(POOL)));
    assert_false(cdt_is_parent(world_slot(POOL), world_slot(POOL)));
}

static void assign_checks_in_order(void **state)
{
    struct call call = { POOL, LABEL_ARM_ASID_CONTROL_MAKE_POOL, .extra = { SLOT_TCB } };

    (void)state;
    assert_done(make_pool(UT, POOL));
    assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
    call.label = LABEL_ARM_ASID_POOL_ASSIGN;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.extra_count = 1;
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 1);
    call.extra[0] = SLOT_VSPACE; /* has one */
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 1);
    call.extra[0] = ROOT;
    kernel.asid_pools[1].raw = 0;
    assert_lookup_error(world_call(&call), false, LOOKUP_INVALID_ROOT, 0);
    kernel.asid_pools[1] = kernel.asid_pools[0];
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 0);
    kernel.asid_pools[1].raw = cap_address(world_slot(POOL)->cap);
    assert_done(world_call(&call));
    assert_int_equal(cap_vspace_asid(world_slot(ROOT)->cap), 512);
    assert_true(cap_vspace_is_mapped(world_slot(ROOT)->cap));
}

static void asid_zero_is_never_given(void **state)
{
    (void)state;
    /* ASID 1 is the boot thread's. */
    assert_done(assign(SLOT_ASID_POOL, ROOT));
    assert_int_equal(cap_vspace_asid(world_slot(ROOT)->cap), 2);
}

static void full_pool_is_refused(void **state)
{
    struct asid_pool *pool = asid_pool_at(kernel.asid_pools[0]);

    (void)state;
    for (int i = 1; i < 512; i++) {
        pool->entries[i].root_vmid = HOST_MEMORY;
    }
    assert_error(assign(SLOT_ASID_POOL, ROOT), ERR_DELETE_FIRST);
    pool->entries[300].root_vmid = 0;
    assert_done(assign(SLOT_ASID_POOL, ROOT));
    assert_int_equal(cap_vspace_asid(world_slot(ROOT)->cap), 300);
}

static void vmid_is_lent_when_first_run(void **state)
{
    (void)state;
    assert_int_equal(asid_entry_vmid(*asid_find(1)), 0);
    asid_flush(1);
    asid_flush_page(1, 0);
    assert_int_equal(host.flushes_vmid + host.flushes_page, 0);
    vspace_switch_to(world.root);
    word_t vmid = host.vspace_vmid;
    assert_in_range(vmid, 1, 255);
    assert_int_equal(kernel.vmid_owner[vmid], 1);
    vspace_switch_to(world.root);
    assert_int_equal(host.vspace_vmid, vmid);
    asid_flush(1);
    assert_int_equal(host.flushed_vmid, vmid);
}

/* A thread in an address space of its own, with the given ASID. */
static struct tcb *thread_with_asid(word_t asid)
{
    struct asid_pool *pool = asid_pool_at(kernel.asid_pools[0]);
    struct tcb *thread = world_thread();
    word_t root = world_alloc(VSPACE_BITS);

    pool->entries[asid].root_vmid = root;
    cdt_insert_root(&thread->slots[TCB_SLOT_VSPACE], cap_vspace_new(root, true, asid));
    return thread;
}

static void vmids_are_taken_back_in_turn(void **state)
{
    enum { COUNT = 300 };
    struct tcb *threads[COUNT];
    bool seen[256] = { false };

    (void)state;
    for (word_t i = 0; i < COUNT; i++) {
        threads[i] = thread_with_asid(2 + i);
    }
    for (word_t i = 0; i < 255; i++) {
        vspace_switch_to(threads[i]);
        assert_in_range(host.vspace_vmid, 1, 255);
        assert_false(seen[host.vspace_vmid]);
        seen[host.vspace_vmid] = true;
    }
    assert_int_equal(host.flushes_vmid, 0);
    for (word_t i = 255; i < COUNT; i++) {
        vspace_switch_to(threads[i]);
        assert_int_equal(host.flushes_vmid, i - 254);
        assert_int_equal(host.flushed_vmid, host.vspace_vmid);
        assert_int_equal(kernel.vmid_owner[host.vspace_vmid], 2 + i);
        /* The oldest one lost it. */
        assert_int_equal(asid_entry_vmid(*asid_find(2 + i - 255)), 0);
        assert_int_equal(asid_entry_root(*asid_find(2 + i - 255)),
                         cap_address(threads[i - 255]->slots[TCB_SLOT_VSPACE].cap));
    }
    /* A free one is preferred to taking one back: the deletion switches to the current thread's
     * address space, which has none yet. */
    word_t freed = asid_entry_vmid(*asid_find(2 + 280));
    word_t flushes = host.flushes_vmid;
    asid_delete(2 + 280, cap_address(threads[280]->slots[TCB_SLOT_VSPACE].cap));
    assert_int_equal(host.flushes_vmid, flushes + 1);
    assert_int_equal(host.vspace_root, vspace_paddr(cap_address(world_slot(SLOT_VSPACE)->cap)));
    assert_int_equal(host.vspace_vmid, freed);
    for (word_t vmid = 1; vmid < 256; vmid++) {
        assert_int_equal(asid_entry_vmid(*asid_find(kernel.vmid_owner[vmid])), vmid);
    }
}

static void threads_without_root_run_on_nothing(void **state)
{
    struct tcb *thread = thread_with_asid(7);

    (void)state;
    vspace_switch_to(thread);
    assert_int_not_equal(host.vspace_vmid, 0);
    asid_pool_at(kernel.asid_pools[0])->entries[7].root_vmid = HOST_MEMORY; /* another's */
    vspace_switch_to(thread);
    assert_int_equal(host.vspace_vmid, 0);
    asid_pool_at(kernel.asid_pools[0])->entries[7].root_vmid = 0;
    vspace_switch_to(thread);
    assert_int_equal(host.vspace_vmid, 0);
    vspace_switch_to(world.root);
    assert_int_not_equal(host.vspace_vmid, 0);
    vspace_switch_to(world_thread());
    assert_int_equal(host.vspace_vmid, 0);
}

static void deleting_the_root_frees_its_asid(void **state)
{
    (void)state;
    vspace_switch_to(world.root);
    word_t vmid = host.vspace_vmid;
    assert_int_equal(slot_delete(world_slot(SLOT_VSPACE)), PROGRESS_DONE);
    assert_non_null(asid_find(1)); /* the thread's slot has a copy */
    assert_int_equal(slot_delete(&world.root->slots[TCB_SLOT_VSPACE]), PROGRESS_DONE);
    assert_null(asid_find(1));
    assert_int_equal(kernel.vmid_owner[vmid], 0);
    assert_int_equal(host.flushed_vmid, vmid);
    assert_int_equal(host.vspace_vmid, 0);
}

static void deleting_a_pool_frees_its_asids(void **state)
{
    (void)state;
    assert_done(make_pool(UT, POOL));
    assert_done(assign(POOL, ROOT));
    struct tcb *thread = world_thread();
    cdt_insert(world_slot(ROOT)->cap, world_slot(ROOT), &thread->slots[TCB_SLOT_VSPACE]);
    vspace_switch_to(thread);
    word_t vmid = host.vspace_vmid;
    assert_int_equal(slot_delete(world_slot(POOL)), PROGRESS_DONE);
    assert_int_equal(kernel.asid_pools[1].raw, 0);
    assert_null(asid_find(512));
    assert_int_equal(host.flushed_vmid, vmid);
    /* The root's record is stale; it cannot be given an ASID again, and its deletion is harmless. */
    assert_done(make_pool(UT, POOL));
    assert_numbered_error(assign(POOL, ROOT), ERR_INVALID_CAPABILITY, 1);
    assert_int_equal(slot_delete(&thread->slots[TCB_SLOT_VSPACE]), PROGRESS_DONE);
    assert_int_equal(slot_delete(world_slot(ROOT)), PROGRESS_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(make_pool_checks_in_order, setup),
        cmocka_unit_test_setup(assign_checks_in_order, setup),
        cmocka_unit_test_setup(asid_zero_is_never_given, setup),
        cmocka_unit_test_setup(full_pool_is_refused, setup),
        cmocka_unit_test_setup(vmid_is_lent_when_first_run, setup),
        cmocka_unit_test_setup(vmids_are_taken_back_in_turn, setup),
        cmocka_unit_test_setup(threads_without_root_run_on_nothing, setup),
        cmocka_unit_test_setup(deleting_the_root_frees_its_asid, setup),
        cmocka_unit_test_setup(deleting_a_pool_frees_its_asids, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
