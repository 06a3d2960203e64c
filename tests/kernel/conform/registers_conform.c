/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: ReadRegisters, WriteRegisters, CopyRegisters (abi/03 §4)
 */
#include "conform.h"

#include <string.h>

#define COUNT      36
#define USER_FLAGS 0xf0000000ul

static seL4_CPtr tcb, source;
static seL4_Word mode; /* what SPSR of user code is made of in this kernel */

static seL4_UserContext read(seL4_CPtr thread)
{
    seL4_UserContext context;

    CHECK_EQ(seL4_TCB_ReadRegisters(thread, 0, 0, COUNT, &context), seL4_NoError);
    return context;
}

/* Each register with a value of its own. */
static seL4_UserContext pattern(seL4_Word start)
{
    seL4_UserContext context;
    seL4_Word *words = (seL4_Word *)&context;

    for (unsigned i = 0; i < COUNT; i++) {
        words[i] = start + i;
    }
    return context;
}

static void check_read(void)
{
    ROW("03.4.read.truncated");
    REFUSED(invoke(tcb, TCBReadRegisters, WORDS(0), CAPS()), seL4_TruncatedMessage);
    ROW("03.4.read.count");
    REFUSED(invoke(tcb, TCBReadRegisters, WORDS(0, 0), CAPS()), seL4_RangeError, 1, COUNT);
    REFUSED(invoke(seL4_CapInitThreadTCB, TCBReadRegisters, WORDS(0, 37), CAPS()), seL4_RangeError,
            1, COUNT);
    ROW("03.4.read.self");
    REFUSED(invoke(seL4_CapInitThreadTCB, TCBReadRegisters, WORDS(0, 1), CAPS()),
            seL4_IllegalOperation);
    ROW("03.4.read.length");
    for (seL4_Word count = 1; count <= COUNT; count++) {
        const struct answer answer = invoke(tcb, TCBReadRegisters, WORDS(0xff00, count), CAPS());
        CHECK_EQ(answer.info, count);
    }
}

static void check_write(void)
{
    seL4_UserContext context = pattern(0x1000);

    ROW("03.4.write.truncated");
    REFUSED(invoke(tcb, TCBWriteRegisters, WORDS(0), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(tcb, TCBWriteRegisters, WORDS(0, 1), CAPS()), seL4_TruncatedMessage);
    REFUSED(invoke(seL4_CapInitThreadTCB, TCBWriteRegisters, WORDS(0, ~0ul, 1), CAPS()),
            seL4_TruncatedMessage);
    ROW("03.4.write.self");
    REFUSED(invoke(seL4_CapInitThreadTCB, TCBWriteRegisters, WORDS(0, 0), CAPS()),
            seL4_IllegalOperation);
    ROW("03.4.context.order");
    CHECK_EQ(seL4_TCB_WriteRegisters(tcb, 0, 0, COUNT, &context), seL4_NoError);
    seL4_UserContext got = read(tcb);
    context.spsr = mode;
    CHECK_EQ(memcmp(&got, &context, sizeof(got)), 0);
    ROW("03.4.write.count");
    ACCEPTED(invoke(tcb, TCBWriteRegisters, WORDS(0, 2, 0x77000, 0x88000), CAPS()));
    got = read(tcb);
    CHECK_EQ(got.pc, 0x77000);
    CHECK_EQ(got.sp, 0x88000);
    CHECK_EQ(got.x0, 0x1003);
    ACCEPTED(invoke(tcb, TCBWriteRegisters, WORDS(0, 0), CAPS()));
    CHECK_EQ(read(tcb).pc, 0x77000);
    ROW("03.4.write.capped");
    /* More than there are: 36 are written, from a message that is long enough. */
    struct registers registers = { .x = { [0] = tcb,
                                          [1] = (seL4_Word)TCBWriteRegisters << 12 | 60,
                                          [3] = 50,
                                          [4] = 0x9000,
                                          [5] = 0x9100,
                                          [7] = (seL4_Word)seL4_SysCall } };
    for (int i = 4; i < 60; i++) {
        seL4_SetMR(i, 0x5000 + (seL4_Word)i);
    }
    raw_syscall(&registers);
    CHECK_EQ(registers.x[1], 0);
    got = read(tcb);
    CHECK_EQ(got.pc, 0x9000);
    CHECK_EQ(got.tpidr_el0, 0x5000 + 36);
    CHECK_EQ(got.tpidrro_el0, 0x5000 + 37);
    ROW("03.4.spsr");
    static const seL4_Word values[] = { 0, ~0ul, 0x3c5, 0x10, 0x600003c0, 0x4 };
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        ACCEPTED(invoke(tcb, TCBWriteRegisters, WORDS(0, 3, 0, 0, values[i]), CAPS()));
        CHECK_EQ(read(tcb).spsr, (values[i] & USER_FLAGS) | mode);
    }
}

static volatile seL4_Word copied;

static void spin(seL4_Word a, seL4_Word b)
{
    copied = a + b;
    for (;;) {
    }
}

static void check_copy(void)
{
    seL4_UserContext a = pattern(0x4000);
    seL4_UserContext b = pattern(0x8000);
    seL4_UserContext got;
    const seL4_Word *words = (const seL4_Word *)&got;
    bool right = true;

    ROW("03.4.copy.truncated");
    REFUSED(invoke(tcb, TCBCopyRegisters, WORDS(), CAPS(source)), seL4_TruncatedMessage);
    REFUSED(invoke(tcb, TCBCopyRegisters, WORDS(0), CAPS()), seL4_TruncatedMessage);
    ROW("03.4.copy.source");
    REFUSED(invoke(tcb, TCBCopyRegisters, WORDS(0), CAPS(ROOT)), seL4_InvalidCapability, 1);
    ROW("03.4.copy.nothing");
    CHECK_EQ(seL4_TCB_WriteRegisters(tcb, 0, 0, COUNT, &b), seL4_NoError);
    CHECK_EQ(seL4_TCB_WriteRegisters(source, 0, 0, COUNT, &a), seL4_NoError);
    ACCEPTED(invoke(tcb, TCBCopyRegisters, WORDS(0), CAPS(source)));
    CHECK_EQ(read(tcb).pc, 0x8000);
    ROW("03.4.copy.frame");
    ACCEPTED(invoke(tcb, TCBCopyRegisters, WORDS(4), CAPS(source)));
    got = read(tcb);
    for (unsigned i = 0; i < COUNT; i++) {
        right = right && (i == 2 || words[i] == (i < 17 ? 0x4000 : 0x8000) + i);
    }
    CHECK(right);
    ROW("03.4.copy.integer");
    CHECK_EQ(seL4_TCB_WriteRegisters(tcb, 0, 0, COUNT, &b), seL4_NoError);
    ACCEPTED(invoke(tcb, TCBCopyRegisters, WORDS(8), CAPS(source)));
    got = read(tcb);
    for (unsigned i = 0; i < COUNT; i++) {
        right = right && (i == 2 || words[i] == (i < 17 ? 0x8000 : 0x4000) + i);
    }
    CHECK(right);
    ROW("03.4.copy.suspend-resume");
    /* From a running thread to a stopped one: it goes on where the other was. */
    struct thread from = thread_new(MAIN_PRIO - 1);
    struct thread to = thread_new(MAIN_PRIO - 1);
    copied = 0;
    CHECK_EQ(thread_budget(&from, 1000, 100000), seL4_NoError);
    CHECK_EQ(thread_budget(&to, 1000, 100000), seL4_NoError);
    thread_run(&from, spin, 30, 4);
    thread_priority(&from, MAIN_PRIO + 1); /* until its budget is gone */
    CHECK_EQ(copied, 34);
    ACCEPTED(invoke(to.tcb, TCBCopyRegisters, WORDS(1 | 2 | 4 | 8), CAPS(from.tcb)));
    got = read(from.tcb);
    const seL4_UserContext other = read(to.tcb);
    CHECK_EQ(got.pc, other.pc);
    CHECK_EQ(got.sp, other.sp);
    CHECK_EQ(got.x19, other.x19);
    CHECK_EQ(seL4_TCB_Suspend(to.tcb), seL4_NoError);
    ROW("03.4.copy.self");
    ACCEPTED(invoke(tcb, TCBCopyRegisters, WORDS(4 | 8), CAPS(seL4_CapInitThreadTCB)));
    CHECK_EQ(read(tcb).x0, tcb); /* our own at the time of the call */
    CHECK_EQ(read(tcb).x7, (seL4_Word)seL4_SysCall);
}

void suite_registers(void)
{
    tcb = object_new(seL4_TCBObject, 0);
    source = object_new(seL4_TCBObject, 0);
    mode = read(tcb).spsr;
    check_read();
    check_write();
    check_copy();
}
