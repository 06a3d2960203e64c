/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: Retype, refusal by refusal, and what a new object is (abi/03 §3; abi/02 §1, §2, §4)
 */
#include "conform.h"

#define RETYPE(untyped, caps, ...) invoke(untyped, UntypedRetype, WORDS(__VA_ARGS__), caps)
#define IN_ROOT                    CAPS(ROOT)
#define NODE_BITS                  4
#define ABSENT                     0x12340000ul
#define DEVICE                     0xc000000ul /* of the board, and nothing is there */

static seL4_CPtr untyped, node, slot;

static void check_message(void)
{
    ROW("03.3.retype.1-label");
    REFUSED(invoke(untyped, 2, WORDS(0, 4, 0, 0, slot, 1), IN_ROOT), seL4_IllegalOperation);
    REFUSED(invoke(untyped, 0, WORDS(), CAPS()), seL4_IllegalOperation);
    REFUSED(invoke(untyped, 0xfffffffffffff, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.3.retype.2-truncated");
    REFUSED(RETYPE(untyped, IN_ROOT, 99, 0, 0, 0, slot), seL4_TruncatedMessage);
    REFUSED(RETYPE(untyped, CAPS(), 99, 0, 0, 0, slot, 1), seL4_TruncatedMessage);
    ROW("01.6.truncated");
    REFUSED(RETYPE(untyped, CAPS()), seL4_TruncatedMessage);
}

static void check_type_and_size(void)
{
    ROW("03.3.retype.3-type");
    REFUSED(RETYPE(untyped, IN_ROOT, 13, 64, 0, 0, slot, 1), seL4_InvalidArgument, 0);
    REFUSED(RETYPE(untyped, IN_ROOT, ~0ul, 0, 0, 0, slot, 1), seL4_InvalidArgument, 0);
    ROW("01.6.argument");
    REFUSED(RETYPE(untyped, IN_ROOT, 1ul << 32, 0, 0, 0, slot, 1), seL4_InvalidArgument, 0);
    ROW("03.3.retype.4-size");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 64, 0, 0, slot, 1), seL4_RangeError, 0,
            47);
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_UntypedObject, 48, 0, 0, slot, 1), seL4_RangeError, 0,
            47);
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_CapTableObject, 43, 0, 0, slot, 1), seL4_RangeError, 0,
            47);
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_SchedContextObject, ~0ul, 0, 0, slot, 1), seL4_RangeError,
            0, 47);
    ROW("01.6.range");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_UntypedObject, 63, 0, 0, slot, 1), seL4_RangeError, 0,
            47);
    ROW("02.1.size-ignored");
    ACCEPTED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 63, 0, 0, slot, 1));
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
    ROW("03.3.retype.5-cnode");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_CapTableObject, 0, 0, 0, slot, 1), seL4_InvalidArgument,
            1);
    ROW("03.3.retype.6-untyped");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_UntypedObject, 3, 0, 0, slot, 1), seL4_InvalidArgument,
            1);
    ROW("03.3.retype.7-context");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_SchedContextObject, 6, 0, 0, slot, 1),
            seL4_InvalidArgument, 1);
}

static void check_destination(void)
{
    const seL4_Word slots = 1ul << boot->initThreadCNodeSizeBits;
    const seL4_Word radix = boot->initThreadCNodeSizeBits;

    ROW("03.3.retype.8-node");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, node, 65, 0, 1), seL4_RangeError, 1,
            64);
    REFUSED(RETYPE(untyped, CAPS(untyped), seL4_EndpointObject, 0, node, 65, 0, 1),
            seL4_FailedLookup, 0, 1); /* first of all it must be a CNode */
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, ABSENT, 64, 0, 1), seL4_FailedLookup,
            0, 4, 64, 0, 64 - radix);
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 1, 63, 0, 1), seL4_FailedLookup, 0, 3,
            63, 64);
    ACCEPTED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, node, 64, 2, 1));
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
    ACCEPTED(RETYPE(untyped, CAPS(node), seL4_EndpointObject, 0, ~0ul, 0, 3, 1));
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
    ROW("03.3.retype.9-no-cnode");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, slot, 64, 0, 1), seL4_FailedLookup, 0,
            2, 64);
    REFUSED(RETYPE(untyped, CAPS(untyped), seL4_EndpointObject, 0, 0, 0, 0, 1), seL4_FailedLookup,
            0, 2, 0);
    ROW("03.3.retype.10-offset");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slots, 0), seL4_RangeError, 0,
            slots - 1);
    ROW("03.3.retype.11-count");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slots - 1, 0), seL4_RangeError,
            1, 256);
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slots - 1, 257), seL4_RangeError,
            1, 256);
    ROW("03.3.retype.12-fit");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slots - 3, 4), seL4_RangeError,
            1, 3);
    ROW("03.3.retype.13-occupied");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_ARM_LargePageObject, 0, 0, 0, node, 1), seL4_DeleteFirst);
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slot, 5), seL4_DeleteFirst);
    ROW("01.6.delete-first");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, ROOT, 1), seL4_DeleteFirst);
}

static void check_memory(void)
{
    ROW("03.3.retype.14-memory");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_ARM_LargePageObject, 0, 0, 0, slot, 1),
            seL4_NotEnoughMemory, 4096);
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_TCBObject, 0, 0, 0, slot, 3), seL4_NotEnoughMemory, 4096);
    ACCEPTED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slot, 1));
    ROW("01.6.memory");
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_ARM_SmallPageObject, 0, 0, 0, slot + 1, 1),
            seL4_NotEnoughMemory, 4096 - 16);
    ROW("02.4.alignment");
    /* The first TCB is aligned up: 2032 bytes are lost, and the second does not fit. */
    ACCEPTED(RETYPE(untyped, IN_ROOT, seL4_TCBObject, 0, 0, 0, slot + 1, 1));
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slot + 2, 1),
            seL4_NotEnoughMemory, 0);
    ROW("02.4.children-continue");
    CHECK_EQ(cap_delete(slot + 1), seL4_NoError); /* a child is left, so nothing is given back */
    REFUSED(RETYPE(untyped, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slot + 2, 1),
            seL4_NotEnoughMemory, 0);
    ROW("02.4.reset");
    CHECK_EQ(cap_delete(slot), seL4_NoError);
    ACCEPTED(RETYPE(untyped, IN_ROOT, seL4_TCBObject, 0, 0, 0, slot, 2));
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
}

static seL4_Word paddr_of(seL4_CPtr frame)
{
    return seL4_ARM_Page_GetAddress(frame).paddr;
}

static void check_order(void)
{
    const seL4_CPtr larger = untyped_new(14);

    ROW("03.3.retype.order");
    ACCEPTED(RETYPE(larger, IN_ROOT, seL4_ARM_SmallPageObject, 0, 0, 0, slot, 4));
    for (seL4_Word i = 1; i < 4; i++) {
        CHECK_EQ(paddr_of(slot + i), paddr_of(slot) + i * PAGE_BYTES);
    }
    CHECK_EQ(cap_revoke(larger), seL4_NoError);
    ROW("03.3.retype.fan-out");
    const seL4_CPtr wide = object_new(seL4_CapTableObject, 8);
    const seL4_CPtr many = untyped_new(12);
    ACCEPTED(RETYPE(many, CAPS(wide), seL4_EndpointObject, 0, 0, 0, 0, 256));
    CHECK_EQ(cap_revoke(many), seL4_NoError);
    CHECK_EQ(cap_delete(wide), seL4_NoError);
}

/* A device untyped: frames and untypeds only, nothing cleared. */
static void check_device(void)
{
    const seL4_CPtr device = device_untyped(DEVICE);

    ROW("03.3.retype.15-device");
    REFUSED(RETYPE(device, IN_ROOT, seL4_EndpointObject, 0, 0, 0, slot, 1), seL4_InvalidArgument,
            1);
    REFUSED(RETYPE(device, IN_ROOT, seL4_ARM_PageTableObject, 0, 0, 0, slot, 1),
            seL4_InvalidArgument, 1);
    REFUSED(RETYPE(device, IN_ROOT, seL4_ARM_LargePageObject, 0, 0, 0, slot, 1),
            seL4_NotEnoughMemory, 4096);
    ROW("02.4.device");
    ACCEPTED(RETYPE(device, IN_ROOT, seL4_UntypedObject, 12, 0, 0, slot, 1));
    REFUSED(RETYPE(slot, IN_ROOT, seL4_TCBObject, 0, 0, 0, slot + 1, 1), seL4_InvalidArgument, 1);
    ACCEPTED(RETYPE(slot, IN_ROOT, seL4_ARM_SmallPageObject, 0, 0, 0, slot + 1, 1));
    CHECK_EQ(paddr_of(slot + 1), DEVICE);
    ROW("02.2.frame-device");
    struct thread thread = thread_new(MAIN_PRIO - 1);
    REFUSED(invoke(thread.tcb, TCBSetIPCBuffer, WORDS(0x1000), CAPS(slot + 1)),
            seL4_IllegalOperation);
    CHECK_EQ(cap_revoke(device), seL4_NoError);
}

/* ---- New objects -------------------------------------------------------------------------------- */

static void check_new_tcb(void)
{
    const seL4_CPtr tcb = object_new(seL4_TCBObject, 0);
    seL4_UserContext context;
    bool zero = true;

    ROW("02.2.tcb-registers");
    CHECK_EQ(seL4_TCB_ReadRegisters(tcb, 0, 0, 36, &context), seL4_NoError);
    const seL4_Word *words = (const seL4_Word *)&context;
    for (unsigned i = 0; i < 36; i++) {
        zero = zero && (i == 2 || words[i] == 0);
    }
    CHECK(zero);
    CHECK(context.spsr == 0x140 || context.spsr == 0x40); /* release or debug kernel */
    ROW("02.2.tcb-flags");
    CHECK_EQ(seL4_TCB_SetFlags(tcb, 0, 0).flags, 0);
    ROW("02.2.tcb-mcp");
    CHECK_EQ(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, tcb, 1), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(1), 0);
    ROW("02.2.tcb-context");
    REFUSED(invoke(object_new(seL4_SchedContextObject, 7), SchedContextUnbindObject, WORDS(),
                   CAPS(tcb)),
            seL4_IllegalOperation);
}

static void check_new_caps(void)
{
    const seL4_CPtr cnode = object_new(seL4_CapTableObject, 6);
    const seL4_CPtr endpoint = object_new(seL4_EndpointObject, 0);
    const seL4_CPtr context = object_new(seL4_SchedContextObject, 8);

    ROW("02.2.cnode");
    CHECK_EQ(seL4_CNode_Copy(cnode, 63, 6, ROOT, endpoint, DEPTH, seL4_AllRights), seL4_NoError);
    REFUSED(invoke(cnode, CNodeDelete, WORDS(0, 5), CAPS()), seL4_FailedLookup, 0, 3, 5, 6);
    ROW("02.2.endpoint");
    CHECK_EQ(seL4_CNode_CancelBadgedSends(ROOT, endpoint, DEPTH), seL4_NoError); /* all rights */
    CHECK_EQ(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, endpoint, DEPTH, seL4_AllRights, 1),
             seL4_NoError); /* and no badge */
    CHECK_EQ(cap_delete(slot), seL4_NoError);
    ROW("02.2.context");
    REFUSED(invoke(context, SchedContextConsumed, WORDS(), CAPS()), seL4_NoError, 0);
    struct thread thread = thread_new(MAIN_PRIO - 1);
    CHECK_EQ(seL4_SchedContext_Unbind(thread.sched_context), seL4_NoError);
    CHECK_EQ(seL4_SchedContext_Bind(context, thread.tcb), seL4_NoError);
    CHECK_EQ(cap_delete(thread.tcb), seL4_NoError);
    ROW("02.2.table");
    const seL4_CPtr table = object_new(seL4_ARM_PageTableObject, 0);
    REFUSED(invoke(ROOT, CNodeCopy, WORDS(slot, DEPTH, table, DEPTH, 15), CAPS(ROOT)),
            seL4_IllegalOperation);
    const seL4_CPtr space = object_new(seL4_ARM_VSpaceObject, 0);
    REFUSED(invoke(ROOT, CNodeCopy, WORDS(slot, DEPTH, space, DEPTH, 15), CAPS(ROOT)),
            seL4_IllegalOperation);
    CHECK_EQ(cap_delete(cnode), seL4_NoError);
}

/* Extra refills that fit into a context of each size. */
static void check_capacity(void)
{
    static const struct {
        seL4_Word bits, extra;
    } sizes[] = { { 7, 0 }, { 8, 8 }, { 9, 24 }, { 10, 56 }, { 12, 248 } };

    ROW("02.1.capacity");
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const seL4_CPtr context = object_new(seL4_SchedContextObject, sizes[i].bits);
        ACCEPTED(invoke(boot->schedcontrol.start, SchedControlConfigureFlags,
                        WORDS(1000, 10000, sizes[i].extra, 0, 0), CAPS(context)));
        REFUSED(invoke(boot->schedcontrol.start, SchedControlConfigureFlags,
                       WORDS(1000, 10000, sizes[i].extra + 1, 0, 0), CAPS(context)),
                seL4_RangeError, 0, sizes[i].extra);
    }
}

void suite_retype(void)
{
    untyped = untyped_new(12);
    node = object_new(seL4_CapTableObject, NODE_BITS);
    slot = slot_new();
    for (unsigned i = 1; i < 4; i++) {
        (void)slot_new();
    }
    (void)object_new(seL4_EndpointObject, 0); /* behind the four */
    check_message();
    check_type_and_size();
    check_destination();
    check_memory();
    check_order();
    check_device();
    check_new_tcb();
    check_new_caps();
    check_capacity();
}
