/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: untyped memory and object creation (abi/02 §1, §2; abi/03 §2)
 */
#include "conform.h"

static seL4_Error retype(seL4_CPtr untyped, seL4_Word type, seL4_Word bits, seL4_CPtr slot,
                         seL4_Word count)
{
    return seL4_Untyped_Retype(untyped, type, bits, ROOT, 0, 0, slot, count);
}

static seL4_CPtr slots_new(seL4_Word count)
{
    seL4_CPtr first = slot_new();

    while (--count > 0) {
        (void)slot_new();
    }
    return first;
}

/* Every object type, in an untyped of exactly its size: one fits, a second does not. */
static void check_sizes(void)
{
    static const struct {
        seL4_Word type, argument, bits;
    } objects[] = {
        { seL4_UntypedObject, 9, 9 },        { seL4_TCBObject, 0, 11 },
        { seL4_EndpointObject, 0, 4 },       { seL4_NotificationObject, 0, 6 },
        { seL4_CapTableObject, 6, 11 },      { seL4_SchedContextObject, 8, 8 },
        { seL4_ReplyObject, 0, 5 },          { seL4_ARM_VSpaceObject, 0, 13 },
        { seL4_ARM_SmallPageObject, 0, 12 }, { seL4_ARM_LargePageObject, 0, 21 },
        { seL4_ARM_PageTableObject, 0, 12 }, { seL4_ARM_VCPUObject, 0, 12 },
    };

    for (unsigned i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        seL4_CPtr untyped = untyped_new(objects[i].bits);
        seL4_CPtr slot = slots_new(2);
        CHECK_EQ(retype(untyped, objects[i].type, objects[i].argument, slot, 1), seL4_NoError);
        CHECK_EQ(retype(untyped, objects[i].type, objects[i].argument, slot + 1, 1),
                 seL4_NotEnoughMemory);
        /* Deleting the object makes the untyped whole again. */
        CHECK_EQ(cap_delete(slot), seL4_NoError);
        CHECK_EQ(retype(untyped, objects[i].type, objects[i].argument, slot + 1, 1), seL4_NoError);
        CHECK_EQ(cap_revoke(untyped), seL4_NoError);
        CHECK_EQ(retype(untyped, objects[i].type, objects[i].argument, slot, 1), seL4_NoError);
        CHECK_EQ(cap_delete(untyped), seL4_NoError);
    }
}

static void check_errors(void)
{
    seL4_CPtr untyped = untyped_new(12);
    seL4_CPtr slot = slots_new(4);

    CHECK_EQ(retype(untyped, 99, 0, slot, 1), seL4_InvalidArgument);
    CHECK_EQ(retype(untyped, seL4_UntypedObject, 3, slot, 1), seL4_InvalidArgument);
    CHECK_EQ(retype(untyped, seL4_EndpointObject, 0, slot, 0), seL4_RangeError);
    CHECK_EQ(retype(untyped, seL4_EndpointObject, 0, slot, 257), seL4_RangeError);
    CHECK_EQ(retype(untyped, seL4_ARM_LargePageObject, 0, slot, 1), seL4_NotEnoughMemory);
    CHECK_EQ(seL4_GetMR(0), 4096);
    CHECK_EQ(retype(untyped, seL4_EndpointObject, 0, seL4_CapInitThreadTCB, 1), seL4_DeleteFirst);
    CHECK_EQ(retype(slot, seL4_EndpointObject, 0, slot, 1), seL4_InvalidCapability);
    CHECK_EQ(retype(untyped, seL4_EndpointObject, 0, slot, 4), seL4_NoError);
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
}

/* Memory that is used again is zero, and the objects of one Retype lie behind each other. */
static void check_contents(void)
{
    seL4_CPtr untyped = untyped_new(16);
    seL4_CPtr frames = slots_new(16);
    seL4_Word window = space_new(16 * PAGE_BYTES);
    seL4_Word last = 0;

    for (unsigned round = 0; round < 2; round++) {
        bool zero = true;
        CHECK_EQ(retype(untyped, seL4_ARM_SmallPageObject, 0, frames, 16), seL4_NoError);
        for (seL4_Word i = 0; i < 16; i++) {
            seL4_Word *page = (seL4_Word *)(window + i * PAGE_BYTES);
            seL4_ARM_Page_GetAddress_t address = seL4_ARM_Page_GetAddress(frames + i);
            CHECK_EQ(address.error, 0);
            CHECK(i == 0 || address.paddr == last + PAGE_BYTES);
            last = address.paddr;
            CHECK_EQ(seL4_ARM_Page_Map(frames + i, seL4_CapInitThreadVSpace, (seL4_Word)page,
                                       seL4_AllRights, seL4_ARM_Default_VMAttributes),
                     seL4_NoError);
            for (seL4_Word word = 0; word < PAGE_BYTES / sizeof(seL4_Word); word++) {
                zero = zero && page[word] == 0;
                page[word] = ~word;
            }
        }
        CHECK(zero);
        CHECK_EQ(cap_revoke(untyped), seL4_NoError);
    }
}

void suite_untyped(void)
{
    check_sizes();
    check_errors();
    check_contents();
}
