/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: messages through endpoints (abi/01 §4, §5)
 */
#include "conform.h"

#define INFO(label, caps, length) seL4_MessageInfo_new((label), 0, (caps), (length))
#define LONG_WORDS                120

static seL4_CPtr endpoint, badged, stop;
static struct thread server;

/* Answer calls: length doubled, words negated, badge first. Ends on label 99. */
static void serve(seL4_Word reply, seL4_Word unused)
{
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge, reply);

    (void)unused;
    while (seL4_MessageInfo_get_label(info) != 99) {
        seL4_Word length = seL4_MessageInfo_get_length(info);
        for (seL4_Word i = 0; i < length; i++) {
            seL4_SetMR((int)i, ~seL4_GetMR((int)i));
        }
        if (length > 0) {
            seL4_SetMR(0, badge);
        }
        info = seL4_ReplyRecv(endpoint, INFO(7, 0, length), &badge, reply);
    }
    seL4_Signal(stop);
}

static void check_calls(void)
{
    static const seL4_Word lengths[] = { 0, 1, 3, 4, 5, 10, LONG_WORDS };

    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        seL4_Word length = lengths[i];
        bool right = true;
        for (seL4_Word word = 0; word < length; word++) {
            seL4_SetMR((int)word, word * 0x1000001ul);
        }
        seL4_MessageInfo_t info = seL4_Call(badged, INFO(3, 0, length));
        CHECK_EQ(seL4_MessageInfo_get_label(info), 7);
        CHECK_EQ(seL4_MessageInfo_get_length(info), length);
        for (seL4_Word word = 1; word < length; word++) {
            right = right && seL4_GetMR((int)word) == ~(word * 0x1000001ul);
        }
        CHECK(right);
        CHECK(length == 0 || seL4_GetMR(0) == 0x55);
    }
}

/* Capabilities in messages: received into the slot named, or unwrapped to a badge. */
static seL4_CPtr received;
static seL4_Word got_badge, got_caps, got_unwrapped;

static void take_cap(seL4_Word reply, seL4_Word unused)
{
    seL4_Word badge;
    seL4_MessageInfo_t info;

    (void)unused;
    seL4_SetCapReceivePath(seL4_CapInitThreadCNode, received, DEPTH);
    info = seL4_Recv(endpoint, &badge, reply);
    got_caps = seL4_MessageInfo_get_extraCaps(info);
    got_unwrapped = seL4_MessageInfo_get_capsUnwrapped(info);
    got_badge = got_unwrapped != 0 ? seL4_GetBadge(0) : 0;
    seL4_Send(reply, INFO(0, 0, 0));
}

static void check_caps(void)
{
    seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    seL4_Word badge = 0;

    received = slot_new();
    struct thread thread = thread_new(MAIN_PRIO + 1);
    thread_run(&thread, take_cap, thread.reply, 0);
    seL4_SetCap(0, notification);
    (void)seL4_Call(badged, INFO(0, 1, 0));
    CHECK_EQ(got_caps, 1);
    CHECK_EQ(got_unwrapped, 0);
    seL4_Signal(received);
    (void)seL4_Poll(notification, &badge);
    CHECK_EQ(cap_delete(received), seL4_NoError);

    thread = thread_new(MAIN_PRIO + 1);
    thread_run(&thread, take_cap, thread.reply, 0);
    seL4_SetCap(0, badged);
    (void)seL4_Call(badged, INFO(0, 1, 0));
    CHECK_EQ(got_unwrapped, 1);
    CHECK_EQ(got_badge, 0x55);

    /* Without the grant right nothing is transferred. */
    seL4_CPtr mute = cap_mint(endpoint, seL4_CapRights_new(1, 0, 0, 1), 1);
    thread = thread_new(MAIN_PRIO + 1);
    thread_run(&thread, take_cap, thread.reply, 0);
    seL4_SetCap(0, notification);
    (void)seL4_Call(mute, INFO(0, 1, 0));
    CHECK_EQ(got_caps, 0);
}

/* Sends without a partner, and sends on capabilities that may not. */
static void check_nonblocking(void)
{
    seL4_CPtr empty = object_new(seL4_EndpointObject, 0);
    seL4_CPtr mine = object_new(seL4_ReplyObject, 0);
    seL4_CPtr read_only = cap_mint(empty, seL4_CanRead, 0);
    seL4_Word badge = 1;

    seL4_NBSend(empty, INFO(1, 0, 0));
    seL4_NBSend(seL4_CapNull, INFO(1, 0, 0));
    seL4_NBSend(read_only, INFO(1, 0, 0));
    seL4_MessageInfo_t info = seL4_NBRecv(empty, &badge, mine);
    CHECK_EQ(badge, 0);
    CHECK_EQ(info.words[0], info.words[0]);
    seL4_Send(seL4_CapNull, INFO(1, 0, 0)); /* no error is reported */
    seL4_Yield();
}

/* A waiting receiver, a queue of senders in the order they came, and CancelBadgedSends. */
static seL4_Word order[4], order_count;

static void send_one(seL4_Word cap, seL4_Word value)
{
    seL4_Word word = value;

    seL4_SendWithMRs(cap, INFO(0, 0, 1), &word, NULL, NULL, NULL);
}

static void check_queue(void)
{
    seL4_CPtr queue = object_new(seL4_EndpointObject, 0);
    seL4_CPtr mine = object_new(seL4_ReplyObject, 0);
    seL4_CPtr low = cap_mint(queue, seL4_AllRights, 1);
    seL4_CPtr high = cap_mint(queue, seL4_AllRights, 2);
    seL4_Word badge;

    (void)thread_spawn(MAIN_PRIO + 1, send_one, low, 10);
    (void)thread_spawn(MAIN_PRIO + 1, send_one, high, 11);
    (void)thread_spawn(MAIN_PRIO + 1, send_one, low, 12);
    CHECK_EQ(seL4_CNode_CancelBadgedSends(seL4_CapInitThreadCNode, high, DEPTH), seL4_NoError);
    for (order_count = 0; order_count < 3; order_count++) {
        (void)seL4_Recv(queue, &badge, mine);
        order[order_count] = seL4_GetMR(0);
    }
    CHECK_EQ(order[0], 10);
    CHECK_EQ(order[1], 12);
    CHECK_EQ(order[2], 11); /* cancelled sends are repeated */
    CHECK_EQ(badge, 2);
}

/* The endpoint goes away while a thread waits: its call is repeated and faults, silently. */
static void check_delete(void)
{
    seL4_CPtr gone = object_new(seL4_EndpointObject, 0);
    struct thread thread = thread_spawn(MAIN_PRIO + 1, send_one, gone, 1);

    CHECK_EQ(cap_delete(gone), seL4_NoError);
    CHECK_EQ(seL4_TCB_Suspend(thread.tcb), seL4_NoError);
    CHECK_EQ(cap_delete(thread.tcb), seL4_NoError);
}

void suite_ipc(void)
{
    seL4_Word badge;

    endpoint = object_new(seL4_EndpointObject, 0);
    stop = object_new(seL4_NotificationObject, 0);
    badged = cap_mint(endpoint, seL4_AllRights, 0x55);
    server = thread_new(MAIN_PRIO + 1);
    thread_run(&server, serve, server.reply, 0);
    check_calls();
    /* The same with a passive server: it runs on our time. */
    CHECK_EQ(seL4_SchedContext_UnbindObject(server.sched_context, server.tcb), seL4_NoError);
    check_calls();
    /* It ends on our time too, so it needs its own to signal. */
    CHECK_EQ(seL4_SchedContext_Bind(server.sched_context, server.tcb), seL4_NoError);
    seL4_Send(badged, INFO(99, 0, 0));
    (void)seL4_Wait(stop, &badge);
    check_caps();
    check_nonblocking();
    check_queue();
    check_delete();
}
