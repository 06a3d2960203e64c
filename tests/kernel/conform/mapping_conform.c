/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: VSpaces, tables, frames, ASIDs, refusal by refusal (abi/03 §9)
 */
#include "conform.h"

#define VSPACE  seL4_CapInitThreadVSpace
#define ATTR    seL4_ARM_Default_VMAttributes
#define TOP     0xfffffffffful
#define LARGE   0x200000ul
#define HUGE    0x40000000ul
#define NOWHERE 0x9000000000ul /* no table there */
#define KEPT    0x7000000000ul /* an address that tables are made for here */

static seL4_CPtr space, unassigned, gone, empty, endpoint, frame, large, table;
static seL4_Word at; /* page with a table, nothing mapped */

/* ---- Cache operations by address -------------------------------------------------------------------- */

static void check_vspace(void)
{
    for (seL4_Word label = ARMVSpaceClean_Data; label <= ARMVSpaceUnify_Instruction; label++) {
        ROW("03.9.vspace.truncated");
        REFUSED(invoke(VSPACE, label, WORDS(5), CAPS()), seL4_TruncatedMessage);
        ROW("03.9.vspace.range");
        REFUSED(invoke(unassigned, label, WORDS(5, 5), CAPS()), seL4_InvalidArgument, 1);
        REFUSED(invoke(unassigned, label, WORDS(TOP, 5), CAPS()), seL4_InvalidArgument, 1);
        ROW("03.9.vspace.top");
        REFUSED(invoke(unassigned, label, WORDS(0, TOP + 1), CAPS()), seL4_IllegalOperation);
        ROW("03.9.vspace.root");
        REFUSED(invoke(unassigned, label, WORDS(0, TOP), CAPS()), seL4_InvalidCapability, 0);
        ROW("03.9.vspace.asid");
        REFUSED(invoke(gone, label, WORDS(0, TOP), CAPS()), seL4_FailedLookup, 0, 1);
        ROW("03.9.vspace.unmapped");
        ACCEPTED(invoke(VSPACE, label, WORDS(NOWHERE, TOP), CAPS()));
        ACCEPTED(invoke(VSPACE, label, WORDS(at + PAGE_BYTES, TOP), CAPS()));
        ROW("03.9.vspace.page");
        REFUSED(invoke(VSPACE, label, WORDS(at + 8, at + PAGE_BYTES + 1), CAPS()), seL4_RangeError,
                at + 8, at + PAGE_BYTES - 1);
        ROW("03.9.vspace.effect");
        ACCEPTED(invoke(VSPACE, label, WORDS(at + 8, at + PAGE_BYTES), CAPS()));
        ACCEPTED(invoke(VSPACE, label, WORDS(at + 8, at + 9), CAPS()));
    }
    ROW("03.9.vspace.label");
    REFUSED(invoke(VSPACE, ARMPageMap, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.1.invalid");
    REFUSED(invoke(VSPACE, 0, WORDS(), CAPS()), seL4_IllegalOperation);
}

/* ---- Page tables ------------------------------------------------------------------------------------- */

static void check_tables(void)
{
    const seL4_CPtr second = object_new(seL4_ARM_PageTableObject, 0);
    const seL4_CPtr third = object_new(seL4_ARM_PageTableObject, 0);
    const seL4_CPtr page = object_new(seL4_ARM_SmallPageObject, 0);
    const seL4_CPtr copy = slot_new();

    ROW("03.9.table.truncated");
    REFUSED(invoke(table, ARMPageTableMap, WORDS(~0ul), CAPS(VSPACE)), seL4_TruncatedMessage);
    REFUSED(invoke(table, ARMPageTableMap, WORDS(~0ul, 0), CAPS()), seL4_TruncatedMessage);
    ROW("03.9.table.root");
    REFUSED(invoke(table, ARMPageTableMap, WORDS(~0ul, 0), CAPS(endpoint)), seL4_InvalidCapability,
            1);
    REFUSED(invoke(table, ARMPageTableMap, WORDS(~0ul, 0), CAPS(unassigned)),
            seL4_InvalidCapability, 1);
    ROW("03.9.table.top");
    REFUSED(invoke(table, ARMPageTableMap, WORDS(TOP + 1, 0), CAPS(gone)), seL4_InvalidArgument, 0);
    ROW("03.9.table.asid");
    REFUSED(invoke(table, ARMPageTableMap, WORDS(TOP, 0), CAPS(gone)), seL4_FailedLookup, 0, 1);
    ROW("03.9.table.unmapped-unmap");
    ACCEPTED(invoke(table, ARMPageTableUnmap, WORDS(), CAPS()));
    ROW("03.9.table.effect");
    ACCEPTED(invoke(table, ARMPageTableMap, WORDS(KEPT + 12345, 0), CAPS(space)));
    ROW("03.9.table.mapped");
    REFUSED(invoke(table, ARMPageTableMap, WORDS(~0ul, 0), CAPS(endpoint)), seL4_InvalidCapability,
            0);
    ROW("03.9.table.levels");
    REFUSED(invoke(page, ARMPageMap, WORDS(KEPT, 3, ATTR), CAPS(space)), seL4_FailedLookup, 0, 2,
            21);
    ACCEPTED(invoke(second, ARMPageTableMap, WORDS(KEPT + LARGE - 1, 0), CAPS(space)));
    ROW("03.9.table.occupied");
    REFUSED(invoke(third, ARMPageTableMap, WORDS(KEPT, 0), CAPS(space)), seL4_DeleteFirst);
    ACCEPTED(invoke(large, ARMPageMap, WORDS(KEPT + LARGE, 3, ATTR), CAPS(space)));
    REFUSED(invoke(third, ARMPageTableMap, WORDS(KEPT + LARGE, 0), CAPS(space)), seL4_DeleteFirst);
    ACCEPTED(invoke(large, ARMPageUnmap, WORDS(), CAPS()));
    ROW("03.9.table.unmap-copies");
    ACCEPTED(invoke(ROOT, CNodeCopy, WORDS(copy, DEPTH, second, DEPTH, 15), CAPS(ROOT)));
    REFUSED(invoke(second, ARMPageTableUnmap, WORDS(), CAPS()), seL4_RevokeFirst);
    CHECK_EQ(cap_delete(copy), seL4_NoError);
    ROW("03.9.table.unmap");
    ACCEPTED(invoke(second, ARMPageTableUnmap, WORDS(), CAPS()));
    REFUSED(invoke(page, ARMPageMap, WORDS(KEPT, 3, ATTR), CAPS(space)), seL4_FailedLookup, 0, 2,
            21);
    ACCEPTED(invoke(second, ARMPageTableMap, WORDS(KEPT, 0), CAPS(space)));
    ROW("03.9.table.label");
    REFUSED(invoke(table, ARMPageTableMap - 1, WORDS(), CAPS()), seL4_IllegalOperation);
}

/* ---- Frames -------------------------------------------------------------------------------------------- */

static void check_map(void)
{
    const seL4_CPtr copy = cap_mint(frame, seL4_AllRights, 0);

    ROW("03.9.map.1-truncated");
    REFUSED(invoke(copy, ARMPageMap, WORDS(1, 3), CAPS(VSPACE)), seL4_TruncatedMessage);
    REFUSED(invoke(copy, ARMPageMap, WORDS(1, 3, ATTR), CAPS()), seL4_TruncatedMessage);
    ROW("03.9.map.2-root");
    REFUSED(invoke(copy, ARMPageMap, WORDS(1, 3, ATTR), CAPS(endpoint)), seL4_InvalidCapability, 1);
    REFUSED(invoke(copy, ARMPageMap, WORDS(1, 3, ATTR), CAPS(unassigned)), seL4_InvalidCapability,
            1);
    ROW("03.9.map.3-asid");
    REFUSED(invoke(copy, ARMPageMap, WORDS(1, 3, ATTR), CAPS(gone)), seL4_FailedLookup, 0, 1);
    ROW("03.9.map.4-alignment");
    REFUSED(invoke(copy, ARMPageMap, WORDS(~0ul, 3, ATTR), CAPS(VSPACE)), seL4_AlignmentError);
    REFUSED(invoke(large, ARMPageMap, WORDS(PAGE_BYTES, 3, ATTR), CAPS(VSPACE)),
            seL4_AlignmentError);
    ROW("03.9.map.7-top");
    REFUSED(invoke(copy, ARMPageMap, WORDS(TOP + 1, 3, ATTR), CAPS(VSPACE)), seL4_InvalidArgument,
            0);
    ROW("03.9.map.8-level");
    REFUSED(invoke(copy, ARMPageMap, WORDS(NOWHERE, 3, ATTR), CAPS(VSPACE)), seL4_FailedLookup, 0,
            2, 30);
    REFUSED(invoke(large, ARMPageMap, WORDS(NOWHERE, 3, ATTR), CAPS(VSPACE)), seL4_FailedLookup, 0,
            2, 30);
    REFUSED(invoke(large, ARMPageMap, WORDS(at & ~(LARGE - 1), 3, ATTR), CAPS(VSPACE)),
            seL4_FailedLookup, 0, 2, 12);
    REFUSED(invoke(copy, ARMPageMap, WORDS(TOP & ~0xffful, 3, ATTR), CAPS(VSPACE)),
            seL4_FailedLookup, 0, 2, 30);
    ACCEPTED(invoke(large, ARMPageMap, WORDS(KEPT + LARGE, 3, ATTR), CAPS(space)));
    REFUSED(invoke(copy, ARMPageMap, WORDS(KEPT + LARGE + PAGE_BYTES, 3, ATTR), CAPS(space)),
            seL4_FailedLookup, 0, 2, 21);
    ROW("03.9.map.5-other-space");
    REFUSED(invoke(frame, ARMPageMap, WORDS(at, 3, ATTR), CAPS(space)), seL4_InvalidCapability, 1);
    ROW("03.9.map.6-other-address");
    REFUSED(invoke(frame, ARMPageMap, WORDS(at + PAGE_BYTES, 3, ATTR), CAPS(VSPACE)),
            seL4_InvalidArgument, 0);
    REFUSED(invoke(frame, ARMPageMap, WORDS(TOP + 1, 3, ATTR), CAPS(VSPACE)), seL4_InvalidArgument,
            0);
    ROW("03.9.map.effect");
    ACCEPTED(invoke(copy, ARMPageMap, WORDS(at + PAGE_BYTES, 3, ATTR), CAPS(VSPACE)));
    *(volatile seL4_Word *)at = 4711;
    CHECK_EQ(*(volatile seL4_Word *)(at + PAGE_BYTES), 4711);
    ROW("03.9.map.remap");
    ACCEPTED(invoke(copy, ARMPageMap, WORDS(at + PAGE_BYTES, 2, ATTR | 4), CAPS(VSPACE)));
    CHECK_EQ(*(volatile seL4_Word *)(at + PAGE_BYTES), 4711);
    ROW("03.9.map.replace");
    const seL4_CPtr page = object_new(seL4_ARM_SmallPageObject, 0);
    ACCEPTED(invoke(page, ARMPageMap, WORDS(at + PAGE_BYTES, 3, ATTR), CAPS(VSPACE)));
    CHECK_EQ(*(volatile seL4_Word *)(at + PAGE_BYTES), 0);
    ROW("03.9.unmap");
    ACCEPTED(invoke(copy, ARMPageUnmap, WORDS(), CAPS())); /* no longer its own */
    CHECK_EQ(*(volatile seL4_Word *)(at + PAGE_BYTES), 0);
    ACCEPTED(invoke(copy, ARMPageUnmap, WORDS(), CAPS()));
    ACCEPTED(invoke(page, ARMPageUnmap, WORDS(), CAPS()));
    ROW("03.9.get-address");
    const struct answer answer = invoke(frame, ARMPageGetAddress, WORDS(), CAPS());
    CHECK_EQ(answer.info, 1);
    CHECK_EQ(answer.words[0], invoke(copy, ARMPageGetAddress, WORDS(), CAPS()).words[0]);
    CHECK_EQ(answer.words[0] & (PAGE_BYTES - 1), 0);
    ROW("03.9.frame.label");
    REFUSED(invoke(frame, ARMASIDPoolAssign, WORDS(), CAPS()), seL4_IllegalOperation);
}

/* A gibibyte is mapped where nothing is; only addresses are looked at, the memory is a device. */
static void check_huge(void)
{
    const seL4_CPtr huge = slot_new();
    seL4_CPtr device = seL4_CapNull;

    for (seL4_Word i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        if (boot->untypedList[i].isDevice && boot->untypedList[i].sizeBits >= 38) {
            device = boot->untyped.start + i;
        }
    }
    ROW("02.1.huge");
    CHECK_EQ(seL4_Untyped_Retype(device, seL4_ARM_HugePageObject, 0, ROOT, 0, 0, huge, 1),
             seL4_NoError);
    ACCEPTED(invoke(huge, ARMPageMap, WORDS(NOWHERE, 3, 0), CAPS(VSPACE)));
    REFUSED(invoke(frame, ARMPageMap, WORDS(NOWHERE, 3, 0), CAPS(space)), seL4_InvalidCapability,
            1);
    ROW("03.9.cache.window");
    REFUSED(invoke(huge, ARMPageClean_Data, WORDS(0, 8), CAPS()), seL4_IllegalOperation);
    ACCEPTED(invoke(huge, ARMPageUnmap, WORDS(), CAPS()));
    REFUSED(invoke(huge, ARMPageMap, WORDS(KEPT & ~(HUGE - 1), 3, 0), CAPS(space)),
            seL4_FailedLookup, 0, 2, 12);
    CHECK_EQ(cap_delete(huge), seL4_NoError);
}

static void check_cache(void)
{
    const seL4_CPtr unmapped = object_new(seL4_ARM_SmallPageObject, 0);

    for (seL4_Word label = ARMPageClean_Data; label <= ARMPageUnify_Instruction; label++) {
        ROW("03.9.cache.truncated");
        REFUSED(invoke(unmapped, label, WORDS(5), CAPS()), seL4_TruncatedMessage);
        ROW("03.9.cache.unmapped");
        REFUSED(invoke(unmapped, label, WORDS(5, 5), CAPS()), seL4_IllegalOperation);
        ROW("03.9.cache.range");
        REFUSED(invoke(frame, label, WORDS(5, 5), CAPS()), seL4_InvalidArgument, 1);
        REFUSED(invoke(frame, label, WORDS(PAGE_BYTES, 5), CAPS()), seL4_InvalidArgument, 1);
        ROW("03.9.cache.bounds");
        REFUSED(invoke(frame, label, WORDS(PAGE_BYTES, PAGE_BYTES + 1), CAPS()),
                seL4_InvalidArgument, 0);
        REFUSED(invoke(frame, label, WORDS(0, PAGE_BYTES + 1), CAPS()), seL4_InvalidArgument, 0);
        ROW("03.9.cache.effect");
        ACCEPTED(invoke(frame, label, WORDS(0, PAGE_BYTES), CAPS()));
    }
}

/* ---- ASIDs ------------------------------------------------------------------------------------------------ */

static void check_pools(void)
{
    const seL4_CPtr control = seL4_CapASIDControl;
    const seL4_CPtr pool = slot_new();
    const seL4_CPtr untyped = untyped_new(12);
    const seL4_CPtr small = untyped_new(11);
    const seL4_CPtr root = object_new(seL4_ARM_VSpaceObject, 0);

    ROW("03.9.make-pool.label");
    REFUSED(invoke(control, ARMASIDPoolAssign, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.9.make-pool.truncated");
    REFUSED(invoke(control, ARMASIDControlMakePool, WORDS(1), CAPS(untyped, ROOT)),
            seL4_TruncatedMessage);
    REFUSED(invoke(control, ARMASIDControlMakePool, WORDS(1, 65), CAPS(untyped)),
            seL4_TruncatedMessage);
    ROW("03.9.make-pool.untyped");
    REFUSED(invoke(control, ARMASIDControlMakePool, WORDS(1, 65), CAPS(small, ROOT)),
            seL4_InvalidCapability, 1);
    REFUSED(invoke(control, ARMASIDControlMakePool, WORDS(1, 65), CAPS(endpoint, ROOT)),
            seL4_InvalidCapability, 1);
    ROW("03.9.make-pool.children");
    CHECK_EQ(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT, 0, 0, pool, 1),
             seL4_NoError);
    REFUSED(invoke(control, ARMASIDControlMakePool, WORDS(1, 65), CAPS(untyped, ROOT)),
            seL4_RevokeFirst);
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
    ROW("03.9.make-pool.destination");
    REFUSED(invoke(control, ARMASIDControlMakePool, WORDS(1, 65), CAPS(untyped, ROOT)),
            seL4_RangeError, 1, 64);
    REFUSED(invoke(control, ARMASIDControlMakePool, WORDS(1, 64), CAPS(untyped, ROOT)),
            seL4_DeleteFirst);
    ROW("03.9.make-pool.effect");
    ACCEPTED(invoke(control, ARMASIDControlMakePool, WORDS(pool, 64), CAPS(untyped, ROOT)));
    REFUSED(
        invoke(untyped, UntypedRetype, WORDS(seL4_EndpointObject, 0, 0, 0, empty, 1), CAPS(ROOT)),
        seL4_NotEnoughMemory, 0);
    ROW("03.9.assign.truncated");
    REFUSED(invoke(pool, ARMASIDPoolAssign, WORDS(1), CAPS()), seL4_TruncatedMessage);
    ROW("03.9.assign.kind");
    REFUSED(invoke(pool, ARMASIDPoolAssign, WORDS(), CAPS(endpoint)), seL4_InvalidCapability, 1);
    REFUSED(invoke(pool, ARMASIDPoolAssign, WORDS(), CAPS(VSPACE)), seL4_InvalidCapability, 1);
    ROW("03.9.assign.label");
    REFUSED(invoke(pool, ARMASIDControlMakePool, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.9.assign.effect");
    ACCEPTED(invoke(pool, ARMASIDPoolAssign, WORDS(), CAPS(root)));
    REFUSED(invoke(pool, ARMASIDPoolAssign, WORDS(), CAPS(root)), seL4_InvalidCapability, 1);
    ROW("02.6.pool");
    CHECK_EQ(cap_revoke(untyped), seL4_NoError); /* its pool goes, and all that was in it */
    REFUSED(invoke(frame, ARMPageMap, WORDS(at, 3, ATTR), CAPS(root)), seL4_FailedLookup, 0, 1);
    ROW("02.6.stale");
    ACCEPTED(invoke(large, ARMPageUnmap, WORDS(), CAPS()));
}

/* All 511 of the first pool that are left, and one more. */
static void check_full_pool(void)
{
    const seL4_CPtr pool = slot_new();
    const seL4_CPtr untyped = untyped_new(12);
    const seL4_CPtr node = object_new(seL4_CapTableObject, 10);
    const seL4_CPtr spaces = untyped_new(22);
    seL4_Word done = 0;

    CHECK_EQ(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, pool, DEPTH),
             seL4_NoError);
    for (seL4_Word i = 0; i < 512; i += 128) {
        CHECK_EQ(seL4_Untyped_Retype(spaces, seL4_ARM_VSpaceObject, 0, ROOT, node, DEPTH, i, 128),
                 seL4_NoError);
    }
    ROW("03.9.assign.full");
    for (seL4_Word i = 0; i < 512; i++) {
        CHECK_EQ(seL4_CNode_Move(ROOT, empty, DEPTH, node, i, 10), seL4_NoError);
        done += seL4_ARM_ASIDPool_Assign(pool, empty) == seL4_NoError;
        CHECK_EQ(seL4_CNode_Move(node, i, 10, ROOT, empty, DEPTH), seL4_NoError);
    }
    CHECK_EQ(done, 512);
    const seL4_CPtr one_more = object_new(seL4_ARM_VSpaceObject, 0);
    REFUSED(invoke(pool, ARMASIDPoolAssign, WORDS(), CAPS(one_more)), seL4_DeleteFirst);
    CHECK_EQ(cap_delete(node), seL4_NoError);
    ROW("02.6.vspace");
    ACCEPTED(invoke(pool, ARMASIDPoolAssign, WORDS(), CAPS(one_more))); /* they came back */
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
    CHECK_EQ(cap_revoke(spaces), seL4_NoError);
}

void suite_mapping(void)
{
    endpoint = object_new(seL4_EndpointObject, 0);
    empty = slot_new();
    unassigned = object_new(seL4_ARM_VSpaceObject, 0);
    space = object_new(seL4_ARM_VSpaceObject, 0);
    gone = object_new(seL4_ARM_VSpaceObject, 0);
    frame = object_new(seL4_ARM_SmallPageObject, 0);
    large = object_new(seL4_ARM_LargePageObject, 0);
    table = object_new(seL4_ARM_PageTableObject, 0);
    at = space_new(4 * PAGE_BYTES);
    CHECK_EQ(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, space), seL4_NoError);
    /* A copy that outlives its ASID: the pool it came from is deleted. */
    const seL4_CPtr pool = slot_new();
    const seL4_CPtr untyped = untyped_new(12);
    CHECK_EQ(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, pool, DEPTH),
             seL4_NoError);
    CHECK_EQ(seL4_ARM_ASIDPool_Assign(pool, gone), seL4_NoError);
    CHECK_EQ(cap_delete(pool), seL4_NoError);
    CHECK_EQ(seL4_ARM_Page_Map(frame, VSPACE, at, seL4_AllRights, ATTR), seL4_NoError);
    check_vspace();
    check_tables();
    check_map();
    check_huge();
    check_cache();
    check_pools();
    check_full_pool();
}
