/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: system call numbers, what registers hold before and after (abi/01 §1, §2, §7)
 */
#include "conform.h"

#include <sel4/tessera.h>

#define FLAGS  0xa0000000ul /* N and C */
#define BADGE  0x77
#define ABSENT 0x12340000ul /* no slot of the root CNode: its upper bits are no guard */

static seL4_CPtr endpoint, badged, notification, reply, empty;

/* Registers with a different value in each, for call `number` on `cap`. */
static struct registers filled(seL4_Int64 number, seL4_CPtr cap)
{
    struct registers registers = { .nzcv = FLAGS, .d = { 11, 12, 13, 14 } };

    for (unsigned i = 0; i < 31; i++) {
        registers.x[i] = 0x1000001ul * (i + 1);
    }
    registers.x[0] = cap;
    registers.x[1] = 0;
    registers.x[7] = (seL4_Word)number;
    return registers;
}

/* Registers from x[first] on, flags and floating point are as before. */
static void check_kept(const struct registers *before, const struct registers *after,
                       unsigned first)
{
    bool kept = before->nzcv == after->nzcv;

    for (unsigned i = first; i < 31; i++) {
        kept = kept && before->x[i] == after->x[i];
    }
    for (unsigned i = 0; i < 4; i++) {
        kept = kept && before->d[i] == after->d[i];
    }
    CHECK(kept);
}

/* ---- Numbers ----------------------------------------------------------------------------------- */

static bool is_debug_kernel(void)
{
    const struct registers registers = filled(seL4_SysDebugCapIdentify, seL4_CapInitThreadTCB);

    return !probe_syscall(&registers)->has_faulted;
}

static void check_unknown(seL4_Int64 number)
{
    struct registers registers = filled(number, 1);
    const struct probe *probe = probe_syscall(&registers);

    CHECK(probe->has_faulted);
    CHECK_EQ(probe->badge, PROBE_BADGE);
    CHECK_EQ(probe->info, (seL4_Word)seL4_Fault_UnknownSyscall << 12 | 13);
    CHECK_EQ(probe->words[12], number);
    for (unsigned i = 0; i < 8; i++) {
        CHECK_EQ(probe->words[i], registers.x[i]);
    }
}

static void check_numbers(void)
{
    static const seL4_Int64 unknown[] = { 0,   1,   2,   -18, -19, -20, -21,       -22,      -23,
                                          -24, -25, -26, -27, -28, -29, -30,       -31,      -32,
                                          -33, -34, -99, 245, 255, 64,  INT64_MIN, INT64_MAX };
    extern const char raw_svc[], raw_after_svc[];

    ROW("01.1.unknown");
    for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        check_unknown(unknown[i]);
    }
    /* Only the whole 64-bit number counts. */
    check_unknown(0xfffffff5);
    check_unknown((seL4_Int64)(0xffffffful << 36 | 0xb));
    if (!is_debug_kernel()) {
        ROW("01.1.debug-off");
        for (seL4_Int64 number = -12; number >= -17; number--) {
            check_unknown(number);
        }
    }
    ROW("01.1.fault-ip");
    struct registers registers = filled(-99, 1);
    const struct probe *probe = probe_syscall(&registers);
    CHECK_EQ(probe->words[8], (seL4_Word)raw_svc);
    CHECK_EQ(probe->words[10], (seL4_Word)raw_after_svc);
    ROW("01.1.api-range");
    for (seL4_Int64 number = -1; number >= -11; number--) {
        registers = filled(number, notification);
        registers.x[8] = seL4_CapNull;
        probe = probe_syscall(&registers);
        CHECK(!probe->has_faulted || probe->info >> 12 != seL4_Fault_UnknownSyscall);
    }
}

/* ---- Registers, no partner needed ---------------------------------------------------------------- */

static void check_no_partner(void)
{
    struct registers before = filled(seL4_SysYield, empty);
    struct registers after = before;

    ROW("01.2.yield");
    raw_syscall(&after); /* svc #0x55: the immediate does not matter */
    check_kept(&before, &after, 0);
    ROW("01.1.immediate");
    CHECK_EQ(after.x[0], empty);
    ROW("01.2.send");
    after = before = filled(seL4_SysNBSend, badged);
    raw_syscall(&after);
    check_kept(&before, &after, 0);
    ROW("01.2.nothing");
    after = before = filled(seL4_SysNBRecv, endpoint);
    before.x[6] = after.x[6] = reply;
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    check_kept(&before, &after, 1);
    after = before = filled(seL4_SysNBWait, endpoint);
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    check_kept(&before, &after, 1);
    after = before = filled(seL4_SysNBWait, notification);
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    check_kept(&before, &after, 1);
}

static void check_notification(void)
{
    const seL4_CPtr signal = cap_mint(notification, seL4_AllRights, 0xf00000000000000dul);
    struct registers before, after;
    static const seL4_Int64 calls[] = { seL4_SysWait, seL4_SysNBWait, seL4_SysRecv,
                                        seL4_SysNBRecv };

    ROW("01.2.notification");
    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        seL4_Signal(signal);
        after = before = filled(calls[i], notification);
        after.x[1] = before.x[1] = ~0ul; /* no send phase: nobody reads it */
        raw_syscall(&after);
        CHECK_EQ(after.x[0], 0xf00000000000000dul);
        check_kept(&before, &after, 1);
    }
    ROW("01.2.info-ignored");
    CHECK_EQ(after.x[1], ~0ul);
    ROW("01.3.badge64");
    CHECK_EQ(after.x[0], 0xf00000000000000dul);
    ROW("01.1.poll-signal");
    seL4_Word word = 0;
    seL4_Signal(signal);
    (void)seL4_Poll(notification, &word);
    CHECK_EQ(word, 0xf00000000000000dul);
    ROW("01.5.call.notification");
    after = before = filled(seL4_SysCall, signal);
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    CHECK_EQ(after.x[1], 0);
    check_kept(&before, &after, 2);
    (void)seL4_Poll(notification, &word);
    CHECK_EQ(word, 0xf00000000000000dul);
}

/* ---- Registers, kernel objects --------------------------------------------------------------------- */

static void check_objects(void)
{
    const seL4_CPtr tcb = object_new(seL4_TCBObject, 0);
    struct registers before = filled(seL4_SysCall, tcb);
    struct registers after;

    ROW("01.2.call-plain");
    before.x[1] = (seL4_Word)TCBSuspend << 12;
    after = before;
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    CHECK_EQ(after.x[1], 0);
    check_kept(&before, &after, 2);

    ROW("01.2.call-results");
    before.x[1] = (seL4_Word)TCBSetFlags << 12 | 2;
    before.x[2] = 0;
    before.x[3] = 1;
    after = before;
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    CHECK_EQ(after.x[1], 1);
    CHECK_EQ(after.x[2], 1);
    check_kept(&before, &after, 3);

    ROW("01.2.call-error");
    before.x[1] = (seL4_Word)TCBReadRegisters << 12 | 2;
    before.x[3] = 37;
    after = before;
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    CHECK_EQ(after.x[1], (seL4_Word)seL4_RangeError << 12 | 2);
    CHECK_EQ(after.x[2], 1);
    CHECK_EQ(after.x[3], 36);
    check_kept(&before, &after, 4);

    ROW("01.2.send-object");
    static const seL4_Int64 sends[] = { seL4_SysSend, seL4_SysNBSend };
    for (unsigned i = 0; i < 2; i++) {
        before = filled(sends[i], tcb);
        before.x[1] = (seL4_Word)TCBSetFlags << 12 | 2;
        before.x[2] = 1 - i;
        before.x[3] = i;
        after = before;
        raw_syscall(&after);
        check_kept(&before, &after, 0);
        CHECK_EQ(seL4_TCB_SetFlags(tcb, 0, 0).flags, i); /* done, but not told */
        before.x[1] = 99ul << 12;
        after = before;
        raw_syscall(&after);
        check_kept(&before, &after, 0);
    }
}

/* ---- Registers, between threads ---------------------------------------------------------------------- */

static void send_words(seL4_Word cap, seL4_Word length)
{
    seL4_Word word[4] = { 0xa0, 0xa1, 0xa2, 0xa3 };

    seL4_SendWithMRs(cap, seL4_MessageInfo_new(0xfffffffffffff, 7, 0, length), &word[0], &word[1],
                     &word[2], &word[3]);
}

static void check_receive(void)
{
    struct registers before, after;
    struct thread thread;

    ROW("01.2.received");
    for (seL4_Word length = 0; length <= 4; length++) {
        thread = thread_spawn(MAIN_PRIO + 1, send_words, badged, length);
        after = before = filled(seL4_SysRecv, endpoint);
        after.x[6] = before.x[6] = reply;
        raw_syscall(&after);
        CHECK_EQ(after.x[0], BADGE);
        CHECK_EQ(after.x[1], 0xffffffffffffful << 12 | length);
        for (seL4_Word i = 0; i < length; i++) {
            CHECK_EQ(after.x[2 + i], 0xa0 + i);
        }
        check_kept(&before, &after, (unsigned)(2 + length));
        CHECK_EQ(seL4_TCB_Suspend(thread.tcb), seL4_NoError);
    }
    ROW("01.4.words.unchanged");
    CHECK_EQ(after.x[6], reply);
}

static void answer_once(seL4_Word label, seL4_Word length)
{
    seL4_Word badge;
    seL4_Word word[4] = { 0xb0, 0xb1, 0xb2, 0xb3 };

    (void)seL4_Recv(endpoint, &badge, reply);
    seL4_SendWithMRs(reply, seL4_MessageInfo_new(label, 7, 0, length), &word[0], &word[1], &word[2],
                     &word[3]);
}

static void check_reply(void)
{
    struct registers before, after;
    struct thread thread = thread_spawn(MAIN_PRIO + 1, answer_once, 0x123456789abcd, 2);

    ROW("01.2.reply");
    after = before = filled(seL4_SysCall, badged);
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    CHECK_EQ(after.x[1], 0x123456789abcdul << 12 | 2);
    CHECK_EQ(after.x[2], 0xb0);
    CHECK_EQ(after.x[3], 0xb1);
    check_kept(&before, &after, 4);
    ROW("01.5.call.reply-cap");
    after = before = filled(seL4_SysCall, reply); /* nobody waits for it */
    raw_syscall(&after);
    CHECK_EQ(after.x[0], 0);
    CHECK_EQ(after.x[1], 0);
    check_kept(&before, &after, 2);
    CHECK_EQ(seL4_TCB_Suspend(thread.tcb), seL4_NoError);
}

/* ---- Two phases in one call ------------------------------------------------------------------------ */

static void check_two_phases(void)
{
    const seL4_CPtr other = object_new(seL4_NotificationObject, 0);
    const seL4_CPtr signal = cap_mint(other, seL4_AllRights, 5);
    const seL4_CPtr mine = cap_mint(notification, seL4_AllRights, 9);
    struct registers registers;
    seL4_Word word = 0;

    ROW("01.2.nbsendrecv");
    seL4_Signal(mine);
    registers = filled(seL4_SysNBSendRecv, notification);
    registers.x[8] = signal;
    raw_syscall(&registers);
    CHECK_EQ(registers.x[0], 9);
    (void)seL4_Poll(other, &word);
    CHECK_EQ(word, 5);

    ROW("01.2.nbsendwait");
    seL4_Signal(mine);
    registers = filled(seL4_SysNBSendWait, notification);
    registers.x[6] = signal;
    registers.x[8] = 0;
    raw_syscall(&registers);
    CHECK_EQ(registers.x[0], 9);
    (void)seL4_Poll(other, &word);
    CHECK_EQ(word, 5);

    ROW("01.2.replyrecv");
    seL4_Signal(mine);
    registers = filled(seL4_SysReplyRecv, notification);
    registers.x[6] = signal; /* normally a reply capability, but any will do */
    raw_syscall(&registers);
    CHECK_EQ(registers.x[0], 9);
    (void)seL4_Poll(other, &word);
    CHECK_EQ(word, 5);

    ROW("01.2.nbsendwait-mrs");
    seL4_Signal(mine);
    registers = filled(seL4_SysNBSendRecv, notification);
    registers.x[8] = seL4_CapNull;
    registers.x[6] = signal;
    raw_syscall(&registers);
    CHECK_EQ(registers.x[0], 9);
    (void)seL4_Poll(other, &word);
    CHECK_EQ(word, 0); /* nothing was sent: x8 is the destination of this call */
    registers = filled(seL4_SysNBSendRecv, endpoint);
    registers.x[8] = seL4_CapNull;
    registers.x[6] = signal;
    const struct probe *probe = probe_syscall(&registers);
    CHECK(probe->has_faulted);
    CHECK_EQ(probe->words[1], signal);
    CHECK_EQ(probe->words[2], 1);
}

/* The send phase may fail in any way; the receive phase follows. */
static void check_first_phase(void)
{
    const seL4_CPtr mine = cap_mint(notification, seL4_AllRights, 9);
    const seL4_CPtr mute = cap_mint(endpoint, seL4_CanRead, 0);
    const seL4_CPtr tcb = object_new(seL4_TCBObject, 0);
    const seL4_CPtr wrong[] = { seL4_CapNull, empty, ABSENT, mute, seL4_CapInitThreadCNode };
    struct registers registers;

    ROW("01.5.two.errors-ignored");
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        seL4_Signal(mine);
        registers = filled(seL4_SysNBSendRecv, notification);
        registers.x[8] = wrong[i];
        registers.x[1] = 5ul << 12 | 4;
        raw_syscall(&registers);
        CHECK_EQ(registers.x[0], 9);
    }
    ROW("01.5.two.restricted");
    seL4_Signal(mine);
    registers = filled(seL4_SysNBSendRecv, notification);
    registers.x[8] = tcb;
    registers.x[1] = (seL4_Word)TCBSetFlags << 12 | 2;
    registers.x[2] = 0;
    registers.x[3] = 1;
    raw_syscall(&registers);
    CHECK_EQ(registers.x[0], 9);
    CHECK_EQ(seL4_TCB_SetFlags(tcb, 0, 0).flags, 0); /* not done */
    ROW("01.5.two.accepted");
    const seL4_CPtr untyped = untyped_new(12);
    const seL4_CPtr slot = slot_new();
    seL4_Signal(mine);
    registers = filled(seL4_SysNBSendRecv, notification);
    registers.x[8] = untyped;
    registers.x[1] = (seL4_Word)UntypedRetype << 12 | 1ul << 7 | 6;
    registers.x[2] = seL4_EndpointObject;
    registers.x[3] = registers.x[4] = registers.x[5] = 0;
    seL4_SetCap(0, seL4_CapInitThreadCNode);
    seL4_SetMR(4, slot);
    seL4_SetMR(5, 1);
    raw_syscall(&registers);
    CHECK_EQ(registers.x[0], 9);
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
}

/* ---- Invalid capability: fault or error ---------------------------------------------------------------- */

static void check_cap_fault(const struct probe *probe, seL4_Word address, seL4_Word receive,
                            seL4_Word type, seL4_Word length)
{
    extern const char raw_svc[];

    CHECK(probe->has_faulted);
    CHECK_EQ(probe->info, (seL4_Word)seL4_Fault_CapFault << 12 | length);
    CHECK_EQ(probe->words[0], (seL4_Word)raw_svc);
    CHECK_EQ(probe->words[1], address);
    CHECK_EQ(probe->words[2], receive);
    CHECK_EQ(probe->words[3], type);
}

static void check_unresolved(void)
{
    static const seL4_Int64 blocking[] = { seL4_SysSend, seL4_SysCall };
    static const seL4_Int64 receiving[] = { seL4_SysRecv, seL4_SysNBRecv, seL4_SysWait,
                                            seL4_SysNBWait };
    const struct probe *probe;
    struct registers registers;
    const seL4_Word radix = boot->initThreadCNodeSizeBits;

    ROW("01.7.unresolved.send");
    for (unsigned i = 0; i < 2; i++) {
        registers = filled(blocking[i], ABSENT);
        probe = probe_syscall(&registers);
        check_cap_fault(probe, ABSENT, 0, 4, 7);
        CHECK_EQ(probe->words[4], 64); /* bits left */
        CHECK_EQ(probe->words[5], 0);  /* guard of the capability */
        CHECK_EQ(probe->words[6], 64 - radix);
    }
    ROW("01.7.unresolved.nonblocking");
    registers = filled(seL4_SysNBSend, ABSENT);
    probe = probe_syscall(&registers);
    CHECK(!probe->has_faulted && probe->has_returned);
    ROW("01.7.unresolved.receive");
    for (unsigned i = 0; i < 4; i++) {
        registers = filled(receiving[i], ABSENT);
        check_cap_fault(probe_syscall(&registers), ABSENT, 1, 4, 7);
    }
    ROW("01.5.recv.fault-nonblocking");
    registers = filled(seL4_SysNBRecv, endpoint);
    registers.x[6] = ABSENT;
    check_cap_fault(probe_syscall(&registers), ABSENT, 1, 4, 7);
    ROW("01.5.recv.reply-type");
    registers.x[6] = notification;
    probe = probe_syscall(&registers);
    check_cap_fault(probe, notification, 1, 2, 5);
    CHECK_EQ(probe->words[4], 0);
    ROW("01.5.recv.reply-ignored");
    registers = filled(seL4_SysNBRecv, notification);
    registers.x[6] = ABSENT;
    probe = probe_syscall(&registers);
    CHECK(!probe->has_faulted && probe->has_returned);
}

/* Signal one, then wait for the other. */
static void signal_and_wait(seL4_Word cap, seL4_Word other)
{
    seL4_Word badge;

    seL4_Signal(cap);
    (void)seL4_Wait(other, &badge);
}

static void check_wrong_kind(void)
{
    const seL4_CPtr send_only = cap_mint(endpoint, seL4_CanWrite, 0);
    const seL4_CPtr read_only = cap_mint(endpoint, seL4_CanRead, 0);
    const seL4_CPtr signal_only = cap_mint(notification, seL4_CanWrite, 0);
    const seL4_CPtr wait_only = cap_mint(notification, seL4_CanRead, 0);
    const seL4_CPtr not_received[] = { empty, send_only, signal_only, seL4_CapInitThreadTCB };
    const seL4_CPtr not_sent[] = { empty, read_only, wait_only };
    static const seL4_Int64 receiving[] = { seL4_SysRecv, seL4_SysNBRecv, seL4_SysWait,
                                            seL4_SysNBWait };
    struct registers registers;
    const struct probe *probe;

    for (unsigned i = 0; i < 4; i++) {
        for (unsigned cap = 0; cap < 4; cap++) {
            registers = filled(receiving[i], not_received[cap]);
            registers.x[6] = reply;
            probe = probe_syscall(&registers);
            ROW("01.7.receive");
            check_cap_fault(probe, not_received[cap], 1, 2, 5);
            CHECK_EQ(probe->words[4], 0);
        }
    }
    for (unsigned cap = 0; cap < 3; cap++) {
        ROW("01.7.send.error");
        REFUSED(invoke(not_sent[cap], 1, WORDS(1, 2), CAPS()), seL4_InvalidCapability, 0);
        ROW("01.7.send.silent");
        registers = filled(seL4_SysSend, not_sent[cap]);
        probe = probe_syscall(&registers);
        CHECK(!probe->has_faulted && probe->has_returned);
        check_kept(&registers, &probe->registers, 0);
    }
    ROW("01.7.label");
    REFUSED(invoke(seL4_CapInitThreadTCB, 1, WORDS(), CAPS()), seL4_IllegalOperation);
    REFUSED(invoke(seL4_CapInitThreadCNode, 2, WORDS(), CAPS()), seL4_IllegalOperation);
    ROW("01.7.left-over");
    /* A CNode of 16 slots without guard: 4 bits are used, the slot holds no CNode, 60 are left. */
    const seL4_CPtr node = object_new(seL4_CapTableObject, 4);
    CHECK_EQ(seL4_CNode_Mint(node, 5, 4, ROOT, notification, DEPTH, seL4_AllRights, 3),
             seL4_NoError);
    struct thread thread = thread_new(MAIN_PRIO + 1);
    CHECK_EQ(seL4_TCB_SetSpace(thread.tcb, seL4_CapNull, node, 0, seL4_CapInitThreadVSpace, 0),
             seL4_NoError);
    CHECK_EQ(seL4_CNode_Copy(node, 6, 4, ROOT, object_new(seL4_NotificationObject, 0), DEPTH,
                             seL4_AllRights),
             seL4_NoError);
    thread_run(&thread, signal_and_wait, 5ul << 60 | 0x123456, 6ul << 60);
    seL4_Word word = 0;
    (void)seL4_Poll(notification, &word);
    CHECK_EQ(word, 3);
    CHECK_EQ(seL4_TCB_Suspend(thread.tcb), seL4_NoError);
}

void suite_syscall(void)
{
    const seL4_CPtr plain = object_new(seL4_EndpointObject, 0);

    endpoint = plain;
    badged = cap_mint(plain, seL4_AllRights, BADGE);
    notification = object_new(seL4_NotificationObject, 0);
    reply = object_new(seL4_ReplyObject, 0);
    empty = slot_new();
    check_numbers();
    check_no_partner();
    check_notification();
    check_objects();
    check_receive();
    check_reply();
    check_two_phases();
    check_first_phase();
    check_unresolved();
    check_wrong_kind();
}
