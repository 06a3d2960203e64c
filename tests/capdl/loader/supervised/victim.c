/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * victim: counts, and runs a virtual machine that counts too
 */
#include "beats.h"

#include <microkit.h>
#include <string.h>

#define GUEST_ENTRY 0x40000000u
#define VCPU        0

__attribute__((used, section(".data.microkit"))) struct beats *beats = 0;
__attribute__((used, section(".data.microkit"))) char *guest_ram = 0;

/* The guest: position independent; its second word of beats is at 0x50000008. */
extern const char guest_code[];
extern const char guest_code_end[];
__asm__(".pushsection .rodata\n"
        ".balign 4\n"
        ".global guest_code, guest_code_end\n"
        "guest_code:\n"
        "    movz    x0, #0x5000, lsl #16\n"
        "1:  ldr     x1, [x0, #8]\n"
        "    add     x1, x1, #1\n"
        "    str     x1, [x0, #8]\n"
        "    b       1b\n"
        "guest_code_end:\n"
        ".popsection\n");

void init(void)
{
    seL4_Word start = (seL4_Word)guest_ram;
    size_t length = (size_t)(guest_code_end - guest_code);

    memcpy(guest_ram, guest_code, length);
    (void)seL4_ARM_VSpace_CleanInvalidate_Data(3, start, start + length);
    (void)seL4_ARM_VSpace_Unify_Instruction(3, start, start + length);
    microkit_vcpu_restart(VCPU, GUEST_ENTRY);
    for (;;) {
        beats->victim++;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
