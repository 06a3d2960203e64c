/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Every system call uses the registers the interface says
 */
#define TESSERA_DEBUG_KERNEL 1
#include "fake_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define DEST  0xd0
#define SRC   0x50
#define REPLY 0x4e
#define INFO  0x5082 /* label 5, one extra capability, two words */

static seL4_Word sender;
static seL4_Word mr[4];

static void start(void)
{
    memset(&fake, 0, sizeof fake);
    for (seL4_Word i = 0; i < 6; i++) {
        fake.reply[i] = 0xa0 + i;
    }
    for (seL4_Word i = 0; i < 4; i++) {
        fake_buffer.msg[i] = 0xb0 + i;
        mr[i] = 0xc0 + i;
    }
    sender = 0;
}

static seL4_MessageInfo_t info(void)
{
    return seL4_MessageInfo_new(5, 0, 1, 2);
}

/* Number and the three capability registers. */
static void check_entry(long number, seL4_Word x0, seL4_Word x6, seL4_Word x8)
{
    assert_int_equal((long)fake.number, number);
    assert_int_equal(fake.x[0], x0);
    assert_int_equal(fake.x[6], x6);
    assert_int_equal(fake.x[8], x8);
}

/* The message was taken from the buffer. */
static void check_sent(void)
{
    assert_int_equal(fake.x[1], INFO);
    for (seL4_Word i = 0; i < 4; i++) {
        assert_int_equal(fake.x[2 + i], 0xb0 + i);
    }
}

/* The message was taken through pointers: two words, the others zero. */
static void check_sent_words(void)
{
    assert_int_equal(fake.x[1], INFO);
    assert_int_equal(fake.x[2], 0xc0);
    assert_int_equal(fake.x[3], 0xc1);
    assert_int_equal(fake.x[4], 0);
    assert_int_equal(fake.x[5], 0);
}

static void check_received(seL4_MessageInfo_t got, seL4_Word badge)
{
    assert_int_equal(got.words[0], 0xa1);
    assert_int_equal(sender, badge);
    for (seL4_Word i = 0; i < 4; i++) {
        assert_int_equal(fake_buffer.msg[i], 0xa2 + i);
    }
}

/* Words come back through pointers, and the buffer is left alone. */
static void check_received_words(seL4_MessageInfo_t got, seL4_Word badge)
{
    assert_int_equal(got.words[0], 0xa1);
    assert_int_equal(sender, badge);
    for (seL4_Word i = 0; i < 4; i++) {
        assert_int_equal(mr[i], 0xa2 + i);
        assert_int_equal(fake_buffer.msg[i], 0xb0 + i);
    }
}

static void sends(void **state)
{
    (void)state;
    start();
    seL4_Send(DEST, info());
    check_entry(-5, DEST, 0, 0);
    check_sent();
    seL4_NBSend(DEST, info());
    check_entry(-6, DEST, 0, 0);
    check_sent();
    seL4_SendWithMRs(DEST, info(), &mr[0], &mr[1], &mr[2], &mr[3]);
    check_entry(-5, DEST, 0, 0);
    check_sent_words();
    seL4_NBSendWithMRs(DEST, info(), &mr[0], &mr[1], &mr[2], &mr[3]);
    check_entry(-6, DEST, 0, 0);
    check_sent_words();
    seL4_Signal(DEST);
    check_entry(-5, DEST, 0, 0);
    assert_int_equal(fake.x[1], 0);
}

static void calls(void **state)
{
    (void)state;
    start();
    check_received(seL4_Call(DEST, info()), 0);
    check_entry(-1, DEST, 0, 0);
    start();
    check_received_words(seL4_CallWithMRs(DEST, info(), &mr[0], &mr[1], &mr[2], &mr[3]), 0);
    check_entry(-1, DEST, 0, 0);
    check_sent_words();
    start();
    (void)seL4_CallWithMRs(DEST, info(), NULL, NULL, NULL, NULL);
    assert_int_equal(fake.x[2], 0);
    assert_int_equal(mr[0], 0xc0);
}

static void receives(void **state)
{
    (void)state;
    start();
    check_received(seL4_Recv(SRC, &sender, REPLY), 0xa0);
    check_entry(-7, SRC, REPLY, 0);
    start();
    check_received(seL4_NBRecv(SRC, &sender, REPLY), 0xa0);
    check_entry(-8, SRC, REPLY, 0);
    start();
    check_received(seL4_Wait(SRC, &sender), 0xa0);
    check_entry(-9, SRC, 0, 0);
    start();
    check_received(seL4_NBWait(SRC, &sender), 0xa0);
    check_entry(-10, SRC, 0, 0);
    start();
    check_received(seL4_Poll(SRC, &sender), 0xa0);
    check_entry(-10, SRC, 0, 0);
    start();
    check_received(seL4_Recv(SRC, NULL, REPLY), 0);
}

static void receives_with_words(void **state)
{
    (void)state;
    start();
    check_received_words(seL4_RecvWithMRs(SRC, &sender, &mr[0], &mr[1], &mr[2], &mr[3], REPLY),
                         0xa0);
    check_entry(-7, SRC, REPLY, 0);
    start();
    check_received_words(seL4_NBRecvWithMRs(SRC, &sender, &mr[0], &mr[1], &mr[2], &mr[3], REPLY),
                         0xa0);
    check_entry(-8, SRC, REPLY, 0);
    start();
    check_received_words(seL4_WaitWithMRs(SRC, &sender, &mr[0], &mr[1], &mr[2], &mr[3]), 0xa0);
    check_entry(-9, SRC, 0, 0);
    start();
    check_received_words(seL4_NBWaitWithMRs(SRC, &sender, &mr[0], &mr[1], &mr[2], &mr[3]), 0xa0);
    check_entry(-10, SRC, 0, 0);
}

static void send_then_receive(void **state)
{
    (void)state;
    start();
    check_received(seL4_ReplyRecv(SRC, info(), &sender, REPLY), 0xa0);
    check_entry(-2, SRC, REPLY, 0);
    assert_int_equal(fake.x[1], INFO);
    assert_int_equal(fake.x[2], 0xb0);
    start();
    check_received(seL4_NBSendRecv(DEST, info(), SRC, &sender, REPLY), 0xa0);
    check_entry(-3, SRC, REPLY, DEST);
    assert_int_equal(fake.x[5], 0xb3);
    start();
    check_received(seL4_NBSendWait(DEST, info(), SRC, &sender), 0xa0);
    check_entry(-4, SRC, DEST, 0);
    assert_int_equal(fake.x[3], 0xb1);
}

static void send_then_receive_with_words(void **state)
{
    (void)state;
    start();
    check_received_words(
        seL4_ReplyRecvWithMRs(SRC, info(), &sender, &mr[0], &mr[1], &mr[2], &mr[3], REPLY), 0xa0);
    check_entry(-2, SRC, REPLY, 0);
    check_sent_words();
    start();
    check_received_words(
        seL4_NBSendRecvWithMRs(DEST, info(), SRC, &sender, &mr[0], &mr[1], &mr[2], &mr[3], REPLY),
        0xa0);
    check_entry(-3, SRC, REPLY, DEST);
    check_sent_words();
    start();
    check_received_words(
        seL4_NBSendWaitWithMRs(DEST, info(), SRC, &sender, &mr[0], &mr[1], &mr[2], &mr[3]), 0xa0);
    check_entry(-4, SRC, DEST, 0);
    check_sent_words();
}

static void others(void **state)
{
    (void)state;
    start();
    seL4_Yield();
    assert_int_equal((long)fake.number, -11);
    seL4_DebugPutChar('\xe4');
    check_entry(-12, 0xe4, 0, 0);
    seL4_DebugDumpScheduler();
    assert_int_equal((long)fake.number, -13);
    seL4_DebugHalt();
    assert_int_equal((long)fake.number, -14);
    assert_int_equal(seL4_DebugCapIdentify(7), 0xa0);
    check_entry(-15, 7, 0, 0);
    seL4_DebugSnapshot();
    assert_int_equal((long)fake.number, -16);
    seL4_DebugNameThread(7, "ping");
    check_entry(-17, 7, 0, 0);
    assert_string_equal((const char *)&fake_buffer + 8, "ping");
}

static void name_is_cut_to_the_buffer(void **state)
{
    char name[2000];

    (void)state;
    start();
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    fake_buffer.userData = 0x5555;
    seL4_DebugNameThread(7, name);
    assert_int_equal(strlen((const char *)fake_buffer.msg), 959);
    assert_int_equal(fake_buffer.userData, 0x5555);
}

static void buffer_fields(void **state)
{
    (void)state;
    seL4_SetCapReceivePath(1, 2, 3);
    seL4_SetUserData(4);
    seL4_SetCap(2, 5);
    assert_int_equal(fake_buffer.receiveCNode, 1);
    assert_int_equal(fake_buffer.receiveIndex, 2);
    assert_int_equal(fake_buffer.receiveDepth, 3);
    assert_int_equal(seL4_GetUserData(), 4);
    assert_int_equal(seL4_GetCap(2), 5);
    assert_int_equal(seL4_GetBadge(2), 5);
    assert_ptr_equal(seL4_GetIPCBuffer(), &fake_buffer);
}

static void faults(void **state)
{
    seL4_MessageInfo_t tag = seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, 4);
    seL4_Fault_t fault;

    (void)state;
    for (int i = 0; i < 4; i++) {
        seL4_SetMR(i, 0x10 + (seL4_Word)i);
    }
    fault = seL4_getFault(tag);
    assert_true(seL4_isVMFault_tag(tag));
    assert_false(seL4_isVCPUFault_tag(tag));
    assert_int_equal(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_VMFault);
    assert_int_equal(seL4_Fault_VMFault_get_IP(fault), 0x10);
    assert_int_equal(seL4_Fault_VMFault_get_Addr(fault), 0x11);
    assert_int_equal(seL4_Fault_VMFault_get_PrefetchFault(fault), 0x12);
    assert_int_equal(seL4_Fault_VMFault_get_FSR(fault), 0x13);

    /* A label that claims more words than any fault has does no harm. */
    fault = seL4_getFault(seL4_MessageInfo_new(seL4_Fault_UnknownSyscall, 0, 0, 120));
    assert_int_equal(seL4_Fault_UnknownSyscall_get_X3(fault), 0x13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends),
        cmocka_unit_test(calls),
        cmocka_unit_test(receives),
        cmocka_unit_test(receives_with_words),
        cmocka_unit_test(send_then_receive),
        cmocka_unit_test(send_then_receive_with_words),
        cmocka_unit_test(others),
        cmocka_unit_test(name_is_cut_to_the_buffer),
        cmocka_unit_test(buffer_fields),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
