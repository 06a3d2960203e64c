/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Where capabilities are: the slots of the workshop
 *
 * The original capability of object i is in slot slot_base + i, the copy that made mapping m in
 * slot_base + object_count + m. Nothing else is remembered.
 */
#include <loader/build.h>

#define SLOT_BITS 5u

struct builder builder;

seL4_CPtr slot_cptr(seL4_CPtr slot)
{
    return builder.cptr_base + slot;
}

seL4_CPtr image_frame_slot(uint64_t vaddr)
{
    const struct packed_header *header = builder.spec.header;
    uint64_t large_start = builder.payload_vaddr + header->large_start;
    uint64_t large_end = builder.payload_vaddr + header->large_end;
    uint64_t pages = 0;

    /* Ascending: 4 KiB frames, then the 2 MiB frames of [large_start, large_end), then 4 KiB. */
    if (vaddr < large_start || large_start == large_end) {
        pages = (vaddr - builder.image_start) / PACKED_PAGE_BYTES;
    } else {
        pages = (large_start - builder.image_start) / PACKED_PAGE_BYTES;
        if (vaddr < large_end) {
            pages += (vaddr - large_start) / PACKED_LARGE_BYTES;
        } else {
            pages += (large_end - large_start) / PACKED_LARGE_BYTES;
            pages += (vaddr - large_end) / PACKED_PAGE_BYTES;
        }
    }
    return builder.image_frames + pages;
}

seL4_CPtr object_slot(uint32_t index)
{
    const struct packed_object *object = &builder.spec.objects[index];

    if ((object->flags & PACKED_OBJECT_FROM_IMAGE) != 0) {
        return image_frame_slot(builder.payload_vaddr + object->place);
    }
    if (object->type == PACKED_ASID_POOL && object->first == 0) {
        return seL4_CapInitThreadASIDPool;
    }
    if (object->type == PACKED_SMC) {
        return seL4_CapSMC;
    }
    return builder.slot_base + index;
}

seL4_CPtr object_cptr(uint32_t object)
{
    return slot_cptr(object_slot(object));
}

seL4_CPtr map_slot(uint32_t map)
{
    const struct packed_map *mapping = &builder.spec.maps[map];

    if ((mapping->flags & PACKED_MAP_ORIGINAL) != 0) {
        return object_slot(mapping->object);
    }
    return builder.slot_base + builder.spec.object_count + map;
}

seL4_CPtr map_cptr(uint32_t map)
{
    return slot_cptr(map_slot(map));
}

seL4_CPtr slot_take(void)
{
    if (builder.slot_free >= builder.slot_end) {
        fail_because("take a capability slot", PACKED_NONE,
                     "the root CNode is full; the spec needs %u slots",
                     builder.spec.header ? builder.spec.header->root_slots_needed : 0, 0);
    }
    return builder.slot_free++;
}

void slot_drop(seL4_CPtr slot)
{
    (void)seL4_CNode_Delete(builder.root, slot, ROOT_DEPTH);
    builder.slot_free--;
}

uint32_t root_of(uint32_t object)
{
    while (builder.spec.objects[object].parent != PACKED_NONE) {
        object = builder.spec.objects[object].parent;
    }
    return object;
}

bool is_built(uint32_t object)
{
    return builder.component == PACKED_NONE ||
           (object != builder.component && root_of(object) == builder.component);
}

uint8_t radix_of(uint32_t cnode)
{
    return (uint8_t)(builder.spec.objects[cnode].size_bits - SLOT_BITS);
}

void supervised_find(void)
{
    builder.supervised = PACKED_NONE;
    for (uint32_t i = 0; i < builder.spec.object_count; i++) {
        if ((builder.spec.objects[i].flags & PACKED_OBJECT_SUPERVISED) != 0) {
            builder.supervised = i;
        }
    }
}
