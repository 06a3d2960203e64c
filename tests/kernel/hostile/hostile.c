/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A warden, a victim, and a cell of untrusted threads with random capabilities
 *
 * Again and again the warden builds a cell from one untyped: three threads of the same address space
 * and CSpace, the latter filled with random copies of objects of every kind. They prowl (prowl.c)
 * for an epoch, above the victim's priority, on budgets of a tenth each; whoever faults or falls
 * asleep is set off again. Then the warden looks for what must not be there (the victim's secret, kernel
 * addresses), revokes the untyped, and checks that its memory reads zero. The victim checks all the
 * while that its secret stays and that its own time comes.
 *
 * All is decided by a seed and virtual time, so a run repeats exactly. Boot options: --extensions
 * --smc; the kernel's command line may have seed=N and epochs=N.
 */
#include "ground.h"
#include "prowl.h"

#include <sel4/tessera.h>

#include <string.h>

#define CELL_BITS      20 /* size of the cell's untyped */
#define CELL_THREADS   3
#define STOCK          24 /* objects that copies are made of */
#define PRIO_CELL      180
#define PRIO_VICTIM    150
#define PRIO_WARDEN    140     /* so that nothing it does for the cell costs the victim time */
#define TIMER_IRQ      30      /* EL1 physical timer: PPI 14 of the virt board */
#define COUNTER_MASK   0x001ul /* counter access: physical counter */
#define TIMER_MASK     0x201ul /* and timer */
#define SPARE_IRQ      77      /* no device of the board */
#define TICKS_US(us)   ((us)*125 / 2)
#define ROUND_US       100 /* the warden wakes */
#define ROUNDS         80  /* of an epoch */
#define CELL_BUDGET    300
#define CELL_PERIOD    3000
#define VICTIM_BUDGET  1000
#define VICTIM_PERIOD  5000
#define VICTIM_REFILLS 8 /* more than two, since with few each preemption delays what comes back */
/* Its period, and what all above it may take in between. */
#define GAP_LIMIT_US  (VICTIM_PERIOD + 2 * CELL_THREADS * CELL_BUDGET + 2000)
#define SECRET        0x5ec2e70000000000ul
#define SECRET_MASK   0xffffff0000000000ul
#define KERNEL_WINDOW 0x8040000000ul /* where the kernel sees the first gibibyte of RAM */
#define KERNEL_IMAGE  0xffc0000000ul
#define TIMER_BADGE   0x100ul

/* What the cell is made of, all from one untyped. Slots of the root CNode. */
static struct {
    seL4_CPtr untyped, cnode, space, tables, code, pages, tcbs, contexts, stock;
} cell;

static struct {
    volatile uint64_t longest_gap, worked, broken;
    uint64_t secrets[PAGE_BYTES / sizeof(uint64_t)];
} victim __attribute__((aligned(PAGE_BYTES)));

static volatile uint64_t *calls; /* a page that the cell can write */
static seL4_CPtr calls_frame, faults, cell_faults, wakeup, timer_handler, wardens_reply;
static seL4_Word window; /* address space to look at frames */
static uint64_t random = 1;

extern const char _text[];

/* ---- Options ----------------------------------------------------------------------------------------- */

/* The number behind `name` in the device tree's bytes, where the command line is. */
static seL4_Word option(const char *name, seL4_Word otherwise)
{
    const char *bytes = (const char *)boot + PAGE_BYTES;
    size_t length = strlen(name);

    for (seL4_Word i = 0; i + length < boot->extraLen; i++) {
        if (memcmp(bytes + i, name, length) != 0) {
            continue;
        }
        seL4_Word value = 0;
        for (i += length; i < boot->extraLen && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            value = value * 10 + (seL4_Word)(bytes[i] - '0');
        }
        return value;
    }
    return otherwise;
}

/* ---- The victim ---------------------------------------------------------------------------------------- */

static void victim_run(void)
{
    uint64_t last = time_now();

    for (unsigned i = 0;; i++) {
        uint64_t now = time_now();
        if (now - last > victim.longest_gap) {
            victim.longest_gap = now - last;
        }
        if (now - last < TICKS_US(20)) {
            victim.worked += now - last;
        }
        last = now;
        i %= sizeof(victim.secrets) / sizeof(victim.secrets[0]);
        if (victim.secrets[i] != (SECRET | i)) {
            victim.broken++;
        }
    }
}

static void victim_start(void)
{
    static _Alignas(16) char stack[PAGE_BYTES];
    seL4_CPtr tcb = objects_new(seL4_TCBObject, 0, 1);
    seL4_CPtr time = objects_new(seL4_SchedContextObject, 8, 1);
    seL4_UserContext registers = { .pc = (seL4_Word)victim_run,
                                   .sp = (seL4_Word)(stack + sizeof(stack)) };

    for (unsigned i = 0; i < sizeof(victim.secrets) / sizeof(victim.secrets[0]); i++) {
        victim.secrets[i] = SECRET | i;
    }
    MUST(seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, time, VICTIM_BUDGET,
                                          VICTIM_PERIOD, VICTIM_REFILLS, 0, 0));
    MUST(seL4_TCB_SetSpace(tcb, seL4_CapNull, ROOT, 0, SPACE, 0));
    MUST(seL4_X_TCB_SetCounterAccess(tcb, boot->schedcontrol.start, COUNTER_MASK));
    MUST(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, PRIO_VICTIM, PRIO_VICTIM, time,
                                 seL4_CapNull));
    MUST(seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof(registers) / sizeof(seL4_Word), &registers));
}

/* ---- The cell -------------------------------------------------------------------------------------------- */

static void stock_make(void)
{
    static const struct {
        seL4_Word type, size_bits, count;
    } kinds[] = {
        { seL4_UntypedObject, 14, 2 },      { seL4_EndpointObject, 0, 3 },
        { seL4_NotificationObject, 0, 3 },  { seL4_CapTableObject, 3, 2 },
        { seL4_TCBObject, 0, 2 },           { seL4_SchedContextObject, 8, 2 },
        { seL4_ReplyObject, 0, 3 },         { seL4_ARM_SmallPageObject, 0, 3 },
        { seL4_ARM_PageTableObject, 0, 2 }, { seL4_ARM_VCPUObject, 0, 2 },
    };
    seL4_CPtr slot = cell.stock;

    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        objects_from(cell.untyped, kinds[i].type, kinds[i].size_bits, slot, kinds[i].count);
        slot += kinds[i].count;
    }
}

static void space_make(void)
{
    objects_from(cell.untyped, seL4_ARM_VSpaceObject, 0, cell.space, 1);
    objects_from(cell.untyped, seL4_ARM_PageTableObject, 0, cell.tables, 4);
    MUST(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, cell.space));
    const seL4_Word at[] = { CELL_CODE, CELL_CODE, CELL_LOOT };
    for (unsigned i = 0; i < 3; i++) {
        MUST(seL4_ARM_PageTable_Map(cell.tables + i, cell.space, at[i],
                                    seL4_ARM_Default_VMAttributes));
    }
    seL4_CPtr image =
        boot->userImageFrames.start + ((seL4_Word)prowl - (seL4_Word)_text) / PAGE_BYTES;
    MUST(seL4_CNode_Copy(ROOT, cell.code, DEPTH, ROOT, image, DEPTH, seL4_CanRead));
    MUST(seL4_ARM_Page_Map(cell.code, cell.space, CELL_CODE, seL4_CanRead,
                           seL4_ARM_Default_VMAttributes));
    objects_from(cell.untyped, seL4_ARM_SmallPageObject, 0, cell.pages, 2 * CELL_THREADS);
    for (seL4_Word i = 0; i < CELL_THREADS; i++) {
        MUST(seL4_ARM_Page_Map(cell.pages + 2 * i, cell.space, CELL_BUFFER(i), seL4_ReadWrite,
                               seL4_ARM_Default_VMAttributes));
        MUST(seL4_ARM_Page_Map(cell.pages + 2 * i + 1, cell.space, CELL_STACK(i), seL4_ReadWrite,
                               seL4_ARM_Default_VMAttributes));
    }
}

/* Every slot of the cell's CNode gets a copy of something, with random rights and badge. */
static void cnode_fill(seL4_CPtr irq)
{
    const seL4_CPtr single[] = { cell.cnode, cell.space, irq };

    objects_from(cell.untyped, seL4_CapTableObject, CELL_CNODE_BITS, cell.cnode, 1);
    for (seL4_Word slot = 1; slot < CELL_SLOTS; slot++) {
        seL4_Word kind = random_next(&random) % 10;
        seL4_CPtr from = kind == 0   ? single[random_next(&random) % 3]
                         : kind == 1 ? cell.tcbs + random_next(&random) % CELL_THREADS
                         : kind == 2 ? cell.contexts + random_next(&random) % CELL_THREADS
                         : kind == 3 ? cell.pages + random_next(&random) % (2 * CELL_THREADS)
                                     : cell.stock + random_next(&random) % STOCK;
        seL4_CapRights_t rights = { { random_next(&random) % 16 } };
        seL4_Word badge = from == cell.cnode ? 64 - CELL_CNODE_BITS /* guard of so many zeros */
                                             : random_next(&random) % 8;
        /* Not everything can be copied, or have a badge. */
        if (seL4_CNode_Mint(cell.cnode, slot, CELL_CNODE_BITS, ROOT, from, DEPTH, rights, badge) !=
            seL4_NoError) {
            (void)seL4_CNode_Copy(cell.cnode, slot, CELL_CNODE_BITS, ROOT, from, DEPTH, rights);
        }
    }
}

static void thread_set_off(seL4_Word thread)
{
    seL4_UserContext registers = { .pc = CELL_CODE,
                                   .sp = CELL_STACK(thread) + PAGE_BYTES,
                                   .x0 = random_next(&random),
                                   .x1 = CELL_BUFFER(thread),
                                   .x2 = CELL_LOOT - PAGE_BYTES + thread * sizeof(uint64_t) };

    MUST(seL4_TCB_WriteRegisters(cell.tcbs + thread, 1, 0, sizeof(registers) / sizeof(seL4_Word),
                                 &registers));
}

static void threads_make(void)
{
    seL4_Word data = seL4_CNode_CapData_new(0, 64 - CELL_CNODE_BITS).words[0];

    for (seL4_Word i = 0; i < CELL_THREADS; i++) {
        seL4_CPtr tcb = cell.tcbs + i;
        MUST(seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, cell.contexts + i,
                                              CELL_BUDGET, CELL_PERIOD, 2, 0, 0));
        MUST(seL4_TCB_Configure(tcb, cell.cnode, data, cell.space, 0, CELL_BUFFER(i),
                                cell.pages + 2 * i));
        MUST(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, PRIO_CELL, PRIO_CELL,
                                     cell.contexts + i, cell_faults + i));
        thread_set_off(i);
    }
}

static void cell_build(seL4_CPtr irq)
{
    objects_from(cell.untyped, seL4_TCBObject, 0, cell.tcbs, CELL_THREADS);
    objects_from(cell.untyped, seL4_SchedContextObject, 8, cell.contexts, CELL_THREADS);
    stock_make();
    space_make();
    MUST(seL4_ARM_Page_Map(calls_frame, cell.space, CELL_LOOT - PAGE_BYTES, seL4_ReadWrite,
                           seL4_ARM_ExecuteNever));
    cnode_fill(irq);
    threads_make();
}

/* ---- What must not be there ----------------------------------------------------------------------------------- */

/* The victim's secret, or an address of the kernel's window or image. */
static bool word_is_leak(uint64_t word)
{
    return (word & SECRET_MASK) == SECRET || (word - KERNEL_WINDOW) >> 30 == 0 ||
           (word - KERNEL_IMAGE) >> 24 == 0;
}

static void leaks_check(seL4_Word epoch)
{
    for (seL4_Word i = 0; i < 2 * CELL_THREADS; i++) {
        const uint64_t *words = (const uint64_t *)window;
        MUST(seL4_ARM_Page_Unmap(cell.pages + i));
        MUST(seL4_ARM_Page_Map(cell.pages + i, SPACE, window, seL4_ReadWrite,
                               seL4_ARM_Default_VMAttributes));
        for (unsigned j = 0; j < PAGE_BYTES / sizeof(uint64_t); j++) {
            if (word_is_leak(words[j])) {
                give_up("epoch %lu: the cell holds %#lx", epoch, words[j]);
            }
        }
        MUST(seL4_ARM_Page_Unmap(cell.pages + i));
    }
    for (seL4_Word i = 0; i < CELL_THREADS; i++) {
        seL4_UserContext registers;
        MUST(seL4_TCB_ReadRegisters(cell.tcbs + i, 0, 0, sizeof(registers) / sizeof(seL4_Word),
                                    &registers));
        for (unsigned j = 0; j < sizeof(registers) / sizeof(seL4_Word); j++) {
            if (word_is_leak(((const seL4_Word *)&registers)[j])) {
                give_up("epoch %lu: a register holds %#lx", epoch,
                        ((const seL4_Word *)&registers)[j]);
            }
        }
    }
}

static void zero_check(seL4_Word epoch)
{
    seL4_Word pages = (1ul << CELL_BITS) / PAGE_BYTES;
    static seL4_CPtr frames;

    frames = frames == 0 ? slots_new(pages) : frames;
    objects_from(cell.untyped, seL4_ARM_SmallPageObject, 0, frames, pages);
    for (seL4_Word i = 0; i < pages; i++) {
        const uint64_t *words = (const uint64_t *)window;
        MUST(seL4_ARM_Page_Map(frames + i, SPACE, window, seL4_CanRead,
                               seL4_ARM_Default_VMAttributes));
        for (unsigned j = 0; j < PAGE_BYTES / sizeof(uint64_t); j++) {
            if (words[j] != 0) {
                give_up("epoch %lu: page %lu of the cell's memory is not zero", epoch, i);
            }
        }
        MUST(seL4_ARM_Page_Unmap(frames + i));
    }
    MUST(seL4_CNode_Revoke(ROOT, cell.untyped, DEPTH));
}

/* ---- The warden ------------------------------------------------------------------------------------------------ */

static void timer_set(seL4_Word us)
{
    __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
                     :
                     : "r"(time_now() + TICKS_US(us)), "r"(1ul)
                     : "memory");
}

/* One epoch's rounds; returns the faults that were seen. */
static seL4_Word watch(void)
{
    seL4_Word seen = 0;

    timer_set(ROUND_US);
    for (unsigned rounds = 0; rounds < ROUNDS;) {
        seL4_Word badge;
        (void)seL4_Recv(faults, &badge, wardens_reply);
        if ((badge & TIMER_BADGE) != 0) {
            rounds++;
            thread_set_off(random_next(&random) % CELL_THREADS);
            timer_set(ROUND_US);
            MUST(seL4_IRQHandler_Ack(timer_handler));
        } else {
            seen++;
            thread_set_off(badge - 1);
        }
    }
    return seen;
}

static void warden_start(void)
{
    seL4_CPtr own = objects_new(seL4_NotificationObject, 0, 1);

    faults = objects_new(seL4_EndpointObject, 0, 1);
    cell_faults = slots_new(0);
    for (seL4_Word i = 0; i < CELL_THREADS; i++) {
        (void)mint(faults, seL4_AllRights, i + 1);
    }
    wardens_reply = objects_new(seL4_ReplyObject, 0, 1);
    wakeup = mint(own, seL4_CanWrite, TIMER_BADGE);
    timer_handler = slots_new(1);
    MUST(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, own));
    MUST(seL4_X_TCB_SetCounterAccess(seL4_CapInitThreadTCB, boot->schedcontrol.start, TIMER_MASK));
    MUST(seL4_IRQControl_Get(seL4_CapIRQControl, TIMER_IRQ, ROOT, timer_handler, DEPTH));
    MUST(seL4_IRQHandler_SetNotification(timer_handler, wakeup));
    MUST(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIO_WARDEN));
    window = space_new(PAGE_BYTES);
    seL4_Word counters = space_new(PAGE_BYTES);
    calls_frame = mint(page_at(counters), seL4_AllRights, 0);
    calls = (volatile uint64_t *)counters;
}

static void cell_reserve(void)
{
    cell.untyped = objects_new(seL4_UntypedObject, CELL_BITS, 1);
    cell.cnode = slots_new(1);
    cell.space = slots_new(1);
    cell.tables = slots_new(4);
    cell.code = slots_new(1);
    cell.pages = slots_new(2 * CELL_THREADS);
    cell.tcbs = slots_new(CELL_THREADS);
    cell.contexts = slots_new(CELL_THREADS);
    cell.stock = slots_new(STOCK);
}

static void cell_destroy(seL4_Word epoch, seL4_CPtr irq)
{
    MUST(seL4_CNode_Revoke(ROOT, cell.untyped, DEPTH));
    MUST(seL4_CNode_Revoke(ROOT, irq, DEPTH));
    MUST(seL4_CNode_Delete(ROOT, cell.code, DEPTH));
    MUST(seL4_ARM_Page_Unmap(calls_frame));
    zero_check(epoch);
}

int main(seL4_BootInfo *bootinfo)
{
    boot = bootinfo;
    seL4_Word seed = option("seed=", 1), epochs = option("epochs=", 60), seen = 0;

    ground_init(bootinfo);
    warden_start();
    cell_reserve();
    seL4_CPtr irq = slots_new(1);
    MUST(seL4_IRQControl_Get(seL4_CapIRQControl, SPARE_IRQ, ROOT, irq, DEPTH));
    victim_start();
    uint64_t start = time_now();
    for (seL4_Word epoch = 1; epoch <= epochs; epoch++) {
        random = seed * 1000003 + epoch;
        cell_build(irq);
        seen += watch();
        leaks_check(epoch);
        cell_destroy(epoch, irq);
        if (victim.broken != 0) {
            give_up("epoch %lu: the victim's memory was changed", epoch);
        }
    }
    uint64_t all = time_now() - start, share = victim.worked * 1000 / all,
             gap = victim.longest_gap * 2 / 125;
    say("hostile: seed %lu: %lu epochs, %lu + %lu + %lu calls, %lu faults; the victim had %lu of 1000, "
        "longest gap %lu us\n",
        seed, epochs, calls[0], calls[1], calls[2], seen, share, gap);
    if (gap > GAP_LIMIT_US || share < 1000 * VICTIM_BUDGET / VICTIM_PERIOD * 9 / 10) {
        give_up("the victim's time was taken");
    }
    say("hostile: held\n");
    power_off();
}
