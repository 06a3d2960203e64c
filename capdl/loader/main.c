/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The initialiser: its steps
 */
#include "initialiser.h"

#include <runtime/root_task.h>
#include <string.h>

struct initialiser initialiser;

/* Filled in by the image tool; in .data so that it is in the file. */
struct packed_locations packed_locations = { .magic = PACKED_LOCATIONS_MAGIC };

extern const char _text[]; /* first byte of the image, page aligned */

seL4_CPtr image_frame_slot(uint64_t vaddr)
{
    const struct packed_header *header = initialiser.spec.header;
    uint64_t large_start = packed_locations.payload_vaddr + header->large_start;
    uint64_t large_end = packed_locations.payload_vaddr + header->large_end;
    uint64_t pages = 0;

    /* Ascending: 4 KiB frames, then the 2 MiB frames of [large_start, large_end), then 4 KiB. */
    if (vaddr < large_start || large_start == large_end) {
        pages = (vaddr - initialiser.image_start) / PACKED_PAGE_BYTES;
    } else {
        pages = (large_start - initialiser.image_start) / PACKED_PAGE_BYTES;
        if (vaddr < large_end) {
            pages += (vaddr - large_start) / PACKED_LARGE_BYTES;
        } else {
            pages += (large_end - large_start) / PACKED_LARGE_BYTES;
            pages += (vaddr - large_end) / PACKED_PAGE_BYTES;
        }
    }
    return initialiser.boot->userImageFrames.start + pages;
}

seL4_CPtr object_slot(uint32_t index)
{
    const struct packed_object *object = &initialiser.spec.objects[index];

    if ((object->flags & PACKED_OBJECT_FROM_IMAGE) != 0) {
        return image_frame_slot(packed_locations.payload_vaddr + object->place);
    }
    if (object->type == PACKED_ASID_POOL && object->first == 0) {
        return seL4_CapInitThreadASIDPool;
    }
    if (object->type == PACKED_SMC) {
        return seL4_CapSMC;
    }
    return initialiser.slot_base + index;
}

seL4_CPtr map_slot(uint32_t map)
{
    const struct packed_map *mapping = &initialiser.spec.maps[map];

    if ((mapping->flags & PACKED_MAP_ORIGINAL) != 0) {
        return object_slot(mapping->object);
    }
    return initialiser.slot_base + initialiser.spec.object_count + map;
}

seL4_CPtr slot_take(void)
{
    if (initialiser.slot_free >= initialiser.slot_end) {
        fail_because("take a capability slot", PACKED_NONE,
                     "the root CNode of 2^%u slots is full; the spec needs %u",
                     initialiser.boot->initThreadCNodeSizeBits,
                     initialiser.spec.header ? initialiser.spec.header->root_slots_needed : 0);
    }
    return initialiser.slot_free++;
}

seL4_CPtr sched_control(uint64_t core, uint32_t object)
{
    const seL4_SlotRegion *region = &initialiser.boot->schedcontrol;

    if (core >= region->end - region->start) {
        fail_because("find a processor core for", object,
                     "it asks for core %u, this machine has %u", core, region->end - region->start);
    }
    return region->start + core;
}

/* `wrong` is a sentence of the reader; where it applies is in the spec. */
static _Noreturn void open_refuse(const char *wrong)
{
    static const char place[] = " (section %u, record %u)";
    static char reason[160];
    size_t length = strlen(wrong);

    length = length < sizeof reason - sizeof place ? length : sizeof reason - sizeof place;
    memcpy(reason, wrong, length);
    memcpy(&reason[length], place, sizeof place);
    fail_because("open the packed spec", PACKED_NONE, reason, initialiser.spec.fault_section,
                 initialiser.spec.fault_index);
}

static void open_spec(void)
{
    const char *wrong;

    if (packed_locations.spec_vaddr == 0) {
        fail_because("open the packed spec", PACKED_NONE,
                     "the image holds none; give one to the image tool (--spec)", 0, 0);
    }
    wrong = packed_open((const void *)packed_locations.spec_vaddr, packed_locations.spec_size,
                        &initialiser.spec);
    if (wrong) {
        initialiser.spec.header = NULL;
        open_refuse(wrong);
    }
    initialiser.payload = (const uint8_t *)packed_locations.payload_vaddr;
}

static void lay_out_slots(void)
{
    seL4_BootInfo *boot = initialiser.boot;

    initialiser.slot_base = boot->empty.start;
    initialiser.slot_free =
        boot->empty.start + initialiser.spec.object_count + initialiser.spec.map_count;
    initialiser.slot_end = boot->empty.end - REPORT_SLOTS;
    if (initialiser.slot_free >= initialiser.slot_end) {
        initialiser.slot_free = boot->empty.start; /* nothing is there yet: room for the report */
        fail_because("lay out the root CNode", PACKED_NONE,
                     "the spec needs %u slots, of which the CNode has %u free",
                     initialiser.spec.header->root_slots_needed,
                     boot->empty.end - boot->empty.start);
    }
}

int main(seL4_BootInfo *boot)
{
    initialiser.boot = boot;
    initialiser.image_start = (uint64_t)_text;
    initialiser.slot_free = boot->empty.start;
    initialiser.slot_end = boot->empty.end;
    memory_init();
    open_spec();
    lay_out_slots();
    create_objects();
    devices_setup();
    fill_frames();
    map_spaces();
    threads_setup();
    spaces_fill();
    spaces_hand_over();
    threads_start();
    spaces_keep_threads();
    finish();
}
