/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Guest code that empties the virtual CPU interface
 *
 * List registers, active priorities and the CPU interface's own registers belong to the VCPU
 * object and outlive a reset of the guest; the kernel's interface can fill list registers, not
 * empty them. Only the guest's side can. So, after a reset, the vCPU first runs this from its
 * own RAM: take and end what is pending, deactivate what was active, restore the reset values.
 *
 * In: x0 = address of the GICv2 CPU interface, x1 = four interrupt numbers of 16 bits that list
 * registers may hold (0xffff: none). Out: SMC. Uses x9..x12.
 *
 * Sources: IHI 0048B section 4.4 (offsets of GICC_*); IHI 0069 chapter 12 (ICC_* encodings).
 */
#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define GICC_APR0 0xd0
#define GICC_DIR_PAGE 0x1000

#define ICC_PMR     S3_0_C4_C6_0
#define ICC_IAR0    S3_0_C12_C8_0
#define ICC_EOIR0   S3_0_C12_C8_1
#define ICC_AP0R0   S3_0_C12_C8_4
#define ICC_AP1R0   S3_0_C12_C9_0
#define ICC_DIR     S3_0_C12_C11_1
#define ICC_IAR1    S3_0_C12_C12_0
#define ICC_EOIR1   S3_0_C12_C12_1
#define ICC_CTLR    S3_0_C12_C12_4
#define ICC_IGRPEN0 S3_0_C12_C12_6
#define ICC_IGRPEN1 S3_0_C12_C12_7

#define FIRST_SPECIAL 1020 /* interrupt numbers from here on mean "none" */

/* The code that the guest ran before may still be in the instruction cache. */
        .macro finish
        dsb     sy
        ic      iallu
        dsb     sy
        isb
        smc     #0
        b       .
        .endm

        .section .rodata.reset, "a"
        .balign 8
        .global reset_code_v2, reset_code_v2_end
reset_code_v2:
        str     wzr, [x0, #GICC_APR0]
        mov     w9, #0xff
        str     w9, [x0, #GICC_PMR]
        mov     w9, #1                  /* group 0 on; EOIR also deactivates */
        str     w9, [x0, #GICC_CTLR]
1:      ldr     w10, [x0, #GICC_IAR]
        and     w11, w10, #0x3ff
        cmp     w11, #FIRST_SPECIAL
        b.hs    2f
        str     w10, [x0, #GICC_EOIR]
        b       1b
2:      mov     w9, #0x201              /* EOImode: deactivation by DIR, whatever the priority */
        str     w9, [x0, #GICC_CTLR]
        add     x12, x0, #GICC_DIR_PAGE
        mov     w9, #4
3:      and     w11, w1, #0xffff
        lsr     x1, x1, #16
        cmp     w11, #FIRST_SPECIAL
        b.hs    4f
        str     w11, [x12]
4:      subs    w9, w9, #1
        b.ne    3b
        str     wzr, [x0, #GICC_APR0]
        str     wzr, [x0, #GICC_CTLR]
        str     wzr, [x0, #GICC_PMR]
        finish
reset_code_v2_end:

        .balign 8
        .global reset_code_v3, reset_code_v3_end
reset_code_v3:
        msr     ICC_AP0R0, xzr
        msr     ICC_AP1R0, xzr
        msr     ICC_CTLR, xzr
        mov     x9, #0xff
        msr     ICC_PMR, x9
        mov     x9, #1
        msr     ICC_IGRPEN0, x9
        msr     ICC_IGRPEN1, x9
        isb
1:      mrs     x10, ICC_IAR1
        cmp     x10, #FIRST_SPECIAL
        b.hs    2f
        msr     ICC_EOIR1, x10
        isb
        b       1b
2:      mrs     x10, ICC_IAR0
        cmp     x10, #FIRST_SPECIAL
        b.hs    3f
        msr     ICC_EOIR0, x10
        isb
        b       2b
3:      mov     x9, #2                  /* EOImode: deactivation by DIR, whatever the priority */
        msr     ICC_CTLR, x9
        isb
        mov     w9, #4
4:      and     x11, x1, #0xffff
        lsr     x1, x1, #16
        cmp     x11, #FIRST_SPECIAL
        b.hs    5f
        msr     ICC_DIR, x11
5:      subs    w9, w9, #1
        b.ne    4b
        msr     ICC_AP0R0, xzr
        msr     ICC_AP1R0, xzr
        msr     ICC_CTLR, xzr
        msr     ICC_IGRPEN0, xzr
        msr     ICC_IGRPEN1, xzr
        msr     ICC_PMR, xzr
        finish
reset_code_v3_end:

        .section .note.GNU-stack, "", %progbits
