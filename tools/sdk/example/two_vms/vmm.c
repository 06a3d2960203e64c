/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The monitor of two virtual machines that run the same program in different memory
 */
#include <microkit.h>
#include <stdint.h>

#define GUEST_BASE 0x40000000ul
#define WORD_AT    0x100000
#define SPSR_EL1H  0x3c5 /* EL1 with its own stack, interrupts masked */
#define LEFT_ID    0

extern const char guest_start[], guest_end[];

uintptr_t left_ram;
uintptr_t right_ram;
uint64_t right_id;

static void guest_start_in(uintptr_t ram, microkit_child vcpu, uint64_t word)
{
    volatile char *to = (volatile char *)ram;
    seL4_UserContext context;

    for (long i = 0; i < guest_end - guest_start; i++) {
        to[i] = guest_start[i];
    }
    *(volatile uint64_t *)(ram + WORD_AT) = word;
    /* The guest runs without caches. */
    for (uintptr_t line = ram; line < ram + 0x1000; line += 64) {
        __asm__ volatile("dc civac, %0" : : "r"(line) : "memory");
    }
    __asm__ volatile("dc civac, %0\n\tdsb sy\n\tisb" : : "r"(ram + WORD_AT) : "memory");
    (void)seL4_TCB_ReadRegisters(BASE_VM_TCB_CAP + vcpu, seL4_False, 0,
                                 sizeof(context) / sizeof(seL4_Word), &context);
    context.spsr = SPSR_EL1H;
    (void)seL4_TCB_WriteRegisters(BASE_VM_TCB_CAP + vcpu, seL4_False, 0,
                                  sizeof(context) / sizeof(seL4_Word), &context);
    microkit_vcpu_restart(vcpu, GUEST_BASE);
}

void init(void)
{
    guest_start_in(left_ram, LEFT_ID, 1111);
    guest_start_in(right_ram, (microkit_child)right_id, 2222);
}

void notified(microkit_channel ch)
{
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seL4_UserContext context;

    (void)seL4_TCB_ReadRegisters(BASE_VM_TCB_CAP + child, seL4_False, 0,
                                 sizeof(context) / sizeof(seL4_Word), &context);
    microkit_dbg_puts(child == LEFT_ID ? "left says " : "right says ");
    microkit_dbg_put32((seL4_Uint32)context.x1);
    microkit_dbg_puts(microkit_msginfo_get_label(msginfo) == seL4_Fault_VCPUFault ? "\n"
                                                                                  : " WRONG\n");
    microkit_vcpu_stop(child);
    return seL4_False;
}
