/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: what a message carries from one thread to another (abi/01 §3, §4, §6)
 *
 * The watched thread of probe.c sends, this thread receives, or the other way round.
 */
#include "conform.h"

#include <string.h>

#define LONGEST 120
#define LABEL   0x9999
#define BADGE   0xfedcba9876543210ul
#define MARK    0x3a3a3a3a3a3a3a3aul
#define ABSENT  0x12340000ul

static seL4_CPtr endpoint, badged, reply, slot;

static struct registers call_registers(seL4_Int64 number, seL4_CPtr cap, seL4_Word caps,
                                       seL4_Word length)
{
    struct registers registers = { .nzcv = 0 };

    registers.x[0] = cap;
    registers.x[1] = (seL4_Word)LABEL << 12 | 5 << 9 | caps << 7 | length;
    for (unsigned i = 0; i < 4; i++) {
        registers.x[2 + i] = 0x70 + i;
    }
    registers.x[7] = (seL4_Word)number;
    return registers;
}

/* Receive with all of our buffer marked; returns the message info. */
static seL4_Word receive(struct registers *registers)
{
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();

    memset(buffer, 0x3a, offsetof(seL4_IPCBuffer, receiveCNode));
    *registers = call_registers(seL4_SysRecv, endpoint, 0, 0);
    registers->x[6] = reply;
    for (unsigned i = 2; i < 6; i++) {
        registers->x[i] = MARK;
    }
    raw_syscall(registers);
    return registers->x[1];
}

/* ---- Words ---------------------------------------------------------------------------------------- */

static void fill_words(seL4_IPCBuffer *buffer)
{
    for (seL4_Word i = 0; i < LONGEST; i++) {
        buffer->msg[i] = 0x500 + i;
    }
    buffer->tag = seL4_MessageInfo_new(0x777, 0, 0, 0);
    buffer->userData = 0x888;
}

static void check_length(seL4_Word length, seL4_Word received)
{
    const seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();
    struct registers registers = call_registers(seL4_SysSend, badged, 0, length);
    bool right = true;

    fill_words(probe_buffer());
    (void)probe_syscall(&registers);
    CHECK_EQ(receive(&registers), (seL4_Word)LABEL << 12 | received);
    CHECK_EQ(registers.x[0], BADGE);
    for (seL4_Word i = 0; i < 4; i++) {
        right = right && registers.x[2 + i] == (i < received ? 0x70 + i : MARK);
        right = right && buffer->msg[i] == MARK;
    }
    for (seL4_Word i = 4; i < LONGEST; i++) {
        right = right && buffer->msg[i] == (i < received ? 0x500 + i : MARK);
    }
    CHECK(right);
}

static void check_words(void)
{
    const seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();

    for (seL4_Word length = 0; length <= 127; length++) {
        if (length <= 4) {
            ROW("01.4.words.registers");
        } else if (length <= LONGEST) {
            ROW("01.4.words.buffer");
        } else {
            ROW("01.3.length");
        }
        check_length(length, length < LONGEST ? length : LONGEST);
    }
    ROW("01.3.info");
    CHECK_EQ(probe_buffer()->userData, 0x888);
    ROW("01.3.buffer.untouched");
    CHECK_EQ(buffer->tag.words[0], MARK);
    CHECK_EQ(buffer->userData, MARK);
    CHECK_EQ(buffer->caps_or_badges[0], MARK);
    CHECK_EQ(buffer->msg[0], MARK);
    ROW("01.4.badge");
    check_length(1, 1);
}

/* The receiver, or the sender, has no buffer: four words. */
static void check_no_buffer(void)
{
    struct registers registers = call_registers(seL4_SysSend, badged, 3, 10);

    ROW("01.4.words.no-buffer");
    (void)probe_without_buffer(&registers);
    CHECK_EQ(receive(&registers), (seL4_Word)LABEL << 12 | 4);
    ROW("01.4.caps.no-buffer");
    CHECK_EQ(registers.x[1] >> 7 & 0x1f, 0); /* three capabilities were announced */

    registers = call_registers(seL4_SysRecv, endpoint, 0, 0);
    registers.x[6] = probe_own_reply();
    struct probe *probe = probe_without_buffer(&registers);
    struct registers mine = call_registers(seL4_SysNBSend, badged, 0, 10);
    raw_syscall(&mine);
    ROW("01.4.words.no-buffer-receiver");
    CHECK(probe->has_returned);
    CHECK_EQ(probe->registers.x[1], (seL4_Word)LABEL << 12 | 4);
    ROW("01.4.caps.no-receiver-buffer");
    probe = probe_without_buffer(&registers);
    mine = call_registers(seL4_SysNBSend, badged, 1, 1);
    seL4_SetCap(0, badged);
    raw_syscall(&mine);
    CHECK_EQ(probe->registers.x[1], (seL4_Word)LABEL << 12 | 1);

    ROW("01.6.lookup.guard-no-buffer");
    /* Word 4 of the error is in the buffer, and there is none. The caps of the invocation need
     * one, so it is an invocation without: a lookup of the destination. */
    registers = call_registers(seL4_SysCall, ROOT, 0, 2);
    registers.x[1] = (seL4_Word)CNodeDelete << 12 | 2;
    registers.x[2] = ABSENT;
    registers.x[3] = 64;
    probe = probe_without_buffer(&registers);
    CHECK_EQ(probe->registers.x[1], (seL4_Word)seL4_FailedLookup << 12 | 4);
    CHECK_EQ(probe->registers.x[3], 4);
    CHECK_EQ(probe->registers.x[4], 64);
}

/* Where in its frame the buffer is, and what rights the frame has. */
static void check_buffer_frame(void)
{
    const seL4_CPtr frame = object_new(seL4_ARM_SmallPageObject, 0);
    const seL4_CPtr view = cap_mint(frame, seL4_AllRights, 0);
    const seL4_CPtr read_only = cap_mint(frame, seL4_CanRead, 0);
    const seL4_Word at = space_new(PAGE_BYTES);
    seL4_Word *page = (seL4_Word *)at;
    struct registers registers = call_registers(seL4_SysRecv, endpoint, 0, 0);
    struct registers mine = call_registers(seL4_SysNBSend, badged, 0, 10);
    struct probe *probe = probe_syscall(&registers);

    /* The frame is not mapped by its capability; a page of it elsewhere shows what happens. */
    CHECK_EQ(seL4_ARM_Page_Map(view, seL4_CapInitThreadVSpace, at, seL4_AllRights,
                               seL4_ARM_Default_VMAttributes),
             seL4_NoError);
    probe_stop();
    CHECK_EQ(seL4_TCB_SetIPCBuffer(probe->thread.tcb, 0x7770000c00, frame), seL4_NoError);
    registers.x[6] = probe_own_reply();
    ROW("01.3.buffer.frame");
    probe = probe_again(&registers);
    fill_words(seL4_GetIPCBuffer());
    raw_syscall(&mine);
    CHECK_EQ(probe->registers.x[1], (seL4_Word)LABEL << 12 | 10);
    CHECK_EQ(page[(0xc00 + 8 * 5) / 8], 0x504);
    CHECK_EQ(page[(0xc00 + 8 * 10) / 8], 0x509);
    CHECK_EQ(page[(0xc00 + 8 * 11) / 8], 0);
    CHECK_EQ(page[(0xc00 + 8 * 4) / 8], 0);

    ROW("01.3.buffer.read-only");
    probe_stop();
    CHECK_EQ(seL4_TCB_SetIPCBuffer(probe->thread.tcb, 0x7770000c00, read_only), seL4_NoError);
    probe = probe_again(&registers);
    raw_syscall(&mine);
    CHECK_EQ(probe->registers.x[1], (seL4_Word)LABEL << 12 | 4); /* not to be written */
    registers = call_registers(seL4_SysSend, badged, 0, 10);
    (void)probe_again(&registers);
    CHECK_EQ(receive(&registers), (seL4_Word)LABEL << 12 | 10); /* but to be read */
    CHECK_EQ(seL4_GetIPCBuffer()->msg[9], 0x509);
    ROW("01.3.buffer.absent");
    probe_stop();
    CHECK_EQ(cap_delete(read_only), seL4_NoError);
    CHECK_EQ(cap_revoke(frame), seL4_NoError); /* takes the copy in the TCB's slot along */
    registers = call_registers(seL4_SysSend, badged, 0, 10);
    (void)probe_again(&registers);
    CHECK_EQ(receive(&registers), (seL4_Word)LABEL << 12 | 4);
    CHECK_EQ(cap_delete(frame), seL4_NoError);
}

/* ---- Capabilities ------------------------------------------------------------------------------------ */

/* The watched thread sends these capabilities through `through`; returns the info received. */
static seL4_Word send_caps(seL4_CPtr through, const seL4_Word *caps, seL4_Word count)
{
    struct registers registers = call_registers(seL4_SysSend, through, count, 1);

    for (seL4_Word i = 0; i < count; i++) {
        probe_buffer()->caps_or_badges[i] = caps[i + 1];
    }
    (void)probe_syscall(&registers);
    return receive(&registers) & 0xfff;
}

#define INFO(unwrapped, caps) ((seL4_Word)(unwrapped) << 9 | (seL4_Word)(caps) << 7 | 1)

static bool slot_is_full(void)
{
    const seL4_CPtr other = slot_new();
    const bool full = seL4_CNode_Move(ROOT, other, DEPTH, ROOT, slot, DEPTH) == seL4_NoError;

    if (full) {
        CHECK_EQ(cap_delete(other), seL4_NoError);
    }
    return full;
}

static void check_transfer(void)
{
    const seL4_CPtr a = object_new(seL4_NotificationObject, 0);
    const seL4_CPtr b = cap_mint(a, seL4_AllRights, 77);
    const seL4_CPtr no_grant = cap_mint(endpoint, seL4_CapRights_new(1, 0, 1, 1), 1);
    const seL4_CPtr other = cap_mint(endpoint, seL4_CanWrite, 0x1234);

    seL4_SetCapReceivePath(ROOT, slot, DEPTH);
    ROW("01.4.caps.grant");
    CHECK_EQ(send_caps(badged, CAPS(b)), INFO(0, 1));
    ROW("01.4.caps.rights-kept");
    CHECK_EQ(seL4_CNode_Mint(ROOT, slot_new(), DEPTH, ROOT, slot, DEPTH, seL4_AllRights, 1),
             seL4_IllegalOperation); /* it has its badge */
    seL4_Word word = 0;
    seL4_Signal(slot);
    (void)seL4_Poll(a, &word);
    CHECK_EQ(word, 77);
    ROW("01.4.caps.slot-full");
    CHECK_EQ(send_caps(badged, CAPS(b)), INFO(0, 0));
    ROW("01.4.caps.derived");
    CHECK_EQ(cap_revoke(a), seL4_NoError);
    CHECK(!slot_is_full());
    ROW("01.4.caps.no-grant");
    CHECK_EQ(send_caps(no_grant, CAPS(a)), INFO(0, 0));
    CHECK(!slot_is_full());
    ROW("01.4.caps.one-slot");
    CHECK_EQ(send_caps(badged, CAPS(a, a)), INFO(0, 1));
    CHECK(slot_is_full());
    ROW("01.4.caps.unwrap");
    CHECK_EQ(send_caps(badged, CAPS(badged, other, endpoint)), INFO(7, 3));
    CHECK_EQ(seL4_GetBadge(0), BADGE);
    CHECK_EQ(seL4_GetBadge(1), 0x1234);
    CHECK_EQ(seL4_GetBadge(2), 0);
    CHECK(!slot_is_full());
    ROW("01.4.caps.mixed");
    CHECK_EQ(send_caps(badged, CAPS(badged, a, badged)), INFO(5, 3));
    CHECK(slot_is_full());
    CHECK_EQ(seL4_GetBadge(1), MARK); /* not a badge, not written */
    ROW("01.4.caps.stop");
    CHECK_EQ(send_caps(badged, CAPS(a, a, badged)), INFO(0, 1));
    CHECK(slot_is_full());
}

static void check_receive_path(void)
{
    const seL4_CPtr a = object_new(seL4_NotificationObject, 0);
    const seL4_CPtr node = object_new(seL4_CapTableObject, 4);

    ROW("01.4.caps.no-slot");
    seL4_SetCapReceivePath(ABSENT, slot, DEPTH);
    CHECK_EQ(send_caps(badged, CAPS(a)), INFO(0, 0));
    seL4_SetCapReceivePath(a, slot, DEPTH);
    CHECK_EQ(send_caps(badged, CAPS(a)), INFO(0, 0));
    seL4_SetCapReceivePath(ROOT, slot, 0);
    CHECK_EQ(send_caps(badged, CAPS(a)), INFO(0, 0));
    seL4_SetCapReceivePath(ROOT, slot, 65);
    CHECK_EQ(send_caps(badged, CAPS(a)), INFO(0, 0));
    seL4_SetCapReceivePath(node, 3, 5); /* a bit is left over */
    CHECK_EQ(send_caps(badged, CAPS(a)), INFO(0, 0));
    ROW("01.4.caps.slot-in-cnode");
    seL4_SetCapReceivePath(node, 3, 4);
    CHECK_EQ(send_caps(badged, CAPS(a)), INFO(0, 1));
    CHECK_EQ(seL4_CNode_Move(ROOT, slot, DEPTH, node, 3, 4), seL4_NoError);
    CHECK(slot_is_full());
    seL4_SetCapReceivePath(ROOT, slot, DEPTH);
}

/* Capabilities that cannot be derived, or are changed by it. */
static void check_derivation(void)
{
    const seL4_CPtr frame = object_new(seL4_ARM_SmallPageObject, 0);
    const seL4_CPtr untyped = untyped_new(12);
    const seL4_CPtr child = slot_new();
    const seL4_CPtr table = object_new(seL4_ARM_PageTableObject, 0);
    const seL4_Word at = space_new(PAGE_BYTES);

    ROW("01.4.caps.derive-refused");
    CHECK_EQ(send_caps(badged, CAPS(seL4_CapIRQControl)), INFO(0, 0));
    CHECK_EQ(send_caps(badged, CAPS(table)), INFO(0, 0));
    CHECK_EQ(send_caps(badged, CAPS(slot)), INFO(0, 0)); /* an empty slot */
    CHECK_EQ(send_caps(badged, CAPS(badged, seL4_CapIRQControl, badged)), INFO(1, 1));
    CHECK_EQ(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT, 0, 0, child, 1),
             seL4_NoError);
    CHECK_EQ(send_caps(badged, CAPS(untyped)), INFO(0, 0));
    CHECK(!slot_is_full());
    CHECK_EQ(cap_revoke(untyped), seL4_NoError);
    ROW("01.4.caps.derive-untyped");
    CHECK_EQ(send_caps(badged, CAPS(untyped)), INFO(0, 1));
    /* Two capabilities to one untyped: its parent looks full. */
    REFUSED(
        invoke(untyped, UntypedRetype, WORDS(seL4_EndpointObject, 0, 0, 0, child, 1), CAPS(ROOT)),
        seL4_NotEnoughMemory, 0);
    CHECK(slot_is_full());
    ROW("01.4.caps.derive-frame");
    CHECK_EQ(seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, at, seL4_AllRights,
                               seL4_ARM_Default_VMAttributes),
             seL4_NoError);
    CHECK_EQ(send_caps(badged, CAPS(frame)), INFO(0, 1));
    REFUSED(invoke(slot, ARMPageClean_Data, WORDS(0, 8), CAPS()), seL4_IllegalOperation);
    CHECK(slot_is_full());
}

/* ---- Capabilities that do not resolve ------------------------------------------------------------------- */

static void check_resolution(void)
{
    static const seL4_Int64 blocking[] = { seL4_SysSend, seL4_SysCall };
    struct registers registers;
    struct probe *probe;

    ROW("01.4.caps.unresolved-blocking");
    for (unsigned i = 0; i < 2; i++) {
        registers = call_registers(blocking[i], badged, 2, 1);
        probe_buffer()->caps_or_badges[0] = slot;
        probe_buffer()->caps_or_badges[1] = ABSENT;
        probe = probe_syscall(&registers);
        CHECK(probe->has_faulted);
        CHECK_EQ(probe->info >> 12, seL4_Fault_CapFault);
        CHECK_EQ(probe->words[1], ABSENT);
        CHECK_EQ(probe->words[2], 0);
    }
    ROW("01.7.extra.send");
    registers = call_registers(seL4_SysSend, seL4_CapInitThreadTCB, 2, 1);
    probe = probe_syscall(&registers); /* kernel objects too, before they look at anything */
    CHECK(probe->has_faulted);
    CHECK_EQ(probe->words[1], ABSENT);
    ROW("01.4.caps.unresolved-nonblocking");
    registers = call_registers(seL4_SysNBSend, badged, 2, 1);
    probe = probe_syscall(&registers);
    CHECK(probe->has_returned && !probe->has_faulted);
    ROW("01.7.extra.nonblocking");
    seL4_Word badge = 1;
    (void)seL4_NBRecv(endpoint, &badge, reply);
    CHECK_EQ(badge, 0); /* nothing was sent */
    ROW("01.4.caps.empty-resolves");
    CHECK_EQ(send_caps(badged, CAPS(slot)), INFO(0, 0));
}

/* In a reply nothing is unwrapped, and the reply capability needs Grant. */
static void check_reply_caps(void)
{
    const seL4_CPtr plain = cap_mint(reply, seL4_NoRights, 0);
    const seL4_CPtr replies[] = { plain, reply };
    struct registers registers, mine;

    for (unsigned i = 0; i < 2; i++) {
        if (i == 0) {
            ROW("01.3.rights.reply");
        } else {
            ROW("01.4.caps.reply");
        }
        seL4_IPCBuffer *buffer = probe_buffer();
        buffer->receiveCNode = ROOT;
        buffer->receiveIndex = slot;
        buffer->receiveDepth = DEPTH;
        registers = call_registers(seL4_SysCall, badged, 0, 0);
        struct probe *probe = probe_syscall(&registers);
        (void)receive(&mine);
        seL4_SetCap(0, badged);
        mine = call_registers(seL4_SysSend, replies[i], 1, 1);
        raw_syscall(&mine);
        CHECK(probe->has_returned);
        CHECK_EQ(probe->registers.x[0], 0);
        CHECK_EQ(probe->registers.x[1], (seL4_Word)LABEL << 12 | i << 7 | 1);
        CHECK_EQ(slot_is_full(), i);
    }
}

/* ---- Rights ------------------------------------------------------------------------------------------------ */

static void check_rights(void)
{
    const seL4_CPtr plain = object_new(seL4_EndpointObject, 0);
    seL4_CPtr caps[16];

    /* Bits above the fourth of a rights word are ignored. */
    ROW("01.3.rights.word");
    for (seL4_Word rights = 0; rights < 16; rights++) {
        caps[rights] = slot_new();
        ACCEPTED(invoke(ROOT, CNodeCopy, WORDS(caps[rights], DEPTH, plain, DEPTH, rights | ~15ul),
                        CAPS(ROOT)));
    }
    ROW("01.3.rights.endpoint");
    for (seL4_Word rights = 0; rights < 16; rights++) {
        struct registers registers = call_registers(seL4_SysNBRecv, caps[rights], 0, 0);
        registers.x[6] = probe_own_reply();
        CHECK_EQ(probe_syscall(&registers)->has_faulted, (rights & 2) == 0);
        registers = call_registers(seL4_SysRecv, plain, 0, 0);
        registers.x[6] = probe_own_reply();
        const struct probe *probe = probe_syscall(&registers);
        seL4_NBSend(caps[rights], seL4_MessageInfo_new(0, 0, 0, 0));
        CHECK_EQ(probe->has_returned, rights & 1);
    }
    ROW("01.3.rights.grant-reply");
    for (seL4_Word rights = 1; rights < 16; rights += 2) {
        struct registers registers = call_registers(seL4_SysCall, caps[rights], 0, 0);
        seL4_Word badge;
        const struct probe *probe = probe_syscall(&registers);
        (void)seL4_Recv(plain, &badge, reply);
        seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 0));
        CHECK_EQ(probe->has_returned, (rights & 12) != 0); /* else it is inactive */
    }
}

void suite_transfer(void)
{
    endpoint = object_new(seL4_EndpointObject, 0);
    badged = cap_mint(endpoint, seL4_AllRights, BADGE);
    reply = object_new(seL4_ReplyObject, 0);
    slot = slot_new();
    check_words();
    check_no_buffer();
    check_buffer_frame();
    check_transfer();
    check_receive_path();
    check_derivation();
    check_resolution();
    check_reply_caps();
    check_rights();
}
