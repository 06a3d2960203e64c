/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Registers of a virtual CPU
 *
 * Which state is in hardware when is the core's business (core/vcpu.c, abi/06 §2); this file
 * moves it. Group A decides how EL0 and EL1 behave and is switched at every change between guest
 * and native code; group B is invisible to native code and stays until another guest needs it.
 */
#include "cpu.h"

#include <abi/registers.h>
#include <arch/sysreg.h>
#include <machine/machine.h>
#include <machine/parts.h>

#define HCR_NATIVE   0x8e28103bul
#define HCR_GUEST    0x80086039ul
#define SCTLR_NATIVE 0x34d59824ul
#define CPACR_NATIVE (3ul << 20) /* floating point for EL0 and EL1; CPTR_EL2 has the last word */

/* Group B of the fields: number and register. */
#define GROUP_B(each)                                                                             \
    each(VCPU_REG_TTBR0_EL1, ttbr0_el1) each(VCPU_REG_TTBR1_EL1, ttbr1_el1)                       \
        each(VCPU_REG_TCR_EL1, tcr_el1) each(VCPU_REG_MAIR_EL1, mair_el1)                         \
            each(VCPU_REG_AMAIR_EL1, amair_el1) each(VCPU_REG_CONTEXTIDR_EL1, contextidr_el1)     \
                each(VCPU_REG_ACTLR_EL1, actlr_el1) each(VCPU_REG_AFSR0_EL1, afsr0_el1)           \
                    each(VCPU_REG_AFSR1_EL1, afsr1_el1) each(VCPU_REG_ESR_EL1, esr_el1)           \
                        each(VCPU_REG_FAR_EL1, far_el1) each(VCPU_REG_PAR_EL1, par_el1)           \
                            each(VCPU_REG_VBAR_EL1, vbar_el1) each(VCPU_REG_TPIDR_EL1, tpidr_el1) \
                                each(VCPU_REG_VMPIDR_EL2, vmpidr_el2)                             \
                                    each(VCPU_REG_SP_EL1, sp_el1) each(VCPU_REG_ELR_EL1, elr_el1) \
                                        each(VCPU_REG_SPSR_EL1, spsr_el1)

#define GROUP_A(each)                                                                         \
    each(VCPU_REG_SCTLR_EL1, sctlr_el1) each(VCPU_REG_CPACR_EL1, cpacr_el1)                   \
        each(VCPU_REG_CNTV_CTL_EL0, cntv_ctl_el0) each(VCPU_REG_CNTV_CVAL_EL0, cntv_cval_el0) \
            each(VCPU_REG_CNTVOFF_EL2, cntvoff_el2) each(VCPU_REG_CNTKCTL_EL1, cntkctl_el1)

/* The same for the registers that have no field (arch/vcpu.h). */
#define UNNUMBERED(each) \
    each(mdscr, mdscr_el1) each(pmuserenr, pmuserenr_el0) each(csselr, csselr_el1)

static word_t pmuserenr_native;

void vcpu_native_counters(bool allowed)
{
    pmuserenr_native = allowed ? 1 : 0;
}

static void native_controls(void)
{
    SYSREG_WRITE(mdscr_el1, 0); /* else a guest that steps itself steps native code */
    SYSREG_WRITE(pmuserenr_el0, pmuserenr_native);
    SYSREG_WRITE(sctlr_el1, SCTLR_NATIVE);
    SYSREG_WRITE(cpacr_el1, CPACR_NATIVE);
    SYSREG_WRITE(hcr_el2, HCR_NATIVE);
    SYSREG_WRITE(cntv_ctl_el0, 0);
    counter_to_native();
    BARRIER_ISB();
}

void machine_vcpu_native(void)
{
    vgic_set_hcr(0);
    native_controls();
}

void machine_vcpu_restore(const struct vcpu_registers *vcpu)
{
    vgic_set_hcr(0); /* nothing may be signalled from half a state */
    vgic_set_vmcr(vcpu->vgic_vmcr);
    vgic_set_apr(vcpu->vgic_apr, vcpu->vgic_apr0);
    for (word_t i = 0; i < machine_vgic_list_count(); i++) {
        machine_vgic_list_write(i, vcpu->vgic_list[i]);
    }
#define RESTORE(field, name) SYSREG_WRITE(name, vcpu->fields[field]);
    GROUP_B(RESTORE)
#undef RESTORE
}

void machine_vcpu_save(struct vcpu_registers *vcpu)
{
    vcpu->vgic_vmcr = vgic_vmcr();
    vcpu->vgic_apr = vgic_apr();
    vcpu->vgic_apr0 = vgic_apr0();
    for (word_t i = 0; i < machine_vgic_list_count(); i++) {
        vcpu->vgic_list[i] = machine_vgic_list_read(i);
    }
#define SAVE(field, name) vcpu->fields[field] = SYSREG_READ(name);
    GROUP_B(SAVE)
#undef SAVE
}

void machine_vcpu_enable(const struct vcpu_registers *vcpu)
{
    SYSREG_WRITE(sctlr_el1, vcpu->fields[VCPU_REG_SCTLR_EL1]);
    SYSREG_WRITE(cpacr_el1, vcpu->fields[VCPU_REG_CPACR_EL1]);
#define RESTORE(member, name) SYSREG_WRITE(name, vcpu->member);
    UNNUMBERED(RESTORE)
#undef RESTORE
    SYSREG_WRITE(hcr_el2, HCR_GUEST);
    BARRIER_ISB(); /* the virtual interface is programmed under the guest's controls */
    vgic_set_hcr(vcpu->vgic_hcr);
    SYSREG_WRITE(cntv_cval_el0, vcpu->fields[VCPU_REG_CNTV_CVAL_EL0]);
    counter_to_guest(vcpu->fields[VCPU_REG_CNTKCTL_EL1]);
    SYSREG_WRITE(cntvoff_el2, vcpu->fields[VCPU_REG_CNTVOFF_EL2]);
    BARRIER_ISB(); /* the offset counts before the timer can fire */
    SYSREG_WRITE(cntv_ctl_el0, vcpu->fields[VCPU_REG_CNTV_CTL_EL0]);
}

void machine_vcpu_disable(struct vcpu_registers *vcpu)
{
    vcpu->vgic_hcr = vgic_hcr();
#define SAVE(field, name) vcpu->fields[field] = SYSREG_READ(name);
    GROUP_A(SAVE)
#undef SAVE
#define SAVE(member, name) vcpu->member = SYSREG_READ(name);
    UNNUMBERED(SAVE)
#undef SAVE
    vgic_set_hcr(0);
    native_controls();
}

word_t machine_vcpu_read(word_t field)
{
    switch (field) {
#define CASE(number, name) \
    case number: return SYSREG_READ(name);
        GROUP_A(CASE)
        GROUP_B(CASE)
#undef CASE
    default: return 0;
    }
}

void machine_vcpu_write(word_t field, word_t value)
{
    switch (field) {
#define CASE(number, name) \
    case number: SYSREG_WRITE(name, value); break;
        GROUP_A(CASE)
        GROUP_B(CASE)
#undef CASE
    default: break;
    }
    BARRIER_ISB();
}
