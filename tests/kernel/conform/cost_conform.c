/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the frequent operations cost
 *
 * Prints figures and asserts none. Under --icount an instruction takes one nanosecond, so that the
 * counter, 16 ns a tick, counts instructions when an operation is done often enough. Kernel and
 * user code are counted together, with some instructions of the loop and of measuring.
 */
#include "conform.h"

#include <sel4/tessera.h>

#define TIMES       512
#define NS_PER_TICK 16
#define UNMAPPED    0x3000000000ul
#define MANY        64    /* objects */
#define COUNTER     0x203 /* the physical and the virtual one, and the timer */

static seL4_CPtr endpoint, notification;

static void show(const char *what, seL4_Word ticks, seL4_Word times)
{
    say("cost: %s %lu\n", what, ticks * NS_PER_TICK / times);
}

/* Who may read counters has a longer switch: the right is given up meanwhile. */
static void counters(seL4_Word mask)
{
    (void)seL4_X_TCB_SetCounterAccess(seL4_CapInitThreadTCB, boot->schedcontrol.start, mask);
}

#define MEASURE(what, times, operation)                  \
    do {                                                 \
        seL4_Word measure_start = time_now();            \
        counters(0);                                     \
        for (seL4_Word i = 0; i < (times); i++) {        \
            operation;                                   \
        }                                                \
        counters(COUNTER);                               \
        show(what, time_now() - measure_start, (times)); \
    } while (0)

/* Answers everything with a message as long as the request. */
static void serve(seL4_Word reply, seL4_Word unused)
{
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge, reply);

    (void)unused;
    for (;;) {
        info = seL4_ReplyRecv(endpoint,
                              seL4_MessageInfo_new(0, 0, 0, seL4_MessageInfo_get_length(info)),
                              &badge, reply);
    }
}

static void cost_calls(void)
{
    struct thread server = thread_new(MAIN_PRIO + 1);

    thread_run(&server, serve, server.reply, 0);
    CHECK_EQ(seL4_SchedContext_UnbindObject(server.sched_context, server.tcb), seL4_NoError);
    MEASURE("call and reply, length 0", TIMES,
            seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0)));
    MEASURE("call and reply, length 10", TIMES,
            seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 10)));
    MEASURE("call and reply, length 120", TIMES,
            seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 120)));
    CHECK_EQ(seL4_TCB_Suspend(server.tcb), seL4_NoError);
}

static void await(seL4_Word unused, seL4_Word unused2)
{
    seL4_Word badge;

    (void)unused;
    (void)unused2;
    for (;;) {
        seL4_Wait(notification, &badge);
    }
}

static void cost_small(void)
{
    struct thread waiter = thread_new(MAIN_PRIO + 1);

    MEASURE("send to a null capability", TIMES,
            seL4_NBSend(seL4_CapNull, seL4_MessageInfo_new(0, 0, 0, 0)));
    MEASURE("yield", TIMES, seL4_Yield());
    MEASURE("signal, nobody waiting", TIMES, seL4_Signal(notification));
    thread_run(&waiter, await, 0, 0);
    MEASURE("signal to a higher priority, and back", TIMES, seL4_Signal(notification));
    CHECK_EQ(seL4_TCB_Suspend(waiter.tcb), seL4_NoError);
}

static void touch(seL4_Word address, seL4_Word unused)
{
    (void)unused;
    *(volatile seL4_Word *)address = 0;
}

static void cost_faults(void)
{
    struct thread faulter = thread_new(MAIN_PRIO + 1);
    seL4_CPtr reply = object_new(seL4_ReplyObject, 0);
    seL4_Word badge;

    thread_fault_endpoint(&faulter, cap_mint(endpoint, seL4_AllRights, 1));
    thread_run(&faulter, touch, UNMAPPED, 0);
    (void)seL4_Recv(endpoint, &badge, reply);
    /* Answered without a remedy, the thread faults again at once. */
    MEASURE("fault, handler, reply", TIMES,
            seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 0), &badge, reply));
    CHECK_EQ(seL4_TCB_Suspend(faulter.tcb), seL4_NoError);
}

static void retype_many(const char *what, seL4_CPtr untyped, seL4_Word type, seL4_CPtr first)
{
    MEASURE(what, MANY,
            seL4_Untyped_Retype(untyped, type, 0, seL4_CapInitThreadCNode, 0, 0, first + i, 1));
}

static void cost_objects(void)
{
    seL4_CPtr untyped = untyped_new(20);
    seL4_CPtr first = slot_new();
    seL4_Word vaddr = space_new(PAGE_BYTES);
    seL4_CPtr frame = object_new(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr copy = slot_new();

    for (seL4_Word i = 1; i <= MANY; i++) {
        (void)slot_new();
    }
    retype_many("retype of an endpoint", untyped, seL4_EndpointObject, first);
    MEASURE("delete of an endpoint", MANY, cap_delete(first + i));
    /* One object keeps the memory from being cleared again. */
    CHECK_EQ(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, seL4_CapInitThreadCNode, 0, 0,
                                 first + MANY, 1),
             seL4_NoError);
    retype_many("retype of a TCB", untyped, seL4_TCBObject, first);
    MEASURE("delete of a TCB", MANY, cap_delete(first + i));
    retype_many("retype of a 4 KiB frame", untyped, seL4_ARM_SmallPageObject, first);
    MEASURE("map of a 4 KiB frame, and unmap", TIMES, {
        (void)seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_AllRights, 0);
        (void)seL4_ARM_Page_Unmap(frame);
    });
    MEASURE("CNode copy and delete", TIMES, {
        (void)seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, DEPTH, seL4_CapInitThreadCNode,
                              notification, DEPTH, seL4_AllRights);
        (void)cap_delete(copy);
    });
}

void suite_cost(void)
{
    endpoint = object_new(seL4_EndpointObject, 0);
    notification = object_new(seL4_NotificationObject, 0);
    cost_calls();
    cost_small();
    cost_faults();
    cost_objects();
}
