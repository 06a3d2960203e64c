/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The numbers, typed a second time
 *
 * Everything here was typed by hand from the interface text, so that a slip in the XML is seen.
 * Each line gives the number, the kernel's name and, where there is one, the user's name.
 */
#include <abi/boot_table.h>
#include <abi/bootinfo.h>
#include <abi/caps.h>
#include <abi/errors.h>
#include <abi/faults.h>
#include <abi/labels.h>
#include <abi/messages.h>
#include <abi/objects.h>
#include <abi/registers.h>
#include <abi/syscalls.h>

#include <sel4/sel4.h>
#include <sel4/tessera.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void sel4_host_trap(seL4_Word number, seL4_Word x[6], seL4_Word x6, seL4_Word x8)
{
    (void)number, (void)x, (void)x6, (void)x8;
}

__thread seL4_IPCBuffer *__sel4_ipc_buffer;

#define SAME(number, kernel, user)        \
    do {                                  \
        assert_int_equal(kernel, number); \
        assert_int_equal(user, number);   \
    } while (0)

static void syscalls(void **state)
{
    (void)state;
    SAME(-1, SYS_CALL, seL4_SysCall);
    SAME(-2, SYS_REPLY_RECV, seL4_SysReplyRecv);
    SAME(-3, SYS_NB_SEND_RECV, seL4_SysNBSendRecv);
    SAME(-4, SYS_NB_SEND_WAIT, seL4_SysNBSendWait);
    SAME(-5, SYS_SEND, seL4_SysSend);
    SAME(-6, SYS_NB_SEND, seL4_SysNBSend);
    SAME(-7, SYS_RECV, seL4_SysRecv);
    SAME(-8, SYS_NB_RECV, seL4_SysNBRecv);
    SAME(-9, SYS_WAIT, seL4_SysWait);
    SAME(-10, SYS_NB_WAIT, seL4_SysNBWait);
    SAME(-11, SYS_YIELD, seL4_SysYield);
    SAME(-12, SYS_DEBUG_PUT_CHAR, seL4_SysDebugPutChar);
    SAME(-13, SYS_DEBUG_DUMP_SCHEDULER, seL4_SysDebugDumpScheduler);
    SAME(-14, SYS_DEBUG_HALT, seL4_SysDebugHalt);
    SAME(-15, SYS_DEBUG_CAP_IDENTIFY, seL4_SysDebugCapIdentify);
    SAME(-16, SYS_DEBUG_SNAPSHOT, seL4_SysDebugSnapshot);
    SAME(-17, SYS_DEBUG_NAME_THREAD, seL4_SysDebugNameThread);
}

static void labels(void **state)
{
    /* In the order of their numbers, from 1. */
    static const int kernel[] = {
        LABEL_UNTYPED_RETYPE,
        LABEL_TCB_READ_REGISTERS,
        LABEL_TCB_WRITE_REGISTERS,
        LABEL_TCB_COPY_REGISTERS,
        LABEL_TCB_CONFIGURE,
        LABEL_TCB_SET_PRIORITY,
        LABEL_TCB_SET_MC_PRIORITY,
        LABEL_TCB_SET_SCHED_PARAMS,
        LABEL_TCB_SET_TIMEOUT_ENDPOINT,
        LABEL_TCB_SET_IPC_BUFFER,
        LABEL_TCB_SET_SPACE,
        LABEL_TCB_SUSPEND,
        LABEL_TCB_RESUME,
        LABEL_TCB_BIND_NOTIFICATION,
        LABEL_TCB_UNBIND_NOTIFICATION,
        LABEL_TCB_SET_TLS_BASE,
        LABEL_TCB_SET_FLAGS,
        LABEL_CNODE_REVOKE,
        LABEL_CNODE_DELETE,
        LABEL_CNODE_CANCEL_BADGED_SENDS,
        LABEL_CNODE_COPY,
        LABEL_CNODE_MINT,
        LABEL_CNODE_MOVE,
        LABEL_CNODE_MUTATE,
        LABEL_CNODE_ROTATE,
        LABEL_IRQ_CONTROL_GET,
        LABEL_IRQ_HANDLER_ACK,
        LABEL_IRQ_HANDLER_SET_NOTIFICATION,
        LABEL_IRQ_HANDLER_CLEAR,
        LABEL_DOMAIN_SET_SET,
        LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE,
        LABEL_DOMAIN_SET_SCHEDULE_SET_START,
        LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
        LABEL_SCHED_CONTEXT_BIND,
        LABEL_SCHED_CONTEXT_UNBIND,
        LABEL_SCHED_CONTEXT_UNBIND_OBJECT,
        LABEL_SCHED_CONTEXT_CONSUMED,
        LABEL_SCHED_CONTEXT_YIELD_TO,
        LABEL_ARM_VSPACE_CLEAN_DATA,
        LABEL_ARM_VSPACE_INVALIDATE_DATA,
        LABEL_ARM_VSPACE_CLEAN_INVALIDATE_DATA,
        LABEL_ARM_VSPACE_UNIFY_INSTRUCTION,
        LABEL_ARM_SMC_CALL,
        LABEL_ARM_PAGE_TABLE_MAP,
        LABEL_ARM_PAGE_TABLE_UNMAP,
        LABEL_ARM_PAGE_MAP,
        LABEL_ARM_PAGE_UNMAP,
        LABEL_ARM_PAGE_CLEAN_DATA,
        LABEL_ARM_PAGE_INVALIDATE_DATA,
        LABEL_ARM_PAGE_CLEAN_INVALIDATE_DATA,
        LABEL_ARM_PAGE_UNIFY_INSTRUCTION,
        LABEL_ARM_PAGE_GET_ADDRESS,
        LABEL_ARM_ASID_CONTROL_MAKE_POOL,
        LABEL_ARM_ASID_POOL_ASSIGN,
        LABEL_ARM_VCPU_SET_TCB,
        LABEL_ARM_VCPU_INJECT_IRQ,
        LABEL_ARM_VCPU_READ_REGS,
        LABEL_ARM_VCPU_WRITE_REGS,
        LABEL_ARM_VCPU_ACK_VPPI,
        LABEL_IRQ_CONTROL_GET_TRIGGER,
        LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL,
    };

    (void)state;
    assert_int_equal(sizeof kernel / sizeof kernel[0], 61);
    for (int i = 0; i < 61; i++) {
        assert_int_equal(kernel[i], i + 1);
    }
    assert_int_equal(LABEL_NONE, 0);
    assert_int_equal(LABEL_X_TCB_SET_COUNTER_ACCESS, 0x10000);
    assert_int_equal(LABEL_X_CNODE_INSPECT, 0x10010);
    assert_int_equal(LABEL_X_ASID_POOL_INSPECT, 0x10016);
    assert_int_equal(IRQAckIRQ, 27);
    assert_int_equal(nInvocationLabels, 62);
}

static void errors(void **state)
{
    (void)state;
    SAME(0, ERR_NONE, seL4_NoError);
    SAME(1, ERR_INVALID_ARGUMENT, seL4_InvalidArgument);
    SAME(2, ERR_INVALID_CAPABILITY, seL4_InvalidCapability);
    SAME(3, ERR_ILLEGAL_OPERATION, seL4_IllegalOperation);
    SAME(4, ERR_RANGE, seL4_RangeError);
    SAME(5, ERR_ALIGNMENT, seL4_AlignmentError);
    SAME(6, ERR_FAILED_LOOKUP, seL4_FailedLookup);
    SAME(7, ERR_TRUNCATED_MESSAGE, seL4_TruncatedMessage);
    SAME(8, ERR_DELETE_FIRST, seL4_DeleteFirst);
    SAME(9, ERR_REVOKE_FIRST, seL4_RevokeFirst);
    SAME(10, ERR_NOT_ENOUGH_MEMORY, seL4_NotEnoughMemory);
    assert_int_equal(seL4_NumErrors, 11);
    SAME(0, LOOKUP_NONE, seL4_NoFailure);
    SAME(1, LOOKUP_INVALID_ROOT, seL4_InvalidRoot);
    SAME(2, LOOKUP_MISSING_CAPABILITY, seL4_MissingCapability);
    SAME(3, LOOKUP_DEPTH_MISMATCH, seL4_DepthMismatch);
    SAME(4, LOOKUP_GUARD_MISMATCH, seL4_GuardMismatch);
}

static void objects(void **state)
{
    (void)state;
    SAME(0, OBJECT_UNTYPED, seL4_UntypedObject);
    SAME(1, OBJECT_TCB, seL4_TCBObject);
    SAME(2, OBJECT_ENDPOINT, seL4_EndpointObject);
    SAME(3, OBJECT_NOTIFICATION, seL4_NotificationObject);
    SAME(4, OBJECT_CNODE, seL4_CapTableObject);
    SAME(5, OBJECT_SCHED_CONTEXT, seL4_SchedContextObject);
    SAME(6, OBJECT_REPLY, seL4_ReplyObject);
    SAME(7, OBJECT_HUGE_FRAME, seL4_ARM_HugePageObject);
    SAME(8, OBJECT_VSPACE, seL4_ARM_VSpaceObject);
    SAME(9, OBJECT_SMALL_FRAME, seL4_ARM_SmallPageObject);
    SAME(10, OBJECT_LARGE_FRAME, seL4_ARM_LargePageObject);
    SAME(11, OBJECT_PAGE_TABLE, seL4_ARM_PageTableObject);
    SAME(12, OBJECT_VCPU, seL4_ARM_VCPUObject);
    SAME(13, OBJECT_TYPE_COUNT, seL4_ObjectTypeCount);
    SAME(7, OBJECT_GENERIC_COUNT, seL4_NonArchObjectTypeCount);
    SAME(9, OBJECT_MODE_COUNT, seL4_ModeObjectTypeCount);
    SAME(5, SLOT_BITS, seL4_SlotBits);
    SAME(11, TCB_BITS, seL4_TCBBits);
    SAME(4, ENDPOINT_BITS, seL4_EndpointBits);
    SAME(6, NOTIFICATION_BITS, seL4_NotificationBits);
    SAME(5, REPLY_BITS, seL4_ReplyBits);
    SAME(7, SCHED_CONTEXT_MIN_BITS, seL4_MinSchedContextBits);
    SAME(12, VCPU_BITS, seL4_VCPUBits);
    SAME(12, SMALL_FRAME_BITS, seL4_PageBits);
    SAME(21, LARGE_FRAME_BITS, seL4_LargePageBits);
    SAME(30, HUGE_FRAME_BITS, seL4_HugePageBits);
    SAME(12, PAGE_TABLE_BITS, seL4_PageTableBits);
    SAME(13, VSPACE_BITS, seL4_VSpaceBits);
    SAME(12, ASID_POOL_BITS, seL4_ASIDPoolBits);
    SAME(10, IPC_BUFFER_BITS, seL4_IPCBufferSizeBits);
    SAME(12, BOOT_INFO_BITS, seL4_BootInfoFrameBits);
    SAME(4, UNTYPED_MIN_BITS, seL4_MinUntypedBits);
    SAME(47, UNTYPED_MAX_BITS, seL4_MaxUntypedBits);
    SAME(64, WORD_BITS, seL4_WordBits);
    SAME(10, VSPACE_INDEX_BITS, seL4_VSpaceIndexBits);
    SAME(9, PAGE_TABLE_INDEX_BITS, seL4_PageTableIndexBits);
    SAME(9, ASID_POOL_INDEX_BITS, seL4_ASIDPoolIndexBits);
    SAME(7, ASID_POOL_COUNT_BITS, seL4_NumASIDPoolsBits);
    SAME(0xFFFFFFFFFF, USER_TOP, seL4_UserTop);
    SAME(128, SCHED_CONTEXT_USER_CORE_BYTES, seL4_CoreSchedContextBytes);
    SAME(16, REFILL_BYTES, seL4_RefillSizeBytes);
    assert_int_equal(SCHED_CONTEXT_CORE_BYTES, 96);
    assert_int_equal(RETYPE_MAX_OBJECTS, 256);
    assert_int_equal(seL4_MaxExtraRefills(7), 0);
    assert_int_equal(seL4_MaxExtraRefills(8), 8);
    assert_int_equal(seL4_MaxExtraRefills(12), 248);
    SAME(1, PAGE_CACHEABLE, seL4_ARM_PageCacheable);
    SAME(4, PAGE_EXECUTE_NEVER, seL4_ARM_ExecuteNever);
    SAME(3, PAGE_DEFAULT, seL4_ARM_Default_VMAttributes);
    assert_int_equal(TCB_SLOT_TIMEOUT_HANDLER, 4);
}

static void rights(void **state)
{
    (void)state;
    assert_int_equal(seL4_ReadWrite.words[0], 0x3);
    assert_int_equal(seL4_AllRights.words[0], 0xF);
    assert_int_equal(seL4_CanRead.words[0], 0x2);
    assert_int_equal(seL4_CanWrite.words[0], 0x1);
    assert_int_equal(seL4_CanGrant.words[0], 0x4);
    assert_int_equal(seL4_CanGrantReply.words[0], 0x8);
    assert_int_equal(seL4_NoWrite.words[0], 0xE);
    assert_int_equal(seL4_NoRead.words[0], 0xD);
    assert_int_equal(seL4_NoRights.words[0], 0x0);
}

static void faults(void **state)
{
    (void)state;
    SAME(0, FAULT_NONE, seL4_Fault_NullFault);
    SAME(1, FAULT_CAP, seL4_Fault_CapFault);
    SAME(2, FAULT_UNKNOWN_SYSCALL, seL4_Fault_UnknownSyscall);
    SAME(3, FAULT_USER_EXCEPTION, seL4_Fault_UserException);
    SAME(5, FAULT_TIMEOUT, seL4_Fault_Timeout);
    SAME(6, FAULT_VM, seL4_Fault_VMFault);
    SAME(7, FAULT_VGIC_MAINTENANCE, seL4_Fault_VGICMaintenance);
    SAME(8, FAULT_VCPU, seL4_Fault_VCPUFault);
    SAME(9, FAULT_VPPI, seL4_Fault_VPPIEvent);
}

static void fault_words(void **state)
{
    (void)state;
    SAME(0, CAP_FAULT_IP, seL4_CapFault_IP);
    SAME(1, CAP_FAULT_ADDRESS, seL4_CapFault_Addr);
    SAME(2, CAP_FAULT_IN_RECV_PHASE, seL4_CapFault_InRecvPhase);
    SAME(3, CAP_FAULT_LOOKUP_FAILURE, seL4_CapFault_LookupFailureType);
    SAME(4, CAP_FAULT_BITS_LEFT, seL4_CapFault_BitsLeft);
    SAME(5, CAP_FAULT_BITS_FOUND, seL4_CapFault_DepthMismatch_BitsFound);
    SAME(5, CAP_FAULT_GUARD_FOUND, seL4_CapFault_GuardMismatch_GuardFound);
    SAME(6, CAP_FAULT_GUARD_BITS_FOUND, seL4_CapFault_GuardMismatch_BitsFound);
    SAME(7, UNKNOWN_SYSCALL_X7, seL4_UnknownSyscall_X7);
    SAME(8, UNKNOWN_SYSCALL_FAULT_IP, seL4_UnknownSyscall_FaultIP);
    SAME(9, UNKNOWN_SYSCALL_SP, seL4_UnknownSyscall_SP);
    SAME(10, UNKNOWN_SYSCALL_LR, seL4_UnknownSyscall_LR);
    SAME(11, UNKNOWN_SYSCALL_SPSR, seL4_UnknownSyscall_SPSR);
    SAME(12, UNKNOWN_SYSCALL_SYSCALL, seL4_UnknownSyscall_Syscall);
    SAME(13, UNKNOWN_SYSCALL_LENGTH, seL4_UnknownSyscall_Length);
    assert_int_equal(UNKNOWN_SYSCALL_REPLY_LENGTH, 12);
    SAME(0, USER_EXCEPTION_FAULT_IP, seL4_UserException_FaultIP);
    SAME(3, USER_EXCEPTION_NUMBER, seL4_UserException_Number);
    SAME(4, USER_EXCEPTION_CODE, seL4_UserException_Code);
    assert_int_equal(USER_EXCEPTION_REPLY_LENGTH, 3);
    SAME(0, TIMEOUT_DATA, seL4_Timeout_Data);
    SAME(1, TIMEOUT_CONSUMED, seL4_Timeout_Consumed);
    SAME(0, VM_FAULT_IP, seL4_VMFault_IP);
    SAME(1, VM_FAULT_ADDRESS, seL4_VMFault_Addr);
    SAME(2, VM_FAULT_PREFETCH_FAULT, seL4_VMFault_PrefetchFault);
    SAME(3, VM_FAULT_FSR, seL4_VMFault_FSR);
    SAME(0, VGIC_MAINTENANCE_IDX, seL4_VGICMaintenance_IDX);
    SAME(0, VCPU_FAULT_HSR, seL4_VCPUFault_HSR);
    SAME(0, VPPI_EVENT_IRQ, seL4_VPPIEvent_IRQ);
    SAME(34, TIMEOUT_REPLY_LENGTH, seL4_TimeoutReply_Length);
    SAME(11, TIMEOUT_REPLY_X8, seL4_TimeoutReply_X8);
    SAME(12, TIMEOUT_REPLY_X16, seL4_TimeoutReply_X16);
    SAME(16, TIMEOUT_REPLY_X30, seL4_TimeoutReply_X30);
    SAME(17, TIMEOUT_REPLY_X9, seL4_TimeoutReply_X9);
    SAME(24, TIMEOUT_REPLY_X19, seL4_TimeoutReply_X19);
    SAME(33, TIMEOUT_REPLY_X28, seL4_TimeoutReply_X28);
}

static void registers(void **state)
{
    (void)state;
    assert_int_equal(USER_CONTEXT_PC, 0);
    assert_int_equal(USER_CONTEXT_SPSR, 2);
    assert_int_equal(USER_CONTEXT_X0, 3);
    assert_int_equal(USER_CONTEXT_X8, 11);
    assert_int_equal(USER_CONTEXT_X16, 12);
    assert_int_equal(USER_CONTEXT_X29, 15);
    assert_int_equal(USER_CONTEXT_X9, 17);
    assert_int_equal(USER_CONTEXT_X15, 23);
    assert_int_equal(USER_CONTEXT_X19, 24);
    assert_int_equal(USER_CONTEXT_X28, 33);
    assert_int_equal(USER_CONTEXT_TPIDR_EL0, 34);
    assert_int_equal(USER_CONTEXT_TPIDRRO_EL0, 35);
    assert_int_equal(offsetof(seL4_UserContext, x9), 17 * 8);
    assert_int_equal(sizeof(seL4_UserContext), 36 * 8);
    SAME(0, VCPU_REG_SCTLR_EL1, seL4_VCPUReg_SCTLR);
    SAME(4, VCPU_REG_TCR_EL1, seL4_VCPUReg_TCR);
    SAME(7, VCPU_REG_CONTEXTIDR_EL1, seL4_VCPUReg_CIDR);
    SAME(13, VCPU_REG_PAR_EL1, seL4_VCPUReg_PAR);
    SAME(16, VCPU_REG_VMPIDR_EL2, seL4_VCPUReg_VMPIDR_EL2);
    SAME(19, VCPU_REG_SPSR_EL1, seL4_VCPUReg_SPSR_EL1);
    SAME(20, VCPU_REG_CNTV_CTL_EL0, seL4_VCPUReg_CNTV_CTL);
    SAME(21, VCPU_REG_CNTV_CVAL_EL0, seL4_VCPUReg_CNTV_CVAL);
    SAME(22, VCPU_REG_CNTVOFF_EL2, seL4_VCPUReg_CNTVOFF);
    SAME(23, VCPU_REG_CNTKCTL_EL1, seL4_VCPUReg_CNTKCTL_EL1);
    SAME(24, VCPU_REG_COUNT, seL4_VCPUReg_Num);
}

static void ipc_buffer(void **state)
{
    (void)state;
    SAME(0, offsetof(struct ipc_buffer, tag), offsetof(seL4_IPCBuffer, tag));
    SAME(8, offsetof(struct ipc_buffer, msg), offsetof(seL4_IPCBuffer, msg));
    SAME(968, offsetof(struct ipc_buffer, user_data), offsetof(seL4_IPCBuffer, userData));
    SAME(976, offsetof(struct ipc_buffer, caps_or_badges),
         offsetof(seL4_IPCBuffer, caps_or_badges));
    SAME(1000, offsetof(struct ipc_buffer, receive_cnode), offsetof(seL4_IPCBuffer, receiveCNode));
    SAME(1008, offsetof(struct ipc_buffer, receive_index), offsetof(seL4_IPCBuffer, receiveIndex));
    SAME(1016, offsetof(struct ipc_buffer, receive_depth), offsetof(seL4_IPCBuffer, receiveDepth));
    SAME(1024, sizeof(struct ipc_buffer), sizeof(seL4_IPCBuffer));
    SAME(120, MESSAGE_MAX_LENGTH, seL4_MsgMaxLength);
    SAME(3, MESSAGE_MAX_EXTRA_CAPS, seL4_MsgMaxExtraCaps);
}

#define OFFSET(offset, member, user) \
    SAME(offset, offsetof(struct boot_info, member), offsetof(seL4_BootInfo, user))

static void boot_info(void **state)
{
    (void)state;
    OFFSET(0, extra_len, extraLen);
    OFFSET(8, node_id, nodeID);
    OFFSET(16, num_nodes, numNodes);
    OFFSET(24, num_iopt_levels, numIOPTLevels);
    OFFSET(32, ipc_buffer, ipcBuffer);
    OFFSET(40, empty, empty);
    OFFSET(56, shared_frames, sharedFrames);
    OFFSET(72, user_image_frames, userImageFrames);
    OFFSET(88, user_image_paging, userImagePaging);
    OFFSET(104, io_space_caps, ioSpaceCaps);
    OFFSET(120, extra_bi_pages, extraBIPages);
    OFFSET(136, init_thread_cnode_size_bits, initThreadCNodeSizeBits);
    OFFSET(144, init_thread_domain, initThreadDomain);
    OFFSET(152, schedcontrol, schedcontrol);
    OFFSET(168, untyped, untyped);
    OFFSET(184, untyped_list, untypedList);
    SAME(3864, sizeof(struct boot_info), sizeof(seL4_BootInfo));
    SAME(8, offsetof(struct untyped_desc, size_bits), offsetof(seL4_UntypedDesc, sizeBits));
    SAME(9, offsetof(struct untyped_desc, is_device), offsetof(seL4_UntypedDesc, isDevice));
    SAME(16, sizeof(struct untyped_desc), sizeof(seL4_UntypedDesc));
    SAME(6, BOOT_INFO_FDT, SEL4_BOOTINFO_HEADER_FDT);
    assert_int_equal(SEL4_BOOTINFO_HEADER_NUM, 7);
    assert_int_equal(sizeof(struct boot_table), 1320);
}

static void root_slots(void **state)
{
    (void)state;
    SAME(1, ROOT_SLOT_TCB, seL4_CapInitThreadTCB);
    SAME(2, ROOT_SLOT_CNODE, seL4_CapInitThreadCNode);
    SAME(3, ROOT_SLOT_VSPACE, seL4_CapInitThreadVSpace);
    SAME(4, ROOT_SLOT_IRQ_CONTROL, seL4_CapIRQControl);
    SAME(5, ROOT_SLOT_ASID_CONTROL, seL4_CapASIDControl);
    SAME(6, ROOT_SLOT_ASID_POOL, seL4_CapInitThreadASIDPool);
    SAME(9, ROOT_SLOT_BOOT_INFO, seL4_CapBootInfoFrame);
    SAME(10, ROOT_SLOT_IPC_BUFFER, seL4_CapInitThreadIPCBuffer);
    SAME(11, ROOT_SLOT_DOMAIN, seL4_CapDomain);
    SAME(14, ROOT_SLOT_SCHED_CONTEXT, seL4_CapInitThreadSC);
    SAME(15, ROOT_SLOT_SMC, seL4_CapSMC);
    SAME(16, ROOT_SLOT_FIRST_FREE, seL4_NumInitialCaps);
}

static void cap_types(void **state)
{
    (void)state;
    assert_int_equal(CAP_NULL, 0);
    assert_int_equal(CAP_UNTYPED, 2);
    assert_int_equal(CAP_ENDPOINT, 4);
    assert_int_equal(CAP_NOTIFICATION, 6);
    assert_int_equal(CAP_REPLY, 8);
    assert_int_equal(CAP_CNODE, 10);
    assert_int_equal(CAP_TCB, 12);
    assert_int_equal(CAP_IRQ_CONTROL, 14);
    assert_int_equal(CAP_IRQ_HANDLER, 16);
    assert_int_equal(CAP_ZOMBIE, 18);
    assert_int_equal(CAP_DOMAIN, 20);
    assert_int_equal(CAP_SCHED_CONTEXT, 22);
    assert_int_equal(CAP_SCHED_CONTROL, 24);
    assert_int_equal(CAP_FRAME, 1);
    assert_int_equal(CAP_PAGE_TABLE, 3);
    assert_int_equal(CAP_VSPACE, 9);
    assert_int_equal(CAP_ASID_CONTROL, 11);
    assert_int_equal(CAP_ASID_POOL, 13);
    assert_int_equal(CAP_VCPU, 15);
    assert_int_equal(CAP_SMC, 25);
    assert_int_equal(CAP_SGI, 27);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syscalls),    cmocka_unit_test(labels),     cmocka_unit_test(errors),
        cmocka_unit_test(objects),     cmocka_unit_test(rights),     cmocka_unit_test(faults),
        cmocka_unit_test(fault_words), cmocka_unit_test(registers),  cmocka_unit_test(ipc_buffer),
        cmocka_unit_test(boot_info),   cmocka_unit_test(root_slots), cmocka_unit_test(cap_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
