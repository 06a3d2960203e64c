/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: CNode operations, refusal by refusal (abi/03 §5; abi/02 §3, §5)
 */
#include "conform.h"

#define FULL   seL4_CapInitThreadTCB
#define ABSENT 0x12340000ul

#define COPY(caps, ...)   invoke(ROOT, CNodeCopy, WORDS(__VA_ARGS__), caps)
#define MINT(caps, ...)   invoke(ROOT, CNodeMint, WORDS(__VA_ARGS__), caps)
#define MOVE(caps, ...)   invoke(ROOT, CNodeMove, WORDS(__VA_ARGS__), caps)
#define MUTATE(caps, ...) invoke(ROOT, CNodeMutate, WORDS(__VA_ARGS__), caps)
#define ROTATE(caps, ...) invoke(ROOT, CNodeRotate, WORDS(__VA_ARGS__), caps)

static seL4_CPtr slot, second, empty, endpoint, badged;

static bool is_full(seL4_CPtr cap)
{
    const seL4_CPtr away = slot_new();
    const bool full = seL4_CNode_Move(ROOT, away, DEPTH, ROOT, cap, DEPTH) == seL4_NoError;

    if (full) {
        CHECK_EQ(seL4_CNode_Move(ROOT, cap, DEPTH, ROOT, away, DEPTH), seL4_NoError);
    }
    return full;
}

/* ---- Lookup of the destination -------------------------------------------------------------------- */

static void check_common(void)
{
    ROW("03.5.label");
    REFUSED(invoke(ROOT, CNodeRevoke - 1, WORDS(), CAPS()), seL4_IllegalOperation);
    REFUSED(invoke(ROOT, CNodeRotate + 1, WORDS(slot, 64), CAPS()), seL4_IllegalOperation);
    ROW("03.5.truncated");
    for (seL4_Word label = CNodeRevoke; label <= CNodeRotate; label++) {
        REFUSED(invoke(ROOT, label, WORDS(ABSENT), CAPS(ROOT, ROOT)), seL4_TruncatedMessage);
        ROW("03.5.destination");
        REFUSED(invoke(ROOT, label, WORDS(ABSENT, 64), CAPS()), seL4_FailedLookup, 0, 4, 64, 0,
                64 - boot->initThreadCNodeSizeBits);
        REFUSED(invoke(ROOT, label, WORDS(slot, 0), CAPS()), seL4_RangeError, 1, 64);
        REFUSED(invoke(ROOT, label, WORDS(slot, 65), CAPS()), seL4_RangeError, 1, 64);
        ROW("03.5.truncated");
    }
}

/* Every way a lookup can end. */
static void check_lookup(void)
{
    const seL4_CPtr node = object_new(seL4_CapTableObject, 4);
    const seL4_CPtr guarded = slot_new();
    const seL4_Word guard = 0x2a5;

    CHECK_EQ(seL4_CNode_Mint(ROOT, guarded, DEPTH, ROOT, node, DEPTH, seL4_AllRights,
                             seL4_CNode_CapData_new(0xff000 | guard, 10).words[0]),
             seL4_NoError);
    ROW("01.3.cnode-data");
    ACCEPTED(invoke(guarded, CNodeCopy, WORDS(guard << 4 | 3, 14, endpoint, DEPTH, 15),
                    CAPS(ROOT))); /* of the guard the low 10 bits are kept */
    ROW("02.3.guard");
    REFUSED(invoke(guarded, CNodeDelete, WORDS(0x2a4 << 4 | 3, 14), CAPS()), seL4_FailedLookup, 0,
            4, 14, guard, 10);
    ROW("02.3.guard-too-long");
    REFUSED(invoke(guarded, CNodeDelete, WORDS(guard, 9), CAPS()), seL4_FailedLookup, 0, 4, 9,
            guard, 10);
    ROW("01.6.lookup.guard");
    REFUSED(invoke(guarded, CNodeDelete, WORDS(0, 64), CAPS()), seL4_FailedLookup, 0, 4, 64, guard,
            10);
    ROW("02.3.depth");
    REFUSED(invoke(guarded, CNodeDelete, WORDS(guard << 3, 13), CAPS()), seL4_FailedLookup, 0, 3,
            13, 14);
    ROW("01.6.lookup.depth");
    REFUSED(invoke(node, CNodeDelete, WORDS(0, 3), CAPS()), seL4_FailedLookup, 0, 3, 3, 4);
    ROW("02.3.remaining");
    REFUSED(invoke(guarded, CNodeDelete, WORDS(guard << 6 | 3 << 2, 16), CAPS()), seL4_FailedLookup,
            0, 3, 2, 0);
    ROW("02.3.low-bits");
    ACCEPTED(invoke(guarded, CNodeDelete, WORDS(0xabcd0000 | guard << 4 | 3, 14), CAPS()));
    ROW("02.3.levels");
    ACCEPTED(invoke(node, CNodeMove, WORDS(2, 4, guarded, DEPTH), CAPS(ROOT)));
    ACCEPTED(invoke(node, CNodeCopy, WORDS(2 << 14 | guard << 4 | 7, 18, endpoint, DEPTH, 15),
                    CAPS(ROOT)));
    REFUSED(invoke(node, CNodeDelete, WORDS(2 << 14 | 7, 18), CAPS()), seL4_FailedLookup, 0, 4, 14,
            guard, 10);
    ACCEPTED(invoke(node, CNodeDelete, WORDS(7, 4), CAPS()));
    ROW("02.3.root");
    REFUSED(COPY(CAPS(endpoint), slot, 64, 1, 77, 15), seL4_FailedLookup, 1, 1);
    ROW("01.6.lookup.root");
    REFUSED(COPY(CAPS(empty), slot, 64, 1, 64, 15), seL4_FailedLookup, 1, 1);
    ROW("02.3.depth-range");
    REFUSED(COPY(CAPS(ROOT), slot, 64, 1, 0, 15), seL4_RangeError, 1, 64);
    REFUSED(COPY(CAPS(ROOT), slot, 64, 1, 256 + 64, 15), seL4_RangeError, 1, 64);
    ROW("02.3.source");
    REFUSED(COPY(CAPS(ROOT), slot, 64, ABSENT, 64, 15), seL4_FailedLookup, 1, 4, 64, 0,
            64 - boot->initThreadCNodeSizeBits);
    CHECK_EQ(cap_delete(node), seL4_NoError);
}

/* ---- Copy, Mint, Move, Mutate ----------------------------------------------------------------------- */

static void check_transfers(void)
{
    static const seL4_Word labels[] = { CNodeCopy, CNodeMint, CNodeMove, CNodeMutate };

    for (unsigned i = 0; i < 4; i++) {
        ROW("03.5.transfer.truncated");
        REFUSED(invoke(ROOT, labels[i], WORDS(FULL, 64, ABSENT), CAPS(ROOT)),
                seL4_TruncatedMessage);
        REFUSED(invoke(ROOT, labels[i], WORDS(FULL, 64, ABSENT, 64), CAPS()),
                seL4_TruncatedMessage);
        ROW("03.5.transfer.occupied");
        REFUSED(invoke(ROOT, labels[i], WORDS(FULL, 64, ABSENT, 64), CAPS(ROOT)), seL4_DeleteFirst);
        ROW("03.5.transfer.source");
        REFUSED(invoke(ROOT, labels[i], WORDS(slot, 64, ABSENT, 64), CAPS(ROOT)), seL4_FailedLookup,
                1, 4, 64, 0, 64 - boot->initThreadCNodeSizeBits);
        ROW("03.5.transfer.source-empty");
        REFUSED(invoke(ROOT, labels[i], WORDS(slot, 64, empty, 64), CAPS(ROOT)), seL4_FailedLookup,
                1, 2, 64);
        ROW("01.6.lookup.missing");
        REFUSED(invoke(ROOT, labels[i], WORDS(slot, 64, slot, 64), CAPS(ROOT)), seL4_FailedLookup,
                1, 2, 64);
    }
    ROW("03.5.copy.truncated");
    REFUSED(COPY(CAPS(ROOT), slot, 64, endpoint, 64), seL4_TruncatedMessage);
    ROW("03.5.mint.truncated");
    REFUSED(MINT(CAPS(ROOT), slot, 64, endpoint, 64, 15), seL4_TruncatedMessage);
    ROW("03.5.mutate.truncated");
    REFUSED(MUTATE(CAPS(ROOT), slot, 64, endpoint, 64), seL4_TruncatedMessage);
    ROW("03.5.move");
    ACCEPTED(MOVE(CAPS(ROOT), slot, 64, endpoint, 64));
    CHECK(!is_full(endpoint));
    ACCEPTED(MOVE(CAPS(ROOT), endpoint, 64, slot, 64));
    ROW("03.5.copy");
    ACCEPTED(COPY(CAPS(ROOT), slot, 64, endpoint, 64, 15));
    CHECK(is_full(endpoint) && is_full(slot));
    CHECK_EQ(cap_delete(slot), seL4_NoError);
}

/* Which capabilities can be copied, and which take data. */
static void check_derive(void)
{
    const seL4_CPtr untyped = untyped_new(12);
    const seL4_CPtr node = object_new(seL4_CapTableObject, 4);
    const seL4_CPtr same[] = { seL4_CapInitThreadTCB,
                               ROOT,
                               seL4_CapInitThreadVSpace,
                               seL4_CapASIDControl,
                               seL4_CapInitThreadASIDPool,
                               seL4_CapDomain,
                               seL4_CapInitThreadSC,
                               boot->schedcontrol.start,
                               seL4_CapSMC,
                               object_new(seL4_ReplyObject, 0),
                               object_new(seL4_NotificationObject, 0),
                               object_new(seL4_ARM_VCPUObject, 0),
                               boot->userImagePaging.start };

    ROW("02.5.derive.same");
    for (unsigned i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        ACCEPTED(COPY(CAPS(ROOT), slot, 64, same[i], 64, 15));
        CHECK_EQ(cap_delete(slot), seL4_NoError);
    }
    ROW("02.5.derive.irq-control");
    REFUSED(COPY(CAPS(ROOT), slot, 64, seL4_CapIRQControl, 64, 15), seL4_IllegalOperation);
    ROW("02.7.control-moves");
    ACCEPTED(MOVE(CAPS(ROOT), slot, 64, seL4_CapIRQControl, 64));
    ACCEPTED(MOVE(CAPS(ROOT), seL4_CapIRQControl, 64, slot, 64));
    ROW("02.5.derive.untyped");
    ACCEPTED(
        invoke(untyped, UntypedRetype, WORDS(seL4_EndpointObject, 0, 0, 0, second, 1), CAPS(ROOT)));
    REFUSED(COPY(CAPS(ROOT), slot, 64, untyped, 64, 15), seL4_RevokeFirst);
    ROW("01.6.revoke-first");
    REFUSED(MINT(CAPS(ROOT), slot, 64, untyped, 64, 15, 0), seL4_RevokeFirst);
    CHECK_EQ(cap_delete(second), seL4_NoError);
    ROW("02.4.copied");
    ACCEPTED(COPY(CAPS(ROOT), slot, 64, untyped, 64, 15));
    REFUSED(
        invoke(untyped, UntypedRetype, WORDS(seL4_EndpointObject, 0, 0, 0, second, 1), CAPS(ROOT)),
        seL4_NotEnoughMemory, 0);
    CHECK_EQ(cap_delete(slot), seL4_NoError);
    ROW("02.5.data.endpoint");
    REFUSED(MINT(CAPS(ROOT), slot, 64, badged, 64, 15, 0), seL4_IllegalOperation);
    REFUSED(MINT(CAPS(ROOT), slot, 64, badged, 64, 15, 9), seL4_IllegalOperation);
    REFUSED(MUTATE(CAPS(ROOT), slot, 64, endpoint, 64, 9), seL4_IllegalOperation);
    ROW("02.5.data.cnode");
    REFUSED(MINT(CAPS(ROOT), slot, 64, node, 64, 15, 61), seL4_IllegalOperation); /* 61 + 4 > 64 */
    ACCEPTED(MINT(CAPS(ROOT), slot, 64, node, 64, 15, 60));
    ACCEPTED(MUTATE(CAPS(ROOT), second, 64, slot, 64, 7ul << 6 | 3));
    ACCEPTED(invoke(second, CNodeDelete, WORDS(7 << 4, 7), CAPS()));
    ROW("02.5.data.zero");
    ACCEPTED(MUTATE(CAPS(ROOT), slot, 64, second, 64, 0)); /* guard size 0 */
    ACCEPTED(invoke(slot, CNodeDelete, WORDS(0, 4), CAPS()));
    CHECK_EQ(cap_delete(slot), seL4_NoError);
    ROW("02.5.data.other");
    ACCEPTED(MINT(CAPS(ROOT), slot, 64, seL4_CapInitThreadTCB, 64, 0, 123));
    ACCEPTED(MUTATE(CAPS(ROOT), second, 64, slot, 64, 456));
    CHECK_EQ(cap_delete(second), seL4_NoError);
    ROW("02.5.data.smc");
    ACCEPTED(MINT(CAPS(ROOT), slot, 64, seL4_CapSMC, 64, 15, 5));
    REFUSED(MINT(CAPS(ROOT), second, 64, slot, 64, 15, 5), seL4_IllegalOperation);
    ROW("03.9.smc.badge");
    REFUSED(invoke(slot, ARMSMCCall, WORDS(6, 0, 0, 0, 0, 0, 0, 0), CAPS()), seL4_IllegalOperation);
    ROW("03.9.smc.label");
    REFUSED(invoke(slot, ARMSMCCall + 1, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.9.smc.truncated");
    REFUSED(invoke(slot, ARMSMCCall, WORDS(5, 0, 0, 0, 0, 0, 0), CAPS()), seL4_TruncatedMessage);
    CHECK_EQ(cap_delete(slot), seL4_NoError);
    ROW("03.9.smc.call");
    const struct answer answer =
        invoke(seL4_CapSMC, ARMSMCCall, WORDS(0x84000000, 0, 0, 0, 0, 0, 0, 0), CAPS());
    CHECK_EQ(answer.info, 8);
    CHECK(answer.words[0] == 0x10000 || answer.words[0] == 0x10001 ||
          answer.words[0] == 2); /* PSCI */
}

/* ---- Rotate -------------------------------------------------------------------------------------------- */

static void check_rotate(void)
{
    const seL4_CPtr pivot = object_new(seL4_TCBObject, 0);
    const seL4_CPtr source = object_new(seL4_ReplyObject, 0);

    ROW("03.5.rotate.truncated");
    REFUSED(ROTATE(CAPS(ROOT, ROOT), FULL, 64, 0, pivot, 64, 0, source), seL4_TruncatedMessage);
    REFUSED(ROTATE(CAPS(ROOT), FULL, 64, 0, pivot, 64, 0, source, 64), seL4_TruncatedMessage);
    ROW("03.5.rotate.source");
    REFUSED(ROTATE(CAPS(endpoint, endpoint), slot, 64, 0, pivot, 64, 0, source, 64),
            seL4_FailedLookup, 1, 1);
    REFUSED(ROTATE(CAPS(ROOT, ROOT), slot, 64, 0, pivot, 0, 0, source, 65), seL4_RangeError, 1, 64);
    ROW("03.5.rotate.pivot");
    REFUSED(ROTATE(CAPS(endpoint, ROOT), slot, 64, 0, pivot, 64, 0, source, 64), seL4_FailedLookup,
            1, 1);
    ROW("03.5.rotate.same");
    REFUSED(ROTATE(CAPS(ROOT, ROOT), FULL, 64, 0, source, 64, 0, source, 64),
            seL4_IllegalOperation);
    REFUSED(ROTATE(CAPS(ROOT, ROOT), pivot, 64, 0, pivot, 64, 0, source, 64),
            seL4_IllegalOperation);
    ROW("01.6.illegal");
    REFUSED(ROTATE(CAPS(ROOT, ROOT), empty, 64, 0, empty, 64, 0, empty, 64), seL4_IllegalOperation);
    ROW("03.5.rotate.occupied");
    REFUSED(ROTATE(CAPS(ROOT, ROOT), FULL, 64, 0, empty, 64, 0, source, 64), seL4_DeleteFirst);
    ROW("03.5.rotate.source-empty");
    REFUSED(ROTATE(CAPS(ROOT, ROOT), slot, 64, 0, empty, 64, 0, second, 64), seL4_FailedLookup, 1,
            2, 64);
    ROW("03.5.rotate.pivot-empty");
    REFUSED(ROTATE(CAPS(ROOT, ROOT), slot, 64, 0, empty, 64, 0, source, 64), seL4_FailedLookup, 0,
            2, 64);
    ROW("03.5.rotate.data");
    REFUSED(ROTATE(CAPS(ROOT, ROOT), slot, 64, 0, pivot, 64, 0, endpoint, 64),
            seL4_IllegalOperation);
    REFUSED(ROTATE(CAPS(ROOT, ROOT), slot, 64, 0, endpoint, 64, 0, source, 64),
            seL4_IllegalOperation);
    ROW("03.5.rotate.effect");
    ACCEPTED(ROTATE(CAPS(ROOT, ROOT), slot, 64, 0, pivot, 64, 0, source, 64));
    CHECK(!is_full(source));
    REFUSED(invoke(slot, 0, WORDS(), CAPS()), seL4_IllegalOperation); /* a TCB has that error */
    ACCEPTED(invoke(slot, TCBSuspend, WORDS(), CAPS()));
    ACCEPTED(invoke(pivot, 99, WORDS(), CAPS())); /* a reply object takes any label */
    ROW("03.5.rotate.swap");
    ACCEPTED(ROTATE(CAPS(ROOT, ROOT), slot, 64, 0, pivot, 64, 0, slot, 64));
    ACCEPTED(invoke(pivot, TCBSuspend, WORDS(), CAPS()));
    CHECK_EQ(cap_delete(slot), seL4_NoError);
    CHECK_EQ(cap_delete(pivot), seL4_NoError);
}

/* ---- Revoke, Delete, CancelBadgedSends ------------------------------------------------------------------ */

static void check_trees(void)
{
    const seL4_CPtr a = object_new(seL4_EndpointObject, 0);
    const seL4_CPtr copy = cap_mint(a, seL4_AllRights, 0);
    const seL4_CPtr one = slot_new();
    const seL4_CPtr one_copy = slot_new();

    CHECK_EQ(seL4_CNode_Mint(ROOT, one, DEPTH, ROOT, copy, DEPTH, seL4_AllRights, 1), seL4_NoError);
    CHECK_EQ(seL4_CNode_Copy(ROOT, one_copy, DEPTH, ROOT, one, DEPTH, seL4_AllRights),
             seL4_NoError);
    ROW("02.5.revoke.copy");
    CHECK_EQ(cap_revoke(copy), seL4_NoError); /* a plain copy is nobody's parent */
    CHECK(is_full(one) && is_full(one_copy) && is_full(a));
    ROW("02.5.revoke.badged");
    CHECK_EQ(cap_revoke(one), seL4_NoError);
    CHECK(is_full(one) && !is_full(one_copy) && is_full(copy));
    ROW("02.5.revoke.empty");
    CHECK_EQ(cap_revoke(empty), seL4_NoError);
    ROW("02.5.revoke.original");
    CHECK_EQ(cap_revoke(a), seL4_NoError);
    CHECK(is_full(a) && !is_full(one) && !is_full(copy));
    ROW("02.5.delete.original");
    const seL4_CPtr left = cap_mint(a, seL4_AllRights, 3);
    CHECK_EQ(cap_delete(a), seL4_NoError);
    CHECK(is_full(left));
    ROW("02.5.delete.empty");
    CHECK_EQ(cap_delete(a), seL4_NoError);
    ROW("02.5.delete.cyclic");
    const seL4_CPtr x = object_new(seL4_CapTableObject, 2);
    const seL4_CPtr y = object_new(seL4_CapTableObject, 2);
    CHECK_EQ(seL4_CNode_Copy(x, 0, 2, ROOT, y, DEPTH, seL4_AllRights), seL4_NoError);
    CHECK_EQ(seL4_CNode_Move(x, 1, 2, ROOT, y, DEPTH), seL4_NoError);
    CHECK_EQ(seL4_CNode_Copy(x, 0x2, 4, ROOT, x, DEPTH, seL4_AllRights), seL4_NoError);
    CHECK_EQ(cap_delete(x), seL4_NoError);
    CHECK(!is_full(x));
    ROW("03.5.revoke-delete");
    ACCEPTED(invoke(ROOT, CNodeRevoke, WORDS(empty, 64), CAPS()));
    ACCEPTED(invoke(ROOT, CNodeDelete, WORDS(empty, 64), CAPS()));
    ROW("02.5.parent.move");
    const seL4_CPtr node = object_new(seL4_CapTableObject, 2);
    const seL4_CPtr moved = slot_new();
    CHECK_EQ(seL4_CNode_Copy(ROOT, second, DEPTH, ROOT, node, DEPTH, seL4_AllRights), seL4_NoError);
    CHECK_EQ(seL4_CNode_Move(ROOT, moved, DEPTH, ROOT, node, DEPTH), seL4_NoError);
    CHECK_EQ(cap_revoke(moved), seL4_NoError); /* place in the tree moves along */
    CHECK(is_full(moved) && !is_full(second));
}

static void check_cancel(void)
{
    const seL4_CPtr weaker = cap_mint(endpoint, seL4_CapRights_new(1, 0, 1, 1), 5);

    ROW("03.5.cancel.rights");
    REFUSED(invoke(ROOT, CNodeCancelBadgedSends, WORDS(weaker, 64), CAPS()), seL4_IllegalOperation);
    REFUSED(invoke(ROOT, CNodeCancelBadgedSends, WORDS(empty, 64), CAPS()), seL4_IllegalOperation);
    REFUSED(invoke(ROOT, CNodeCancelBadgedSends, WORDS(seL4_CapInitThreadTCB, 64), CAPS()),
            seL4_IllegalOperation);
    ROW("02.6.cancel.badge-zero");
    ACCEPTED(invoke(ROOT, CNodeCancelBadgedSends, WORDS(endpoint, 64), CAPS()));
    ROW("03.5.cancel");
    ACCEPTED(invoke(ROOT, CNodeCancelBadgedSends, WORDS(badged, 64), CAPS()));
}

void suite_cnode(void)
{
    slot = slot_new();
    second = slot_new();
    empty = slot_new();
    endpoint = object_new(seL4_EndpointObject, 0);
    badged = cap_mint(endpoint, seL4_AllRights, 7);
    check_common();
    check_lookup();
    check_transfers();
    check_derive();
    check_rotate();
    check_trees();
    check_cancel();
}
