/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The first instructions of the kernel
 *
 * The loader enters here at EL2 with the MMU off, wherever it put the image (2 MiB aligned, bss
 * already zero), x0 = physical address of the boot table. Everything up to `high` runs at physical
 * addresses, so it must be position-independent: only adr and adrp.
 *
 * The MMU is switched on while running in an identity map; the next instruction fetch then
 * still finds the code, and a jump to a literal address moves over to the kernel's own addresses.
 */
#include <arch/layout.h>

#define MAIR_VALUE 0xff00 /* attribute 0: device nGnRnE; 1: normal write-back */

/* T0SZ 24 (40-bit addresses), walks inner shareable write-back, 4 KiB pages; bits 31, 23 one. */
#define TCR_VALUE 0x80803518

/* M, C, I, SA (stack alignment), WXN (writable is never executable), and the bits that are one. */
#define SCTLR_VALUE 0x30cd183d

        .section .text.head, "ax"
        .global kernel_entry
        .type kernel_entry, @function
kernel_entry:
        msr     daifset, #15
        mrs     x1, CurrentEL
        cmp     x1, #(2 << 2)
        b.ne    park
        msr     spsel, #1
        mov     x19, x0
        adrp    x1, kernel_stack_top
        add     x1, x1, :lo12:kernel_stack_top
        mov     sp, x1
        adrp    x1, vectors
        add     x1, x1, :lo12:vectors
        msr     vbar_el2, x1
        bl      early_main              /* x0 = table; returns the root translation table */

        ldr     x1, =MAIR_VALUE
        msr     mair_el2, x1
        ldr     x1, =TCR_VALUE
        mrs     x2, id_aa64mmfr0_el1    /* the kernel may use all physical address bits */
        and     x2, x2, #7
        mov     x3, #5                  /* 48 bits: more need another format of entries */
        cmp     x2, x3
        csel    x2, x2, x3, lo
        bfi     x1, x2, #16, #3
        msr     tcr_el2, x1
        msr     ttbr0_el2, x0
        dsb     sy
        tlbi    alle2
        ic      iallu
        dsb     sy
        isb
        ldr     x1, =SCTLR_VALUE
        msr     sctlr_el2, x1
        isb
        ldr     x1, =high
        br      x1

high:   ldr     x1, =kernel_stack_top
        mov     sp, x1
        ldr     x1, =vectors
        msr     vbar_el2, x1
        isb
        bl      early_finish            /* takes the identity map away */
        ldr     x1, =LAYOUT_WINDOW
        add     x0, x19, x1
        bl      boot_main
        bl      trap_first
        b       trap_exit

park:   wfe
        b       park
        .size kernel_entry, . - kernel_entry
        .ltorg
