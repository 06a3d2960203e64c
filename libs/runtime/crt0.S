/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * First instruction of a root task
 *
 * The kernel gives x0 = boot information and no stack; the stack is in the image
 * (root_task.ld), 16-byte aligned as the procedure call standard wants it.
 */
    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    adrp    x1, __stack_top
    add     x1, x1, :lo12:__stack_top
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    b       runtime_start
    .size _start, . - _start

    .section .note.GNU-stack, "", %progbits
