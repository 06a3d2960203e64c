/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The monitor of a virtual machine with two virtual processors
 */
#include <microkit.h>
#include <stdint.h>

#define GUEST_BASE  0x40000000ul
#define FIRST_ID    0
#define VIRQ        42
#define SPSR_EL1H   0x3c5 /* EL1 with its own stack, interrupts masked */
#define EC_SHIFT    26
#define EC_SMC      0x17
#define EC_WFI      0x01
#define SECOND_SEED 41

extern const char guest_start[], guest_second[], guest_end[];

uintptr_t guest_ram_vaddr;
uint64_t second_id;

static void say(const char *text, seL4_Word number)
{
    microkit_dbg_puts("vmm: ");
    microkit_dbg_puts(text);
    microkit_dbg_puts(" ");
    microkit_dbg_put32((seL4_Uint32)number);
    microkit_dbg_puts("\n");
}

static void vcpu_start(microkit_child vcpu, seL4_Word entry, seL4_Word x0)
{
    seL4_UserContext context;

    if (seL4_TCB_ReadRegisters(BASE_VM_TCB_CAP + vcpu, seL4_False, 0,
                               sizeof(context) / sizeof(seL4_Word), &context) != seL4_NoError) {
        say("WRONG: cannot read registers of", vcpu);
    }
    context.spsr = SPSR_EL1H;
    context.x0 = x0;
    if (seL4_TCB_WriteRegisters(BASE_VM_TCB_CAP + vcpu, seL4_False, 0,
                                sizeof(context) / sizeof(seL4_Word), &context) != seL4_NoError) {
        say("WRONG: cannot write registers of", vcpu);
    }
    microkit_vcpu_restart(vcpu, entry);
}

void init(void)
{
    char *ram = (char *)guest_ram_vaddr;

    for (long i = 0; i < guest_end - guest_start; i++) {
        ram[i] = guest_start[i];
    }
    /* Data cache to the point of unification: the guest runs without caches at first. */
    for (long i = 0; i < guest_end - guest_start; i += 64) {
        __asm__ volatile("dc civac, %0" : : "r"(ram + i) : "memory");
    }
    __asm__ volatile("dsb sy\n\tisb" : : : "memory");
    microkit_vcpu_arm_write_reg(FIRST_ID, seL4_VCPUReg_CNTVOFF, 7);
    say("CNTVOFF", microkit_vcpu_arm_read_reg(FIRST_ID, seL4_VCPUReg_CNTVOFF));
    vcpu_start(FIRST_ID, GUEST_BASE, 0);
}

void notified(microkit_channel ch)
{
    say("WRONG: notified", ch);
}

/* Carries out a guest's firmware call; its number is in x0, its argument in x1. */
static void guest_call(microkit_child vcpu)
{
    seL4_UserContext context;

    (void)seL4_TCB_ReadRegisters(BASE_VM_TCB_CAP + vcpu, seL4_False, 0,
                                 sizeof(context) / sizeof(seL4_Word), &context);
    /* It goes on behind the instruction that trapped. */
    context.pc += 4;
    (void)seL4_TCB_WriteRegisters(BASE_VM_TCB_CAP + vcpu, seL4_False, 0, 1, &context);
    switch (context.x0) {
    case 1:
        say("start vcpu", second_id);
        vcpu_start((microkit_child)second_id, GUEST_BASE + (seL4_Word)(guest_second - guest_start),
                   SECOND_SEED);
        break;
    case 2: say("the second wrote", context.x1); break;
    case 3: microkit_vcpu_arm_inject_irq(vcpu, VIRQ, 0, 1, 0); break;
    case 4: say("the guest took interrupt", context.x1); break;
    default: say("WRONG: call", context.x0); break;
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seL4_Word label = microkit_msginfo_get_label(msginfo);
    seL4_Word class = microkit_mr_get(seL4_VCPUFault_HSR) >> EC_SHIFT;

    *reply_msginfo = microkit_msginfo_new(0, 0);
    if (label == seL4_Fault_VGICMaintenance) {
        return seL4_True;
    }
    if (label == seL4_Fault_VMFault) {
        say("no memory there", microkit_mr_get(seL4_VMFault_Addr) >> 16);
        microkit_vcpu_stop(child);
        say("stopped vcpu", child);
        return seL4_False;
    }
    if (label == seL4_Fault_VCPUFault && class == EC_SMC) {
        guest_call(child);
        return seL4_True;
    }
    if (label == seL4_Fault_VCPUFault && class == EC_WFI) {
        say("waits for interrupts: vcpu", child);
        return seL4_False;
    }
    say("WRONG: fault", label);
    return seL4_False;
}
