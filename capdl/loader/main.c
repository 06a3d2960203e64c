/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The initialiser: its steps
 */
#include "initialiser.h"
#include "verify.h"

#include <runtime/root_task.h>
#include <string.h>

struct initialiser initialiser;

/* Filled in by the image tool; in .data so that it is in the file. */
struct packed_locations packed_locations = { .magic = PACKED_LOCATIONS_MAGIC };

extern const char _text[]; /* first byte of the image, page aligned */

/* ---- The initialiser's own ways (build.h) ------------------------------------------------------ */

seL4_CPtr sched_control(uint64_t core, uint32_t object)
{
    const seL4_SlotRegion *region = &initialiser.boot->schedcontrol;

    if (core >= region->end - region->start) {
        fail_because("find a processor core for", object,
                     "it asks for core %u, this machine has %u", core, region->end - region->start);
    }
    return region->start + core;
}

seL4_CPtr untyped_cptr(uint32_t untyped)
{
    return object_cptr(untyped);
}

seL4_Error interrupt_take(const struct packed_irq *irq)
{
    seL4_CPtr slot = object_slot(irq->object);

    if (irq->trigger == PACKED_TRIGGER_DEFAULT) {
        return seL4_IRQControl_Get(seL4_CapIRQControl, irq->number, builder.root, slot, ROOT_DEPTH);
    }
    return seL4_IRQControl_GetTrigger(seL4_CapIRQControl, irq->number,
                                      irq->trigger == PACKED_TRIGGER_EDGE, builder.root, slot,
                                      ROOT_DEPTH);
}

const uint8_t *payload_at(uint64_t offset, uint64_t *bytes)
{
    *bytes = builder.spec.header->payload_bytes - offset;
    return initialiser.payload + offset;
}

const seL4_BootInfoHeader *boot_block(uint64_t id)
{
    uint64_t at = (uint64_t)initialiser.boot + PACKED_PAGE_BYTES;
    uint64_t end = at + initialiser.boot->extraLen;

    while (end - at >= sizeof(seL4_BootInfoHeader)) {
        const seL4_BootInfoHeader *header = (const seL4_BootInfoHeader *)at;

        if (header->id == id) {
            return header;
        }
        if (header->len < sizeof *header || header->len > end - at) {
            break;
        }
        at += header->len;
    }
    return NULL;
}

/* The slots and memory kept back are for this. */
void report_begin(void)
{
    static bool is_failing;

    builder.slot_end = initialiser.boot->empty.end;
    if (!is_failing) { /* a failure of the report itself is not reported */
        is_failing = true;
        (void)uart_open();
    }
}

void report_put(char character)
{
    uart_put(character);
}

_Noreturn void report_stop(void)
{
    for (;;) {
        (void)seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}

/* ---- Steps -------------------------------------------------------------------------------------- */

/* `wrong` is a sentence of the reader; where it applies is in the spec. */
static _Noreturn void open_refuse(const char *wrong)
{
    static const char place[] = " (section %u, record %u)";
    static char reason[160];
    size_t length = strlen(wrong);

    length = length < sizeof reason - sizeof place ? length : sizeof reason - sizeof place;
    memcpy(reason, wrong, length);
    memcpy(&reason[length], place, sizeof place);
    fail_because("open the packed spec", PACKED_NONE, reason, builder.spec.fault_section,
                 builder.spec.fault_index);
}

static void open_spec(void)
{
    const char *wrong;

    if (packed_locations.spec_vaddr == 0) {
        fail_because("open the packed spec", PACKED_NONE,
                     "the image holds none; give one to the image tool (--spec)", 0, 0);
    }
    wrong = packed_open((const void *)packed_locations.spec_vaddr, packed_locations.spec_size,
                        &builder.spec);
    if (wrong) {
        builder.spec.header = NULL;
        open_refuse(wrong);
    }
    initialiser.payload = (const uint8_t *)packed_locations.payload_vaddr;
    builder.payload_vaddr = packed_locations.payload_vaddr;
    supervised_find();
}

static void lay_out_slots(void)
{
    seL4_BootInfo *boot = initialiser.boot;

    builder.slot_base = boot->empty.start;
    builder.slot_free = boot->empty.start + builder.spec.object_count + builder.spec.map_count;
    builder.slot_end = boot->empty.end - REPORT_SLOTS;
    if (builder.slot_free >= builder.slot_end) {
        builder.slot_free = boot->empty.start; /* nothing is there yet: room for the report */
        fail_because("lay out the root CNode", PACKED_NONE,
                     "the spec needs %u slots, of which the CNode has %u free",
                     builder.spec.header->root_slots_needed, boot->empty.end - boot->empty.start);
    }
}

static void begin(seL4_BootInfo *boot)
{
    initialiser.boot = boot;
    builder.who = "initialiser";
    builder.root = seL4_CapInitThreadCNode;
    builder.vspace = seL4_CapInitThreadVSpace;
    builder.authority = seL4_CapInitThreadTCB;
    builder.component = PACKED_NONE;
    builder.supervised = PACKED_NONE;
    builder.image_start = (uint64_t)_text;
    builder.image_frames = boot->userImageFrames.start;
    builder.slot_free = boot->empty.start;
    builder.slot_end = boot->empty.end;
}

static bool wants_verification(void)
{
    return (packed_locations.options & PACKED_OPTION_VERIFY) != 0;
}

int main(seL4_BootInfo *boot)
{
    begin(boot);
    memory_init();
    open_spec();
    lay_out_slots();
    create_objects();
    devices_setup();
    fill_frames();
    map_spaces();
    threads_setup();
    spaces_fill();
    spaces_move();
    after_building();
    if (wants_verification()) {
        verify();
    }
    if (builder.supervised != PACKED_NONE) {
        hand_over_root();
    }
    spaces_keep();
    after_keeping();
    if (wants_verification()) {
        verify_keeps();
        verify_conclude();
    }
    threads_start();
    spaces_keep_threads();
    finish();
}
