/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: priorities, budgets, time (abi/04 §5)
 */
#include "conform.h"

#define SPIN_US 40000ul

static volatile seL4_Word counts[4];

static void count_up(seL4_Word index, seL4_Word unused)
{
    (void)unused;
    for (;;) {
        counts[index]++;
    }
}

static seL4_Word consumed(const struct thread *thread)
{
    return seL4_SchedContext_Consumed(thread->sched_context).consumed;
}

static void end(const struct thread *thread)
{
    CHECK_EQ(seL4_TCB_Suspend(thread->tcb), seL4_NoError);
}

/* 2 ms every 10 ms at a higher priority: a fifth of the time. */
static void check_budget(void)
{
    struct thread thread = thread_new(MAIN_PRIO + 1);
    seL4_Word used;

    CHECK_EQ(thread_budget(&thread, 2000, 10000), seL4_NoError);
    thread_run(&thread, count_up, 0, 0);
    (void)consumed(&thread);
    spin_us(SPIN_US);
    used = consumed(&thread);
    CHECK(used >= SPIN_US / 5 - 2100 && used <= SPIN_US / 5 + 2100);
    if (used < SPIN_US / 5 - 2100 || used > SPIN_US / 5 + 2100) {
        say("     consumed %lu us\n", used);
    }
    end(&thread);
}

/* Let lower threads run for so long: a budget that is thrown away by Yield. */
static void sleep_us(seL4_Word us)
{
    const struct thread self = { .sched_context = seL4_CapInitThreadSC };

    CHECK_EQ(thread_budget(&self, 1000, us), seL4_NoError);
    seL4_Yield();
    CHECK_EQ(thread_budget(&self, 5000, 5000), seL4_NoError);
}

/* Round robin of equal priority: shares follow the time slices. */
static void check_shares(void)
{
    struct thread a = thread_new(MAIN_PRIO - 1);
    struct thread b = thread_new(MAIN_PRIO - 1);
    seL4_Word used_a, used_b, start;

    CHECK_EQ(thread_budget(&a, 1000, 1000), seL4_NoError);
    CHECK_EQ(thread_budget(&b, 3000, 3000), seL4_NoError);
    thread_run(&a, count_up, 2, 0);
    thread_run(&b, count_up, 3, 0);
    CHECK_EQ(counts[2], 0); /* lower than we are */
    start = time_now();
    sleep_us(SPIN_US);
    CHECK(time_us(time_now() - start) >= SPIN_US - 1100);
    used_a = consumed(&a);
    used_b = consumed(&b);
    CHECK(used_a >= SPIN_US / 4 - 3000 && used_a <= SPIN_US / 4 + 3000);
    CHECK(used_b >= 3 * SPIN_US / 4 - 4000 && used_b <= 3 * SPIN_US / 4 + 3000);
    CHECK(counts[2] > 0 && counts[3] > counts[2]);
    end(&a);
    end(&b);
}

/* A thread that is out of budget sends a timeout fault, and goes on when it gets more. */
static void check_timeout(void)
{
    seL4_CPtr endpoint = object_new(seL4_EndpointObject, 0);
    seL4_CPtr reply = object_new(seL4_ReplyObject, 0);
    struct thread thread = thread_new(MAIN_PRIO + 1);
    seL4_Word badge;
    seL4_MessageInfo_t info;

    CHECK_EQ(seL4_TCB_SetTimeoutEndpoint(thread.tcb, endpoint), seL4_NoError);
    CHECK_EQ(seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, thread.sched_context, 1000,
                                              500000, 0, 0x99, 0),
             seL4_NoError);
    counts[0] = 0;
    thread_run(&thread, count_up, 0, 0);
    info = seL4_Recv(endpoint, &badge, reply);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_Timeout);
    CHECK_EQ(seL4_GetMR(0), 0x99);
    CHECK(seL4_GetMR(1) >= 900 && seL4_GetMR(1) <= 1100);
    CHECK(counts[0] > 0);
    end(&thread);
}

/* Raised above us it runs at once, until it is lowered by its time ending... */
static void check_priorities(void)
{
    struct thread thread = thread_new(MAIN_PRIO - 1);

    CHECK_EQ(thread_budget(&thread, 2000, 100000), seL4_NoError);
    counts[1] = 0;
    thread_run(&thread, count_up, 1, 0);
    CHECK_EQ(counts[1], 0);
    thread_priority(&thread, MAIN_PRIO + 1);
    CHECK(counts[1] > 0);
    end(&thread);
    /* Nobody may give what is above the authority's maximum. */
    CHECK_EQ(seL4_TCB_SetMCPriority(thread.tcb, seL4_CapInitThreadTCB, 10), seL4_NoError);
    CHECK_EQ(seL4_TCB_SetPriority(thread.tcb, thread.tcb, 11), seL4_RangeError);
    CHECK_EQ(seL4_TCB_SetPriority(thread.tcb, thread.tcb, 10), seL4_NoError);
}

/* YieldTo: the other runs for its slice, we learn how long it took. */
static void check_yield_to(void)
{
    struct thread thread = thread_new(MAIN_PRIO);
    seL4_SchedContext_YieldTo_t result;

    CHECK_EQ(thread_budget(&thread, 3000, 3000), seL4_NoError);
    thread_run(&thread, count_up, 0, 0);
    result = seL4_SchedContext_YieldTo(thread.sched_context);
    CHECK_EQ(result.error, seL4_NoError);
    CHECK(result.consumed >= 2900 && result.consumed <= 3100);
    end(&thread);
}

static void check_errors(void)
{
    struct thread thread = thread_new(MAIN_PRIO - 1);
    const seL4_CPtr control = boot->schedcontrol.start;
    const seL4_CPtr context = thread.sched_context;

    CHECK_EQ(seL4_SchedControl_ConfigureFlags(control, context, 19, 1000, 0, 0, 0),
             seL4_RangeError);
    CHECK_EQ(seL4_SchedControl_ConfigureFlags(control, context, 2000, 1000, 0, 0, 0),
             seL4_RangeError);
    CHECK_EQ(seL4_SchedControl_ConfigureFlags(control, context, 500, 1000, 99, 0, 0),
             seL4_RangeError);
    CHECK_EQ(seL4_SchedContext_Bind(context, thread.tcb), seL4_IllegalOperation);
    CHECK_EQ(seL4_SchedContext_Unbind(context), seL4_NoError);
    CHECK_EQ(seL4_SchedContext_Bind(context, thread.tcb), seL4_NoError);
}

void suite_sched(void)
{
    check_budget();
    check_shares();
    check_timeout();
    check_priorities();
    check_yield_to();
    check_errors();
}
