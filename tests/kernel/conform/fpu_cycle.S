/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Floating-point registers filled, left alone over a Yield, and compared
 */
#define SYS_YIELD -11

        .macro fill n
        add     x9, x0, #\n
        dup     v\n\().2d, x9
        .endm

        .macro compare n
        add     x9, x0, #\n
        mov     x10, v\n\().d[0]
        mov     x11, v\n\().d[1]
        cmp     x9, x10
        ccmp    x9, x11, #0, eq
        cinc    x8, x8, ne
        .endm

        .macro each what
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        \what   \n
        .endr
        .endm

        .text
        .global fpu_cycle
        .type fpu_cycle, @function
fpu_cycle:
        stp     d8, d9, [sp, #-80]!
        stp     d10, d11, [sp, #16]
        stp     d12, d13, [sp, #32]
        stp     d14, d15, [sp, #48]
        str     x0, [sp, #64]
        each    fill
        mov     x7, #SYS_YIELD
        svc     #0
        ldr     x0, [sp, #64]
        mov     x8, #0
        each    compare
        mov     x0, x8
        ldp     d10, d11, [sp, #16]
        ldp     d12, d13, [sp, #32]
        ldp     d14, d15, [sp, #48]
        ldp     d8, d9, [sp], #80
        ret
        .size fpu_cycle, . - fpu_cycle

        .global fpu_is_clear
        .type fpu_is_clear, @function
fpu_is_clear:
        mov     x0, #0
        mov     x8, #0
        .macro  test n
        mov     x10, v\n\().d[0]
        mov     x11, v\n\().d[1]
        orr     x8, x8, x10
        orr     x8, x8, x11
        .endm
        each    test
        cmp     x8, #0
        cset    x0, eq
        ret
        .size fpu_is_clear, . - fpu_is_clear
