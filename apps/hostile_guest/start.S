/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of the hostile guest: an arm64 Image header, a stack, vectors
 */
    .section .text.start, "ax"
    .global _start
_start:
    b       begin
    .long   0
    .quad   0                       /* text offset: at the start of RAM */
    .quad   _image_end - _start     /* image size */
    .quad   0xa                     /* little endian, 4 KiB pages, anywhere */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

begin:
    adrp    x1, _stack_top
    add     x1, x1, :lo12:_stack_top
    mov     sp, x1
    adrp    x1, vectors
    add     x1, x1, :lo12:vectors
    msr     vbar_el1, x1
    isb
    bl      guest_main
1:  wfi
    b       1b

/* An exception goes on behind the instruction, or, for a fetch (class 0x20, 0x21), at x30. */
    .balign 2048
vectors:
    .rept   12
    .balign 128
    b       handler
    .endr
    .rept   4                       /* from AArch32 */
    .balign 128
    b       guest_aarch32_end
    .endr

handler:
    sub     sp, sp, #192
    stp     x0, x1, [sp]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x30, [sp, #144]
    bl      guest_exception
    mrs     x0, esr_el1
    lsr     x0, x0, #27             /* class without its lowest bit */
    mrs     x1, elr_el1
    add     x1, x1, #4
    ldp     x18, x30, [sp, #144]
    cmp     x0, #0x10
    csel    x1, x30, x1, eq
    msr     elr_el1, x1
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x0, x1, [sp]
    add     sp, sp, #192
    eret

/* uint64_t guest_call(bool is_smc, uint64_t registers[8]) */
    .text
    .global guest_call
guest_call:
    stp     x29, x30, [sp, #-16]!
    mov     w9, w0
    mov     x8, x1
    ldp     x0, x1, [x8]
    ldp     x2, x3, [x8, #16]
    ldp     x4, x5, [x8, #32]
    ldp     x6, x7, [x8, #48]
    cbz     w9, 2f
    smc     #0
    b       3f
2:  hvc     #0
3:  ldp     x29, x30, [sp], #16
    ret

/*
 * void guest_aarch32(uint64_t device, uint64_t byte): EL0 code of the other instruction set stores
 * the byte, which works, and loads from the device, which aborts: the way back.
 */
    .global guest_aarch32
guest_aarch32:
    stp     x29, x30, [sp, #-16]!
    adr     x9, 1f
    msr     elr_el1, x9
    mov     x9, #0x1d0              /* AArch32, user mode, A32 */
    msr     spsr_el1, x9
    eret
1:  .inst   0xe5c01000              /* strb r1, [r0] */
    .inst   0xe5902000              /* ldr r2, [r0] */
    .inst   0xeafffffe              /* b . */

guest_aarch32_end:
    bl      guest_exception
    ldp     x29, x30, [sp], #16
    ret

    .section .note.GNU-stack, "", %progbits
