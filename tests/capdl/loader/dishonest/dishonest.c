/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An initialiser that does one thing wrong: the number of the image tool's --seed-fault says which
 *
 * Each fault is what a mistake in one kind of step would leave behind. It is made on the first
 * thing of its kind in the spec, with the calls that the steps themselves use.
 */
#include "initialiser.h"
#include "verify.h"

#include <stddef.h>

extern struct packed_locations packed_locations;

#define ALL      seL4_AllRights
#define OTHER_SC 3000u

static void expect(seL4_Error error)
{
    if (error != seL4_NoError) {
        fail_because("make the mistake", PACKED_NONE, "error %u", error, 0);
    }
}

/* The n-th object of this type. */
static uint32_t object_of(enum packed_type type, uint32_t n)
{
    for (uint32_t i = 0; i < builder.spec.object_count; i++) {
        if (builder.spec.objects[i].type == type && n-- == 0) {
            return i;
        }
    }
    fail_because("make the mistake", PACKED_NONE, "no object of type %u", type, 0);
}

/* The first capability to an object of this type, in a CNode. */
static const struct packed_cap *cap_to(enum packed_type type)
{
    for (uint32_t i = 0; i < builder.spec.cap_count; i++) {
        const struct packed_cap *cap = &builder.spec.caps[i];

        if (cap->target != PACKED_NONE && builder.spec.objects[cap->target].type == type &&
            (type != PACKED_ENDPOINT || cap->rights == PACKED_RIGHT_WRITE)) {
            return cap;
        }
    }
    fail_because("make the mistake", PACKED_NONE, "no capability to type %u", type, 0);
}

static void cap_delete(const struct packed_cap *cap)
{
    expect(seL4_CNode_Delete(object_cptr(cap->container), cap->slot, radix_of(cap->container)));
}

static void cap_mint(const struct packed_cap *cap, uint64_t slot, uint32_t target,
                     seL4_CapRights_t rights, uint64_t data)
{
    expect(seL4_CNode_Mint(object_cptr(cap->container), slot, radix_of(cap->container),
                           builder.root, object_slot(target), ROOT_DEPTH, rights, data));
}

static void cap_replace(enum packed_type type, uint32_t target, uint64_t rights, uint64_t data)
{
    const struct packed_cap *cap = cap_to(type);

    cap_delete(cap);
    cap_mint(cap, cap->slot, target == PACKED_NONE ? cap->target : target,
             (seL4_CapRights_t){ { rights } }, cap->data ^ data);
}

/* The first mapping of a frame with, or without, the right to write. */
static uint32_t map_with(uint64_t rights)
{
    for (uint32_t i = 0; i < builder.spec.map_count; i++) {
        const struct packed_map *map = &builder.spec.maps[i];

        if ((map->flags & (PACKED_MAP_TABLE | PACKED_MAP_EXECUTABLE)) == 0 &&
            map->rights == rights) {
            return i;
        }
    }
    fail_because("make the mistake", PACKED_NONE, "no mapping with rights %x", rights, 0);
}

static void map_again(uint32_t index, uint64_t rights, uint64_t attributes)
{
    const struct packed_map *map = &builder.spec.maps[index];

    expect(seL4_ARM_Page_Map(map_cptr(index), object_cptr(map->vspace), map->vaddr,
                             (seL4_CapRights_t){ { rights } }, attributes));
}

/* Map a copy of the frame of mapping `index` at `vaddr`. */
static void map_copy(uint32_t index, uint64_t vaddr)
{
    const struct packed_map *map = &builder.spec.maps[index];
    seL4_CPtr slot = slot_take();

    expect(seL4_CNode_Copy(builder.root, slot, ROOT_DEPTH, builder.root, object_slot(map->object),
                           ROOT_DEPTH, ALL));
    expect(seL4_ARM_Page_Map(slot_cptr(slot), object_cptr(map->vspace), vaddr, ALL,
                             seL4_ARM_Default_VMAttributes | seL4_ARM_ExecuteNever));
}

static void map_over(void)
{
    uint32_t index = map_with(3);

    while (builder.spec.maps[index + 1].vspace != builder.spec.maps[index].vspace) {
        index++;
    }
    map_copy(index, builder.spec.maps[index + 1].vaddr);
}

static void map_beside(void)
{
    uint32_t index = map_with(3);

    while (builder.spec.maps[index + 1].vaddr == builder.spec.maps[index].vaddr + 0x1000) {
        index++;
    }
    map_copy(index, builder.spec.maps[index].vaddr + 0x1000);
}

static void contents_change(void)
{
    uint32_t frame = builder.spec.fills[0].frame;
    uint64_t window = window_of(builder.spec.objects[frame].size_bits, WINDOW_FILL);
    seL4_CPtr slot = slot_take();

    expect(seL4_CNode_Copy(builder.root, slot, ROOT_DEPTH, builder.root, object_slot(frame),
                           ROOT_DEPTH, ALL));
    expect(seL4_ARM_Page_Map(slot_cptr(slot), builder.vspace, window, ALL,
                             seL4_ARM_Default_VMAttributes));
    ((volatile uint8_t *)window)[builder.spec.fills[0].offset] ^= 1;
    slot_drop(slot);
}

static const struct packed_tcb *thread_with(bool wants_vcpu)
{
    for (uint32_t i = 0; i < builder.spec.tcb_count; i++) {
        if ((builder.spec.tcbs[i].vcpu != PACKED_NONE) == wants_vcpu) {
            return &builder.spec.tcbs[i];
        }
    }
    fail_because("make the mistake", PACKED_NONE, "no such thread", 0, 0);
}

static void thread_fault(unsigned number, const struct packed_tcb *tcb)
{
    seL4_CPtr thread = object_cptr(tcb->object);
    seL4_CPtr context = object_cptr(tcb->sched_context);
    seL4_UserContext registers = { .pc = tcb->ip + 4, .sp = tcb->sp };

    switch (number) {
    case 40: expect(seL4_TCB_SetPriority(thread, seL4_CapInitThreadTCB, tcb->prio - 1u)); break;
    case 41: expect(seL4_TCB_SetMCPriority(thread, seL4_CapInitThreadTCB, 255)); break;
    case 42: expect((seL4_Error)seL4_TCB_SetFlags(thread, 0, 1).error); break;
    case 43: expect(seL4_X_TCB_SetCounterAccess(thread, sched_control(0, 0), 1)); break;
    case 44: expect(seL4_TCB_UnbindNotification(thread)); break;
    case 45: expect(seL4_SchedContext_Unbind(context)); break;
    case 46:
        expect(seL4_TCB_SetSchedParams(thread, seL4_CapInitThreadTCB, tcb->max_prio, tcb->prio,
                                       context, 0));
        break;
    case 47: expect(seL4_TCB_SetTimeoutEndpoint(thread, object_cptr(tcb->fault.endpoint))); break;
    case 48:
        expect(seL4_TCB_SetIPCBuffer(thread, tcb->ipc_address + 1024, object_cptr(tcb->ipc_frame)));
        break;
    case 49:
        expect(seL4_TCB_SetSpace(thread, 0, object_cptr(tcb->cspace), 2ul << 6 | 8,
                                 object_cptr(tcb->vspace), 0));
        break;
    case 50:
        expect(
            seL4_TCB_SetSpace(thread, 0, object_cptr(tcb->cspace), 0, seL4_CapInitThreadVSpace, 0));
        break;
    case 51: expect(seL4_TCB_WriteRegisters(thread, 0, 0, 2, &registers)); break;
    case 52: expect(seL4_TCB_Resume(thread)); break;
    default: break;
    }
}

/* One that is not round robin: it has a number of refills. */
static const struct packed_sc *context_with_refills(void)
{
    for (uint32_t i = 0; i < builder.spec.sc_count; i++) {
        if (builder.spec.scs[i].budget_us < builder.spec.scs[i].period_us) {
            return &builder.spec.scs[i];
        }
    }
    fail_because("make the mistake", PACKED_NONE, "no such scheduling context", 0, 0);
}

static void context_fault(unsigned number)
{
    const struct packed_sc *sc = context_with_refills();
    uint64_t badge = sc->badge + (number == 62);
    uint64_t budget = sc->budget_us + (number == 60 ? OTHER_SC : 0);
    uint64_t period = sc->period_us + (number == 60 || number == 61 ? 2 * OTHER_SC : 0);
    uint64_t refills = sc->extra_refills - (number == 63);

    expect(seL4_SchedControl_ConfigureFlags(sched_control(0, 0), object_cptr(sc->object), budget,
                                            period, refills, badge, number == 64));
}

static void irq_fault(unsigned number)
{
    const struct packed_irq *irq = &builder.spec.irqs[0];
    seL4_CPtr handler = object_cptr(irq->object);

    if (number == 70) {
        expect(seL4_IRQHandler_Clear(handler));
    } else if (number == 71) { /* without its badge */
        expect(seL4_IRQHandler_SetNotification(handler, object_cptr(irq->notification)));
    } else {
        uint32_t other = object_of(PACKED_NOTIFICATION, 0);

        other = other == irq->notification ? object_of(PACKED_NOTIFICATION, 1) : other;
        expect(seL4_IRQHandler_SetNotification(handler, object_cptr(other)));
    }
}

static void cap_fault(unsigned number)
{
    const struct packed_cap *cap = cap_to(PACKED_ENDPOINT);

    switch (number) {
    case 10: cap_delete(cap); break;
    case 11: cap_mint(cap, (1ul << radix_of(cap->container)) - 1, cap->target, ALL, 0); break;
    case 12: cap_replace(PACKED_ENDPOINT, PACKED_NONE, PACKED_RIGHT_WRITE, 0x100); break;
    case 13: cap_replace(PACKED_ENDPOINT, PACKED_NONE, 15, 0); break;
    case 14: cap_replace(PACKED_NOTIFICATION, PACKED_NONE, 0, 0); break;
    case 15:
        cap_replace(PACKED_ENDPOINT,
                    object_of(PACKED_ENDPOINT, cap->target == object_of(PACKED_ENDPOINT, 0)),
                    PACKED_RIGHT_WRITE, 0);
        break;
    case 16:
        cap_replace(PACKED_ENDPOINT, object_of(PACKED_NOTIFICATION, 0), PACKED_RIGHT_WRITE, 0);
        break;
    case 17:
        cap = cap_to(PACKED_CNODE);
        cap_delete(cap);
        cap_mint(cap, cap->slot, cap->target, ALL, 3ul << 6 | cap->guard_size);
        break;
    case 18: cap_replace(PACKED_SMC, PACKED_NONE, 0, 0x100); break;
    default: break;
    }
}

static void space_fault(unsigned number)
{
    switch (number) {
    case 30: expect(seL4_ARM_Page_Unmap(map_cptr(map_with(3)))); break;
    case 31: map_beside(); break;
    case 32:
        map_again(map_with(3), PACKED_RIGHT_READ,
                  seL4_ARM_Default_VMAttributes | seL4_ARM_ExecuteNever);
        break;
    case 33: map_again(map_with(3), 3, seL4_ARM_Default_VMAttributes); break;
    case 34: map_again(map_with(3), 3, seL4_ARM_ExecuteNever); break;
    case 35: map_over(); break;
    case 36: /* the last table of the first address space */
        for (uint32_t i = 1; i < builder.spec.map_count; i++) {
            if ((builder.spec.maps[i].flags & PACKED_MAP_TABLE) == 0) {
                expect(seL4_ARM_PageTable_Unmap(map_cptr(i - 1)));
                break;
            }
        }
        break;
    case 37: contents_change(); break;
    default: break;
    }
}

static unsigned seeded(void)
{
    return (unsigned)(packed_locations.options >> PACKED_OPTION_SEED_SHIFT & 0xff);
}

/* The original of an object that nothing else names. */
static void object_fault(unsigned number)
{
    uint32_t reply = object_of(PACKED_REPLY, 0);
    seL4_CPtr untyped = memory_take_own(seL4_PageBits);

    expect(seL4_CNode_Delete(builder.root, object_slot(reply), ROOT_DEPTH));
    if (number == 2) {
        expect(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, builder.root, 0, 0,
                                   object_slot(reply), 1));
    } else if (number == 3) { /* of the kind, but another */
        expect(seL4_Untyped_Retype(untyped, seL4_ReplyObject, 0, builder.root, 0, 0,
                                   object_slot(reply), 1));
    }
}

void after_building(void)
{
    unsigned number = seeded();

    if (number >= 1 && number <= 3) {
        object_fault(number);
    } else if (number == 53) {
        expect(seL4_ARM_VCPU_SetTCB(object_cptr(thread_with(true)->vcpu),
                                    object_cptr(thread_with(false)->object)));
    } else if (number >= 70) {
        if (number < 80) {
            irq_fault(number);
        }
    } else if (number >= 60) {
        context_fault(number);
    } else if (number >= 40) {
        thread_fault(number, thread_with(false));
    } else if (number >= 30) {
        space_fault(number);
    } else {
        cap_fault(number);
    }
}

void after_keeping(void)
{
    const struct packed_keep *keep = &builder.spec.keeps[0];
    unsigned number = seeded();
    seL4_CPtr keeper = object_cptr(keep->keeper);

    if (number == 80) {
        expect(seL4_CNode_Delete(keeper, keep->slot, radix_of(keep->keeper)));
    } else if (number == 81) {
        expect(seL4_CNode_Copy(keeper, (1ul << radix_of(keep->keeper)) - 1, radix_of(keep->keeper),
                               builder.root, object_slot(builder.spec.tcbs[0].object), ROOT_DEPTH,
                               ALL));
    } else if (number == 82) { /* of another kind */
        expect(seL4_CNode_Delete(keeper, keep->slot, radix_of(keep->keeper)));
        expect(seL4_CNode_Copy(keeper, keep->slot, radix_of(keep->keeper), builder.root,
                               object_slot(builder.spec.tcbs[0].object), ROOT_DEPTH, ALL));
    }
}
