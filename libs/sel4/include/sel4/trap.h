/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The one instruction that enters the kernel
 *
 * Registers of a system call (all others are preserved):
 *
 *     x0 pointer, then badge    x1 message information    x2..x5 message words 0..3
 *     x6 reply object           x7 number                 x8 second destination
 *
 * Every system call of this library goes through sel4_trap. On a machine without our kernel (host
 * tests) the test supplies sel4_host_trap in place of the instruction.
 */
#pragma once

#include <sel4/types.h>

#if defined(__aarch64__)

/** Enter the kernel. `x` holds x0..x5 before and after. */
static inline void sel4_trap(seL4_Word number, seL4_Word x[6], seL4_Word x6_in, seL4_Word x8_in)
{
    register seL4_Word x0 __asm__("x0") = x[0];
    register seL4_Word x1 __asm__("x1") = x[1];
    register seL4_Word x2 __asm__("x2") = x[2];
    register seL4_Word x3 __asm__("x3") = x[3];
    register seL4_Word x4 __asm__("x4") = x[4];
    register seL4_Word x5 __asm__("x5") = x[5];
    register seL4_Word x6 __asm__("x6") = x6_in;
    register seL4_Word x7 __asm__("x7") = number;
    register seL4_Word x8 __asm__("x8") = x8_in;

    /* Memory is clobbered: the kernel reads and writes the IPC buffer, and other threads run. */
    __asm__ volatile("svc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x6), "r"(x7), "r"(x8)
                     : "memory");
    x[0] = x0;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
    x[4] = x4;
    x[5] = x5;
}

#else

/** Stand-in for the kernel, written by a host test. */
void sel4_host_trap(seL4_Word number, seL4_Word x[6], seL4_Word x6, seL4_Word x8);

static inline void sel4_trap(seL4_Word number, seL4_Word x[6], seL4_Word x6, seL4_Word x8)
{
    sel4_host_trap(number, x, x6, x8);
}

#endif
