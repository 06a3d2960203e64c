/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: capability spaces (abi/02 §3-§5, abi/03 §3)
 */
#include "conform.h"

static void check_copies(void)
{
    seL4_CPtr endpoint = object_new(seL4_EndpointObject, 0);
    seL4_CPtr a = slot_new();
    seL4_CPtr b = slot_new();

    CHECK_EQ(seL4_CNode_Copy(ROOT, a, DEPTH, ROOT, endpoint, DEPTH, seL4_AllRights), seL4_NoError);
    CHECK_EQ(seL4_CNode_Copy(ROOT, a, DEPTH, ROOT, endpoint, DEPTH, seL4_AllRights),
             seL4_DeleteFirst);
    CHECK_EQ(seL4_CNode_Copy(ROOT, b, DEPTH, ROOT, b, DEPTH, seL4_AllRights), seL4_FailedLookup);
    CHECK_EQ(seL4_CNode_Mint(ROOT, b, DEPTH, ROOT, endpoint, DEPTH, seL4_AllRights, 77),
             seL4_NoError);
    /* A badged capability cannot be badged anew. */
    CHECK_EQ(seL4_CNode_Mint(ROOT, slot_new(), DEPTH, ROOT, b, DEPTH, seL4_AllRights, 78),
             seL4_IllegalOperation);
    CHECK_EQ(cap_revoke(endpoint), seL4_NoError);
    CHECK_EQ(seL4_CNode_Copy(ROOT, slot_new(), DEPTH, ROOT, a, DEPTH, seL4_AllRights),
             seL4_FailedLookup);
    CHECK_EQ(seL4_CNode_Copy(ROOT, slot_new(), DEPTH, ROOT, b, DEPTH, seL4_AllRights),
             seL4_FailedLookup);
    CHECK_EQ(seL4_CNode_Copy(ROOT, slot_new(), DEPTH, ROOT, endpoint, DEPTH, seL4_AllRights),
             seL4_NoError);
}

static void check_moves(void)
{
    seL4_CPtr a = object_new(seL4_TCBObject, 0);
    seL4_CPtr b = slot_new();
    seL4_CPtr c = object_new(seL4_ReplyObject, 0);
    seL4_CPtr d = slot_new();

    CHECK_EQ(seL4_CNode_Move(ROOT, b, DEPTH, ROOT, a, DEPTH), seL4_NoError);
    CHECK_EQ(seL4_CNode_Move(ROOT, d, DEPTH, ROOT, a, DEPTH), seL4_FailedLookup);
    /* b -> c's place: c goes to d, b to c. */
    CHECK_EQ(seL4_CNode_Rotate(ROOT, d, DEPTH, 0, ROOT, c, DEPTH, 0, ROOT, b, DEPTH), seL4_NoError);
    CHECK_EQ(seL4_CNode_Move(ROOT, a, DEPTH, ROOT, b, DEPTH), seL4_FailedLookup);
    CHECK_EQ(cap_delete(c), seL4_NoError);
    CHECK_EQ(cap_delete(d), seL4_NoError);
    CHECK_EQ(cap_delete(d), seL4_NoError); /* an empty slot can be deleted */
}

/* A second level: a CNode of 16 slots below the root, with a guard. */
static void check_levels(void)
{
    seL4_CPtr node = object_new(seL4_CapTableObject, 4);
    seL4_CPtr guarded = slot_new();
    seL4_Word data = seL4_CNode_CapData_new(5, 60).words[0]; /* guard 5, 60 bits; 4 slots bits */

    CHECK_EQ(seL4_CNode_Mint(ROOT, guarded, DEPTH, ROOT, node, DEPTH, seL4_AllRights, data),
             seL4_NoError);
    CHECK_EQ(seL4_CNode_Copy(guarded, 5ul << 4 | 3, DEPTH, ROOT, ROOT, DEPTH, seL4_AllRights),
             seL4_NoError);
    CHECK_EQ(seL4_CNode_Copy(guarded, 4ul << 4 | 3, DEPTH, ROOT, ROOT, DEPTH, seL4_AllRights),
             seL4_FailedLookup);
    CHECK_EQ(seL4_CNode_Copy(node, 4, 4, ROOT, seL4_CapInitThreadTCB, DEPTH, seL4_AllRights),
             seL4_NoError);
    CHECK_EQ(seL4_CNode_Delete(node, 3, 4), seL4_NoError);
    CHECK_EQ(seL4_CNode_Delete(node, 4, 4), seL4_NoError);
    CHECK_EQ(seL4_CNode_Delete(node, 4, 65), seL4_RangeError);
    CHECK_EQ(cap_delete(guarded), seL4_NoError);
    CHECK_EQ(cap_delete(node), seL4_NoError);
}

/* A CNode that holds itself and others: deleting it takes everything along. */
static void check_deletion(void)
{
    seL4_CPtr node = object_new(seL4_CapTableObject, 8);
    seL4_CPtr endpoint = object_new(seL4_EndpointObject, 0);

    for (seL4_Word i = 0; i < 200; i++) {
        (void)seL4_CNode_Copy(node, i, 8, ROOT, i % 2 == 0 ? endpoint : node, DEPTH,
                              seL4_AllRights);
    }
    CHECK_EQ(seL4_CNode_Move(node, 255, 8, ROOT, endpoint, DEPTH), seL4_NoError);
    CHECK_EQ(seL4_CNode_Move(ROOT, endpoint, DEPTH, node, 7, 8), seL4_NoError);
    CHECK_EQ(cap_revoke(node), seL4_NoError);
    CHECK_EQ(cap_delete(node), seL4_NoError);
    CHECK_EQ(seL4_CNode_Copy(ROOT, slot_new(), DEPTH, ROOT, node, DEPTH, seL4_AllRights),
             seL4_FailedLookup);
}

void suite_cspace(void)
{
    check_copies();
    check_moves();
    check_levels();
    check_deletion();
}
