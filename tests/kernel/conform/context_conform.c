/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: domains, SchedControl and scheduling contexts, refusal by refusal (abi/03 §7, §8)
 */
#include "conform.h"

#define MAX_US 0x218def416bdbul
#define ENTRY  ((1ul << 56) - 1) /* longest time of an entry of the domain schedule */

static seL4_CPtr context, other, tcb, notification, endpoint, control, empty;

/* ---- Domains ----------------------------------------------------------------------------------------- */

static void check_domains(void)
{
    const seL4_CPtr domain = seL4_CapDomain;

    ROW("03.7.label");
    REFUSED(invoke(domain, DomainSetSet - 1, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.7.set");
    REFUSED(invoke(domain, DomainSetSet, WORDS(), CAPS(tcb)), seL4_TruncatedMessage);
    REFUSED(invoke(domain, DomainSetSet, WORDS(1), CAPS()), seL4_InvalidArgument, 0);
    REFUSED(invoke(domain, DomainSetSet, WORDS(0), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(domain, DomainSetSet, WORDS(0), CAPS(endpoint)), seL4_InvalidArgument, 1);
    ACCEPTED(invoke(domain, DomainSetSet, WORDS(0x100), CAPS(tcb))); /* 8 bits count */
    ROW("03.7.configure");
    REFUSED(invoke(domain, DomainScheduleConfigure, WORDS(9, 9), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(domain, DomainScheduleConfigure, WORDS(1, 9, 0), CAPS()), seL4_RangeError, 0, 0);
    REFUSED(invoke(domain, DomainScheduleConfigure, WORDS(0, 1, ENTRY + 1), CAPS()),
            seL4_RangeError, 0, 0);
    REFUSED(invoke(domain, DomainScheduleConfigure, WORDS(0, 0, ENTRY + 1), CAPS()),
            seL4_InvalidArgument, 2);
    REFUSED(invoke(domain, DomainScheduleConfigure, WORDS(0, 0, 0), CAPS()), seL4_InvalidArgument,
            2);
    ACCEPTED(invoke(domain, DomainScheduleConfigure, WORDS(0, 0, ENTRY), CAPS()));
    ROW("03.7.start");
    REFUSED(invoke(domain, DomainScheduleSetStart, WORDS(), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(domain, DomainScheduleSetStart, WORDS(2), CAPS()), seL4_RangeError, 0, 1);
    REFUSED(invoke(domain, DomainScheduleSetStart, WORDS(1), CAPS()), seL4_InvalidArgument, 0);
    ACCEPTED(invoke(domain, DomainScheduleSetStart, WORDS(0), CAPS()));
}

/* ---- SchedControl --------------------------------------------------------------------------------------- */

#define CONFIGURE(...) \
    invoke(control, SchedControlConfigureFlags, WORDS(__VA_ARGS__), CAPS(context))

static void check_configure(void)
{
    ROW("03.8.configure.label");
    REFUSED(invoke(control, SchedContextBind, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.8.configure.1-cap");
    REFUSED(invoke(control, SchedControlConfigureFlags, WORDS(1000, 1000, 0, 0, 0), CAPS()),
            seL4_TruncatedMessage);
    ROW("03.8.configure.2-truncated");
    REFUSED(CONFIGURE(1, 1, 0, 0), seL4_TruncatedMessage);
    ROW("03.8.configure.3-budget");
    REFUSED(CONFIGURE(MAX_US + 1, MAX_US, 0, 0, 0), seL4_RangeError, 20, MAX_US);
    ROW("03.8.configure.4-period");
    REFUSED(CONFIGURE(1, MAX_US + 1, 0, 0, 0), seL4_RangeError, 20, MAX_US);
    ROW("03.8.configure.5-least-budget");
    REFUSED(CONFIGURE(19, 1, 0, 0, 0), seL4_RangeError, 20, MAX_US);
    ROW("03.8.configure.6-least-period");
    REFUSED(CONFIGURE(20, 19, 0, 0, 0), seL4_RangeError, 20, MAX_US);
    ROW("03.8.configure.7-order");
    REFUSED(CONFIGURE(1001, 1000, 0, 0, 0), seL4_RangeError, 20, 1000);
    ROW("03.8.configure.8-kind");
    REFUSED(invoke(control, SchedControlConfigureFlags, WORDS(1000, 1000, 99, 0, 0), CAPS(tcb)),
            seL4_InvalidCapability, 1);
    ROW("03.8.configure.9-refills");
    REFUSED(CONFIGURE(1000, 2000, 9, 0, 0), seL4_RangeError, 0, 8);
    REFUSED(CONFIGURE(1000, 1000, 9, 0, 0), seL4_RangeError, 0, 8);
    ROW("03.8.configure.effect");
    ACCEPTED(CONFIGURE(20, 20, 0, 0, 0));
    ACCEPTED(CONFIGURE(MAX_US, MAX_US, 0, 0, 0));
    ACCEPTED(CONFIGURE(1000, MAX_US, 8, ~0ul, ~0ul)); /* other flags are ignored */
}

/* ---- Scheduling contexts ----------------------------------------------------------------------------------- */

static void check_bind(void)
{
    struct thread thread = thread_new(MAIN_PRIO - 1);

    ROW("03.8.bind.truncated");
    REFUSED(invoke(context, SchedContextBind, WORDS(1), CAPS()), seL4_TruncatedMessage);
    ROW("03.8.bind.kind");
    REFUSED(invoke(context, SchedContextBind, WORDS(), CAPS(endpoint)), seL4_InvalidCapability, 1);
    REFUSED(invoke(context, SchedContextBind, WORDS(), CAPS(empty)), seL4_InvalidCapability, 1);
    ROW("03.8.bind.tcb");
    REFUSED(invoke(thread.sched_context, SchedContextBind, WORDS(), CAPS(tcb)),
            seL4_IllegalOperation);
    REFUSED(invoke(context, SchedContextBind, WORDS(), CAPS(thread.tcb)), seL4_IllegalOperation);
    ACCEPTED(invoke(context, SchedContextBind, WORDS(), CAPS(tcb)));
    ROW("03.8.bind.notification");
    const seL4_CPtr second = object_new(seL4_NotificationObject, 0);
    ACCEPTED(invoke(other, SchedContextBind, WORDS(), CAPS(notification)));
    REFUSED(invoke(other, SchedContextBind, WORDS(), CAPS(second)), seL4_IllegalOperation);
    REFUSED(invoke(thread.sched_context, SchedContextBind, WORDS(), CAPS(notification)),
            seL4_IllegalOperation);
    ROW("03.8.unbind");
    REFUSED(invoke(seL4_CapInitThreadSC, SchedContextUnbind, WORDS(), CAPS()),
            seL4_IllegalOperation);
    ACCEPTED(invoke(other, SchedContextUnbind, WORDS(), CAPS()));
    ACCEPTED(invoke(other, SchedContextBind, WORDS(), CAPS(second))); /* so it is free again */
    ROW("03.8.unbind-object");
    REFUSED(invoke(context, SchedContextUnbindObject, WORDS(), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(context, SchedContextUnbindObject, WORDS(), CAPS(endpoint)),
            seL4_InvalidCapability, 1);
    REFUSED(invoke(context, SchedContextUnbindObject, WORDS(), CAPS(thread.tcb)),
            seL4_IllegalOperation);
    REFUSED(invoke(seL4_CapInitThreadSC, SchedContextUnbindObject, WORDS(),
                   CAPS(seL4_CapInitThreadTCB)),
            seL4_IllegalOperation);
    REFUSED(invoke(other, SchedContextUnbindObject, WORDS(), CAPS(notification)),
            seL4_IllegalOperation);
    ACCEPTED(invoke(other, SchedContextUnbindObject, WORDS(), CAPS(second)));
    ACCEPTED(invoke(context, SchedContextUnbindObject, WORDS(), CAPS(tcb)));
    REFUSED(invoke(context, SchedContextUnbindObject, WORDS(), CAPS(tcb)), seL4_IllegalOperation);
}

static void check_others(void)
{
    struct thread high = thread_new(MAIN_PRIO + 1);

    ROW("03.8.label");
    REFUSED(invoke(context, SchedControlConfigureFlags, WORDS(), CAPS()), seL4_IllegalOperation);
    REFUSED(invoke(context, SchedContextYieldTo + 1, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("03.8.consumed");
    REFUSED(invoke(context, SchedContextConsumed, WORDS(), CAPS()), seL4_NoError, 0);
    ROW("03.8.yield-to");
    REFUSED(invoke(context, SchedContextYieldTo, WORDS(), CAPS()), seL4_IllegalOperation);
    REFUSED(invoke(seL4_CapInitThreadSC, SchedContextYieldTo, WORDS(), CAPS()),
            seL4_IllegalOperation);
    REFUSED(invoke(high.sched_context, SchedContextYieldTo, WORDS(), CAPS()), seL4_NoError,
            0); /* it is not running */
    CHECK_EQ(seL4_TCB_SetMCPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, MAIN_PRIO),
             seL4_NoError);
    REFUSED(invoke(high.sched_context, SchedContextYieldTo, WORDS(), CAPS()),
            seL4_IllegalOperation);
    /* Only a higher authority can give back what was given up: that of a thread made before. */
    CHECK_EQ(seL4_TCB_SetMCPriority(seL4_CapInitThreadTCB, high.tcb, 255), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(1), MAIN_PRIO + 1);
}

static seL4_CPtr authority; /* a TCB that keeps the highest MCP */

void suite_context(void)
{
    context = object_new(seL4_SchedContextObject, 8);
    other = object_new(seL4_SchedContextObject, 8);
    tcb = object_new(seL4_TCBObject, 0);
    notification = object_new(seL4_NotificationObject, 0);
    endpoint = object_new(seL4_EndpointObject, 0);
    control = boot->schedcontrol.start;
    empty = slot_new();
    authority = object_new(seL4_TCBObject, 0);
    CHECK_EQ(seL4_TCB_SetMCPriority(authority, seL4_CapInitThreadTCB, 255), seL4_NoError);
    check_domains();
    check_configure();
    check_bind();
    check_others();
    CHECK_EQ(seL4_TCB_SetMCPriority(seL4_CapInitThreadTCB, authority, 255), seL4_NoError);
}
