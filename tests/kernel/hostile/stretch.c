/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The longest stretch without interrupts, under loads that a hostile user can make
 *
 * A prober of the highest priority arms the EL1 physical timer for moments that do not depend on
 * the load, and sees how many instructions (-icount shift=0, in ticks of 16) after the moment it
 * runs: the kernel's longest stretch and the way from the interrupt to the prober. Each load is
 * made in three sizes, a hundredfold apart; a stretch that grows with the size is a failure.
 * Boot options: --user-timer --smc --root-cnode-bits 18.
 */
#include "ground.h"

#define TIMER_IRQ   30 /* EL1 physical timer (virt board: PPI 14) */
#define PRIO_MAIN   100
#define PRIO_PROBER 250
#define PRIO_LOWEST 101 /* of the threads of a load, up to PRIO_LOWEST + PRIO_COUNT - 1 */
#define PRIO_COUNT  99
#define COHORT_MAX  10000
#define BADGE       7
#define GAP_MIN     100 /* ticks between two probes, at least; and up to so many more: */
#define GAP_MORE    600
#define SLACK_INSNS 5000         /* a stretch may double over the sizes, and grow by this */
#define LARGE_VADDR 0x3fe00000ul /* in the gibibyte of the image, below what ground.c hands out */
#define FULL_US     10000

/* What the prober saw since probes_begin. */
static struct {
    volatile seL4_Word longest_ticks, count;
} probes;

static seL4_CPtr timer_handler, timer_notification, context, cohort;
static unsigned failures;

/* ---- Prober ------------------------------------------------------------------------------------------ */

/* Runs on its own stack and has no thread-local storage. */
static void prober(void)
{
    uint64_t random = 88172645463325252u;
    seL4_Word info;

    for (;;) {
        seL4_Word at = time_now() + GAP_MIN + random_next(&random) % GAP_MORE;
        __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
                         :
                         : "r"(at), "r"(1ul)
                         : "memory");
        info = 0;
        (void)bare_syscall(timer_notification, &info, (seL4_Word)seL4_SysWait);
        seL4_Word late = time_now() - at;
        if (late > probes.longest_ticks) {
            probes.longest_ticks = late;
        }
        probes.count++;
        __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb" : : : "memory");
        info = seL4_MessageInfo_new(IRQAckIRQ, 0, 0, 0).words[0];
        (void)bare_syscall(timer_handler, &info, (seL4_Word)seL4_SysCall);
    }
}

static void thread_start(seL4_CPtr tcb, seL4_UserContext *registers)
{
    MUST(seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof(*registers) / sizeof(seL4_Word), registers));
}

static void prober_start(void)
{
    static _Alignas(16) char stack[PAGE_BYTES];
    seL4_CPtr tcb = objects_new(seL4_TCBObject, 0, 1);
    seL4_CPtr time = objects_new(seL4_SchedContextObject, 8, 1);
    seL4_UserContext registers = { .pc = (seL4_Word)prober,
                                   .sp = (seL4_Word)(stack + sizeof(stack)) };

    timer_handler = slots_new(1);
    timer_notification = objects_new(seL4_NotificationObject, 0, 1);
    MUST(seL4_IRQControl_Get(seL4_CapIRQControl, TIMER_IRQ, ROOT, timer_handler, DEPTH));
    MUST(seL4_IRQHandler_SetNotification(timer_handler, timer_notification));
    MUST(seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, time, FULL_US, FULL_US, 0, 0,
                                          0));
    MUST(seL4_TCB_SetSpace(tcb, seL4_CapNull, ROOT, 0, SPACE, 0));
    MUST(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, PRIO_PROBER, PRIO_PROBER, time,
                                 seL4_CapNull));
    thread_start(tcb, &registers);
}

/* ---- Measuring ----------------------------------------------------------------------------------------- */

static void probes_begin(void)
{
    probes.longest_ticks = 0;
    probes.count = 0;
}

/* A load of a size: makes it, and calls probes_begin when what is to be measured begins. */
typedef void load_fn(seL4_Word size);

static void measure(const char *name, load_fn *load, const seL4_Word sizes[3])
{
    seL4_Word longest[3];

    for (unsigned i = 0; i < 3; i++) {
        probes_begin();
        load(sizes[i]);
        longest[i] = probes.longest_ticks * TICK_INSNS;
        say("stretch: %-44s %6lu: %7lu instructions, %lu probes\n", name, sizes[i], longest[i],
            probes.count);
    }
    if (longest[2] > 2 * longest[0] + SLACK_INSNS) {
        say("FAIL %s: the stretch grows with the load\n", name);
        failures++;
    }
}

/* ---- Threads that wait ----------------------------------------------------------------------------------- */

/* The only code of a load's thread. */
__asm__(".pushsection .text\n\t"
        "launch_pad: svc #0\n"
        "launch_spin: b launch_spin\n\t"
        ".popsection");
extern const char launch_pad[], launch_spin[];

/* Let thread `index` of the cohort make a system call that blocks, on borrowed time. */
static void launch(seL4_Word index, seL4_CPtr cap, seL4_Word number)
{
    seL4_UserContext registers = { .pc = (seL4_Word)launch_pad, .x0 = cap, .x7 = number };

    thread_start(cohort + index, &registers);
    MUST(seL4_SchedContext_Bind(context, cohort + index));
    MUST(seL4_SchedContext_Unbind(context));
}

static void launch_all(seL4_Word count, seL4_CPtr cap, seL4_Word number)
{
    for (seL4_Word i = 0; i < count; i++) {
        launch(i, cap, number);
    }
}

static void suspend_all(seL4_Word count)
{
    for (seL4_Word i = 0; i < count; i++) {
        MUST(seL4_TCB_Suspend(cohort + i));
    }
}

static void cohort_start(void)
{
    cohort = objects_new(seL4_TCBObject, 0, COHORT_MAX + 1);
    for (seL4_Word i = 0; i <= COHORT_MAX; i++) {
        seL4_Word priority = PRIO_LOWEST + i % PRIO_COUNT;
        MUST(seL4_TCB_SetSpace(cohort + i, seL4_CapNull, ROOT, 0, SPACE, 0));
        MUST(seL4_TCB_SetSchedParams(cohort + i, seL4_CapInitThreadTCB, priority, priority,
                                     seL4_CapNull, seL4_CapNull));
    }
    context = objects_new(seL4_SchedContextObject, 8, 1);
    MUST(seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, context, FULL_US, FULL_US, 0, 0,
                                          0));
}

static void forget(seL4_CPtr cap)
{
    MUST(seL4_CNode_Revoke(ROOT, cap, DEPTH));
    MUST(seL4_CNode_Delete(ROOT, cap, DEPTH));
}

/* ---- Loads: queues ------------------------------------------------------------------------------------------ */

static void load_nothing(seL4_Word size)
{
    seL4_Word end = time_now() + size * 100;

    while (time_now() < end) {
    }
}

/* Senders wait; one more comes to the end of the queue, again and again. */
static void load_enqueue(seL4_Word size)
{
    seL4_CPtr endpoint = objects_new(seL4_EndpointObject, 0, 1);
    seL4_CPtr badged = mint(endpoint, seL4_AllRights, BADGE);

    launch_all(size - 1, badged, (seL4_Word)seL4_SysSend);
    probes_begin();
    for (unsigned i = 0; i < 50; i++) {
        launch(size - 1, badged, (seL4_Word)seL4_SysSend);
        MUST(seL4_TCB_Suspend(cohort + size - 1));
    }
    for (unsigned i = 0; i < 50; i++) {
        MUST(seL4_TCB_SetPriority(cohort, seL4_CapInitThreadTCB,
                                  PRIO_LOWEST + i % 2 * (PRIO_COUNT - 1)));
    }
    MUST(seL4_TCB_SetPriority(cohort, seL4_CapInitThreadTCB, PRIO_LOWEST));
    suspend_all(size);
    forget(endpoint);
}

static void load_cancel_others(seL4_Word size)
{
    seL4_CPtr endpoint = objects_new(seL4_EndpointObject, 0, 1);
    seL4_CPtr badged = mint(endpoint, seL4_AllRights, BADGE);
    seL4_CPtr other = mint(endpoint, seL4_AllRights, BADGE + 1);

    launch_all(size, badged, (seL4_Word)seL4_SysSend);
    probes_begin();
    for (unsigned i = 0; i < 20; i++) {
        MUST(seL4_CNode_CancelBadgedSends(ROOT, other, DEPTH));
    }
    MUST(seL4_CNode_CancelBadgedSends(ROOT, badged, DEPTH));
    suspend_all(size);
    forget(endpoint);
}

static void delete_with_waiters(seL4_CPtr object, seL4_CPtr cap, seL4_Word size, seL4_Word number)
{
    launch_all(size, cap, number);
    probes_begin();
    forget(object);
    suspend_all(size);
}

static void load_delete_senders(seL4_Word size)
{
    seL4_CPtr endpoint = objects_new(seL4_EndpointObject, 0, 1);

    delete_with_waiters(endpoint, mint(endpoint, seL4_AllRights, BADGE), size,
                        (seL4_Word)seL4_SysSend);
}

static void load_delete_receivers(seL4_Word size)
{
    seL4_CPtr endpoint = objects_new(seL4_EndpointObject, 0, 1);

    delete_with_waiters(endpoint, endpoint, size, (seL4_Word)seL4_SysWait);
}

static void load_delete_waiters(seL4_Word size)
{
    seL4_CPtr notification = objects_new(seL4_NotificationObject, 0, 1);

    delete_with_waiters(notification, notification, size, (seL4_Word)seL4_SysWait);
}

/* ---- Loads: time ---------------------------------------------------------------------------------------------- */

/* Threads whose budgets all come back at one moment. */
static void load_release(seL4_Word size)
{
    seL4_CPtr contexts = objects_new(seL4_SchedContextObject, 8, size);
    seL4_Word moment = time_now() + size * 6000 + 1000000; /* ticks */

    for (seL4_Word i = 0; i < size; i++) {
        seL4_UserContext registers = { .pc = (seL4_Word)launch_spin };
        seL4_Word period_us = (moment - time_now()) * 2 / 125;
        MUST(seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, contexts + i, 20, period_us,
                                              0, 0, 0));
        thread_start(cohort + i, &registers);
        MUST(seL4_SchedContext_Bind(contexts + i, cohort + i)); /* it spins its 20 us away */
    }
    if (time_now() >= moment) {
        give_up("the budgets came back before all were used up");
    }
    probes_begin();
    while (time_now() < moment + 1000) {
    }
    suspend_all(size);
    for (seL4_Word i = 0; i < size; i++) {
        MUST(seL4_CNode_Delete(ROOT, contexts + i, DEPTH));
    }
}

/* ---- Loads: capabilities and memory ------------------------------------------------------------------------------ */

static void load_revoke(seL4_Word size)
{
    seL4_CPtr endpoint = objects_new(seL4_EndpointObject, 0, 1);
    seL4_CPtr first = slots_new(size);

    for (seL4_Word i = 0; i < size; i++) {
        MUST(seL4_CNode_Mint(ROOT, first + i, DEPTH, ROOT, endpoint, DEPTH, seL4_AllRights, i + 1));
    }
    probes_begin();
    forget(endpoint);
}

/* The last level of a chain of CNodes of one bit each: as many lookups as the levels. */
static void load_lookup(seL4_Word levels)
{
    seL4_CPtr nodes = objects_new(seL4_CapTableObject, 1, levels);
    seL4_CPtr to = slots_new(1);

    for (seL4_Word i = 0; i + 1 < levels; i++) {
        MUST(seL4_CNode_Copy(nodes + i, 1, 1, ROOT, nodes + i + 1, DEPTH, seL4_AllRights));
    }
    MUST(seL4_CNode_Copy(nodes + levels - 1, 1, 1, ROOT, ROOT, DEPTH, seL4_AllRights));
    probes_begin();
    for (unsigned i = 0; i < 200; i++) {
        MUST(seL4_CNode_Copy(ROOT, to, DEPTH, nodes, (1ul << levels) - 1, (uint8_t)levels,
                             seL4_AllRights));
        MUST(seL4_CNode_Delete(ROOT, to, DEPTH));
    }
}

static void load_space(seL4_Word pages)
{
    seL4_CPtr untyped = objects_new(seL4_UntypedObject, 26, 1);
    seL4_CPtr space = slots_new(1), tables = slots_new(pages / 512 + 2), frames = slots_new(pages);
    seL4_CPtr table = tables;

    objects_from(untyped, seL4_ARM_VSpaceObject, 0, space, 1);
    objects_from(untyped, seL4_ARM_PageTableObject, 0, tables, pages / 512 + 2);
    objects_from(untyped, seL4_ARM_SmallPageObject, 0, frames, pages);
    MUST(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, space));
    MUST(seL4_ARM_PageTable_Map(table++, space, 0, seL4_ARM_Default_VMAttributes));
    for (seL4_Word i = 0; i < pages; i++) {
        if (i % 512 == 0) {
            MUST(seL4_ARM_PageTable_Map(table++, space, i * PAGE_BYTES,
                                        seL4_ARM_Default_VMAttributes));
        }
        MUST(seL4_ARM_Page_Map(frames + i, space, i * PAGE_BYTES, seL4_ReadWrite,
                               seL4_ARM_Default_VMAttributes));
    }
    probes_begin();
    MUST(seL4_CNode_Delete(ROOT, space, DEPTH));
    MUST(seL4_CNode_Revoke(ROOT, untyped, DEPTH));
    objects_from(untyped, seL4_UntypedObject, 25, space, 1); /* clears what was used */
    forget(untyped);
}

static void load_asid_pool(seL4_Word spaces)
{
    seL4_CPtr first = objects_new(seL4_ARM_VSpaceObject, 0, spaces);
    seL4_CPtr untyped = objects_new(seL4_UntypedObject, 12, 1), pool = slots_new(1);

    MUST(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, ROOT, pool, DEPTH));
    for (seL4_Word i = 0; i < spaces; i++) {
        MUST(seL4_ARM_ASIDPool_Assign(pool, first + i));
    }
    probes_begin();
    MUST(seL4_CNode_Delete(ROOT, pool, DEPTH));
    for (seL4_Word i = 0; i < spaces; i++) {
        MUST(seL4_CNode_Delete(ROOT, first + i, DEPTH));
    }
}

/* Cache maintenance over a part of a large page. */
static void load_cache(seL4_Word bytes)
{
    static seL4_CPtr frame;

    if (frame == seL4_CapNull) {
        frame = objects_new(seL4_ARM_LargePageObject, 0, 1);
        MUST(seL4_ARM_Page_Map(frame, SPACE, LARGE_VADDR, seL4_ReadWrite,
                               seL4_ARM_Default_VMAttributes));
    }
    probes_begin();
    for (unsigned i = 0; i < 20; i++) {
        MUST(seL4_ARM_Page_CleanInvalidate_Data(frame, 0, bytes));
    }
}

/* ---- All of them ---------------------------------------------------------------------------------------------------- */

int main(seL4_BootInfo *bootinfo)
{
    static const seL4_Word counts[] = { 100, 1000, COHORT_MAX }, caps[] = { 500, 5000, 50000 },
                           levels[] = { 2, 20, 58 }, spaces[] = { 5, 50, 500 },
                           bytes[] = { 0x1000, 0x10000, 0x200000 };

    ground_init(bootinfo);
    MUST(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIO_MAIN));
    prober_start();
    cohort_start();
    measure("nothing", load_nothing, counts);
    measure("one more sender, or another priority", load_enqueue, counts);
    measure("cancel the sends of a badge", load_cancel_others, counts);
    measure("delete an endpoint with senders", load_delete_senders, counts);
    measure("delete an endpoint with receivers", load_delete_receivers, counts);
    measure("delete a notification with waiters", load_delete_waiters, counts);
    measure("budgets that come back at one moment", load_release, counts);
    measure("revoke capabilities", load_revoke, caps);
    measure("look up through levels of CNodes", load_lookup, levels);
    measure("delete an address space of pages", load_space, counts);
    measure("delete a pool of address spaces", load_asid_pool, spaces);
    measure("clean bytes of a large page", load_cache, bytes);
    say("stretch: done, %u failures\n", failures);
    power_off();
}
