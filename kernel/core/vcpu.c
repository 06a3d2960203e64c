/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual CPUs
 *
 * Which VCPU's state is in hardware, and the interrupts that belong to a guest. The invocations
 * are in vcpu_invoke.c.
 */
#include <core/fault.h>
#include <core/scheduler.h>
#include <core/thread.h>
#include <core/vcpu.h>

void vcpu_init(struct vcpu *vcpu)
{
    vcpu->registers.fields[VCPU_REG_SCTLR_EL1] = VCPU_SCTLR_RESET;
    vcpu->registers.vgic_hcr = VGIC_HCR_RESET;
}

/* ---- The switch ------------------------------------------------------------------------------ */

static void vcpu_enable(struct cpu_state *cpu, struct vcpu *vcpu)
{
    machine_vcpu_enable(&vcpu->registers);
    if (!vcpu->vppi_masked) {
        machine_irq_unmask(kernel.config.vtimer_irq);
    }
    cpu->vcpu_active = true;
}

static void vcpu_disable(struct cpu_state *cpu, struct vcpu *vcpu)
{
    machine_vcpu_disable(&vcpu->registers);
    machine_irq_mask(kernel.config.vtimer_irq);
    cpu->vcpu_active = false;
}

void vcpu_switch(struct vcpu *vcpu)
{
    struct cpu_state *cpu = this_cpu();
    struct vcpu *loaded = vcpu_at(cpu->vcpu_current);

    if (vcpu == NULL) {
        if (cpu->vcpu_active) {
            vcpu_disable(cpu, loaded);
        }
        return;
    }
    if (vcpu != loaded) {
        if (cpu->vcpu_active) {
            vcpu_disable(cpu, loaded);
        }
        if (loaded != NULL) {
            machine_vcpu_save(&loaded->registers);
        }
        machine_vcpu_restore(&vcpu->registers);
        cpu->vcpu_current = vcpu_ref_of(vcpu);
    }
    if (!cpu->vcpu_active) {
        vcpu_enable(cpu, vcpu);
    }
}

void vcpu_dissociate(struct vcpu *vcpu)
{
    struct cpu_state *cpu = this_cpu();
    struct tcb *thread = tcb_at(vcpu->tcb);

    if (thread == NULL) {
        return;
    }
    if (cpu->vcpu_current.raw == vcpu_ref_of(vcpu).raw) {
        if (cpu->vcpu_active) {
            machine_vcpu_native();
            machine_irq_mask(kernel.config.vtimer_irq);
            cpu->vcpu_active = false;
        }
        cpu->vcpu_current = (struct vcpu_ref){ 0 };
    }
    vcpu->tcb = (struct tcb_ref){ 0 };
    thread->vcpu = (struct vcpu_ref){ 0 };
    thread->hardware &= (uint8_t)~THREAD_HAS_VCPU;
    thread_set_register(thread, CONTEXT_SPSR,
                        thread_sanitise_spsr(thread, thread_register(thread, CONTEXT_SPSR)));
    scheduler_renew_counter_access();
}

void vcpu_finalise(struct vcpu *vcpu)
{
    vcpu_dissociate(vcpu);
}

/* ---- Interrupts of the guest ------------------------------------------------------------------- */

/* The current thread, if it is a guest that would go on: one whose time has just ended, or that
 * waits for the answer to a fault, cannot take another one. */
static struct tcb *vcpu_running_thread(void)
{
    struct tcb *thread = thread_current();

    if (!this_cpu()->vcpu_active || thread->state != THREAD_RUNNING || !scheduler_can_run(thread)) {
        return NULL;
    }
    return thread;
}

void vcpu_maintenance_interrupt(void)
{
    struct tcb *thread = vcpu_running_thread();

    if (thread == NULL) {
        return;
    }
    struct vcpu *vcpu = vcpu_at(thread->vcpu);
    const word_t index = machine_vgic_maintenance_index();

    if (index < VGIC_LIST_MAX) {
        const word_t value = machine_vgic_list_without_eoi(machine_vgic_list_read(index));

        machine_vgic_list_write(index, value);
        vcpu->registers.vgic_list[index] = value;
    }
    fault_raise(thread, FAULT_VGIC_MAINTENANCE, index, 0, 0);
}

void vcpu_timer_interrupt(void)
{
    struct tcb *thread = vcpu_running_thread();
    const word_t irq = kernel.config.vtimer_irq;

    if (thread == NULL) {
        return;
    }
    machine_irq_mask(irq);
    vcpu_at(thread->vcpu)->vppi_masked = true;
    fault_raise(thread, FAULT_VPPI, irq, 0, 0);
}
