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

#define TIMER_NEVER          0u
#define ESR_LONG_INSTRUCTION (1ul << 25)

/* x0..x7 and the address to go on at, as a reply to an unknown system call takes them. */
#define HYPERCALL_REPLY_WORDS (seL4_UnknownSyscall_FaultIP + 1u)

#define VGIC_LISTS 4u /* list registers used: every machine of today has at least four */

static struct vmm vmm;
static seL4_Word hypercall[HYPERCALL_REPLY_WORDS]; /* the one being served */

static void devices_reset(void)
{
    vgic_reset(&vmm.vgic, (unsigned)guest_gic_version, VGIC_LISTS);
    pl011_reset(&vmm.uart);
    virtio_console_reset(&vmm.virtio, &vmm.memory);
    vmm.is_settled = false;
    vmm.is_idle = false;
    vmm.input_to_virtio = false;
    vmm.has_transmit = false;
    vmm.output.is_held = false;
}

static void guest_load(void)
{
    if (!boot_load(&vmm.memory, &vmm.start)) {
        tessera_exit(1);
    }
}

static void guest_start(void)
{
    vmm.is_resetting = false;
    vcpu_start(vmm.start.entry, vmm.start.device_tree, 0);
}

void init(void)
{
    vmm.memory = (struct guest_memory){ (uint8_t *)guest_ram_base, guest_ram_bytes };
    vmm.held_input = -1;
    vmm.has_input = true;
    console_init(NULL);
    devices_reset();
    guest_load();
    guest_start();
}

static void set_deadline(uint64_t deadline)
{
    microkit_mr_set(0, deadline);
    (void)microkit_ppcall(VMM_CHANNEL_TIMER, microkit_msginfo_new(TIMER_SET_DEADLINE, 1));
}

/*
 * Start the guest anew: all but the vCPU's list registers at once, these by the code of reset.S,
 * which ends with an SMC. Input that no device has taken yet is kept: it belongs to the terminal.
 */
static void guest_reset(void)
{
    uint64_t listed = 0;

    vcpu_stop();
    set_deadline(TIMER_NEVER);
    for (unsigned i = 0; i < VGIC_LISTS; i++) {
        listed |= (uint64_t)vmm.vgic.list[i] << (16 * i);
    }
    guest_console_finish(&vmm);
    devices_reset();
    guest_load();
    vmm.is_resetting = true;
    vcpu_start(boot_load_reset(&vmm.memory, &vmm.start), GUEST_GICC_BASE, listed);
}

/* Bring lines up to date and fill free list registers with the most urgent interrupts. Nothing is
 * to be done after an exit that changed no device. */
static void deliver_interrupts(void)
{
    unsigned irq;
    unsigned index;

    if (vmm.is_settled) {
        return;
    }
    guest_console_poll(&vmm);
    vmm.is_settled = vmm.output.is_held || !guest_has_output(&vmm);
    while (vgic_pick(&vmm.vgic, &irq, &index)) {
        if (!vcpu_inject(irq, vmm.vgic.priority[irq] >> 3, vgic_group(&vmm.vgic, irq), index)) {
            vgic_unpick(&vmm.vgic, index);
            vmm.is_settled = false;
            break;
        }
        if (irq == GUEST_IRQ_TIMER) {
            /* The kernel has masked the line until the guest ends the interrupt. */
            vgic_set_level(&vmm.vgic, irq, false);
        }
    }
}

/* The guest waits for an interrupt. Returns true when it must run on at once. */
static bool wait_for_interrupt(void)
{
    uint64_t deadline;

    if (vgic_has_work(&vmm.vgic) || guest_has_output(&vmm)) {
        return true;
    }
    /* A timer whose interrupt could not wake the guest is not worth waking it for. */
    if (vgic_is_enabled(&vmm.vgic, GUEST_IRQ_TIMER) && vcpu_timer_deadline(&deadline)) {
        set_deadline(deadline);
    }
    vmm.is_idle = true;
    return false;
}

static void list_register_ended(unsigned index)
{
    vmm.is_settled = false;
    if (vgic_end(&vmm.vgic, index) == GUEST_IRQ_TIMER) {
        microkit_vcpu_arm_ack_vppi(VMM_VCPU, GUEST_IRQ_TIMER);
    }
}

static enum guest_action handle_access(void)
{
    uint64_t syndrome = microkit_mr_get(seL4_VMFault_FSR);
    uint64_t address = microkit_mr_get(seL4_VMFault_Addr);
    bool is_fetch = microkit_mr_get(seL4_VMFault_PrefetchFault) != 0;

    vcpu_exit_at(syndrome, microkit_mr_get(seL4_VMFault_IP));
    guest_access(&vmm, address, is_fetch, syndrome);
    return GUEST_CONTINUE;
}

static enum guest_action handle_trap(void)
{
    uint64_t syndrome = microkit_mr_get(seL4_VCPUFault_HSR);

    guest_output_release(&vmm);
    vcpu_exit(syndrome);
    return guest_trap(&vmm, syndrome);
}

static enum guest_action handle_refused_call(void)
{
    /* An HVC with a number of the kernel's calls: the guest holds no capability. */
    vcpu_exit_at(ESR_LONG_INSTRUCTION, microkit_mr_get(seL4_CapFault_IP));
    vcpu_complete(0, ~0ul);
    return GUEST_CONTINUE;
}

/* HVC with a number that is not the kernel's: the message holds the registers, and so does the
 * reply, so that this exit costs nothing but itself. */
static enum guest_action handle_hypercall(void)
{
    enum guest_action action;

    for (unsigned i = 0; i < seL4_UnknownSyscall_FaultIP; i++) {
        hypercall[i] = microkit_mr_get((seL4_Uint8)i);
    }
    hypercall[seL4_UnknownSyscall_FaultIP] = microkit_mr_get(seL4_UnknownSyscall_LR);
    action = guest_firmware_call(hypercall, &hypercall[0]);
    /* A guest that waits gets no reply, which this one needs; not to wait is allowed. */
    return action == GUEST_WAIT ? GUEST_CONTINUE : action;
}

static microkit_msginfo hypercall_reply(void)
{
    for (unsigned i = 0; i < HYPERCALL_REPLY_WORDS; i++) {
        microkit_mr_set((seL4_Uint8)i, hypercall[i]);
    }
    return microkit_msginfo_new(0, HYPERCALL_REPLY_WORDS);
}

static enum guest_action handle_fault(microkit_msginfo info)
{
    switch (microkit_msginfo_get_label(info)) {
    case seL4_Fault_VMFault: return handle_access();
    case seL4_Fault_VCPUFault: return handle_trap();
    case seL4_Fault_VGICMaintenance:
        guest_output_release(&vmm);
        list_register_ended((unsigned)microkit_mr_get(seL4_VGICMaintenance_IDX));
        return GUEST_CONTINUE;
    case seL4_Fault_VPPIEvent:
        guest_output_release(&vmm);
        vgic_set_level(&vmm.vgic, (unsigned)microkit_mr_get(seL4_VPPIEvent_IRQ), true);
        vmm.is_settled = false;
        return GUEST_CONTINUE;
    case seL4_Fault_UnknownSyscall: return handle_hypercall();
    case seL4_Fault_CapFault: return handle_refused_call();
    default:
        vcpu_exit(ESR_LONG_INSTRUCTION);
        vcpu_raise_undefined();
        return GUEST_CONTINUE;
    }
}

/* While the vCPU runs reset.S, ended interrupts are expected; anything else is its end. */
static seL4_Bool reset_fault(microkit_msginfo info)
{
    if (microkit_msginfo_get_label(info) == seL4_Fault_VGICMaintenance) {
        return seL4_True;
    }
    vcpu_stop();
    guest_start();
    return seL4_False;
}

seL4_Bool fault(microkit_child child, microkit_msginfo info, microkit_msginfo *reply)
{
    (void)child; /* one vCPU */
    *reply = microkit_msginfo_new(0, 0);
    if (vmm.is_resetting) {
        return reset_fault(info);
    }
    switch (handle_fault(info)) {
    case GUEST_OFF:
        vcpu_stop();
        guest_console_finish(&vmm);
        tessera_exit(0);
    case GUEST_RESET: guest_reset(); return seL4_False;
    case GUEST_WAIT: deliver_interrupts(); return wait_for_interrupt() ? seL4_True : seL4_False;
    case GUEST_CONTINUE: break;
    }
    deliver_interrupts();
    if (microkit_msginfo_get_label(info) == seL4_Fault_UnknownSyscall) {
        *reply = hypercall_reply();
    }
    return seL4_True;
}

void notified(microkit_channel channel)
{
    guest_output_release(&vmm);
    if (channel == VMM_CHANNEL_CONSOLE) {
        vmm.has_input = true;
        vmm.output.is_blocked = false;
    }
    vmm.is_settled = false;
    deliver_interrupts();
    if (vmm.is_idle && (channel == VMM_CHANNEL_TIMER || vgic_has_work(&vmm.vgic))) {
        vmm.is_idle = false;
        vcpu_resume();
    }
}
