/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Handing the workshop over to a supervisor (<loader/handover.h>)
 */
#include "initialiser.h"

#include <loader/handover.h>
#include <string.h>

/* The CNode that names the supervised ones: the supervisor's own root. */
static uint32_t supervisor_root(void)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        if (spec->caps[i].target == builder.supervised &&
            spec->caps[i].container != builder.supervised) {
            return spec->caps[i].container;
        }
    }
    return PACKED_NONE;
}

/* The supervisor's capability pointers into the workshop: its root slot, zeros, our slot. */
void hand_over_root(void)
{
    uint64_t guard_bits = 64 - HANDOVER_ROOT_RADIX - initialiser.boot->initThreadCNodeSizeBits;
    uint32_t container = supervisor_root();

    if (container == PACKED_NONE || radix_of(container) != HANDOVER_ROOT_RADIX) {
        return; /* nobody could use it */
    }
    check(seL4_CNode_Mint(object_cptr(container), HANDOVER_ROOT_SLOT, radix_of(container),
                          builder.root, seL4_CapInitThreadCNode, ROOT_DEPTH, seL4_AllRights,
                          guard_bits),
          "hand the root CNode over to", container);
}

static void give_memory(void)
{
    seL4_CPtr untyped = memory_take_own(HANDOVER_MEMORY_BITS);

    if (untyped == 0) {
        fail_because("keep memory for the supervisor", PACKED_NONE, "none is left", 0, 0);
    }
    check(seL4_Untyped_Retype(untyped, seL4_UntypedObject, HANDOVER_MEMORY_BITS, builder.root, 0, 0,
                              HANDOVER_SLOT_MEMORY, 1),
          "keep memory for the supervisor", PACKED_NONE);
}

/* The boot information is not needed any more; its page becomes the supervisor's. */
static void write_page(void)
{
    struct handover handover = {
        .magic = HANDOVER_MAGIC,
        .slot_base = builder.slot_base,
        .slot_free = builder.slot_base + builder.spec.object_count + builder.spec.map_count,
        .slot_end = builder.slot_end,
        .image_start = builder.image_start,
        .image_frames = builder.image_frames,
        .payload_vaddr = builder.payload_vaddr,
        .spec_vaddr = (uint64_t)builder.spec.header,
        .spec_bytes = builder.spec.header->total_bytes,
    };

    memcpy(initialiser.boot, &handover, sizeof handover);
}

void hand_over(void)
{
    give_memory();
    write_page();
}
