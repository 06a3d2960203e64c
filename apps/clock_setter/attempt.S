/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Single attempts that may fault: see attempt.h
 *
 * x1 is the address of the landing word in all of them; x9 to x11 are free by the procedure call
 * standard, and a stopped thread keeps all its registers.
 */

#define REPLY_SLOT 4

    .macro LANDING
    adr     x10, 1f
    str     x10, [x1]
    .endm

    .macro FUNCTION name
    .section .text.\name, "ax"
    .global \name
    .type \name, %function
\name:
    .endm

    FUNCTION attempt_read
    LANDING
    ldrb    w0, [x0]
1:  ret

    FUNCTION attempt_write
    LANDING
    strb    w2, [x0]
1:  ret

    /* The link register is lost by the jump; x11 keeps it. */
    FUNCTION attempt_execute
    mov     x11, x30
    LANDING
    blr     x0
1:  mov     x30, x11
    ret

    FUNCTION attempt_syscall
    LANDING
    mov     x7, x3
    mov     x1, x2
    mov     x2, xzr
    mov     x3, xzr
    mov     x4, xzr
    mov     x5, xzr
    mov     x6, #REPLY_SLOT
    svc     #0
1:  ret

    /* One function for an instruction, and its line in the table. */
    .macro INSTRUCTION name, text:vararg
    .section .text.attempt_instruction_\name, "ax"
attempt_instruction_\name:
    LANDING
    \text
1:  ret
    .section .rodata.attempt_names, "a"
2:  .asciz  "\text"
    .section .rodata.attempt_instructions, "a"
    .quad   2b, attempt_instruction_\name
    .endm

    .section .rodata.attempt_instructions, "a"
    .balign 8
    .global attempt_instructions
attempt_instructions:

    INSTRUCTION cntpct,     mrs x9, cntpct_el0
    INSTRUCTION cntvct,     mrs x9, cntvct_el0
    INSTRUCTION cntfrq,     mrs x9, cntfrq_el0
    INSTRUCTION cntp_ctl,   mrs x9, cntp_ctl_el0
    INSTRUCTION cntp_cval,  msr cntp_cval_el0, xzr
    INSTRUCTION cntp_set,   msr cntp_ctl_el0, xzr
    INSTRUCTION cntv_ctl,   mrs x9, cntv_ctl_el0
    INSTRUCTION cntv_set,   msr cntv_ctl_el0, xzr
    INSTRUCTION cntkctl,    msr cntkctl_el1, xzr
    INSTRUCTION cntvoff,    msr cntvoff_el2, xzr
    INSTRUCTION pmccntr,    mrs x9, pmccntr_el0
    INSTRUCTION pmcr,       msr pmcr_el0, xzr
    INSTRUCTION pmuserenr,  msr pmuserenr_el0, xzr
    INSTRUCTION mdccsr,     mrs x9, mdccsr_el0
    INSTRUCTION mdscr,      msr mdscr_el1, xzr
    INSTRUCTION midr,       mrs x9, midr_el1
    INSTRUCTION mpidr,      mrs x9, mpidr_el1
    INSTRUCTION currentel,  mrs x9, currentel
    INSTRUCTION daif,       mrs x9, daif
    INSTRUCTION daifset,    msr daifset, #2
    INSTRUCTION spsel,      msr spsel, #1
    INSTRUCTION sctlr,      mrs x9, sctlr_el1
    INSTRUCTION sctlr_set,  msr sctlr_el1, xzr
    INSTRUCTION ttbr0,      msr ttbr0_el1, xzr
    INSTRUCTION vbar,       msr vbar_el1, xzr
    INSTRUCTION tpidrro,    msr tpidrro_el0, xzr
    INSTRUCTION hcr,        msr hcr_el2, xzr
    INSTRUCTION vttbr,      msr vttbr_el2, xzr
    INSTRUCTION elr,        msr elr_el2, xzr
    INSTRUCTION sp_el1,     msr sp_el1, xzr
    INSTRUCTION tlbi,       tlbi vmalle1
    INSTRUCTION tlbi_e2,    tlbi alle1
    INSTRUCTION icache,     ic iallu
    INSTRUCTION dcache_sw,  dc isw, x0
    INSTRUCTION dcache_inv, dc ivac, x0
    INSTRUCTION zva,        dc zva, x0
    INSTRUCTION translate,  at s1e1r, x0
    INSTRUCTION translate2, at s12e1r, x0
    INSTRUCTION eret,       eret
    INSTRUCTION hvc,        hvc #0
    INSTRUCTION smc,        smc #0
    INSTRUCTION brk,        brk #0
    INSTRUCTION hlt,        hlt #0
    INSTRUCTION udf,        .inst 0

    .section .rodata.attempt_instructions, "a"
attempt_instructions_end:
    .global attempt_instruction_count
    .balign 8
attempt_instruction_count:
    .quad   (attempt_instructions_end - attempt_instructions) / 16

    .section .note.GNU-stack, "", %progbits
