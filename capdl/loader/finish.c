/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The end of the initialiser
 *
 * What gives authority over what is not built (untypeds, IRQControl, SchedControl, ASIDControl,
 * domains, firmware, boot image, boot information) is deleted. Last goes the initialiser's TCB, by
 * its own hand, and with it the only way by which a thread could reach the root CNode. What that
 * CNode still holds nobody can invoke: itself, the ASID pool that every address space of the system
 * is in, the initialiser's address space, scheduling context, IPC buffer and program pages, and
 * the originals of objects and mappings that no keeper has: so that a system without keepers lives
 * on. The schedule of domains starts before the last two deletions (domains.c). A supervisor's
 * revocation of an untyped takes these away like any other.
 *
 * To a system with a supervisor the root CNode is left behind for it (handover.c), and in it the
 * spec, the boot image, and authority over domains and firmware, as far as components have it.
 */
#include "initialiser.h"

#include <string.h>

static void delete_range(seL4_CPtr start, seL4_CPtr end)
{
    for (seL4_CPtr slot = start; slot < end; slot++) {
        (void)seL4_CNode_Delete(builder.root, slot, ROOT_DEPTH);
    }
}

/* The untypeds of the spec that were not handed over; without them, nothing can be made anew. */
static void delete_untypeds(void)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (spec->objects[i].type == PACKED_UNTYPED) {
            delete_range(object_slot(i), object_slot(i) + 1);
        }
    }
}

/* Not inlined: its start is the end of the work, for tools/bench. */
static _Noreturn __attribute__((noinline)) void delete_self(void)
{
    for (;;) {
        (void)seL4_CNode_Delete(seL4_CapInitThreadCNode, seL4_CapInitThreadTCB, ROOT_DEPTH);
    }
}

/* Has a component firmware that a supervisor may have to give it again? The monitor is never built
 * anew. */
static bool keeps_firmware(void)
{
    const struct packed_view *spec = &builder.spec;
    bool found = false;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct packed_cap *cap = &spec->caps[i];

        found =
            found || (cap->target != PACKED_NONE && spec->objects[cap->target].type == PACKED_SMC &&
                      strcmp(packed_component(spec, cap->container), "monitor") != 0);
    }
    return found && builder.supervised != PACKED_NONE;
}

_Noreturn void finish(void)
{
    /* Copied first: boot information and spec are in memory that goes away. */
    const seL4_BootInfo *boot = initialiser.boot;
    bool is_supervised = builder.supervised != PACKED_NONE;
    seL4_SlotRegion extra = boot->extraBIPages;
    seL4_SlotRegion frames = boot->userImageFrames;
    seL4_SlotRegion untyped = boot->untyped;
    seL4_SlotRegion sched = boot->schedcontrol;
    seL4_CPtr temporaries = builder.slot_base + builder.spec.object_count + builder.spec.map_count;
    seL4_CPtr spec = image_frame_slot((uint64_t)builder.spec.header);
    uint32_t domain_start = builder.spec.header->domain_start;
    bool has_domains = builder.spec.header->domain_count > 1;
    bool has_firmware = keeps_firmware();

    domains_write();
    delete_untypeds();
    delete_range(temporaries, builder.slot_free);
    delete_range(seL4_CapIRQControl, seL4_CapASIDControl + 1);
    if (is_supervised) {
        hand_over();
    }
    delete_range(untyped.start, untyped.end);
    delete_range(sched.start, sched.end);
    delete_range(extra.start, extra.end);
    if (!is_supervised) {
        delete_range(spec, frames.end);
        delete_range(seL4_CapBootInfoFrame, seL4_CapBootInfoFrame + 1);
    }
    if (!has_firmware) {
        delete_range(seL4_CapSMC, seL4_CapSMC + 1);
    }
    domains_start(domain_start);
    if (!is_supervised || !has_domains) {
        delete_range(seL4_CapDomain, seL4_CapDomain + 1);
    }
    delete_self();
}
