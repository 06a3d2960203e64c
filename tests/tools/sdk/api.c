/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Every name of the component interface, used once
 *
 * Built by the stage `sdk` with both compilers, with and without optimisation, without a C library:
 * what is missing, warns, or needs memset does not link.
 */
#include <autoconf.h>
#include <interfaces/sel4_client.h>
#include <kernel/gen_config.h>
#include <microkit.h>
#include <sel4/benchmark_track_types.h>
#include <sel4/benchmark_utilisation_types.h>
#include <sel4/gen_config.h>
#include <tessera.h>

_Static_assert(MONITOR_EP == 5 && TCB_CAP == 6 && ARM_SMC_CAP == 7, "fixed slots");
_Static_assert(BASE_OUTPUT_NOTIFICATION_CAP == 10 && BASE_ENDPOINT_CAP == 74, "bands");
_Static_assert(BASE_IRQ_CAP == 138 && BASE_TCB_CAP == 202 && BASE_VM_TCB_CAP == 266, "bands");
_Static_assert(BASE_VCPU_CAP == 330 && BASE_IOPORT_CAP == 394 && BASE_USER_CAPS == 458, "bands");
_Static_assert(MICROKIT_MAX_CHANNELS == 62 && MICROKIT_MAX_CHANNEL_ID == 61, "limits");
_Static_assert(MICROKIT_MAX_IOPORT_ID == 62 && MICROKIT_MAX_USER_CAPS == 128, "limits");
_Static_assert(MICROKIT_PD_NAME_LENGTH == 64, "limits");
_Static_assert(PD_ROOT_CAP_BITS == 6 && PD_ROOT_CAP_SIZE == 64, "limits");
_Static_assert(sizeof(microkit_channel) == sizeof(unsigned) && sizeof(seL4_Word) == 8, "types");
_Static_assert(sizeof(microkit_msginfo) == sizeof(seL4_MessageInfo_t), "types");
_Static_assert(sizeof(seL4_UserContext) == 0x24 * sizeof(seL4_Word), "registers");
_Static_assert(sizeof(seL4_Bool) == 1 && seL4_True == 1 && seL4_False == 0, "types");
_Static_assert(CONFIG_ARCH_ARM &&CONFIG_ARCH_AARCH64 &&CONFIG_MAX_NUM_NODES == 1, "configuration");
_Static_assert(CONFIG_ARM_HYPERVISOR_SUPPORT &&CONFIG_ALLOW_SMC_CALLS, "configuration");
_Static_assert(CONFIG_AARCH64_USER_CACHE_ENABLE &&CONFIG_PLAT_QEMU_ARM_VIRT, "configuration");
_Static_assert(CONFIG_EXPORT_PCNT_USER &&CONFIG_EXPORT_PTMR_USER, "configuration");
_Static_assert(CONFIG_L1_CACHE_LINE_SIZE_BITS == 6, "configuration");
#if defined(CONFIG_ENABLE_SMP_SUPPORT) || defined(CONFIG_HARDWARE_DEBUG_API) || \
    defined(CONFIG_ARM_GIC_V3_SUPPORT) || defined(CONFIG_ENABLE_BENCHMARKS)
#error "an option is on that this kernel does not have"
#endif

volatile seL4_Word seen;

static void messages(void)
{
    seL4_MessageInfo_t plain = seL4_MessageInfo_new(1, 0, 0, 2);
    microkit_msginfo info = microkit_msginfo_new(seL4_MessageInfo_get_label(plain), 2);

    microkit_mr_set(0, 1);
    seL4_SetMR(1, seL4_GetMR(0));
    seen = microkit_mr_get(1) + (seL4_Word)(seL4_GetIPCBuffer() != 0);
    info = microkit_ppcall(3, info);
    seen = microkit_msginfo_get_label(info) + microkit_msginfo_get_count(info);
    seen = seL4_MessageInfo_get_length(info);
}

static void signals(void)
{
    microkit_notify(1);
    microkit_deferred_notify(1);
    microkit_irq_ack(2);
    microkit_deferred_irq_ack(2);
    seen = microkit_have_signal ? microkit_signal_cap + microkit_signal_msg.words[0] : 0;
    seen =
        microkit_irqs | microkit_notifications | microkit_pps | microkit_ioports | microkit_passive;
}

static void printing(void)
{
    microkit_dbg_putc('a');
    microkit_dbg_puts(microkit_name);
    microkit_dbg_put8(255);
    microkit_dbg_put32(4294967295u);
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar('b');
#endif
}

static void children(void)
{
    seL4_UserContext context;
    seL4_Error error = seL4_TCB_ReadRegisters(BASE_TCB_CAP, seL4_False, 0, 0x24, &context);

    error += seL4_TCB_WriteRegisters(BASE_TCB_CAP, seL4_True, 0, 0x24, &context);
    error += seL4_TCB_Suspend(BASE_TCB_CAP) + seL4_TCB_Resume(BASE_TCB_CAP);
    seen = (seL4_Word)(error != seL4_NoError) + context.pc + context.sp + context.spsr +
           context.x0 + context.x30 + context.tpidr_el0 + context.tpidrro_el0;
    microkit_pd_stop(1);
    microkit_pd_resume(1);
    microkit_pd_restart(1, 0x200000);
    seen = microkit_cspace_root_slot_to_cptr(1);
}

static void machines(void)
{
    static seL4_ARM_SMCContext call = { 1, 2, 3, 4, 5, 6, 7, 8 };
    seL4_ARM_SMCContext response;

    microkit_vcpu_restart(0, 0x40000000);
    microkit_vcpu_stop(0);
    microkit_vcpu_arm_inject_irq(0, 27, 0, 1, 0);
    microkit_vcpu_arm_ack_vppi(0, 27);
    microkit_vcpu_arm_write_reg(0, seL4_VCPUReg_SCTLR, 0);
    seen = microkit_vcpu_arm_read_reg(0, seL4_VCPUReg_SCTLR);
    seen = (seL4_Word)seL4_ARM_VCPU_InjectIRQ(BASE_VCPU_CAP, 27, 0, 0, 0);
    microkit_arm_smc_call(&call, &response);
    seen = response.x0 + response.x7;
}

void init(void)
{
    messages();
    signals();
    printing();
    children();
    machines();
    seL4_Send(1, seL4_MessageInfo_new(IRQAckIRQ, 0, 0, 0));
    seL4_Signal(10);
    seen = (seL4_Word)seL4_IRQHandler_Ack(BASE_IRQ_CAP);
    tessera_exit(0);
}

void notified(microkit_channel ch)
{
    static const seL4_Word registers[] = {
        seL4_VCPUReg_SCTLR,     seL4_VCPUReg_TTBR0,       seL4_VCPUReg_TTBR1,
        seL4_VCPUReg_TCR,       seL4_VCPUReg_MAIR,        seL4_VCPUReg_AMAIR,
        seL4_VCPUReg_CIDR,      seL4_VCPUReg_ACTLR,       seL4_VCPUReg_CPACR,
        seL4_VCPUReg_AFSR0,     seL4_VCPUReg_AFSR1,       seL4_VCPUReg_ESR,
        seL4_VCPUReg_FAR,       seL4_VCPUReg_PAR,         seL4_VCPUReg_VBAR,
        seL4_VCPUReg_TPIDR_EL1, seL4_VCPUReg_SP_EL1,      seL4_VCPUReg_ELR_EL1,
        seL4_VCPUReg_SPSR_EL1,  seL4_VCPUReg_CNTKCTL_EL1, seL4_VCPUReg_CNTV_CTL,
        seL4_VCPUReg_CNTV_CVAL, seL4_VCPUReg_CNTVOFF,
    };

    seen = registers[ch % (sizeof(registers) / sizeof(registers[0]))];
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    seen = ch;
    return msginfo;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seen = child;
    *reply_msginfo = microkit_msginfo_new(0, 0);
    switch (microkit_msginfo_get_label(msginfo)) {
    case seL4_Fault_NullFault: return seL4_False;
    case seL4_Fault_CapFault:
        seen = microkit_mr_get(seL4_CapFault_IP) + microkit_mr_get(seL4_CapFault_Addr) +
               microkit_mr_get(seL4_CapFault_InRecvPhase);
        break;
    case seL4_Fault_UnknownSyscall:
        seen = microkit_mr_get(seL4_UnknownSyscall_FaultIP) +
               microkit_mr_get(seL4_UnknownSyscall_Syscall);
        break;
    case seL4_Fault_UserException:
        seen = microkit_mr_get(seL4_UserException_FaultIP) +
               microkit_mr_get(seL4_UserException_Number);
        break;
    case seL4_Fault_VMFault:
        seen = microkit_mr_get(seL4_VMFault_IP) + microkit_mr_get(seL4_VMFault_Addr) +
               microkit_mr_get(seL4_VMFault_PrefetchFault) + microkit_mr_get(seL4_VMFault_FSR);
        break;
    case seL4_Fault_VGICMaintenance: seen = microkit_mr_get(seL4_VGICMaintenance_IDX); break;
    case seL4_Fault_VCPUFault: seen = microkit_mr_get(seL4_VCPUFault_HSR); break;
    case seL4_Fault_VPPIEvent: seen = microkit_mr_get(seL4_VPPIEvent_IRQ); break;
    default: break;
    }
    return seL4_True;
}
