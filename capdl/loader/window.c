/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Windows: where the initialiser looks into frames of others
 *
 *      SCRATCH_BASE            4 KiB frames: one to be filled, one to be read, the serial port
 *      SCRATCH_BASE + 2 MiB    2 MiB frames, in the same order
 *      SCRATCH_BASE + 1 GiB    1 GiB frames
 *
 * The two page tables are made as soon as everything with a fixed address has its place: then
 * they cannot be in the way, and a report of exhausted memory needs none.
 */
#include <loader/build.h>

#define SCRATCH_BASE 0x1000000000ul /* 64 GiB: far behind any image */

static uint32_t tables_made;

bool windows_prepare(void)
{
    while (tables_made < 2) { /* level 2 of that GiB, level 3 of its first 2 MiB */
        seL4_CPtr slot = slot_take();
        seL4_CPtr untyped = memory_take_own(seL4_PageTableBits);

        if (untyped == 0 ||
            seL4_Untyped_Retype(untyped, seL4_ARM_PageTableObject, 0, builder.root, 0, 0, slot,
                                1) != seL4_NoError ||
            seL4_ARM_PageTable_Map(slot_cptr(slot), builder.vspace, SCRATCH_BASE,
                                   seL4_ARM_Default_VMAttributes) != seL4_NoError) {
            return false;
        }
        tables_made++;
    }
    return true;
}

uint64_t window_of(uint8_t size_bits, enum window_use use)
{
    switch (size_bits) {
    case seL4_PageBits: return SCRATCH_BASE + ((uint64_t)use << seL4_PageBits);
    case seL4_LargePageBits: return SCRATCH_BASE + ((1ul + use) << seL4_LargePageBits);
    default: return SCRATCH_BASE + ((1ul + use) << seL4_HugePageBits);
    }
}
