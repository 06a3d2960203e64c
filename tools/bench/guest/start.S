/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Benchmark guest: the arm64 Image header and the first instructions
 *
 * The header is what the VM monitor (or QEMU) expects of a guest kernel. The guest runs at EL1 at
 * whatever address it was put, with its MMU off.
 */
        .section .text.start, "ax"
        .global guest_start
guest_start:
        b       1f
        .long   0
        .quad   0               /* text_offset */
        .quad   guest_size
        .quad   0xa             /* little endian, 4 KiB pages, anywhere in RAM */
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .long   0

1:      adrp    x0, guest_stack_top
        add     x0, x0, :lo12:guest_stack_top
        mov     sp, x0
        bl      guest_main
2:      wfi
        b       2b
