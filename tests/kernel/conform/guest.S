/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest of a few instructions, at EL1 with its own MMU off
 *
 * Each step ends with SMC, which the monitor (vcpu_conform.c) sees as a fault with the guest's
 * registers. x20 = address of a page that is not mapped; x21 = address of the virtual GICv2 CPU
 * interface, or 0 with GICv3; x22 = a notification capability.
 */
#define SYS_SEND -5

#define GICV_CTLR 0x0
#define GICV_PMR  0x4
#define GICV_IAR  0xc
#define GICV_EOIR 0x10

        .text
        .balign 0x800
guest_vectors:
        .rept   16
        .balign 0x80
        b       guest_interrupt
        .endr

        .balign 8
        .global guest_start
guest_start:
        mrs     x1, CurrentEL
        mrs     x2, mpidr_el1
        mrs     x3, sctlr_el1
        smc     #0                      /* step 1: what the monitor set */

        ldr     x1, [x20]               /* step 2: a missing page */
        wfi                             /* step 3 */
        mrs     x1, cntpct_el0          /* step 4: not for guests */

        mov     x0, x22                 /* step 5: a system call from EL1 */
        mov     x1, #0
        mov     x7, #SYS_SEND
        hvc     #0

        adr     x1, guest_vectors
        msr     vbar_el1, x1
        mov     x1, #0xff
        mov     x2, #1
        cbz     x21, 1f
        str     w1, [x21, #GICV_PMR]
        str     w2, [x21, #GICV_CTLR]
        b       2f
1:      msr     S3_0_C4_C6_0, x1        /* ICC_PMR_EL1 */
        msr     S3_0_C12_C12_7, x2      /* ICC_IGRPEN1_EL1 */
2:      isb
        mov     x19, #0
        smc     #0                      /* step 6: the monitor injects an interrupt now */
        msr     daifclr, #2
        isb
        smc     #0                      /* step 7: x19 = its number */

        mrs     x1, cntvct_el0          /* step 8: the virtual timer, which is the monitor's event */
        add     x1, x1, #1000
        msr     cntv_cval_el0, x1
        mov     x1, #1
        msr     cntv_ctl_el0, x1
        isb
3:      cbz     x18, 3b                 /* the monitor sets x18 */
        msr     cntv_ctl_el0, xzr

        msr     oslar_el1, xzr          /* step 9: debugging of itself, which is nobody else's */
        mov     x1, #0xa001             /* MDE, KDE, SS: step every instruction, where not masked */
        msr     mdscr_el1, x1
        mov     x1, #1
        msr     pmuserenr_el0, x1
        mov     x1, #2
        msr     csselr_el1, x1
        isb
        smc     #0
        mrs     x1, mdscr_el1           /* step 10: it is as it was */
        mrs     x2, pmuserenr_el0
        mrs     x3, csselr_el1
        msr     mdscr_el1, xzr
        msr     pmuserenr_el0, xzr
        smc     #0

        mov     x1, #0x1234             /* step 11: state that must survive other guests */
        msr     tpidr_el1, x1
        msr     far_el1, x1
        smc     #0
        mrs     x1, tpidr_el1
        mrs     x2, far_el1
        smc     #0                      /* step 12 */
        b       .

guest_interrupt:
        cbz     x21, 4f
        ldr     w19, [x21, #GICV_IAR]
        str     w19, [x21, #GICV_EOIR]
        eret
4:      mrs     x19, S3_0_C12_C12_0     /* ICC_IAR1_EL1 */
        msr     S3_0_C12_C12_1, x19     /* ICC_EOIR1_EL1 */
        isb
        eret
