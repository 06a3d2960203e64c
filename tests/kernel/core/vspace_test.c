/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of page tables, frames and cache operations
 */
#include <core/vspace.h>

#include <abi/labels.h>
#include <abi/messages.h>
#include <core/cdt.h>
#include <core/slot_delete.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <world/world.h>

#include <cmocka.h>

#define PT1   20 /* page tables */
#define PT2   21
#define PT3   22
#define FRAME 24 /* small frames */
#define OTHER 25
#define LARGE 26
#define ROOT2 27 /* a VSpace root without ASID */
#define HUGE  28 /* a device frame of 1 GiB */
#define COPY  40
#define PAGE  4096ul
#define VADDR 0x8000200000ul

static int setup(void **state)
{
    (void)state;
    world_init();
    world_retype(OBJECT_PAGE_TABLE, 0, PT1, 3);
    world_retype(OBJECT_SMALL_FRAME, 0, FRAME, 2);
    world_retype(OBJECT_LARGE_FRAME, 0, LARGE, 1);
    world_retype(OBJECT_VSPACE, 0, ROOT2, 1);
    assert_done(CALL(SLOT_DEVICE, LABEL_UNTYPED_RETYPE, WORDS(OBJECT_HUGE_FRAME, 0, 0, 0, HUGE, 2),
                     CAPS(SLOT_CNODE)));
    return 0;
}

static enum outcome map_table(word_t table, word_t vaddr)
{
    return CALL(table, LABEL_ARM_PAGE_TABLE_MAP, WORDS(vaddr, 0), CAPS(SLOT_VSPACE));
}

static enum outcome map(word_t frame, word_t vaddr, word_t rights, word_t attributes)
{
    return CALL(frame, LABEL_ARM_PAGE_MAP, WORDS(vaddr, rights, attributes), CAPS(SLOT_VSPACE));
}

static enum outcome unmap(word_t frame)
{
    return CALL(frame, LABEL_ARM_PAGE_UNMAP);
}

static struct vspace_walk walk(word_t vaddr)
{
    return vspace_walk(cap_address(world_slot(SLOT_VSPACE)->cap), vaddr);
}

static word_t paddr(word_t slot)
{
    return vspace_paddr(cap_address(world_slot(slot)->cap));
}

/* Both tables for VADDR, and the thread running in the address space. */
static void make_tables(void)
{
    assert_done(map_table(PT1, VADDR));
    assert_done(map_table(PT2, VADDR));
    vspace_switch_to(world.root);
    assert_int_equal(host.vspace_root, paddr(SLOT_VSPACE));
    assert_int_not_equal(host.vspace_vmid, 0);
}

static void entries_have_the_documented_bits(void **state)
{
    (void)state;
    assert_int_equal(pte_table(0x40001000), 0x40001003);
    assert_int_equal(pte_leaf(0x40001000, 2, FRAME_READ_WRITE, PAGE_DEFAULT), 0x400014ff);
    assert_int_equal(pte_leaf(0x40001000, 2, FRAME_READ_ONLY, PAGE_CACHEABLE | PAGE_EXECUTE_NEVER),
                     0x40000040001000ul | 0x47f);
    assert_int_equal(pte_leaf(0x40200000, 1, FRAME_READ_WRITE, 0), 0x402004c1);
    assert_int_equal(pte_leaf(0xff40000000, 0, FRAME_KERNEL_ONLY, PAGE_CACHEABLE), 0xff4000043d);
    assert_int_equal(vspace_level_index(0xffffffffff, 0), 1023);
    assert_int_equal(vspace_level_index(VADDR, 1), 1);
    assert_int_equal(vspace_level_shift(0), 30);
    assert_int_equal(vspace_level_shift(2), 12);
}

static void tables_fill_the_first_gap(void **state)
{
    (void)state;
    assert_int_equal(walk(VADDR).level, 0);
    assert_done(map_table(PT1, VADDR | 0x12345));
    assert_int_equal(walk(VADDR).level, 1);
    assert_int_equal(cap_page_table_vaddr(world_slot(PT1)->cap), VADDR & ~((1ul << 30) - 1));
    assert_int_equal(cap_page_table_asid(world_slot(PT1)->cap), 1);
    assert_done(map_table(PT2, VADDR));
    assert_int_equal(walk(VADDR).level, 2);
    assert_int_equal(cap_page_table_vaddr(world_slot(PT2)->cap), VADDR);
    assert_error(map_table(PT3, VADDR), ERR_DELETE_FIRST);
    assert_done(map_table(PT3, VADDR + (1ul << 21)));
}

static void table_checks_in_order(void **state)
{
    struct call call = { PT1, LABEL_ARM_PAGE_MAP, WORDS(1ul << 40), CAPS(ROOT2) };

    (void)state;
    assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
    call.label = LABEL_ARM_PAGE_TABLE_MAP;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.length = 2;
    call.extra_count = 0;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.extra_count = 1;
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 1);
    call.extra[0] = SLOT_VSPACE;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 0);
    call.words[0] = USER_TOP;
    assert_done(world_call(&call));
    call.words[0] = 1ul << 41;
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 0);
    /* A page of 2 MiB is in the way of a table. */
    assert_done(map_table(PT2, VADDR));
    assert_done(map(LARGE, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_error(map_table(PT3, VADDR), ERR_DELETE_FIRST);
}

static void stale_roots_are_refused(void **state)
{
    (void)state;
    /* The same ASID names another root: */
    world_slot(ROOT2)->cap = cap_vspace_new(cap_address(world_slot(ROOT2)->cap), true, 1);
    assert_numbered_error(CALL(PT1, LABEL_ARM_PAGE_TABLE_MAP, WORDS(VADDR, 0), CAPS(ROOT2)),
                          ERR_INVALID_CAPABILITY, 1);
    assert_numbered_error(CALL(FRAME, LABEL_ARM_PAGE_MAP, WORDS(VADDR, 3, 3), CAPS(ROOT2)),
                          ERR_INVALID_CAPABILITY, 1);
    assert_numbered_error(CALL(ROOT2, LABEL_ARM_VSPACE_CLEAN_DATA, WORDS(0, 8)),
                          ERR_INVALID_CAPABILITY, 0);
    /* or none: */
    world_slot(ROOT2)->cap = cap_vspace_new(cap_address(world_slot(ROOT2)->cap), true, 2);
    assert_lookup_error(CALL(PT1, LABEL_ARM_PAGE_TABLE_MAP, WORDS(VADDR, 0), CAPS(ROOT2)), false,
                        LOOKUP_INVALID_ROOT, 0);
    world_slot(ROOT2)->cap = cap_vspace_new(cap_address(world_slot(ROOT2)->cap), true, 0xffff);
    assert_lookup_error(CALL(FRAME, LABEL_ARM_PAGE_MAP, WORDS(VADDR, 3, 3), CAPS(ROOT2)), false,
                        LOOKUP_INVALID_ROOT, 0);
}

static void frame_checks_in_order(void **state)
{
    struct call call = { FRAME, LABEL_ARM_PAGE_TABLE_MAP, WORDS(USER_TOP - 6, RIGHTS_ALL),
                         CAPS(SLOT_TCB) };

    (void)state;
    assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
    call.label = LABEL_ARM_PAGE_MAP;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.length = 3;
    call.extra_count = 0;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.extra_count = 1;
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 1);
    call.extra[0] = SLOT_VSPACE;
    assert_error(world_call(&call), ERR_ALIGNMENT);
    call.words[0] = 1ul << 40;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 0);
    call.words[0] = ~0xffful;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 0);
    call.words[0] = VADDR;
    assert_lookup_error(world_call(&call), false, LOOKUP_MISSING_CAPABILITY, 30);
    assert_done(map_table(PT1, VADDR));
    assert_lookup_error(world_call(&call), false, LOOKUP_MISSING_CAPABILITY, 21);
    assert_done(map_table(PT2, VADDR));
    assert_lookup_error(map(LARGE, VADDR, RIGHTS_ALL, 3), false, LOOKUP_MISSING_CAPABILITY, 12);
    assert_done(world_call(&call));
    /* Mapped: only the same place will do. */
    call.words[0] = VADDR + PAGE;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 0);
    assert_error(map(FRAME, VADDR + 1, RIGHTS_ALL, 3), ERR_ALIGNMENT);
    assert_done(
        CALL(SLOT_ASID_POOL, LABEL_ARM_ASID_POOL_ASSIGN, .extra = { ROOT2 }, .extra_count = 1));
    call.extra[0] = ROOT2;
    assert_numbered_error(world_call(&call), ERR_INVALID_CAPABILITY, 1);
}

static void small_frame_maps_and_unmaps(void **state)
{
    (void)state;
    make_tables();
    assert_done(map(FRAME, VADDR + PAGE, RIGHTS_ALL, PAGE_DEFAULT));
    assert_int_equal(walk(VADDR + PAGE).pte,
                     pte_leaf(paddr(FRAME), 2, FRAME_READ_WRITE, PAGE_DEFAULT));
    assert_int_equal(host.flushes_page, 0); /* nothing was there */
    assert_int_equal(cap_frame_vaddr(world_slot(FRAME)->cap), VADDR + PAGE);
    /* Mapping again changes rights and attributes. */
    assert_done(map(FRAME, VADDR + PAGE, rights_new(0, 0, 1, 0), PAGE_EXECUTE_NEVER));
    assert_int_equal(walk(VADDR + PAGE).pte,
                     pte_leaf(paddr(FRAME), 2, FRAME_READ_ONLY, PAGE_EXECUTE_NEVER));
    assert_int_equal(host.flushes_page, 1);
    assert_int_equal(host.flushed_vaddr, VADDR + PAGE);
    assert_int_equal(host.flushed_vmid, host.vspace_vmid);
    assert_done(unmap(FRAME));
    assert_int_equal(walk(VADDR + PAGE).pte, pte_invalid());
    assert_int_equal(host.flushes_page, 2);
    assert_int_equal(cap_frame_asid(world_slot(FRAME)->cap), 0);
    assert_done(unmap(FRAME));
    assert_int_equal(host.flushes_page, 2);
    assert_done(map(FRAME, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
}

static void large_and_huge_frames(void **state)
{
    (void)state;
    assert_done(map(HUGE, 3ul << 30, RIGHTS_ALL, 0));
    assert_int_equal(walk(3ul << 30).pte, pte_leaf(0, 0, FRAME_READ_WRITE, 0));
    assert_error(map(HUGE + 1, (4ul << 30) + (1ul << 21), RIGHTS_ALL, 0), ERR_ALIGNMENT);
    assert_done(map(HUGE + 1, 1023ul << 30, RIGHTS_ALL, 0));
    assert_done(unmap(HUGE));
    assert_int_equal(walk(3ul << 30).pte, pte_invalid());
    assert_int_not_equal(walk(1023ul << 30).pte, pte_invalid());
    assert_done(map_table(PT1, VADDR));
    assert_done(map(LARGE, VADDR, RIGHTS_READ_WRITE, PAGE_DEFAULT));
    assert_int_equal(walk(VADDR + 0x12345).level, 1);
    assert_int_equal(walk(VADDR).pte, pte_leaf(paddr(LARGE), 1, FRAME_READ_WRITE, PAGE_DEFAULT));
    assert_lookup_error(map(FRAME, VADDR, RIGHTS_ALL, 3), false, LOOKUP_MISSING_CAPABILITY, 21);
    assert_int_equal(slot_delete(world_slot(LARGE)), PROGRESS_DONE);
    assert_int_equal(walk(VADDR).pte, pte_invalid());
}

static void replaced_mapping_is_left_alone(void **state)
{
    (void)state;
    make_tables();
    assert_done(map(FRAME, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_done(map(OTHER, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_int_equal(pte_address(walk(VADDR).pte), paddr(OTHER));
    assert_done(unmap(FRAME));
    assert_int_equal(pte_address(walk(VADDR).pte), paddr(OTHER));
    assert_int_equal(slot_delete(world_slot(OTHER)), PROGRESS_DONE);
    assert_int_equal(walk(VADDR).pte, pte_invalid());
}

static void deleting_any_frame_cap_unmaps(void **state)
{
    (void)state;
    make_tables();
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(COPY, 64, FRAME, 64, RIGHTS_ALL),
                     CAPS(SLOT_CNODE)));
    assert_done(map(FRAME, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_done(map(COPY, VADDR + PAGE, RIGHTS_ALL, PAGE_DEFAULT));
    assert_int_equal(slot_delete(world_slot(COPY)), PROGRESS_DONE);
    assert_int_equal(walk(VADDR + PAGE).pte, pte_invalid());
    assert_int_not_equal(walk(VADDR).pte, pte_invalid());
}

static void unmapping_a_table(void **state)
{
    (void)state;
    make_tables();
    assert_done(map(FRAME, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_done(
        CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(COPY, 64, PT2, 64, RIGHTS_ALL), CAPS(SLOT_CNODE)));
    assert_error(CALL(PT2, LABEL_ARM_PAGE_TABLE_UNMAP), ERR_REVOKE_FIRST);
    assert_int_equal(slot_delete(world_slot(COPY)), PROGRESS_DONE);
    assert_int_equal(walk(VADDR).level, 2); /* the copy was not the last */
    assert_done(CALL(PT2, LABEL_ARM_PAGE_TABLE_UNMAP));
    assert_int_equal(walk(VADDR).level, 1);
    assert_int_equal(host.flushes_vmid, 1);
    assert_true(host_memory_is_zero(cap_address(world_slot(PT2)->cap), 4096));
    assert_false(cap_page_table_is_mapped(world_slot(PT2)->cap));
    assert_done(CALL(PT2, LABEL_ARM_PAGE_TABLE_UNMAP));
    assert_done(unmap(FRAME)); /* its record was stale */
    assert_done(map_table(PT2, VADDR));
    assert_int_equal(walk(VADDR).level, 2);
}

static void deleting_a_table_keeps_its_contents(void **state)
{
    word_t table;

    (void)state;
    make_tables();
    assert_done(map(FRAME, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    table = cap_address(world_slot(PT2)->cap);
    assert_int_equal(slot_delete(world_slot(PT2)), PROGRESS_DONE);
    assert_int_equal(walk(VADDR).level, 1);
    assert_false(host_memory_is_zero(table, 4096));
    assert_int_equal(slot_delete(world_slot(PT1)), PROGRESS_DONE);
    assert_int_equal(walk(VADDR).level, 0);
}

static void vspace_cache_operations(void **state)
{
    word_t end = VADDR + PAGE;

    (void)state;
    make_tables();
    assert_error(CALL(SLOT_VSPACE, LABEL_ARM_PAGE_MAP, WORDS(0, 1)), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(SLOT_VSPACE, LABEL_ARM_VSPACE_CLEAN_DATA, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(ROOT2, LABEL_ARM_VSPACE_CLEAN_DATA, WORDS(5, 5)),
                          ERR_INVALID_ARGUMENT, 1);
    assert_error(CALL(ROOT2, LABEL_ARM_VSPACE_CLEAN_DATA, WORDS(5, USER_TOP + 1)),
                 ERR_ILLEGAL_OPERATION);
    assert_numbered_error(CALL(ROOT2, LABEL_ARM_VSPACE_CLEAN_DATA, WORDS(5, 6)),
                          ERR_INVALID_CAPABILITY, 0);
    assert_done(CALL(SLOT_VSPACE, LABEL_ARM_VSPACE_CLEAN_DATA, WORDS(VADDR, end)));
    assert_int_equal(host.cache_ops, 0); /* nothing mapped there */
    assert_done(map(FRAME, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_range_error(CALL(SLOT_VSPACE, LABEL_ARM_VSPACE_CLEAN_DATA, WORDS(VADDR + 8, end + 1)),
                       VADDR + 8, end - 1);
    assert_done(CALL(SLOT_VSPACE, LABEL_ARM_VSPACE_UNIFY_INSTRUCTION, WORDS(VADDR + 64, end)));
    assert_int_equal(host.cache_op, CACHE_UNIFY);
    assert_int_equal(host.cache_op_kaddr, cap_address(world_slot(FRAME)->cap) + 64);
    assert_int_equal(host.cache_op_bytes, PAGE - 64 - 1);
    assert_done(CALL(SLOT_VSPACE, LABEL_ARM_VSPACE_INVALIDATE_DATA, WORDS(VADDR, VADDR + 1)));
    assert_int_equal(host.cache_ops, 1);
    assert_done(CALL(SLOT_VSPACE, LABEL_ARM_VSPACE_INVALIDATE_DATA, WORDS(VADDR, VADDR + 2)));
    assert_int_equal(host.cache_op, CACHE_INVALIDATE);
}

/* Throwing away what others wrote is writing: who may only read gets it written back first. */
static void readers_cannot_invalidate(void **state)
{
    (void)state;
    make_tables();
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_COPY,
                     WORDS(COPY, 64, FRAME, 64, rights_new(0, 0, 1, 0)), CAPS(SLOT_CNODE)));
    assert_done(map(COPY, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_done(CALL(COPY, LABEL_ARM_PAGE_INVALIDATE_DATA, WORDS(0, PAGE)));
    assert_int_equal(host.cache_op, CACHE_CLEAN_INVALIDATE);
    assert_done(CALL(SLOT_VSPACE, LABEL_ARM_VSPACE_INVALIDATE_DATA, WORDS(VADDR, VADDR + 2)));
    assert_int_equal(host.cache_op, CACHE_CLEAN_INVALIDATE);
    assert_done(unmap(COPY));
    assert_done(map(FRAME, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_done(CALL(FRAME, LABEL_ARM_PAGE_INVALIDATE_DATA, WORDS(0, PAGE)));
    assert_int_equal(host.cache_op, CACHE_INVALIDATE);
}

/* A long range is done in steps; what was done is not done again. */
static void cache_operation_is_preempted(void **state)
{
    const word_t large = 1ul << LARGE_FRAME_BITS;

    (void)state;
    assert_done(map_table(PT1, VADDR));
    assert_done(map(LARGE, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    world_preempt(true);
    assert_int_equal(CALL(LARGE, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(0, large)), OUTCOME_PREEMPTED);
    word_t start = world.root->context.regs[CONTEXT_MESSAGE];
    assert_in_range(start, 4096, 256 * 1024);
    world_preempt(false);
    assert_done(CALL(LARGE, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(start, large)));
    assert_int_equal(host.cache_op_kaddr + host.cache_op_bytes,
                     cap_address(world_slot(LARGE)->cap) + large - 1);
}

static void frame_cache_operations(void **state)
{
    (void)state;
    make_tables();
    assert_error(CALL(FRAME, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(FRAME, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(0, PAGE)), ERR_ILLEGAL_OPERATION);
    assert_done(map(FRAME, VADDR, RIGHTS_ALL, PAGE_DEFAULT));
    assert_numbered_error(CALL(FRAME, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(9, 9)), ERR_INVALID_ARGUMENT,
                          1);
    assert_numbered_error(CALL(FRAME, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(PAGE, PAGE + 1)),
                          ERR_INVALID_ARGUMENT, 0);
    assert_numbered_error(CALL(FRAME, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(0, PAGE + 1)),
                          ERR_INVALID_ARGUMENT, 0);
    assert_done(CALL(FRAME, LABEL_ARM_PAGE_CLEAN_INVALIDATE_DATA, WORDS(0, PAGE)));
    assert_int_equal(host.cache_op, CACHE_CLEAN_INVALIDATE);
    assert_int_equal(host.cache_op_bytes, PAGE - 1);
    /* Device memory is not in the window: nothing to do. */
    assert_done(map(HUGE, 5ul << 30, RIGHTS_ALL, 0));
    assert_done(CALL(HUGE, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(0, PAGE)));
    assert_int_equal(host.cache_ops, 1);
    /* Beyond the end of what the interface calls the window: */
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(HUGE, 64)));
    cdt_insert_root(world_slot(HUGE), cap_frame_new(KERNEL_WINDOW_BASE + 0x8000000000, FRAME_SMALL,
                                                    FRAME_READ_WRITE, true, 1, VADDR));
    assert_error(CALL(HUGE, LABEL_ARM_PAGE_CLEAN_DATA, WORDS(0, 1)), ERR_ILLEGAL_OPERATION);
}

static void address_is_told(void **state)
{
    (void)state;
    assert_done(CALL(FRAME, LABEL_ARM_PAGE_GET_ADDRESS));
    assert_int_equal(world.root->context.regs[CONTEXT_MESSAGE], paddr(FRAME));
    assert_done(CALL(HUGE + 1, LABEL_ARM_PAGE_GET_ADDRESS));
    assert_int_equal(world.root->context.regs[CONTEXT_MESSAGE], 1ul << 30);
}

static void buffer_capabilities(void **state)
{
    struct cap frame = world_slot(FRAME)->cap;

    (void)state;
    assert_done(vspace_check_buffer_cap(frame, 0x1400));
    assert_error(vspace_check_buffer_cap(frame, 0x1200), ERR_ALIGNMENT);
    assert_error(vspace_check_buffer_cap(world_slot(HUGE)->cap, 0x1001), ERR_ILLEGAL_OPERATION);
    assert_error(vspace_check_buffer_cap(world_slot(PT1)->cap, 0), ERR_ILLEGAL_OPERATION);
}

static void boot_mappings(void **state)
{
    word_t root = cap_address(world_slot(SLOT_VSPACE)->cap);
    struct cap frame = cap_frame_with_vaddr(cap_frame_with_asid(world_slot(FRAME)->cap, 1), VADDR);
    word_t table = cap_address(world_slot(PT1)->cap);

    (void)state;
    assert_false(vspace_boot_map_frame(root, frame, PAGE_DEFAULT));
    assert_true(vspace_boot_map_table(root, cap_page_table_new(table, true, 1, VADDR)));
    table = cap_address(world_slot(PT2)->cap);
    assert_true(vspace_boot_map_table(root, cap_page_table_new(table, true, 1, VADDR)));
    assert_false(vspace_boot_map_table(root, cap_page_table_new(table, true, 1, VADDR)));
    assert_true(vspace_boot_map_frame(root, frame, PAGE_DEFAULT));
    assert_false(vspace_boot_map_frame(root, frame, PAGE_DEFAULT));
    assert_int_equal(pte_address(walk(VADDR).pte), paddr(FRAME));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(entries_have_the_documented_bits, setup),
        cmocka_unit_test_setup(tables_fill_the_first_gap, setup),
        cmocka_unit_test_setup(table_checks_in_order, setup),
        cmocka_unit_test_setup(stale_roots_are_refused, setup),
        cmocka_unit_test_setup(frame_checks_in_order, setup),
        cmocka_unit_test_setup(small_frame_maps_and_unmaps, setup),
        cmocka_unit_test_setup(large_and_huge_frames, setup),
        cmocka_unit_test_setup(replaced_mapping_is_left_alone, setup),
        cmocka_unit_test_setup(deleting_any_frame_cap_unmaps, setup),
        cmocka_unit_test_setup(unmapping_a_table, setup),
        cmocka_unit_test_setup(deleting_a_table_keeps_its_contents, setup),
        cmocka_unit_test_setup(vspace_cache_operations, setup),
        cmocka_unit_test_setup(readers_cannot_invalidate, setup),
        cmocka_unit_test_setup(cache_operation_is_preempted, setup),
        cmocka_unit_test_setup(frame_cache_operations, setup),
        cmocka_unit_test_setup(address_is_told, setup),
        cmocka_unit_test_setup(buffer_capabilities, setup),
        cmocka_unit_test_setup(boot_mappings, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
