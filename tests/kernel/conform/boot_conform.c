/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: boot information, initial capabilities, untyped list (abi/05)
 */
#include "conform.h"

#include <sel4/tessera.h>
#include <string.h>

#define COUNTERS      0x203ul
#define RESERVED      0x4f000000ul /* conform.run: --reserve, the last 16 MiB of RAM */
#define RESERVED_BITS 24

static void check_regions(void)
{
    extern const char _text[], _bss_end[];
    seL4_Word image =
        (((seL4_Word)_bss_end + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1)) - (seL4_Word)_text;

    CHECK_EQ(boot->nodeID, 0);
    CHECK_EQ(boot->numNodes, 1);
    CHECK_EQ(boot->numIOPTLevels, 0);
    CHECK_EQ(boot->initThreadDomain, 0);
    CHECK_EQ(boot->sharedFrames.end - boot->sharedFrames.start, 0);
    CHECK_EQ(boot->ioSpaceCaps.end - boot->ioSpaceCaps.start, 0);
    CHECK_EQ(boot->userImagePaging.start, 16);
    CHECK_EQ(boot->extraBIPages.start, boot->userImagePaging.end);
    CHECK_EQ(boot->extraBIPages.end - boot->extraBIPages.start,
             (boot->extraLen + PAGE_BYTES - 1) / PAGE_BYTES);
    CHECK_EQ(boot->schedcontrol.start, boot->extraBIPages.end);
    CHECK_EQ(boot->schedcontrol.end, boot->schedcontrol.start + 1);
    CHECK_EQ(boot->userImageFrames.start, boot->schedcontrol.end);
    CHECK_EQ(boot->userImageFrames.end - boot->userImageFrames.start, image / PAGE_BYTES);
    CHECK_EQ(boot->untyped.start, boot->userImageFrames.end);
    CHECK_EQ(boot->empty.start, boot->untyped.end);
    CHECK_EQ(boot->empty.end, 1ul << boot->initThreadCNodeSizeBits);
    CHECK_EQ((seL4_Word)boot->ipcBuffer, (seL4_Word)_text + image);
    CHECK_EQ((seL4_Word)boot, (seL4_Word)_text + image + PAGE_BYTES);
}

static void check_extra(void)
{
    const seL4_Word *header = (const seL4_Word *)((seL4_Word)boot + PAGE_BYTES);
    uint32_t magic;

    CHECK_EQ(header[0], 6); /* a device tree */
    CHECK_EQ(header[1], boot->extraLen);
    memcpy(&magic, header + 2, sizeof(magic));
    CHECK_EQ(__builtin_bswap32(magic), 0xd00dfeed);
    memcpy(&magic, (const char *)(header + 2) + 4, sizeof(magic));
    CHECK_EQ(__builtin_bswap32(magic) + 16, boot->extraLen);
}

/* Pieces are aligned, ascend within each of the three parts, and do not overlap. */
static void check_untypeds(void)
{
    seL4_Word count = boot->untyped.end - boot->untyped.start;
    seL4_Word ram = 0;
    bool sound = true;
    bool devices_first = true;

    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc *a = &boot->untypedList[i];
        sound = sound && (a->paddr & ((1ul << a->sizeBits) - 1)) == 0 && a->sizeBits >= 4;
        for (seL4_Word j = i + 1; j < count; j++) {
            const seL4_UntypedDesc *b = &boot->untypedList[j];
            sound = sound && (a->paddr + (1ul << a->sizeBits) <= b->paddr ||
                              b->paddr + (1ul << b->sizeBits) <= a->paddr);
        }
        if (i > 0 && a->isDevice && !boot->untypedList[i - 1].isDevice) {
            devices_first = false;
        }
        ram += a->isDevice ? 0 : 1ul << a->sizeBits;
    }
    CHECK(sound);
    CHECK(devices_first);
    CHECK(ram > 100ul << 20);
    CHECK_EQ(boot->untypedList[0].paddr, 0);
    CHECK_EQ(boot->untypedList[0].sizeBits, 27);
    CHECK_EQ(boot->untypedList[count].sizeBits, 0);
}

/* Memory that the system names is left whole, although the kernel likes the top of RAM. */
static void check_reserved(void)
{
    bool whole = false;

    for (seL4_Word i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        const seL4_UntypedDesc *piece = &boot->untypedList[i];
        whole = whole ||
                (!piece->isDevice && piece->paddr == RESERVED && piece->sizeBits == RESERVED_BITS);
    }
    CHECK(whole);
}

/* Which of the fixed slots hold something: copying an empty slot is refused. */
static void check_slots(void)
{
    static const bool full[16] = {
        [1] = true, [2] = true,  [3] = true,  [4] = true,  [5] = true, [6] = true,
        [9] = true, [10] = true, [11] = true, [14] = true, [15] = true
    };

    for (seL4_Word i = 1; i < 16; i++) {
        if (i == seL4_CapInitThreadCNode) {
            continue; /* the move needs it, so it is there */
        }
        seL4_CPtr copy = slot_new();
        seL4_Error error = seL4_CNode_Move(seL4_CapInitThreadCNode, copy, DEPTH,
                                           seL4_CapInitThreadCNode, i, DEPTH);
        CHECK_EQ(error, full[i] ? seL4_NoError : seL4_FailedLookup);
        if (error == seL4_NoError) {
            CHECK_EQ(seL4_CNode_Move(seL4_CapInitThreadCNode, i, DEPTH, seL4_CapInitThreadCNode,
                                     copy, DEPTH),
                     seL4_NoError);
        }
    }
}

void suite_boot(void)
{
    check_regions();
    check_extra();
    check_untypeds();
    check_reserved();
    check_slots();
    /* From here on this thread may read the time. */
    CHECK_EQ(seL4_X_TCB_SetCounterAccess(seL4_CapInitThreadTCB, boot->schedcontrol.start, COUNTERS),
             seL4_NoError);
    CHECK(time_now() > 0);
}
