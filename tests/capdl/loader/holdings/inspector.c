/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * inspector: looks from inside whether it holds exactly what the description gives it
 *
 * Every capability pointer is tried with invocations that cannot do anything: without arguments.
 * An object answers "message too short" to a label that it knows and "illegal operation" to others;
 * an empty slot answers "invalid capability" to all, and so does an endpoint or notification that
 * may only be received from; from those, and only those, a receive does not fault.
 */
#include "record.h"

#include <console/console.h>
#include <microkit.h>
#include <stdbool.h>
#include <stddef.h>
#include <tessera.h>

#define CSPACE_SLOTS 512u
#define ROOT_SLOTS   64u
#define SLOT_END     2u /* own fault endpoint */
#define SLOT_REPLY   4u
#define ROOT(slot)   ((uint64_t)(slot) << 58)

__attribute__((used, section(".data.microkit"))) struct record *record = 0;
__attribute__((used, section(".data.microkit"))) volatile uint64_t *constants = 0;

/* inspect.S: as the names say, with a way out through record->resume. */
void try_write(volatile uint64_t *address, volatile uint64_t *resume);
void try_execute(volatile uint64_t *address, volatile uint64_t *resume);
void try_receive(uint64_t cptr, volatile uint64_t *resume);

struct kind {
    uint64_t label; /* known to this kind of object only, and needs arguments */
    const char *name;
};

static const struct kind kinds[] = {
    { UntypedRetype, "untyped" },
    { TCBWriteRegisters, "tcb" },
    { CNodeCopy, "cnode" },
    { IRQIssueIRQHandler, "irq_control" },
    { IRQSetIRQHandler, "irq_handler" },
    { DomainSetSet, "domain" },
    { SchedControlConfigureFlags, "sched_control" },
    { SchedContextBind, "sc" },
    { ARMVSpaceClean_Data, "vspace" },
    { ARMSMCCall, "smc" },
    { ARMPageTableMap, "page_table" },
    { ARMPageMap, "frame" },
    { ARMASIDControlMakePool, "asid_control" },
    { ARMASIDPoolAssign, "asid_pool" },
    { ARMVCPUInjectIRQ, "vcpu" },
};

/* What the description gives, by microkit.md's table of slots. */
static const struct holding {
    uint64_t cptr;
    const char *name;
} holdings[] = {
    { 1, "receive" },
    { SLOT_END, "end" },
    { 3, "vspace" },
    { SLOT_REPLY, "reply" },
    { ARM_SMC_CAP, "smc" },
    { BASE_OUTPUT_NOTIFICATION_CAP + 0, "notification" },
    { BASE_OUTPUT_NOTIFICATION_CAP + 7, "notification" },
    { BASE_ENDPOINT_CAP + 6, "endpoint" },
    { BASE_IRQ_CAP + 2, "irq_handler" },
    { BASE_TCB_CAP + 3, "tcb" },
    { BASE_VM_TCB_CAP + 4, "tcb" },
    { BASE_VCPU_CAP + 4, "vcpu" },
    { ROOT(5), "sc" },
    { ROOT(63), "vspace" },
};

static unsigned wrong;

static seL4_Word ask(uint64_t cptr, uint64_t label)
{
    return seL4_MessageInfo_get_label(seL4_Call(cptr, seL4_MessageInfo_new(label, 0, 0, 0)));
}

static const char *object_kind(uint64_t cptr)
{
    const char *name = "unknown";

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (ask(cptr, kinds[i].label) == seL4_TruncatedMessage) {
            name = kinds[i].name;
        }
    }
    return name;
}

static const char *end_kind(uint64_t cptr)
{
    uint64_t before = record->greetings;

    seL4_NBSend(cptr, seL4_MessageInfo_new(GREETING_LABEL, 0, 0, 0));
    return record->greetings == before + 1 ? "end" : "unknown";
}

/* What the slot holds; NULL if nothing. */
static const char *kind_of(uint64_t cptr)
{
    uint64_t before = record->faults;

    if (cptr == SLOT_END) { /* a call would end us: nobody may answer it */
        return end_kind(cptr);
    }
    switch (ask(cptr, InvalidInvocation)) {
    case seL4_NoError: return cptr == SLOT_REPLY ? "reply" : "notification";
    case ANSWER_LABEL: return "endpoint";
    case seL4_IllegalOperation: return object_kind(cptr);
    default: break;
    }
    try_receive(cptr, &record->resume);
    return record->faults == before ? "receive" : NULL;
}

static const char *stated_kind(uint64_t cptr)
{
    for (size_t i = 0; i < sizeof holdings / sizeof holdings[0]; i++) {
        if (holdings[i].cptr == cptr) {
            return holdings[i].name;
        }
    }
    return NULL;
}

static bool same(const char *left, const char *right)
{
    while (left && right && *left != 0 && *left == *right) {
        left++;
        right++;
    }
    return left && right ? *left == *right : left == right;
}

static unsigned inspect(uint64_t cptr)
{
    const char *found = kind_of(cptr);
    const char *stated = stated_kind(cptr);

    if (!same(found, stated)) {
        console_printf("WRONG: %#lx holds %s, stated is %s\n", cptr, found ? found : "nothing",
                       stated ? stated : "nothing");
        wrong++;
    }
    return found != NULL;
}

static void inspect_all(void)
{
    unsigned held = 0;

    for (uint64_t slot = 0; slot < CSPACE_SLOTS; slot++) {
        held += inspect(slot);
    }
    for (uint64_t slot = 1; slot < ROOT_SLOTS; slot++) {
        held += inspect(ROOT(slot));
    }
    console_printf("%u capability pointers tried, %u capabilities held\n",
                   CSPACE_SLOTS + ROOT_SLOTS - 1, held);
}

/* Exactly one fault, at that address. */
static void expect_fault(const char *what, uint64_t before, const volatile void *address)
{
    if (record->faults != before + 1 || record->label != seL4_Fault_VMFault ||
        record->address != (uint64_t)address) {
        console_printf("WRONG: %s: %lu faults, the last of kind %lu at %#lx\n", what,
                       record->faults - before, record->label, record->address);
        wrong++;
    }
}

static void attack_memory(void)
{
    extern uint64_t _text[];
    const uint64_t stack_guard = 0xffffffe000ul; /* the page above the stack */
    uint64_t before = record->faults;
    uint64_t value = constants[0];

    try_write(constants, &record->resume);
    expect_fault("a write to a read-only region", before, constants);
    if (constants[0] != value) {
        console_printf("WRONG: a read-only region was written\n");
        wrong++;
    }
    before = record->faults;
    try_write(_text, &record->resume);
    expect_fault("a write to code", before, _text);
    before = record->faults;
    try_write((volatile uint64_t *)stack_guard, &record->resume);
    expect_fault("a write above the stack", before, (void *)stack_guard);
    before = record->faults;
    try_execute((volatile uint64_t *)record + 8, &record->resume);
    expect_fault("running data", before, (volatile uint64_t *)record + 8);
    console_printf("4 forbidden accesses tried\n");
}

void init(void)
{
    console_init(NULL);
    inspect_all();
    attack_memory();
    console_printf("%u wrong\n", wrong);
    if (wrong == 0) {
        console_printf("holds exactly what the description states\n");
    }
    tessera_exit(wrong == 0 ? 0 : 1);
}

void notified(microkit_channel ch)
{
    (void)ch;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    (void)child;
    (void)msginfo;
    (void)reply_msginfo;
    return seL4_False;
}
