/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: TCB invocations but those on registers, refusal by refusal (abi/03 §4)
 */
#include "conform.h"

#define MCP 50

static seL4_CPtr tcb, frame, device, space, endpoint, authority, empty, reply_only;

/* ---- Address spaces and buffer -------------------------------------------------------------------- */

static void check_configure(void)
{
    const seL4_CPtr vspace = seL4_CapInitThreadVSpace;
    const seL4_CPtr untyped = untyped_new(12);
    const seL4_CPtr child = slot_new();

    ROW("03.4.configure.truncated");
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0), CAPS(ROOT, vspace, frame)),
            seL4_TruncatedMessage);
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0), CAPS(ROOT, vspace)), seL4_TruncatedMessage);
    ROW("03.4.configure.buffer");
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0x401), CAPS(empty, empty, endpoint)),
            seL4_IllegalOperation);
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0x401), CAPS(empty, empty, device)),
            seL4_IllegalOperation);
    ROW("03.4.configure.buffer-alignment");
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0x401), CAPS(empty, empty, frame)),
            seL4_AlignmentError);
    ROW("01.6.alignment");
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0x200), CAPS(empty, empty, frame)),
            seL4_AlignmentError);
    ROW("03.4.configure.buffer-derive");
    CHECK_EQ(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT, 0, 0, child, 1),
             seL4_NoError);
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0x400), CAPS(empty, empty, untyped)),
            seL4_RevokeFirst);
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
    ROW("03.4.configure.cspace");
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0), CAPS(endpoint, vspace, empty)),
            seL4_IllegalOperation);
    REFUSED(invoke(tcb, TCBConfigure, WORDS(63, 0, 0), CAPS(ROOT, vspace, empty)),
            seL4_IllegalOperation);
    ROW("03.4.configure.vspace");
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0), CAPS(ROOT, empty, empty)),
            seL4_IllegalOperation);
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0), CAPS(ROOT, space, empty)),
            seL4_IllegalOperation); /* no ASID yet */
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0), CAPS(ROOT, endpoint, empty)),
            seL4_IllegalOperation);
    ROW("03.4.configure.effect");
    ACCEPTED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0x400), CAPS(ROOT, vspace, frame)));
    ACCEPTED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0), CAPS(ROOT, vspace, empty)));
    ROW("02.5.data.tcb");
    ACCEPTED(invoke(tcb, TCBConfigure, WORDS(64 - boot->initThreadCNodeSizeBits, 0, 0),
                    CAPS(ROOT, vspace, empty)));
}

static void check_buffer_and_space(void)
{
    const seL4_CPtr vspace = seL4_CapInitThreadVSpace;

    ROW("03.4.set-ipc-buffer");
    REFUSED(invoke(tcb, TCBSetIPCBuffer, WORDS(), CAPS(frame)), seL4_TruncatedMessage);
    REFUSED(invoke(tcb, TCBSetIPCBuffer, WORDS(0x400), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(tcb, TCBSetIPCBuffer, WORDS(0x404), CAPS(endpoint)), seL4_IllegalOperation);
    REFUSED(invoke(tcb, TCBSetIPCBuffer, WORDS(0x404), CAPS(device)), seL4_IllegalOperation);
    REFUSED(invoke(tcb, TCBSetIPCBuffer, WORDS(0x404), CAPS(frame)), seL4_AlignmentError);
    REFUSED(invoke(tcb, TCBSetIPCBuffer, WORDS(0x400), CAPS(empty)), seL4_IllegalOperation);
    ACCEPTED(invoke(tcb, TCBSetIPCBuffer, WORDS(0x400), CAPS(frame)));
    ACCEPTED(invoke(tcb, TCBSetIPCBuffer, WORDS(0), CAPS(endpoint)));
    ROW("03.4.set-space.truncated");
    REFUSED(invoke(tcb, TCBSetSpace, WORDS(0), CAPS(empty, ROOT, vspace)), seL4_TruncatedMessage);
    REFUSED(invoke(tcb, TCBSetSpace, WORDS(0, 0), CAPS(empty, ROOT)), seL4_TruncatedMessage);
    ROW("03.4.set-space.spaces");
    REFUSED(invoke(tcb, TCBSetSpace, WORDS(0, 0), CAPS(ROOT, endpoint, vspace)),
            seL4_IllegalOperation);
    REFUSED(invoke(tcb, TCBSetSpace, WORDS(0, 0), CAPS(ROOT, ROOT, space)), seL4_IllegalOperation);
    ROW("03.4.set-space.handler");
    REFUSED(invoke(tcb, TCBSetSpace, WORDS(0, 0), CAPS(ROOT, ROOT, vspace)), seL4_InvalidCapability,
            1);
    REFUSED(invoke(tcb, TCBSetSpace, WORDS(0, 0),
                   CAPS(cap_mint(endpoint, seL4_CapRights_new(0, 0, 1, 1), 0), ROOT, vspace)),
            seL4_InvalidCapability, 1); /* it can send, but not be answered */
    REFUSED(invoke(tcb, TCBSetSpace, WORDS(0, 0),
                   CAPS(cap_mint(endpoint, seL4_CapRights_new(1, 1, 1, 0), 0), ROOT, vspace)),
            seL4_InvalidCapability, 1);
    ACCEPTED(invoke(tcb, TCBSetSpace, WORDS(0, 0), CAPS(reply_only, ROOT, vspace)));
    ACCEPTED(invoke(tcb, TCBSetSpace, WORDS(0, 0), CAPS(empty, ROOT, vspace)));
    ROW("03.4.configure.slot-final");
    const seL4_CPtr own = object_new(seL4_CapTableObject, 4);
    ACCEPTED(invoke(tcb, TCBSetSpace, WORDS(0, 0), CAPS(empty, own, vspace)));
    CHECK_EQ(cap_delete(own), seL4_NoError); /* now the TCB's slot has the last one */
    REFUSED(invoke(tcb, TCBSetSpace, WORDS(0, 0), CAPS(ROOT, endpoint, vspace)),
            seL4_IllegalOperation);
    REFUSED(invoke(tcb, TCBConfigure, WORDS(0, 0, 0), CAPS(ROOT, vspace, empty)),
            seL4_IllegalOperation);
    CHECK_EQ(cap_delete(tcb), seL4_NoError);
    tcb = object_new(seL4_TCBObject, 0);
}

/* ---- Priorities ------------------------------------------------------------------------------------- */

static void check_priorities(void)
{
    static const seL4_Word labels[] = { TCBSetPriority, TCBSetMCPriority };

    CHECK_EQ(seL4_TCB_SetMCPriority(authority, seL4_CapInitThreadTCB, MCP), seL4_NoError);
    for (unsigned i = 0; i < 2; i++) {
        if (i == 0) {
            ROW("03.4.set-priority.errors");
        } else {
            ROW("03.4.set-mcp.errors");
        }
        REFUSED(invoke(tcb, labels[i], WORDS(), CAPS(authority)), seL4_TruncatedMessage);
        REFUSED(invoke(tcb, labels[i], WORDS(300), CAPS()), seL4_TruncatedMessage);
        REFUSED(invoke(tcb, labels[i], WORDS(300), CAPS(endpoint)), seL4_InvalidCapability, 1);
        ROW("01.6.capability");
        REFUSED(invoke(tcb, labels[i], WORDS(300), CAPS(empty)), seL4_InvalidCapability, 1);
        if (i == 0) {
            ROW("03.4.set-priority.mcp");
        } else {
            ROW("03.4.set-mcp.mcp");
        }
        REFUSED(invoke(tcb, labels[i], WORDS(MCP + 1), CAPS(authority)), seL4_RangeError, 0, MCP);
        REFUSED(invoke(tcb, labels[i], WORDS(1ul << 32), CAPS(authority)), seL4_RangeError, 0, MCP);
        REFUSED(invoke(tcb, labels[i], WORDS(256), CAPS(seL4_CapInitThreadTCB)), seL4_RangeError, 0,
                255);
        ACCEPTED(invoke(tcb, labels[i], WORDS(MCP), CAPS(authority)));
    }
}

static void check_sched_params(void)
{
    const seL4_CPtr context = object_new(seL4_SchedContextObject, 8);
    const seL4_CPtr other = object_new(seL4_SchedContextObject, 8);
    struct thread thread = thread_new(MAIN_PRIO - 1);

#define PARAMS(target, mcp, priority, ...) \
    invoke(target, TCBSetSchedParams, WORDS(mcp, priority), CAPS(__VA_ARGS__))
    ROW("03.4.set-sched-params.truncated");
    REFUSED(invoke(tcb, TCBSetSchedParams, WORDS(300), CAPS(empty, empty, empty)),
            seL4_TruncatedMessage);
    REFUSED(PARAMS(tcb, 300, 300, empty, empty), seL4_TruncatedMessage);
    ROW("03.4.set-sched-params.authority");
    REFUSED(PARAMS(tcb, 300, 300, endpoint, endpoint, ROOT), seL4_InvalidCapability, 1);
    REFUSED(PARAMS(tcb, 300, 300, authority, endpoint, ROOT), seL4_RangeError, 0, MCP);
    REFUSED(PARAMS(tcb, 0, MCP + 1, authority, endpoint, ROOT), seL4_RangeError, 0, MCP);
    ROW("03.4.set-sched-params.context");
    REFUSED(PARAMS(tcb, 0, 0, authority, endpoint, ROOT), seL4_InvalidCapability, 2);
    REFUSED(PARAMS(tcb, 0, 0, authority, thread.sched_context, ROOT), seL4_IllegalOperation);
    REFUSED(PARAMS(thread.tcb, 0, 0, authority, context, ROOT), seL4_IllegalOperation);
    REFUSED(PARAMS(seL4_CapInitThreadTCB, 0, 0, authority, empty, empty), seL4_IllegalOperation);
    ROW("03.4.set-sched-params.handler");
    REFUSED(PARAMS(tcb, 0, 0, authority, context, ROOT), seL4_InvalidCapability, 3);
    ROW("03.4.set-sched-params.effect");
    ACCEPTED(PARAMS(tcb, MCP, 3, authority, context, reply_only));
    REFUSED(invoke(other, SchedContextBind, WORDS(), CAPS(tcb)), seL4_IllegalOperation);
    ACCEPTED(PARAMS(tcb, MCP, 3, authority, context, empty)); /* the one it has */
    ACCEPTED(PARAMS(tcb, MCP, 3, authority, empty, empty));
    ACCEPTED(invoke(other, SchedContextBind, WORDS(), CAPS(tcb)));
    ACCEPTED(invoke(other, SchedContextUnbind, WORDS(), CAPS()));
    ROW("03.4.set-sched-params.blocked");
    /* Blocked, and the context was never configured. */
    const struct registers registers = { .x = { [0] = endpoint, [7] = (seL4_Word)seL4_SysWait } };
    const struct probe *probe = probe_syscall(&registers);
    CHECK_EQ(seL4_SchedContext_Unbind(probe->thread.sched_context), seL4_NoError);
    REFUSED(PARAMS(probe->thread.tcb, 0, 0, authority, other, ROOT), seL4_IllegalOperation);
    REFUSED(invoke(other, SchedContextBind, WORDS(), CAPS(probe->thread.tcb)),
            seL4_IllegalOperation);
    ACCEPTED(
        invoke(probe->thread.sched_context, SchedContextBind, WORDS(), CAPS(probe->thread.tcb)));
    probe_stop();
#undef PARAMS
}

static void check_handlers(void)
{
    ROW("03.4.set-timeout-endpoint");
    REFUSED(invoke(tcb, TCBSetTimeoutEndpoint, WORDS(1, 2, 3), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(tcb, TCBSetTimeoutEndpoint, WORDS(), CAPS(ROOT)), seL4_InvalidCapability, 1);
    REFUSED(invoke(tcb, TCBSetTimeoutEndpoint, WORDS(),
                   CAPS(cap_mint(endpoint, seL4_CapRights_new(0, 0, 1, 1), 0))),
            seL4_InvalidCapability, 1);
    ACCEPTED(invoke(tcb, TCBSetTimeoutEndpoint, WORDS(), CAPS(reply_only)));
    ACCEPTED(invoke(tcb, TCBSetTimeoutEndpoint, WORDS(), CAPS(empty)));
}

/* ---- Notification, TLS, flags ------------------------------------------------------------------------- */

static void check_notification(void)
{
    const seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    const seL4_CPtr write_only = cap_mint(notification, seL4_CanWrite, 0);
    const seL4_CPtr second = object_new(seL4_TCBObject, 0);

    ROW("03.4.bind-notification.truncated");
    REFUSED(invoke(tcb, TCBBindNotification, WORDS(1), CAPS()), seL4_TruncatedMessage);
    ROW("03.4.bind-notification.kind");
    REFUSED(invoke(tcb, TCBBindNotification, WORDS(), CAPS(endpoint)), seL4_IllegalOperation);
    REFUSED(invoke(tcb, TCBBindNotification, WORDS(), CAPS(write_only)), seL4_IllegalOperation);
    ROW("03.4.unbind-notification");
    REFUSED(invoke(tcb, TCBUnbindNotification, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.4.bind-notification.bound");
    ACCEPTED(invoke(tcb, TCBBindNotification, WORDS(), CAPS(notification)));
    REFUSED(invoke(tcb, TCBBindNotification, WORDS(), CAPS(notification)), seL4_IllegalOperation);
    REFUSED(invoke(second, TCBBindNotification, WORDS(), CAPS(notification)),
            seL4_IllegalOperation);
    ROW("01.5.recv.bound-to-other");
    const struct registers registers = {
        .x = { [0] = notification, [7] = (seL4_Word)seL4_SysNBWait }
    };
    const struct probe *probe = probe_syscall(&registers);
    CHECK(probe->has_faulted);
    CHECK_EQ(probe->words[3], 2);
    CHECK_EQ(probe->words[2], 1);
    ACCEPTED(invoke(tcb, TCBUnbindNotification, WORDS(), CAPS()));
    ROW("03.4.bind-notification.waiters");
    const struct registers waiting = { .x = { [0] = notification, [7] = (seL4_Word)seL4_SysWait } };
    (void)probe_syscall(&waiting);
    REFUSED(invoke(tcb, TCBBindNotification, WORDS(), CAPS(notification)), seL4_IllegalOperation);
    probe_stop();
}

static void check_flags(void)
{
    seL4_UserContext context;

    ROW("03.4.set-tls-base");
    REFUSED(invoke(tcb, TCBSetTLSBase, WORDS(), CAPS()), seL4_TruncatedMessage);
    ACCEPTED(invoke(tcb, TCBSetTLSBase, WORDS(0xdeadbeefcafe), CAPS()));
    CHECK_EQ(seL4_TCB_ReadRegisters(tcb, 0, 0, 36, &context), seL4_NoError);
    CHECK_EQ(context.tpidr_el0, 0xdeadbeefcafe);
    ROW("03.4.set-flags");
    REFUSED(invoke(tcb, TCBSetFlags, WORDS(1), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(tcb, TCBSetFlags, WORDS(0, ~0ul), CAPS()), seL4_NoError, 1);
    REFUSED(invoke(tcb, TCBSetFlags, WORDS(0, 0), CAPS()), seL4_NoError, 1);
    REFUSED(invoke(tcb, TCBSetFlags, WORDS(~0ul, 1), CAPS()), seL4_NoError, 1);
    REFUSED(invoke(tcb, TCBSetFlags, WORDS(1, 0), CAPS()), seL4_NoError, 0);
}

/* ---- Suspend, Resume ------------------------------------------------------------------------------------ */

static volatile seL4_Word reached;

/* Suspends itself in the middle. */
static void suspend_self(seL4_Word self, seL4_Word unused)
{
    (void)unused;
    reached = 1;
    (void)seL4_TCB_Suspend(self);
    reached++;
}

static void wait_twice(seL4_Word notification, seL4_Word unused)
{
    seL4_Word badge;

    (void)unused;
    (void)seL4_Wait(notification, &badge);
    reached = 10 + badge;
}

static void check_suspend(void)
{
    const seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    struct thread thread = thread_new(MAIN_PRIO + 1);

    ROW("03.4.suspend");
    ACCEPTED(invoke(tcb, TCBSuspend, WORDS(), CAPS()));
    ACCEPTED(invoke(tcb, TCBSuspend, WORDS(), CAPS()));
    ROW("03.4.suspend.self");
    thread_run(&thread, suspend_self, thread.tcb, 0);
    CHECK_EQ(reached, 1);
    ROW("03.4.resume.running");
    ACCEPTED(invoke(seL4_CapInitThreadTCB, TCBResume, WORDS(), CAPS()));
    ROW("03.4.resume.blocked");
    struct thread waiter = thread_spawn(MAIN_PRIO + 1, wait_twice, notification, 0);
    reached = 0;
    ACCEPTED(invoke(waiter.tcb, TCBResume, WORDS(), CAPS())); /* waits anew */
    CHECK_EQ(reached, 0);
    seL4_Signal(cap_mint(notification, seL4_AllRights, 5));
    CHECK_EQ(reached, 15);
    ROW("03.4.suspend.restart");
    reached = 0;
    thread_run(&waiter, wait_twice, notification, 0);
    ACCEPTED(invoke(waiter.tcb, TCBSuspend, WORDS(), CAPS()));
    seL4_Signal(cap_mint(notification, seL4_AllRights, 6));
    CHECK_EQ(reached, 0); /* the queue was left */
    ACCEPTED(invoke(waiter.tcb, TCBResume, WORDS(), CAPS()));
    CHECK_EQ(reached, 16); /* the wait is made again */
}

void suite_tcb(void)
{
    tcb = object_new(seL4_TCBObject, 0);
    frame = object_new(seL4_ARM_SmallPageObject, 0);
    device = device_frame(0x9030000);
    space = object_new(seL4_ARM_VSpaceObject, 0);
    endpoint = object_new(seL4_EndpointObject, 0);
    reply_only = cap_mint(endpoint, seL4_CapRights_new(1, 0, 0, 1), 0);
    authority = object_new(seL4_TCBObject, 0);
    empty = slot_new();
    check_configure();
    check_buffer_and_space();
    check_priorities();
    check_sched_params();
    check_handlers();
    check_notification();
    check_flags();
    check_suspend();
}
