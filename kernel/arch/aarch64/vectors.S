/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Exception entry and exit
 *
 * While user code runs, SP_EL2 points at the saved registers (struct context) of the current
 * thread, so entry stores straight into them without a scratch register, and then moves to
 * the one kernel stack, which is always empty at this point.
 *
 * Invariant: FAULT_IP is set by trap.c, everything else of struct context here.
 */
#include <arch/context.h>
#include <arch/layout.h>

        .macro save_and_call function
        stp     x0, x1, [sp, #16 * 0]
        stp     x2, x3, [sp, #16 * 1]
        stp     x4, x5, [sp, #16 * 2]
        stp     x6, x7, [sp, #16 * 3]
        stp     x8, x9, [sp, #16 * 4]
        stp     x10, x11, [sp, #16 * 5]
        stp     x12, x13, [sp, #16 * 6]
        stp     x14, x15, [sp, #16 * 7]
        stp     x16, x17, [sp, #16 * 8]
        stp     x18, x19, [sp, #16 * 9]
        stp     x20, x21, [sp, #16 * 10]
        stp     x22, x23, [sp, #16 * 11]
        stp     x24, x25, [sp, #16 * 12]
        stp     x26, x27, [sp, #16 * 13]
        stp     x28, x29, [sp, #16 * 14]
        mrs     x1, sp_el0
        mrs     x2, elr_el2
        mrs     x3, spsr_el2
        mrs     x4, tpidr_el0
        mrs     x5, tpidrro_el0
        stp     x30, x1, [sp, #CONTEXT_OFFSET_SP - 8]
        stp     x2, x3, [sp, #CONTEXT_OFFSET_NEXT_IP]
        stp     x4, x5, [sp, #CONTEXT_OFFSET_TPIDR]
        mov     x0, sp
        adrp    x1, kernel_stack_top    /* page aligned */
        mov     sp, x1
        bl      \function
        b       trap_exit
        .endm

        .macro fatal number
        mov     x0, sp                  /* where it happened may be a bad stack */
        adrp    x1, panic_stack_top
        mov     sp, x1
        mov     x1, #\number
        b       trap_fatal
        .endm

        .macro vector
        .balign 0x80
        .endm

        .section .text.vectors, "ax"
        .balign 0x800
        .global vectors
        .type vectors, @function
vectors:
        vector                          /* from EL2 itself: always our own mistake */
        fatal   0
        vector
        fatal   1
        vector
        fatal   2
        vector
        fatal   3
        vector
        b       translate_check
        vector
        fatal   5
        vector
        fatal   6
        vector
        fatal   7
        vector                          /* from EL0 or EL1, AArch64 */
        save_and_call trap_sync
        vector
        save_and_call trap_irq
        vector
        fatal   10
        vector                          /* see SError below */
        save_and_call trap_irq
        vector                          /* from AArch32: a guest may have EL0 code in it */
        save_and_call trap_sync
        vector
        save_and_call trap_irq
        vector
        fatal   14
        vector
        save_and_call trap_irq
        .balign 0x80
        .size vectors, . - vectors

/*
 * An SError says that some access did not arrive: one of a user to a device, for the kernel makes
 * none that can fail. Which user's cannot be told, as it comes late. It stops nobody: it counts as
 * an interrupt that nobody asked for, so that who causes many pays for them with time.
 */

/* A translation of a guest's address may abort: go on behind it (mmu.c). Anything else is fatal. */
        .section .text.translate_check, "ax"
        .type translate_check, @function
translate_check:
        mrs     x16, elr_el2
        adrp    x17, translate_may_abort
        add     x17, x17, :lo12:translate_may_abort
        cmp     x16, x17
        b.ne    1f
        add     x16, x16, #4
        msr     elr_el2, x16
        eret
1:      fatal   4
        .size translate_check, . - translate_check

/* Return to user code; x0 = its struct context. */
        .section .text.trap_exit, "ax"
        .global trap_exit
        .type trap_exit, @function
trap_exit:
        mov     sp, x0
        ldp     x30, x1, [sp, #CONTEXT_OFFSET_SP - 8]
        ldp     x2, x3, [sp, #CONTEXT_OFFSET_NEXT_IP]
        ldp     x4, x5, [sp, #CONTEXT_OFFSET_TPIDR]
        msr     sp_el0, x1
        msr     elr_el2, x2
        msr     spsr_el2, x3
        msr     tpidr_el0, x4
        msr     tpidrro_el0, x5
        ldp     x0, x1, [sp, #16 * 0]
        ldp     x2, x3, [sp, #16 * 1]
        ldp     x4, x5, [sp, #16 * 2]
        ldp     x6, x7, [sp, #16 * 3]
        ldp     x8, x9, [sp, #16 * 4]
        ldp     x10, x11, [sp, #16 * 5]
        ldp     x12, x13, [sp, #16 * 6]
        ldp     x14, x15, [sp, #16 * 7]
        ldp     x16, x17, [sp, #16 * 8]
        ldp     x18, x19, [sp, #16 * 9]
        ldp     x20, x21, [sp, #16 * 10]
        ldp     x22, x23, [sp, #16 * 11]
        ldp     x24, x25, [sp, #16 * 12]
        ldp     x26, x27, [sp, #16 * 13]
        ldp     x28, x29, [sp, #16 * 14]
        eret
        .size trap_exit, . - trap_exit

/* Stacks, each with a page below it that is never mapped: running over faults at once. */
        .section .bss.stack, "aw", @nobits
        .balign LAYOUT_PAGE_BYTES
        .global kernel_stack_guard
kernel_stack_guard:
        .skip   LAYOUT_PAGE_BYTES
        .skip   2 * LAYOUT_PAGE_BYTES
        .global kernel_stack_top
kernel_stack_top:
        .global panic_stack_guard
panic_stack_guard:
        .skip   LAYOUT_PAGE_BYTES
        .skip   LAYOUT_PAGE_BYTES
        .global panic_stack_top
panic_stack_top:
