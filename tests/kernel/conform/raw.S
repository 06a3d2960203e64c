/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One system call with every register under control
 *
 * void raw_syscall(struct registers *registers): x0 to x30, the flags and four floating-point
 * registers are loaded from the structure before `svc` and stored into it afterwards.
 */
#define NZCV 248 /* offset of registers.nzcv; x[i] is at 8 * i, d[i] behind nzcv */

        .text
        .global raw_syscall
        .type   raw_syscall, %function
raw_syscall:
        sub     sp, sp, #192
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        stp     x29, x30, [sp, #96]
        stp     d8, d9, [sp, #112]
        stp     d14, d15, [sp, #128]
        str     x0, [sp]
        ldr     x1, [x0, #NZCV]
        msr     nzcv, x1
        ldr     d0, [x0, #NZCV + 8]
        ldr     d8, [x0, #NZCV + 16]
        ldr     d15, [x0, #NZCV + 24]
        ldr     d31, [x0, #NZCV + 32]
        mov     x30, x0
        ldp     x0, x1, [x30, #16 * 0]
        ldp     x2, x3, [x30, #16 * 1]
        ldp     x4, x5, [x30, #16 * 2]
        ldp     x6, x7, [x30, #16 * 3]
        ldp     x8, x9, [x30, #16 * 4]
        ldp     x10, x11, [x30, #16 * 5]
        ldp     x12, x13, [x30, #16 * 6]
        ldp     x14, x15, [x30, #16 * 7]
        ldp     x16, x17, [x30, #16 * 8]
        ldp     x18, x19, [x30, #16 * 9]
        ldp     x20, x21, [x30, #16 * 10]
        ldp     x22, x23, [x30, #16 * 11]
        ldp     x24, x25, [x30, #16 * 12]
        ldp     x26, x27, [x30, #16 * 13]
        ldp     x28, x29, [x30, #16 * 14]
        ldr     x30, [x30, #16 * 15]
        .global raw_svc
raw_svc:
        svc     #0x55
        .global raw_after_svc
raw_after_svc:
        str     x30, [sp, #8]
        ldr     x30, [sp]
        stp     x0, x1, [x30, #16 * 0]
        stp     x2, x3, [x30, #16 * 1]
        stp     x4, x5, [x30, #16 * 2]
        stp     x6, x7, [x30, #16 * 3]
        stp     x8, x9, [x30, #16 * 4]
        stp     x10, x11, [x30, #16 * 5]
        stp     x12, x13, [x30, #16 * 6]
        stp     x14, x15, [x30, #16 * 7]
        stp     x16, x17, [x30, #16 * 8]
        stp     x18, x19, [x30, #16 * 9]
        stp     x20, x21, [x30, #16 * 10]
        stp     x22, x23, [x30, #16 * 11]
        stp     x24, x25, [x30, #16 * 12]
        stp     x26, x27, [x30, #16 * 13]
        stp     x28, x29, [x30, #16 * 14]
        mrs     x1, nzcv
        ldr     x0, [sp, #8]
        str     x0, [x30, #16 * 15]
        str     x1, [x30, #NZCV]
        str     d0, [x30, #NZCV + 8]
        str     d8, [x30, #NZCV + 16]
        str     d15, [x30, #NZCV + 24]
        str     d31, [x30, #NZCV + 32]
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     x29, x30, [sp, #96]
        ldp     d8, d9, [sp, #112]
        ldp     d14, d15, [sp, #128]
        add     sp, sp, #192
        ret
        .size   raw_syscall, . - raw_syscall

        .section .note.GNU-stack, "", %progbits
