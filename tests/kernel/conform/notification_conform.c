/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: notifications (abi/01 §5, abi/04 §5.10)
 */
#include "conform.h"

static volatile seL4_Word woken, woken_badge;

static void wait_once(seL4_Word notification, seL4_Word unused)
{
    seL4_Word badge;

    (void)unused;
    (void)seL4_Wait(notification, &badge);
    woken_badge = badge;
    woken++;
}

static void check_badges(void)
{
    seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    seL4_CPtr one = cap_mint(notification, seL4_CanWrite, 1);
    seL4_CPtr four = cap_mint(notification, seL4_CanWrite, 4);
    seL4_Word badge = 9;

    (void)seL4_Poll(notification, &badge);
    CHECK_EQ(badge, 0);
    seL4_Signal(one);
    seL4_Signal(four);
    seL4_Signal(one);
    (void)seL4_Wait(notification, &badge);
    CHECK_EQ(badge, 5);
    (void)seL4_Poll(notification, &badge);
    CHECK_EQ(badge, 0);
}

static void check_wakeups(void)
{
    seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    seL4_CPtr one = cap_mint(notification, seL4_CanWrite, 1);

    woken = 0;
    (void)thread_spawn(MAIN_PRIO + 1, wait_once, notification, 0);
    (void)thread_spawn(MAIN_PRIO + 1, wait_once, notification, 0);
    CHECK_EQ(woken, 0);
    seL4_Signal(one); /* the waiter is of higher priority: it runs at once */
    CHECK_EQ(woken, 1);
    CHECK_EQ(woken_badge, 1);
    seL4_Signal(one);
    CHECK_EQ(woken, 2);
    (void)thread_spawn(MAIN_PRIO, wait_once, notification, 0);
    seL4_Yield();
    seL4_Signal(one);
    CHECK_EQ(woken, 2); /* the same priority waits for our time to end */
    seL4_Yield();
    CHECK_EQ(woken, 3);
}

static void receive_once(seL4_Word endpoint, seL4_Word reply)
{
    seL4_Word badge;

    (void)seL4_Recv(endpoint, &badge, reply);
    woken_badge = badge;
    woken++;
}

/* A notification bound to a thread reaches it while it waits on an endpoint. */
static void check_bound(void)
{
    seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    seL4_CPtr other = object_new(seL4_NotificationObject, 0);
    seL4_CPtr endpoint = object_new(seL4_EndpointObject, 0);
    seL4_CPtr badged = cap_mint(notification, seL4_CanWrite, 0x40);
    struct thread thread = thread_new(MAIN_PRIO + 1);

    woken = 0;
    CHECK_EQ(seL4_TCB_BindNotification(thread.tcb, notification), seL4_NoError);
    CHECK_EQ(seL4_TCB_BindNotification(thread.tcb, other), seL4_IllegalOperation);
    thread_run(&thread, receive_once, endpoint, thread.reply);
    seL4_Signal(badged);
    CHECK_EQ(woken, 1);
    CHECK_EQ(woken_badge, 0x40);
    CHECK_EQ(seL4_TCB_UnbindNotification(thread.tcb), seL4_NoError);
    CHECK_EQ(seL4_TCB_UnbindNotification(thread.tcb), seL4_IllegalOperation);
}

/* A passive thread runs on the notification's scheduling context. */
static void wait_loop(seL4_Word notification, seL4_Word unused)
{
    seL4_Word badge;

    (void)unused;
    for (;;) {
        (void)seL4_Wait(notification, &badge);
        woken++;
    }
}

static void check_lent_time(void)
{
    seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    struct thread thread = thread_new(MAIN_PRIO + 1);

    woken = 0;
    thread_run(&thread, wait_loop, notification, 0);
    CHECK_EQ(seL4_SchedContext_UnbindObject(thread.sched_context, thread.tcb), seL4_NoError);
    CHECK_EQ(seL4_SchedContext_Bind(thread.sched_context, notification), seL4_NoError);
    seL4_Signal(notification);
    CHECK_EQ(woken, 1);
    seL4_Signal(notification);
    CHECK_EQ(woken, 2);
    /* Without it the thread is runnable but has no time; later signals find nobody waiting. */
    CHECK_EQ(seL4_SchedContext_UnbindObject(thread.sched_context, notification), seL4_NoError);
    seL4_Signal(notification);
    seL4_Yield();
    CHECK_EQ(woken, 2);
    CHECK_EQ(seL4_TCB_Suspend(thread.tcb), seL4_NoError);
}

void suite_notification(void)
{
    check_badges();
    check_wakeups();
    check_bound();
    check_lent_time();
}
