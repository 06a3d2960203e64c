/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Says which capability pointers hold something: all of its own slots, and all of the root CNode's
 */
#include <microkit.h>

#define OWN_SLOTS 512

static void look(const char *where, seL4_Word number, seL4_CPtr cap)
{
    seL4_Uint32 type = seL4_DebugCapIdentify(cap);

    if (type != 0) {
        microkit_dbg_puts(where);
        microkit_dbg_put32((seL4_Uint32)number);
        microkit_dbg_puts(" ");
    }
}

void init(void)
{
    microkit_dbg_puts("slots: ");
    for (seL4_Word slot = 0; slot < OWN_SLOTS; slot++) {
        look("", slot, slot);
    }
    for (seL4_Word slot = 1; slot < PD_ROOT_CAP_SIZE; slot++) {
        look("root ", slot, microkit_cspace_root_slot_to_cptr(slot));
    }
    microkit_dbg_puts("end\n");
}

void notified(microkit_channel ch)
{
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    return seL4_False;
}
