/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The workshop, and a supervisor's own ways of the building steps (build.h)
 *
 *      root slot 2 of our CSpace   the initialiser's root CNode, so that slot s of it is named by
 *                                  (2 << 58) + s
 *      SPEC_BASE                   the packed spec, read only
 */
#include "workshop.h"

#include "print.h"

#include <loader/handover.h>
#include <sel4/tessera.h>
#include <string.h>
#include <tessera.h>

#define SPEC_BASE    0x1010000000ul /* in the gigabyte of the windows, far behind them */
#define PAGE_MASK    (PACKED_PAGE_BYTES - 1)
#define READ_ONLY    (seL4_ARM_Default_VMAttributes | seL4_ARM_ExecuteNever)
#define WINDOW_PAGES 512u

/* Memory left to us: pieces in ascending order. */
static uint64_t own_used;

/* The image frame that payload_at has open. */
static seL4_CPtr open_slot, open_frame;

/* ---- Its own ways ------------------------------------------------------------------------------- */

seL4_CPtr memory_take_own(uint8_t size_bits)
{
    uint64_t bytes = 1ul << size_bits;
    uint64_t start = (own_used + bytes - 1) & ~(bytes - 1);

    if (start + bytes > 1ul << HANDOVER_MEMORY_BITS) {
        return 0;
    }
    own_used = start + bytes;
    return slot_cptr(HANDOVER_SLOT_MEMORY);
}

seL4_CPtr memory_take(uint32_t object, uint8_t size_bits, uint32_t *count, const uint64_t *paddr)
{
    (void)size_bits;
    (void)count;
    (void)paddr;
    fail_because("create", object, "it is in no untyped of a component", 0, 0);
}

uint32_t supervised_slot(uint32_t object)
{
    const struct packed_object *cnode = &builder.spec.objects[builder.supervised];

    for (uint32_t i = cnode->first; i < cnode->first + cnode->count; i++) {
        if (builder.spec.caps[i].target == object) {
            return builder.spec.caps[i].slot;
        }
    }
    return PACKED_NONE;
}

seL4_CPtr untyped_cptr(uint32_t untyped)
{
    uint32_t slot = supervised_slot(untyped);

    /* An untyped within a component's is in the workshop, as any object is. */
    return slot == PACKED_NONE ? object_cptr(untyped) : SUPERVISED + slot;
}

seL4_CPtr sched_control(uint64_t core, uint32_t object)
{
    if (core >= SUPERVISED_CONTROLS) {
        fail_because("find a processor core for", object, "it asks for core %u", core, 0);
    }
    return SUPERVISED + SUPERVISED_CONTROL + core;
}

/* Our copy of the handler has kept the interrupt alive. */
seL4_Error interrupt_take(const struct packed_irq *irq)
{
    return seL4_CNode_Copy(builder.root, object_slot(irq->object), ROOT_DEPTH, SUPERVISED,
                           SUPERVISED_IRQS + irq->number, SUPERVISED_DEPTH, seL4_AllRights);
}

void payload_close(void)
{
    if (open_frame != 0) {
        (void)seL4_CNode_Delete(builder.root, open_slot, ROOT_DEPTH);
        open_frame = 0;
    }
}

const uint8_t *payload_at(uint64_t offset, uint64_t *bytes)
{
    uint64_t large_start = builder.spec.header->large_start;
    uint64_t large_end = builder.spec.header->large_end;
    bool is_large = offset >= large_start && offset < large_end;
    uint8_t bits = is_large ? seL4_LargePageBits : seL4_PageBits;
    seL4_CPtr frame = image_frame_slot(builder.payload_vaddr + offset);
    uint64_t window = window_of(bits, WINDOW_SOURCE);
    uint64_t inside = (builder.payload_vaddr + offset) & ((1ul << bits) - 1);

    if (frame != open_frame) {
        payload_close();
        check(seL4_CNode_Copy(builder.root, open_slot, ROOT_DEPTH, builder.root, frame, ROOT_DEPTH,
                              seL4_CanRead),
              "open the image", PACKED_NONE);
        check(seL4_ARM_Page_Map(slot_cptr(open_slot), builder.vspace, window, seL4_CanRead,
                                READ_ONLY),
              "open the image", PACKED_NONE);
        open_frame = frame;
    }
    *bytes = (1ul << bits) - inside;
    return (const uint8_t *)window + inside;
}

/* What the firmware said is not kept: compose fills nothing with it. */
const seL4_BootInfoHeader *boot_block(uint64_t id)
{
    fail_because("fill a frame", PACKED_NONE, "block %u of the boot information is gone", id, 0);
}

void report_begin(void)
{
}

void report_put(char character)
{
    print_char(character);
}

_Noreturn void report_stop(void)
{
    supervisor_end(1);
}

/* ---- Keepers --------------------------------------------------------------------------------------- */

/* The first entry of a keeper: they are sorted by it. */
static uint32_t keeps_of(uint32_t keeper)
{
    uint32_t low = 0;
    uint32_t high = builder.spec.keep_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (builder.spec.keeps[middle].keeper < keeper) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct packed_keep *keep_of(uint32_t object)
{
    const struct packed_view *spec = &builder.spec;
    uint32_t keeper = spec->objects[root_of(object)].keeper;

    if (keeper == PACKED_NONE || object == keeper) {
        return NULL;
    }
    for (uint32_t i = keeps_of(keeper); i < spec->keep_count && spec->keeps[i].keeper == keeper;
         i++) {
        if (spec->keeps[i].source == object && spec->keeps[i].kind == PACKED_KEEP_OBJECT) {
            return &spec->keeps[i];
        }
    }
    return NULL;
}

/* ---- Opening ---------------------------------------------------------------------------------------- */

/* Map a copy of the page in `slot` for good. */
static void page_open(seL4_CPtr slot, uint64_t vaddr)
{
    seL4_CPtr copy = slot_take();

    check(seL4_CNode_Copy(builder.root, copy, ROOT_DEPTH, builder.root, slot, ROOT_DEPTH,
                          seL4_CanRead),
          "open the workshop", PACKED_NONE);
    check(seL4_ARM_Page_Map(slot_cptr(copy), builder.vspace, vaddr, seL4_CanRead, READ_ONLY),
          "open the workshop", PACKED_NONE);
}

static void table_make(uint64_t vaddr)
{
    seL4_CPtr slot = slot_take();
    seL4_CPtr memory = memory_take_own(seL4_PageTableBits);

    if (memory == 0) {
        fail_because("open the workshop", PACKED_NONE, "the spec is too large", 0, 0);
    }
    check(seL4_Untyped_Retype(memory, seL4_ARM_PageTableObject, 0, builder.root, 0, 0, slot, 1),
          "open the workshop", PACKED_NONE);
    check(seL4_ARM_PageTable_Map(slot_cptr(slot), builder.vspace, vaddr,
                                 seL4_ARM_Default_VMAttributes),
          "open the workshop", PACKED_NONE);
}

static void spec_open(uint64_t spec_vaddr, uint64_t bytes)
{
    uint64_t inside = spec_vaddr & PAGE_MASK;
    const char *wrong;

    for (uint64_t page = 0; page * PACKED_PAGE_BYTES < inside + bytes; page++) {
        uint64_t vaddr = SPEC_BASE + page * PACKED_PAGE_BYTES;

        if (page % WINDOW_PAGES == 0) {
            table_make(vaddr);
        }
        /* The spec lies before all large frames. */
        page_open(builder.image_frames + (spec_vaddr - builder.image_start) / PACKED_PAGE_BYTES +
                      page,
                  vaddr);
    }
    wrong = packed_open((const void *)(SPEC_BASE + inside), bytes, &builder.spec);
    if (wrong) {
        fail_because("open the packed spec", PACKED_NONE, wrong, 0, 0);
    }
}

/* A capability to a thread of a component, from its keeper; 0 if that has none. */
static seL4_TCB thread_take(const struct packed_tcb *tcb)
{
    const struct packed_keep *keep = keep_of(tcb->object);
    seL4_CPtr slot;

    if (!keep) {
        return 0;
    }
    slot = slot_take();
    check(seL4_CNode_Copy(builder.root, slot, ROOT_DEPTH, object_cptr(keep->keeper), keep->slot,
                          radix_of(keep->keeper), seL4_AllRights),
          "take authority from", tcb->object);
    return slot_cptr(slot);
}

/* A thread whose maximum priority bounds no other's: the monitor's, kept where it is. */
static void authority_open(void)
{
    const struct packed_tcb *most = &builder.spec.tcbs[0];

    for (uint32_t i = 1; i < builder.spec.tcb_count; i++) {
        most = builder.spec.tcbs[i].max_prio > most->max_prio ? &builder.spec.tcbs[i] : most;
    }
    builder.authority = thread_take(most);
}

void workshop_open(void)
{
    seL4_X_CNode_Inspect_t page;
    const struct handover *handover;

    builder.who = "supervisor";
    builder.cptr_base = (seL4_CPtr)HANDOVER_ROOT_SLOT << (64 - HANDOVER_ROOT_RADIX);
    builder.root = builder.cptr_base + seL4_CapInitThreadCNode;
    builder.vspace = OWN_VSPACE;
    builder.component = PACKED_NONE;
    page = seL4_X_CNode_Inspect(builder.root, HANDOVER_SLOT_PAGE, ROOT_DEPTH, 0);
    if (page.error != seL4_NoError || page.kind != seL4_X_Kind_Frame) {
        fail_because("open the workshop", PACKED_NONE, "there is none", 0, 0);
    }
    /* Until we know where there is room: slots that are empty on this architecture. */
    builder.slot_free = seL4_CapIOPortControl;
    builder.slot_end = seL4_CapIOSpace + 1;
    if (!windows_prepare()) {
        fail_because("open the workshop", PACKED_NONE, "there is no memory for windows", 0, 0);
    }
    builder.slot_free = seL4_CapSMMUSIDControl;
    builder.slot_end = seL4_CapSMMUCBControl + 1;
    page_open(HANDOVER_SLOT_PAGE, window_of(seL4_PageBits, WINDOW_UART));
    handover = (const struct handover *)window_of(seL4_PageBits, WINDOW_UART);
    if (handover->magic != HANDOVER_MAGIC) {
        fail_because("open the workshop", PACKED_NONE, "it is of another version", 0, 0);
    }
    builder.slot_base = handover->slot_base;
    builder.image_start = handover->image_start;
    builder.image_frames = handover->image_frames;
    builder.payload_vaddr = handover->payload_vaddr;
    builder.slot_free = handover->slot_free;
    builder.slot_end = handover->slot_end;
    spec_open(handover->spec_vaddr, handover->spec_bytes);
    supervised_find();
    open_slot = slot_take();
    authority_open();
}

/* Waiting for the console takes that its server runs: go below it. */
static void step_down(void)
{
    const struct packed_tcb *own = NULL;
    uint8_t priority = 0;

    for (uint32_t i = 0; i < builder.spec.tcb_count; i++) {
        const struct packed_tcb *tcb = &builder.spec.tcbs[i];

        if (root_of(tcb->object) == root_of(builder.supervised)) {
            own = tcb;
        } else if (strcmp(packed_component(&builder.spec, tcb->object), "serial_virt") == 0) {
            priority = (uint8_t)(tcb->prio - 1);
        }
    }
    if (own && builder.authority != 0) {
        (void)seL4_TCB_SetPriority(thread_take(own), builder.authority, priority);
    }
}

_Noreturn void supervisor_end(int code)
{
    print_flush();
    if (builder.authority != 0) {
        step_down();
    }
    tessera_exit(code);
}
