/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of the loader, and of every boot image
 *
 * First the 64 bytes of the arm64 boot protocol, then our own header (filled in by the image
 * tool), then code that makes the loader runnable wherever it is: the whole image is moved up to a
 * page boundary if it is not on one (adrp needs that), and the few absolute addresses are
 * relocated. The MMU is off and stays off.
 *
 * Everything before `relocated` may use adr only, and memory in its own size only.
 */
        .set    IMAGE_BYTES, 64 + 16    /* image_header.image_bytes, checked in loader.c */

        .section .head, "ax"
        .global image_start
image_start:
        b       start                   /* code0 */
        nop                             /* code1 */
        .quad   0                       /* text_offset: any 2 MiB boundary will do */
        .quad   0                       /* image_size: image tool */
        .quad   0xa                     /* little endian, 4 KiB pages, anywhere in memory */
        .quad   0
        .quad   0
        .quad   0
        .ascii  "ARM\x64"
        .long   0
        .global image_header
image_header:
        .skip   648

start:  msr     daifset, #15
        mov     x19, x0
        adr     x9, image_start
        and     x10, x9, #0xfff
        cbz     x10, aligned

        /* Copy backwards, 4 bytes at a time: the start may be aligned to no more. */
        add     x10, x9, #0xfff
        and     x10, x10, #~0xfff
        adr     x11, image_start + IMAGE_BYTES
        ldr     w12, [x11]
        ldr     w13, [x11, #4]
        orr     x12, x12, x13, lsl #32
1:      sub     x12, x12, #4
        ldr     w13, [x9, x12]
        str     w13, [x10, x12]
        cbnz    x12, 1b
        dsb     sy
        ic      iallu
        dsb     sy
        isb
        br      x10                     /* once more from the top; x0 is still untouched */

aligned:
        mrs     x1, CurrentEL
        cmp     x1, #(2 << 2)
        adrp    x1, stack_top
        mov     sp, x1
        b.eq    1f
        bl      loader_wrong_level
1:      adr     x1, vectors
        msr     vbar_el2, x1

        /* Relative relocations: place += 0 .. ; base is image_start, linked at 0. */
        adrp    x1, rela_start
        add     x1, x1, :lo12:rela_start
        adrp    x2, rela_end
        add     x2, x2, :lo12:rela_end
2:      cmp     x1, x2
        b.hs    relocated
        ldr     x3, [x1]                /* offset */
        ldr     x4, [x1, #16]           /* addend */
        add     x1, x1, #24
        add     x4, x4, x9
        str     x4, [x9, x3]
        b       2b
relocated:
        mov     x0, x19
        mov     x1, x9
        bl      loader_main             /* does not return */

/* bool loader_probe(address, uint32_t *value): read a word that may not be there. */
        .text
        .global loader_probe
        .type loader_probe, @function
loader_probe:
probe_load:
        ldr     w2, [x0]
        str     w2, [x1]
        mov     x0, #1
        ret
probe_failed:
        mov     x0, #0
        ret
        .size loader_probe, . - loader_probe

/* void loader_enter(kernel, table) */
        .global loader_enter
        .type loader_enter, @function
loader_enter:
        mov     x4, x0
        mov     x0, x1
        mov     x1, #0
        mov     x2, #0
        mov     x3, #0
        dsb     sy
        ic      iallu
        dsb     sy
        isb
        br      x4
        .size loader_enter, . - loader_enter

/* An exception in loader_probe means "not there"; any other is our own mistake. */
exception:
        mrs     x16, elr_el2
        adr     x17, probe_load
        cmp     x16, x17
        b.ne    1f
        adr     x17, probe_failed
        msr     elr_el2, x17
        eret
1:      mrs     x0, esr_el2
        mrs     x1, elr_el2
        mrs     x2, far_el2
        b       loader_exception

        .balign 0x800
vectors:
        .rept   16
        .balign 0x80
        b       exception
        .endr
        .balign 0x80
