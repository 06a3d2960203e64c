/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: faults as messages, and replies to them (abi/04 §3, §4)
 */
#include "conform.h"

#include <sel4/tessera.h>

#define UNMAPPED  0x3000000000ul
#define NEW_VALUE 0x1234ul
#define NOTHING   0x0b000000ul /* physical: the board has no device there */
#define FSR_ABORT 0x10         /* synchronous external abort */

static seL4_CPtr endpoint, reply;
static volatile seL4_Word seen;

/* Each runs one instruction and stores what is then in x0. */
#define ONE_INSTRUCTION(name, instruction)                               \
    static void name(seL4_Word a, seL4_Word b)                           \
    {                                                                    \
        register seL4_Word x0 __asm__("x0") = a;                         \
        register seL4_Word x1 __asm__("x1") = b;                         \
        __asm__ volatile(instruction : "+r"(x0), "+r"(x1) : : "memory"); \
        seen = x0;                                                       \
    }

ONE_INSTRUCTION(do_undefined, ".inst 0")
ONE_INSTRUCTION(do_break, "brk #7")
ONE_INSTRUCTION(do_load, "ldr x0, [x1]")
ONE_INSTRUCTION(do_counter, "mrs x0, cntpct_el0")
ONE_INSTRUCTION(do_virtual_counter, "mrs x0, cntvct_el0")
ONE_INSTRUCTION(do_frequency, "mrs x0, cntfrq_el0")
ONE_INSTRUCTION(do_timer, "mrs x0, cntp_ctl_el0")
ONE_INSTRUCTION(do_cycles, "mrs x0, pmccntr_el0")
ONE_INSTRUCTION(do_daif, "mrs x0, daif")
ONE_INSTRUCTION(do_mask, "msr daifset, #2")
ONE_INSTRUCTION(do_zero, "dc zva, x1")
ONE_INSTRUCTION(do_monitor, "smc #0")
ONE_INSTRUCTION(do_float, "fmov d0, x0")
ONE_INSTRUCTION(do_allowed,
                "mov x1, sp\n\tmrs x0, ctr_el0\n\tdc cvau, x1\n\tmrs x0, nzcv\n\tmov x0, #5")
ONE_INSTRUCTION(do_wait, "wfe\n\tmov x0, #5")
ONE_INSTRUCTION(do_unknown_syscall, "mov x7, #-99\n\tsvc #3")

/* Run `function` until it faults; the fault's message stays in our buffer. */
static struct thread fault_of(thread_fn *function, seL4_Word label, seL4_MessageInfo_t *info)
{
    struct thread thread = thread_new(MAIN_PRIO + 1);
    seL4_Word badge;

    thread_fault_endpoint(&thread, endpoint);
    thread_run(&thread, function, 0x77, UNMAPPED);
    *info = seL4_NBRecv(endpoint, &badge, reply);
    CHECK_EQ(seL4_MessageInfo_get_label(*info), label);
    CHECK_EQ(badge, 0x66);
    return thread;
}

static void end(struct thread thread)
{
    CHECK_EQ(seL4_TCB_Suspend(thread.tcb), seL4_NoError);
    CHECK_EQ(cap_delete(thread.tcb), seL4_NoError);
}

static void check_exceptions(void)
{
    static const struct {
        thread_fn *function;
        seL4_Word syndrome;
    } traps[] = {
        { do_break, 0xf2000007 },
        { do_counter, 0x6232f801 },
        { do_virtual_counter, 0x6234f801 },
        { do_frequency, 0x6230f801 },
        { do_cycles, 0x6230e41b },
        { do_daif, 0x6232d005 },
        { do_mask, 0x620793e4 },
    };
    static thread_fn *const undefined[] = { do_undefined, do_monitor };
    seL4_MessageInfo_t info;

    for (unsigned i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        struct thread thread = fault_of(traps[i].function, seL4_Fault_VCPUFault, &info);
        CHECK_EQ(seL4_MessageInfo_get_length(info), 1);
        CHECK_EQ(seL4_GetMR(0), traps[i].syndrome);
        end(thread);
    }
    for (unsigned i = 0; i < sizeof(undefined) / sizeof(undefined[0]); i++) {
        struct thread thread = fault_of(undefined[i], seL4_Fault_UserException, &info);
        CHECK_EQ(seL4_GetMR(3), 0x02000000);
        end(thread);
    }
    struct thread thread = fault_of(do_zero, seL4_Fault_VCPUFault, &info);
    CHECK_EQ(seL4_GetMR(0) & 0xfffffc1f, 0x6212dc28 & 0xfffffc1f); /* without the register number */
    end(thread);
    thread = fault_of(do_timer, seL4_Fault_VCPUFault, &info);
    CHECK_EQ(seL4_GetMR(0), 0x6232f805);
    end(thread);
}

static void check_allowed(void)
{
    seen = 0;
    (void)thread_spawn(MAIN_PRIO + 1, do_allowed, 0, 0);
    CHECK_EQ(seen, 5);
    seen = 0;
    (void)thread_spawn(MAIN_PRIO + 1, do_wait, 0, 0);
    CHECK_EQ(seen, 5);
}

/* Counters are granted to one thread and taken back. */
static void check_counter_access(void)
{
    struct thread thread = thread_new(MAIN_PRIO + 1);
    seL4_MessageInfo_t info;

    seen = 0;
    CHECK_EQ(seL4_X_TCB_SetCounterAccess(thread.tcb, seL4_CapDomain, 1), seL4_InvalidCapability);
    CHECK_EQ(seL4_X_TCB_SetCounterAccess(thread.tcb, boot->schedcontrol.start, 0x203),
             seL4_NoError);
    thread_run(&thread, do_counter, 0, 0);
    CHECK(seen > 1);
    end(thread);
    end(fault_of(do_counter, seL4_Fault_VCPUFault, &info));
}

/* A missing page: the handler maps nothing, but moves the program counter on and sets x0. */
static void check_vm_fault(void)
{
    seL4_MessageInfo_t info;
    seL4_UserContext registers;
    const seL4_Word count = sizeof(registers) / sizeof(seL4_Word);
    struct thread thread = fault_of(do_load, seL4_Fault_VMFault, &info);
    seL4_Word ip = seL4_GetMR(0);

    CHECK_EQ(seL4_MessageInfo_get_length(info), 4);
    CHECK_EQ(seL4_GetMR(1), UNMAPPED);
    CHECK_EQ(seL4_GetMR(2), 0);
    CHECK_EQ(seL4_GetMR(3) >> 26, 0x24);
    CHECK_EQ(seL4_TCB_ReadRegisters(thread.tcb, 0, 0, count, &registers), seL4_NoError);
    CHECK_EQ(registers.pc, ip);
    CHECK_EQ(registers.x1, UNMAPPED);
    registers.pc += 4;
    registers.x0 = NEW_VALUE;
    CHECK_EQ(seL4_TCB_WriteRegisters(thread.tcb, 0, 0, count, &registers), seL4_NoError);
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_EQ(seen, NEW_VALUE);
    end(thread);
}

/* A device page without a device: the bus refuses, which is the thread's fault and nobody else's. */
static void check_bus_error(void)
{
    seL4_CPtr frame = device_frame(NOTHING);
    seL4_Word vaddr = space_new(PAGE_BYTES);
    struct thread thread = thread_new(MAIN_PRIO + 1);
    seL4_Word badge;

    CHECK_EQ(seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_AllRights, 0),
             seL4_NoError);
    thread_fault_endpoint(&thread, endpoint);
    thread_run(&thread, do_load, 0, vaddr);
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_NBRecv(endpoint, &badge, reply)), seL4_Fault_VMFault);
    CHECK_EQ(seL4_GetMR(1), vaddr);
    CHECK_EQ(seL4_GetMR(3) & 0x3f, FSR_ABORT);
    end(thread);
}

/* A reply with a label other than 0 leaves the thread stopped. */
static void check_refusal(void)
{
    seL4_MessageInfo_t info;
    struct thread thread = fault_of(do_undefined, seL4_Fault_UserException, &info);

    seen = 0;
    seL4_Send(reply, seL4_MessageInfo_new(1, 0, 0, 0));
    CHECK_EQ(seen, 0);
    end(thread);
}

/* The reply to an exception can set the program counter: message words 0, 1, 2. */
static void check_exception_reply(void)
{
    seL4_MessageInfo_t info;
    struct thread thread = fault_of(do_undefined, seL4_Fault_UserException, &info);

    seen = 0;
    seL4_SetMR(0, seL4_GetMR(0) + 4);
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 1));
    CHECK_EQ(seen, 0x77);
    end(thread);
}

static void check_unknown_syscall(void)
{
    seL4_MessageInfo_t info;
    struct thread thread = fault_of(do_unknown_syscall, seL4_Fault_UnknownSyscall, &info);

    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_X0), 0x77);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_X1), UNMAPPED);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)-99);
    /* Emulated: x0 is the result, and the thread goes on behind the svc. */
    seL4_SetMR(seL4_UnknownSyscall_X0, NEW_VALUE);
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, seL4_GetMR(seL4_UnknownSyscall_FaultIP) + 4);
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, seL4_MessageInfo_get_length(info)));
    CHECK_EQ(seen, NEW_VALUE);
    end(thread);
}

/* Floating point is trapped for a thread with the flag. */
static void check_fpu_disabled(void)
{
    struct thread thread = thread_new(MAIN_PRIO + 1);
    seL4_Word badge;

    thread_fault_endpoint(&thread, endpoint);
    CHECK_EQ(seL4_TCB_SetFlags(thread.tcb, 0, seL4_TCBFlag_fpuDisabled).flags, 1);
    thread_run(&thread, do_float, 0, 0);
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_NBRecv(endpoint, &badge, reply)),
             seL4_Fault_VCPUFault);
    CHECK_EQ(seL4_GetMR(0), 0x1fe00000);
    end(thread);
}

void suite_fault(void)
{
    seL4_CPtr plain = object_new(seL4_EndpointObject, 0);

    endpoint = cap_mint(plain, seL4_AllRights, 0x66);
    reply = object_new(seL4_ReplyObject, 0);
    check_exceptions();
    check_allowed();
    check_counter_access();
    check_vm_fault();
    check_bus_error();
    check_refusal();
    check_exception_reply();
    check_unknown_syscall();
    check_fpu_disabled();
}
