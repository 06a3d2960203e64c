/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The guest: the first virtual processor asks for the second by a firmware call, waits for what
 * it writes, then waits for an interrupt; both run at EL1 without address translation
 */
    .section .rodata
    .balign 4096
    .global guest_start
    .global guest_second
    .global guest_end
guest_start:
    mov     x0, #1                  /* "start the second" */
    smc     #0
    ldr     x2, =0x40100000
1:  ldr     x1, [x2]                /* until the second has written */
    cbz     x1, 1b
    mov     x0, #2                  /* "it wrote x1" */
    smc     #0
    /* An interrupt: on, at the virtual CPU interface, and unmasked. */
    adr     x3, vectors
    msr     vbar_el1, x3
    ldr     x4, =0x08010000
    mov     w5, #0xff
    str     w5, [x4, #4]            /* PMR: all priorities */
    mov     w5, #7
    str     w5, [x4]                /* CTLR: both groups, acknowledged alike */
    isb
    msr     daifclr, #2
    mov     x0, #3                  /* "interrupt me" */
    smc     #0
2:  b       2b

    .balign 2048
vectors:
    .skip   0x280
    ldr     w1, [x4, #0xc]          /* IAR */
    str     w1, [x4, #0x10]         /* EOIR */
    mov     x0, #4                  /* "interrupt x1 came" */
    smc     #0
    ldr     x2, =0xdead0000
    str     x1, [x2]                /* nothing is there: a stage-2 fault */
3:  b       3b
    .ltorg

    .balign 4096
guest_second:
    ldr     x2, =0x40100000
    add     x1, x0, #1              /* x0 is what the monitor gave */
    str     x1, [x2]
    dsb     sy
4:  wfi
    b       4b
    .ltorg
guest_end:

    .section .note.GNU-stack, "", %progbits
