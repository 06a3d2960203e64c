/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The end of the initialiser
 *
 * Whatever the spec did not hand out is deleted: no thread can ever hold it again. Last goes the
 * initialiser's TCB, by its own hand, and with it the only capability by which a thread could
 * reach the root CNode. What that CNode still holds nobody can invoke: itself, the ASID pool
 * that every address space of the system is in, and the initialiser's address space, scheduling
 * context, IPC buffer and program pages. No untyped covers that memory.
 */
#include "initialiser.h"

static void delete_range(seL4_CPtr start, seL4_CPtr end)
{
    for (seL4_CPtr slot = start; slot < end; slot++) {
        (void)seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, ROOT_DEPTH);
    }
}

_Noreturn void finish(void)
{
    /* Copied first: boot information and spec are in memory that goes away. */
    const seL4_BootInfo *boot = initialiser.boot;
    seL4_SlotRegion extra = boot->extraBIPages;
    seL4_SlotRegion frames = boot->userImageFrames;
    seL4_SlotRegion untyped = boot->untyped;
    seL4_SlotRegion sched = boot->schedcontrol;
    seL4_CPtr spec = image_frame_slot((uint64_t)initialiser.spec.header);

    delete_range(initialiser.slot_base, initialiser.slot_free);
    delete_range(untyped.start, untyped.end);
    delete_range(sched.start, sched.end);
    delete_range(extra.start, extra.end);
    delete_range(spec, frames.end);
    delete_range(seL4_CapIRQControl, seL4_CapASIDControl + 1);
    delete_range(seL4_CapBootInfoFrame, seL4_CapBootInfoFrame + 1);
    delete_range(seL4_CapDomain, seL4_CapDomain + 1);
    delete_range(seL4_CapSMC, seL4_CapSMC + 1);
    for (;;) {
        (void)seL4_CNode_Delete(seL4_CapInitThreadCNode, seL4_CapInitThreadTCB, ROOT_DEPTH);
    }
}
