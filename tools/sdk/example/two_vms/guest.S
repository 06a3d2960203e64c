/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The guest: tells its monitor the word at 1 MiB of its memory
 */
    .section .rodata
    .balign 4096
    .global guest_start
    .global guest_end
guest_start:
    ldr     x2, =0x40100000
    ldr     x1, [x2]
    smc     #0
1:  b       1b
    .ltorg
guest_end:

    .section .note.GNU-stack, "", %progbits
