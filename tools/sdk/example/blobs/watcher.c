/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Holds capabilities to another protection domain and looks at it
 */
#include <microkit.h>

void init(void)
{
    seL4_CPtr tcb = microkit_cspace_root_slot_to_cptr(1);
    seL4_UserContext context;
    seL4_Error error =
        seL4_TCB_ReadRegisters(tcb, seL4_False, 0, sizeof(context) / sizeof(seL4_Word), &context);

    microkit_dbg_puts("watcher: error ");
    microkit_dbg_put32((seL4_Uint32)error);
    microkit_dbg_puts(context.pc >= 0x200000 && context.pc < 0x300000 ? ", it is in its program\n"
                                                                      : ", WRONG\n");
    if (microkit_cspace_root_slot_to_cptr(64) != seL4_CapNull) {
        microkit_dbg_puts("watcher: WRONG slot\n");
    }
}

void notified(microkit_channel ch)
{
}
