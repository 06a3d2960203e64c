/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * First instruction of a component
 *
 * SP is the stack top, every other register is 0 and .bss is in place: nothing to set up.
 */
    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    b       main
    .size _start, . - _start

    .section .note.GNU-stack, "", %progbits
