/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Floating-point registers to and from memory
 *
 * The only place of the kernel that touches them; x0 = struct fpu_state. Pre: CPTR_EL2 does not
 * trap (machine_fpu_enable), see core/fpu.c.
 */
#include <arch/fpu.h>

        .arch   armv8-a+fp+simd

        .macro each operation
        \operation q0, q1, [x0, #32 * 0]
        \operation q2, q3, [x0, #32 * 1]
        \operation q4, q5, [x0, #32 * 2]
        \operation q6, q7, [x0, #32 * 3]
        \operation q8, q9, [x0, #32 * 4]
        \operation q10, q11, [x0, #32 * 5]
        \operation q12, q13, [x0, #32 * 6]
        \operation q14, q15, [x0, #32 * 7]
        \operation q16, q17, [x0, #32 * 8]
        \operation q18, q19, [x0, #32 * 9]
        \operation q20, q21, [x0, #32 * 10]
        \operation q22, q23, [x0, #32 * 11]
        \operation q24, q25, [x0, #32 * 12]
        \operation q26, q27, [x0, #32 * 13]
        \operation q28, q29, [x0, #32 * 14]
        \operation q30, q31, [x0, #32 * 15]
        .endm

        .section .text.fpu, "ax"
        .global machine_fpu_save
        .type machine_fpu_save, @function
machine_fpu_save:
        each    stp
        mrs     x1, fpsr
        mrs     x2, fpcr
        add     x0, x0, #FPU_OFFSET_FPSR
        stp     x1, x2, [x0]
        ret
        .size machine_fpu_save, . - machine_fpu_save

        .global machine_fpu_load
        .type machine_fpu_load, @function
machine_fpu_load:
        each    ldp
        add     x0, x0, #FPU_OFFSET_FPSR
        ldp     x1, x2, [x0]
        msr     fpsr, x1
        msr     fpcr, x2
        ret
        .size machine_fpu_load, . - machine_fpu_load
