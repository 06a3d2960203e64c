/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Every object invocation puts its arguments where the interface says
 *
 * The expected words are typed by hand from the interface text, not from the XML.
 */
#include "fake_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SERVICE 0x77
#define ROOT    0x51

/* Forget everything, but leave rubbish in the buffer. */
static void start(void)
{
    memset(&fake, 0, sizeof fake);
    memset(&fake_buffer, 0xee, sizeof fake_buffer);
}

static void check_call(const char *name, seL4_Word label, seL4_Word caps, const seL4_Word *mr,
                       seL4_Word length)
{
    seL4_MessageInfo_t info = { { fake.x[1] } };

    if (fake.number != (seL4_Word)-1 || fake.x[0] != SERVICE) {
        fail_msg("%s: not a Call of the service", name);
    }
    if (seL4_MessageInfo_get_label(info) != label || seL4_MessageInfo_get_length(info) != length ||
        seL4_MessageInfo_get_extraCaps(info) != caps ||
        seL4_MessageInfo_get_capsUnwrapped(info) != 0) {
        fail_msg("%s: message information 0x%llx", name, (unsigned long long)info.words[0]);
    }
    for (seL4_Word i = 0; i < length || i < 4; i++) {
        seL4_Word got = i < 4 ? fake.x[2 + i] : fake_buffer.msg[i];
        seL4_Word want = i < length ? mr[i] : 0;

        if (got != want) {
            fail_msg("%s: MR%llu is 0x%llx, expected 0x%llx", name, (unsigned long long)i,
                     (unsigned long long)got, (unsigned long long)want);
        }
    }
}

#define WORDS(...) \
    (const seL4_Word[]){ __VA_ARGS__ }, sizeof((seL4_Word[]){ __VA_ARGS__ }) / sizeof(seL4_Word)
#define NO_WORDS NULL, 0

/* Make the call and compare label, number of capabilities and words. */
#define CHECK(call, label, caps, ...)                \
    do {                                             \
        start();                                     \
        assert_int_equal(call, seL4_NoError);        \
        check_call(#call, label, caps, __VA_ARGS__); \
    } while (0)
#define CHECK_RESULT(call, label, caps, ...)         \
    do {                                             \
        start();                                     \
        assert_int_equal(call.error, seL4_NoError);  \
        check_call(#call, label, caps, __VA_ARGS__); \
    } while (0)

static void check_caps(seL4_Word c0, seL4_Word c1, seL4_Word c2)
{
    const seL4_Word rubbish = 0xeeeeeeeeeeeeeeee;

    assert_int_equal(fake_buffer.caps_or_badges[0], c0 ? c0 : rubbish);
    assert_int_equal(fake_buffer.caps_or_badges[1], c1 ? c1 : rubbish);
    assert_int_equal(fake_buffer.caps_or_badges[2], c2 ? c2 : rubbish);
}

static void untyped(void **state)
{
    (void)state;
    CHECK(seL4_Untyped_Retype(SERVICE, 4, 10, ROOT, 0x22, 64, 7, 3), 1, 1,
          WORDS(4, 10, 0x22, 64, 7, 3));
    check_caps(ROOT, 0, 0);
}

static void tcb_registers(void **state)
{
    seL4_UserContext regs = { 0 };
    seL4_Word expected[38] = { 1 | (9 << 8), 36 };
    seL4_Word *word = (seL4_Word *)&regs;

    (void)state;
    for (seL4_Word i = 0; i < 36; i++) {
        word[i] = 1000 + i;
        expected[i + 2] = 1000 + i;
    }
    CHECK(seL4_TCB_WriteRegisters(SERVICE, 1, 9, 36, &regs), 3, 0, expected, 38);
    assert_int_equal(regs.pc, 1000);
    assert_int_equal(regs.sp, 1001);
    assert_int_equal(regs.spsr, 1002);
    assert_int_equal(regs.x8, 1011);
    assert_int_equal(regs.x16, 1012);
    assert_int_equal(regs.x30, 1016);
    assert_int_equal(regs.x9, 1017);
    assert_int_equal(regs.x19, 1024);
    assert_int_equal(regs.tpidr_el0, 1034);
    assert_int_equal(regs.tpidrro_el0, 1035);

    /* One register: the length is still 38, the rest of the buffer is untouched. */
    start();
    assert_int_equal(seL4_TCB_WriteRegisters(SERVICE, 0, 0, 1, &regs), 0);
    assert_int_equal(fake.x[1], (3 << 12) | 38);
    assert_int_equal(fake.x[2], 0);
    assert_int_equal(fake.x[3], 1);
    assert_int_equal(fake.x[4], 1000);
    assert_int_equal(fake_buffer.msg[4], 0xeeeeeeeeeeeeeeee);

    /* More than the structure holds is not read. */
    start();
    assert_int_equal(seL4_TCB_WriteRegisters(SERVICE, 0, 0, 1000, &regs), 0);
    assert_int_equal(fake.x[3], 1000);
    assert_int_equal(fake_buffer.msg[37], 1035);
    assert_int_equal(fake_buffer.msg[38], 0xeeeeeeeeeeeeeeee);
}

static void tcb_read_registers(void **state)
{
    seL4_UserContext regs = { 0 };

    (void)state;
    start();
    fake.reply[2] = 0x400000;
    fake.reply[5] = 0x55;
    fake_buffer.msg[4] = 0x66;
    fake_buffer.msg[5] = 0x77;
    assert_int_equal(seL4_TCB_ReadRegisters(SERVICE, 1, 2, 5, &regs), 0);
    check_call("read", 2, 0, WORDS(1 | (2 << 8), 5));
    assert_int_equal(regs.pc, 0x400000);
    assert_int_equal(regs.x0, 0x55);
    assert_int_equal(regs.x1, 0x66);
    assert_int_equal(regs.x2, 0);
}

static void tcb(void **state)
{
    (void)state;
    CHECK(seL4_TCB_CopyRegisters(SERVICE, ROOT, 1, 0, 1, 0, 3), 4, 1, WORDS(1 | 4 | (3 << 8)));
    check_caps(ROOT, 0, 0);
    CHECK(seL4_TCB_CopyRegisters(SERVICE, ROOT, 0, 1, 0, 1, 0), 4, 1, WORDS(2 | 8));
    CHECK(seL4_TCB_Configure(SERVICE, 11, 21, 12, 22, 0x1000, 13), 5, 3, WORDS(21, 22, 0x1000));
    check_caps(11, 12, 13);
    CHECK(seL4_TCB_SetPriority(SERVICE, 11, 200), 6, 1, WORDS(200));
    check_caps(11, 0, 0);
    CHECK(seL4_TCB_SetMCPriority(SERVICE, 11, 201), 7, 1, WORDS(201));
    CHECK(seL4_TCB_SetSchedParams(SERVICE, 11, 254, 100, 12, 13), 8, 3, WORDS(254, 100));
    check_caps(11, 12, 13);
    CHECK(seL4_TCB_SetTimeoutEndpoint(SERVICE, 11), 9, 1, NO_WORDS);
    check_caps(11, 0, 0);
    CHECK(seL4_TCB_SetIPCBuffer(SERVICE, 0x2000, 11), 10, 1, WORDS(0x2000));
    CHECK(seL4_TCB_SetSpace(SERVICE, 11, 12, 22, 13, 23), 11, 3, WORDS(22, 23));
    check_caps(11, 12, 13);
    CHECK(seL4_TCB_Suspend(SERVICE), 12, 0, NO_WORDS);
    CHECK(seL4_TCB_Resume(SERVICE), 13, 0, NO_WORDS);
    CHECK(seL4_TCB_BindNotification(SERVICE, 11), 14, 1, NO_WORDS);
    CHECK(seL4_TCB_UnbindNotification(SERVICE), 15, 0, NO_WORDS);
    CHECK(seL4_TCB_SetTLSBase(SERVICE, 0x3000), 16, 0, WORDS(0x3000));
    CHECK_RESULT(seL4_TCB_SetFlags(SERVICE, 2, 1), 17, 0, WORDS(2, 1));
}

static void cnode(void **state)
{
    (void)state;
    CHECK(seL4_CNode_Revoke(SERVICE, 5, 64), 18, 0, WORDS(5, 64));
    CHECK(seL4_CNode_Delete(SERVICE, 5, 63), 19, 0, WORDS(5, 63));
    CHECK(seL4_CNode_CancelBadgedSends(SERVICE, 5, 62), 20, 0, WORDS(5, 62));
    CHECK(seL4_CNode_Copy(SERVICE, 5, 64, ROOT, 6, 12, seL4_CanRead), 21, 1,
          WORDS(5, 64, 6, 12, 2));
    check_caps(ROOT, 0, 0);
    CHECK(seL4_CNode_Mint(SERVICE, 5, 64, ROOT, 6, 12, seL4_AllRights, 0xbad9e), 22, 1,
          WORDS(5, 64, 6, 12, 15, 0xbad9e));
    CHECK(seL4_CNode_Move(SERVICE, 5, 64, ROOT, 6, 12), 23, 1, WORDS(5, 64, 6, 12));
    CHECK(seL4_CNode_Mutate(SERVICE, 5, 64, ROOT, 6, 12, 99), 24, 1, WORDS(5, 64, 6, 12, 99));
    CHECK(seL4_CNode_Rotate(SERVICE, 5, 64, 91, 11, 6, 63, 92, 12, 7, 62), 25, 2,
          WORDS(5, 64, 91, 6, 63, 92, 7, 62));
    check_caps(11, 12, 0);
}

static void interrupts(void **state)
{
    (void)state;
    CHECK(seL4_IRQControl_Get(SERVICE, 33, ROOT, 5, 64), 26, 1, WORDS(33, 5, 64));
    check_caps(ROOT, 0, 0);
    CHECK(seL4_IRQHandler_Ack(SERVICE), 27, 0, NO_WORDS);
    CHECK(seL4_IRQHandler_SetNotification(SERVICE, 11), 28, 1, NO_WORDS);
    check_caps(11, 0, 0);
    CHECK(seL4_IRQHandler_Clear(SERVICE), 29, 0, NO_WORDS);
    CHECK(seL4_IRQControl_GetTrigger(SERVICE, 33, 1, ROOT, 5, 64), 60, 1, WORDS(33, 1, 5, 64));
    CHECK(seL4_IRQControl_IssueSGISignal(SERVICE, 3, 2, ROOT, 5, 64), 61, 1, WORDS(3, 2, 5, 64));
}

static void scheduling(void **state)
{
    (void)state;
    CHECK(seL4_DomainSet_Set(SERVICE, 3, 11), 30, 1, WORDS(3));
    check_caps(11, 0, 0);
    CHECK(seL4_DomainSet_ScheduleConfigure(SERVICE, 2, 3, 4000), 31, 0, WORDS(2, 3, 4000));
    CHECK(seL4_DomainSet_ScheduleSetStart(SERVICE, 2), 32, 0, WORDS(2));
    CHECK(seL4_SchedControl_ConfigureFlags(SERVICE, 11, 1000, 5000, 8, 77, 1), 33, 1,
          WORDS(1000, 5000, 8, 77, 1));
    check_caps(11, 0, 0);
    CHECK(seL4_SchedControl_Configure(SERVICE, 11, 1000, 5000, 8, 77), 33, 1,
          WORDS(1000, 5000, 8, 77, 0));
    CHECK(seL4_SchedContext_Bind(SERVICE, 11), 34, 1, NO_WORDS);
    CHECK(seL4_SchedContext_Unbind(SERVICE), 35, 0, NO_WORDS);
    CHECK(seL4_SchedContext_UnbindObject(SERVICE, 11), 36, 1, NO_WORDS);
    CHECK_RESULT(seL4_SchedContext_Consumed(SERVICE), 37, 0, NO_WORDS);
    CHECK_RESULT(seL4_SchedContext_YieldTo(SERVICE), 38, 0, NO_WORDS);
}

static void memory(void **state)
{
    (void)state;
    CHECK(seL4_ARM_VSpace_Clean_Data(SERVICE, 0x1000, 0x2000), 39, 0, WORDS(0x1000, 0x2000));
    CHECK(seL4_ARM_VSpace_Invalidate_Data(SERVICE, 1, 2), 40, 0, WORDS(1, 2));
    CHECK(seL4_ARM_VSpace_CleanInvalidate_Data(SERVICE, 1, 2), 41, 0, WORDS(1, 2));
    CHECK(seL4_ARM_VSpace_Unify_Instruction(SERVICE, 1, 2), 42, 0, WORDS(1, 2));
    CHECK(seL4_ARM_PageTable_Map(SERVICE, 11, 0x200000, seL4_ARM_Default_VMAttributes), 44, 1,
          WORDS(0x200000, 3));
    check_caps(11, 0, 0);
    CHECK(seL4_ARM_PageTable_Unmap(SERVICE), 45, 0, NO_WORDS);
    CHECK(seL4_ARM_Page_Map(SERVICE, 11, 0x201000, seL4_ReadWrite, seL4_ARM_ExecuteNever), 46, 1,
          WORDS(0x201000, 3, 4));
    check_caps(11, 0, 0);
    CHECK(seL4_ARM_Page_Unmap(SERVICE), 47, 0, NO_WORDS);
    CHECK(seL4_ARM_Page_Clean_Data(SERVICE, 0, 64), 48, 0, WORDS(0, 64));
    CHECK(seL4_ARM_Page_Invalidate_Data(SERVICE, 0, 64), 49, 0, WORDS(0, 64));
    CHECK(seL4_ARM_Page_CleanInvalidate_Data(SERVICE, 0, 64), 50, 0, WORDS(0, 64));
    CHECK(seL4_ARM_Page_Unify_Instruction(SERVICE, 0, 64), 51, 0, WORDS(0, 64));
    CHECK_RESULT(seL4_ARM_Page_GetAddress(SERVICE), 52, 0, NO_WORDS);
    CHECK(seL4_ARM_ASIDControl_MakePool(SERVICE, 11, 12, 5, 64), 53, 2, WORDS(5, 64));
    check_caps(11, 12, 0);
    CHECK(seL4_ARM_ASIDPool_Assign(SERVICE, 11), 54, 1, NO_WORDS);
}

static void virtual_processors(void **state)
{
    (void)state;
    CHECK(seL4_ARM_VCPU_SetTCB(SERVICE, 11), 55, 1, NO_WORDS);
    CHECK(seL4_ARM_VCPU_InjectIRQ(SERVICE, 0x3fe, 31, 1, 3), 56, 0, WORDS(0x03011f03fe));
    CHECK_RESULT(seL4_ARM_VCPU_ReadRegs(SERVICE, seL4_VCPUReg_CNTKCTL_EL1), 57, 0, WORDS(23));
    CHECK(seL4_ARM_VCPU_WriteRegs(SERVICE, seL4_VCPUReg_VMPIDR_EL2, 0x80000000), 58, 0,
          WORDS(16, 0x80000000));
    CHECK(seL4_ARM_VCPU_AckVPPI(SERVICE, 27), 59, 0, WORDS(27));
    CHECK(seL4_X_TCB_SetCounterAccess(SERVICE, 11, 0x203), 0x10000, 1, WORDS(0x203));
    check_caps(11, 0, 0);
}

static void inspection(void **state)
{
    (void)state;
    CHECK_RESULT(seL4_X_CNode_Inspect(SERVICE, 5, 64, 11), 0x10010, 1, WORDS(5, 64));
    check_caps(11, 0, 0);
    CHECK_RESULT(seL4_X_TCB_Inspect(SERVICE), 0x10011, 0, NO_WORDS);
    CHECK_RESULT(seL4_X_TCB_InspectBinding(SERVICE, seL4_X_Binding_VCPU, 11), 0x10012, 1, WORDS(7));
    CHECK_RESULT(seL4_X_VSpace_Inspect(SERVICE, 0x1000, 11), 0x10013, 1, WORDS(0x1000));
    CHECK_RESULT(seL4_X_SchedContext_Inspect(SERVICE, 2, 11), 0x10014, 1, WORDS(2));
    CHECK_RESULT(seL4_X_IRQHandler_Inspect(SERVICE, 11), 0x10015, 1, NO_WORDS);
    CHECK_RESULT(seL4_X_ASIDPool_Inspect(SERVICE), 0x10016, 0, NO_WORDS);
}

static void smc(void **state)
{
    seL4_ARM_SMCContext in = { 1, 2, 3, 4, 5, 6, 7, 8 };
    seL4_ARM_SMCContext out = { 0 };

    (void)state;
    start();
    fake.reply[2] = 0x90;
    assert_int_equal(seL4_ARM_SMC_Call(SERVICE, &in, &out), 0);
    check_call("smc", 43, 0, WORDS(1, 2, 3, 4, 5, 6, 7, 8));
    assert_int_equal(out.x0, 0x90);
    assert_int_equal(out.x3, 0);
    assert_int_equal(out.x4, 5);
    assert_int_equal(out.x7, 8);
}

static void results_come_from_message_words(void **state)
{
    (void)state;
    start();
    fake.reply[2] = 0x1234;
    assert_int_equal(seL4_ARM_Page_GetAddress(SERVICE).paddr, 0x1234);
    assert_int_equal(seL4_ARM_VCPU_ReadRegs(SERVICE, 0).value, 0x1234);
    assert_int_equal(seL4_SchedContext_Consumed(SERVICE).consumed, 0x1234);
    assert_int_equal(seL4_SchedContext_YieldTo(SERVICE).consumed, 0x1234);
    assert_int_equal(seL4_TCB_SetFlags(SERVICE, 0, 0).flags, 0x1234);
}

/* On an error x2..x5 go to the buffer, and nothing is written for the caller. */
static void errors_leave_their_details_in_the_buffer(void **state)
{
    seL4_UserContext regs = { 0 };

    (void)state;
    start();
    fake.reply[1] = (6ull << 12) | 3;
    fake.reply[2] = 0;
    fake.reply[3] = 2;
    fake.reply[4] = 21;
    assert_int_equal(
        seL4_ARM_Page_Map(SERVICE, 11, 0, seL4_ReadWrite, seL4_ARM_Default_VMAttributes),
        seL4_FailedLookup);
    assert_int_equal(seL4_GetMR(1), seL4_MissingCapability);
    assert_int_equal(seL4_MappingFailedLookupLevel(), SEL4_MAPPING_LOOKUP_NO_PT);
    assert_int_equal(seL4_TCB_ReadRegisters(SERVICE, 0, 0, 36, &regs), seL4_FailedLookup);
    assert_int_equal(regs.spsr, 0);
    assert_int_equal(seL4_ARM_Page_GetAddress(SERVICE).error, seL4_FailedLookup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untyped),
        cmocka_unit_test(tcb_registers),
        cmocka_unit_test(tcb_read_registers),
        cmocka_unit_test(tcb),
        cmocka_unit_test(cnode),
        cmocka_unit_test(interrupts),
        cmocka_unit_test(scheduling),
        cmocka_unit_test(memory),
        cmocka_unit_test(inspection),
        cmocka_unit_test(virtual_processors),
        cmocka_unit_test(smc),
        cmocka_unit_test(results_come_from_message_words),
        cmocka_unit_test(errors_leave_their_details_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
