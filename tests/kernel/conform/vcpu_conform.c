/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: virtual CPUs (abi/06)
 *
 * guest.S runs in our own address space: its physical addresses are our virtual ones.
 */
#include "conform.h"

#define GICV_PADDR    0x8040000ul
#define MISSING       0x3000000000ul
#define SPSR_EL1H     0x3c5ul
#define VMPIDR        0x80000003ul
#define SCTLR_RESET   0x34d58820ul
#define VIRQ          42
#define VIRQ_TIMER    27
#define HSR_SMC       0x5e000000ul
#define HSR_WFI       0x7e00000ul
#define HSR_COUNTER   0x6232f821ul /* mrs x1, cntpct_el0 */
#define CONTEXT_COUNT (sizeof(seL4_UserContext) / sizeof(seL4_Word))
#define GUEST_TPIDR   0x1234

extern const char guest_start[];

static seL4_CPtr endpoint, reply, vcpu, notification;
static struct thread thread;
static seL4_UserContext registers;
static bool is_v2;

/* Wait for the guest's next fault and read its registers. */
static seL4_Word next_fault(void)
{
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge, reply);
    seL4_Word word = seL4_GetMR(0);

    CHECK_EQ(badge, 0x33);
    CHECK_EQ(seL4_TCB_ReadRegisters(thread.tcb, 0, 0, CONTEXT_COUNT, &registers), seL4_NoError);
    seL4_SetMR(0, word);
    return seL4_MessageInfo_get_label(info);
}

/* Let the guest go on `bytes` further. */
static void resume(seL4_Word bytes)
{
    registers.pc += bytes;
    CHECK_EQ(seL4_TCB_WriteRegisters(thread.tcb, 0, 0, CONTEXT_COUNT, &registers), seL4_NoError);
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 0));
}

static void expect_vcpu_fault(seL4_Word syndrome)
{
    seL4_Word label = next_fault();

    CHECK_EQ(label, seL4_Fault_VCPUFault);
    CHECK_EQ(seL4_GetMR(0), syndrome);
}

static void start(void)
{
    seL4_Word interface = 0;
    seL4_CPtr frame = device_frame(GICV_PADDR);

    /* On a GICv2 board GICV is a device of its own; on GICv3 nothing is there. */
    is_v2 = false;
    for (seL4_Word i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        is_v2 = is_v2 || (boot->untypedList[i].isDevice && boot->untypedList[i].paddr == 0x8031000);
    }
    if (is_v2) {
        interface = space_new(PAGE_BYTES);
        CHECK_EQ(seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, interface, seL4_AllRights,
                                   seL4_ARM_ExecuteNever),
                 seL4_NoError);
    }
    registers = (seL4_UserContext){ .pc = (seL4_Word)guest_start, .spsr = SPSR_EL1H };
    registers.x20 = MISSING;
    registers.x21 = interface;
    registers.x22 = notification;
    thread_fault_endpoint(&thread, endpoint);
    CHECK_EQ(seL4_ARM_VCPU_SetTCB(vcpu, thread.tcb), seL4_NoError);
    CHECK_EQ(seL4_ARM_VCPU_ReadRegs(vcpu, seL4_VCPUReg_SCTLR).value, SCTLR_RESET);
    CHECK_EQ(seL4_ARM_VCPU_WriteRegs(vcpu, seL4_VCPUReg_VMPIDR_EL2, VMPIDR), seL4_NoError);
    CHECK_EQ(seL4_ARM_VCPU_WriteRegs(vcpu, 24, 0), seL4_InvalidArgument);
    CHECK_EQ(seL4_TCB_WriteRegisters(thread.tcb, 1, 0, CONTEXT_COUNT, &registers), seL4_NoError);
}

static void check_traps(void)
{
    seL4_Word badge;

    expect_vcpu_fault(HSR_SMC);
    CHECK_EQ(registers.x1, 4); /* EL1 */
    CHECK_EQ(registers.x2, VMPIDR);
    CHECK_EQ(registers.x3, SCTLR_RESET);
    CHECK_EQ(registers.spsr & 0x1f, 5);
    resume(4);
    CHECK_EQ(next_fault(), seL4_Fault_VMFault);
    CHECK_EQ(seL4_GetMR(0), registers.pc);
    CHECK_EQ(seL4_GetMR(1), MISSING);
    resume(4);
    expect_vcpu_fault(HSR_WFI);
    resume(4);
    expect_vcpu_fault(HSR_COUNTER);
    (void)seL4_Poll(notification, &badge);
    CHECK_EQ(badge, 0);
    resume(4);
}

static void check_interrupts(void)
{
    seL4_Word badge;

    expect_vcpu_fault(HSR_SMC);
    (void)seL4_Poll(notification, &badge);
    CHECK_EQ(badge, 0x22); /* the system call of step 5 */
    CHECK_EQ(seL4_ARM_VCPU_InjectIRQ(vcpu, 1024, 0, 0, 0), seL4_RangeError);
    CHECK_EQ(seL4_ARM_VCPU_InjectIRQ(vcpu, VIRQ, 32, 0, 0), seL4_RangeError);
    CHECK_EQ(seL4_ARM_VCPU_InjectIRQ(vcpu, VIRQ, 0, 2, 0), seL4_RangeError);
    CHECK_EQ(seL4_ARM_VCPU_InjectIRQ(vcpu, VIRQ, 0, 0, 200), seL4_RangeError);
    CHECK_EQ(seL4_ARM_VCPU_InjectIRQ(vcpu, VIRQ, 1, is_v2 ? 0 : 1, 2), seL4_NoError);
    resume(4);
    CHECK_EQ(next_fault(), seL4_Fault_VGICMaintenance);
    CHECK_EQ(seL4_GetMR(0), 2);
    CHECK_EQ(registers.x19, VIRQ);
    resume(0);
    expect_vcpu_fault(HSR_SMC);
    CHECK_EQ(registers.x19, VIRQ);
    resume(4);
}

static void check_timer(void)
{
    CHECK_EQ(next_fault(), seL4_Fault_VPPIEvent);
    CHECK_EQ(seL4_GetMR(0), VIRQ_TIMER);
    CHECK_EQ(seL4_ARM_VCPU_ReadRegs(vcpu, seL4_VCPUReg_CNTV_CTL).value & 5, 5);
    CHECK_EQ(seL4_ARM_VCPU_AckVPPI(vcpu, 30), seL4_InvalidArgument);
    CHECK_EQ(seL4_ARM_VCPU_AckVPPI(vcpu, 160), seL4_RangeError);
    registers.x18 = 1;
    resume(0);
}

/* A guest that debugs itself steps nobody else, and opens no counters to others. */
static void check_debug(void)
{
    seL4_Word counters;

    expect_vcpu_fault(HSR_SMC);
    __asm__ volatile("mrs %0, pmuserenr_el0" : "=r"(counters));
    CHECK_EQ(counters, 0);
    resume(4);
    expect_vcpu_fault(HSR_SMC);
    CHECK_EQ(registers.x1, 0xa001);
    CHECK_EQ(registers.x2, 1);
    CHECK_EQ(registers.x3, 2);
    resume(4);
}

/* Another VCPU runs in between: what the first guest has in its registers stays. */
static void check_switch(void)
{
    struct thread second = thread_new(MAIN_PRIO + 1);
    seL4_CPtr other = object_new(seL4_ARM_VCPUObject, 0);
    seL4_UserContext context = { .pc = (seL4_Word)guest_start, .spsr = SPSR_EL1H };
    seL4_Word badge;

    expect_vcpu_fault(HSR_SMC);
    CHECK_EQ(seL4_ARM_VCPU_ReadRegs(vcpu, seL4_VCPUReg_TPIDR_EL1).value, GUEST_TPIDR);
    thread_fault_endpoint(&second, endpoint);
    CHECK_EQ(seL4_ARM_VCPU_SetTCB(other, second.tcb), seL4_NoError);
    CHECK_EQ(seL4_ARM_VCPU_WriteRegs(other, seL4_VCPUReg_TPIDR_EL1, 99), seL4_NoError);
    CHECK_EQ(seL4_TCB_WriteRegisters(second.tcb, 1, 0, CONTEXT_COUNT, &context), seL4_NoError);
    seL4_CPtr spare = object_new(seL4_ReplyObject, 0);
    seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge, spare);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_VCPUFault);
    CHECK_EQ(seL4_GetMR(0), HSR_SMC);
    CHECK_EQ(seL4_ARM_VCPU_ReadRegs(other, seL4_VCPUReg_TPIDR_EL1).value, 99);
    CHECK_EQ(seL4_ARM_VCPU_ReadRegs(vcpu, seL4_VCPUReg_TPIDR_EL1).value, GUEST_TPIDR);
    CHECK_EQ(cap_delete(other), seL4_NoError);
    resume(4);
    expect_vcpu_fault(HSR_SMC);
    CHECK_EQ(registers.x1, GUEST_TPIDR);
    CHECK_EQ(registers.x2, GUEST_TPIDR);
    CHECK_EQ(cap_delete(vcpu), seL4_NoError);
    /* Without its VCPU the thread can be at EL0 only. */
    CHECK_EQ(seL4_TCB_ReadRegisters(thread.tcb, 0, 0, CONTEXT_COUNT, &registers), seL4_NoError);
    CHECK_EQ(registers.spsr & 0x1f, 0);
}

void suite_vcpu(void)
{
    endpoint = cap_mint(object_new(seL4_EndpointObject, 0), seL4_AllRights, 0x33);
    reply = object_new(seL4_ReplyObject, 0);
    vcpu = object_new(seL4_ARM_VCPUObject, 0);
    notification = cap_mint(object_new(seL4_NotificationObject, 0), seL4_AllRights, 0x22);
    thread = thread_new(MAIN_PRIO + 1);
    start();
    check_traps();
    check_interrupts();
    check_timer();
    check_debug();
    check_switch();
}
