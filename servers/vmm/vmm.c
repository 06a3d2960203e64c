/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The monitor of one virtual machine: events
 *
 * Three kinds of event arrive: a fault of the vCPU, console input, the timer's deadline. After
 * each one the interrupt lines are brought up to date and deliverable interrupts go into list
 * registers; then the vCPU continues, or waits (WFI) until the next event.
 */
#include <console/console.h>
#include <proto/timer.h>
#include <string.h>
#include <tessera.h>
#include <vmm/vmm.h>

#define VGIC_LISTS 4u /* list registers used: every machine of today has at least four */

static struct vmm vmm;

static void machine_start(void)
{
    struct guest_start start;

    vgic_reset(&vmm.vgic, (unsigned)guest_gic_version, VGIC_LISTS);
    pl011_reset(&vmm.uart);
    virtio_console_reset(&vmm.virtio, &vmm.memory);
    vmm.is_idle = false;
    vmm.input_to_virtio = false;
    if (!boot_load(&vmm.memory, &start)) {
        tessera_exit(1);
    }
    vcpu_start(&start);
}

void init(void)
{
    vmm.memory = (struct guest_memory){ (uint8_t *)guest_ram_base, guest_ram_bytes };
    vmm.held_input = -1;
    console_init(NULL);
    machine_start();
}

/* Fill free list registers with the most urgent interrupts. */
static void deliver_interrupts(void)
{
    unsigned irq;
    unsigned index;

    guest_console_poll(&vmm);
    while (vgic_pick(&vmm.vgic, &irq, &index)) {
        unsigned group = vmm.vgic.version == 3 ? 1 : 0;

        if (!vcpu_inject(irq, vmm.vgic.priority[irq] >> 3, group, index)) {
            vgic_unpick(&vmm.vgic, index);
            break;
        }
    }
}

static void set_deadline(uint64_t deadline)
{
    microkit_mr_set(0, deadline);
    (void)microkit_ppcall(VMM_CHANNEL_TIMER, microkit_msginfo_new(TIMER_SET_DEADLINE, 1));
}

/* The guest waits for an interrupt. Returns true when it must run on at once. */
static bool wait_for_interrupt(void)
{
    uint64_t deadline;

    if (vgic_has_work(&vmm.vgic)) {
        return true;
    }
    if (vcpu_timer_deadline(&deadline)) {
        set_deadline(deadline);
    }
    vmm.is_idle = true;
    return false;
}

static void list_register_ended(unsigned index)
{
    if (vgic_end(&vmm.vgic, index) == GUEST_IRQ_TIMER) {
        microkit_vcpu_arm_ack_vppi(VMM_VCPU, GUEST_IRQ_TIMER);
    }
}

static enum guest_action handle_fault(microkit_msginfo info)
{
    switch (microkit_msginfo_get_label(info)) {
    case seL4_Fault_VMFault:
        guest_access(&vmm, microkit_mr_get(seL4_VMFault_Addr),
                     microkit_mr_get(seL4_VMFault_PrefetchFault) != 0,
                     microkit_mr_get(seL4_VMFault_FSR));
        return GUEST_CONTINUE;
    case seL4_Fault_VCPUFault: return guest_trap(&vmm, microkit_mr_get(seL4_VCPUFault_HSR));
    case seL4_Fault_VGICMaintenance:
        list_register_ended((unsigned)microkit_mr_get(seL4_VGICMaintenance_IDX));
        return GUEST_CONTINUE;
    case seL4_Fault_VPPIEvent:
        vgic_raise(&vmm.vgic, (unsigned)microkit_mr_get(seL4_VPPIEvent_IRQ));
        return GUEST_CONTINUE;
    case seL4_Fault_UnknownSyscall: return guest_hypercall();
    case seL4_Fault_CapFault:
        /* An HVC with a number of the kernel's calls: the guest holds no capability. */
        vcpu_complete(0, ~0ul);
        return GUEST_CONTINUE;
    default: vcpu_raise_undefined(); return GUEST_CONTINUE;
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child; /* one vCPU */
    *reply = microkit_msginfo_new(0, 0);
    switch (handle_fault(info)) {
    case GUEST_OFF: vcpu_stop(); tessera_exit(0);
    case GUEST_RESET:
        vcpu_stop();
        machine_start();
        return seL4_False;
    case GUEST_WAIT: deliver_interrupts(); return wait_for_interrupt() ? seL4_True : seL4_False;
    case GUEST_CONTINUE: break;
    }
    deliver_interrupts();
    return seL4_True;
}

void notified(microkit_channel channel)
{
    deliver_interrupts();
    if (vmm.is_idle && (channel == VMM_CHANNEL_TIMER || vgic_has_work(&vmm.vgic))) {
        vmm.is_idle = false;
        vcpu_resume();
    }
}
