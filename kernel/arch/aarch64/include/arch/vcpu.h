/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Saved state of a virtual CPU
 *
 * The registers that a VMM reads and writes by number (enum vcpu_reg of <abi/registers.h>), and
 * the state of the virtual interrupt controller. Which of them live in hardware, and when, is the
 * core's business (core/vcpu.c, abi/06 §2).
 */
#pragma once

#include <abi/registers.h>
#include <abi/types.h>

#define VGIC_LIST_MAX 64 /* most list registers that any virtual interrupt controller has */

struct vcpu_registers {
    word_t fields[VCPU_REG_COUNT]; /* by enum vcpu_reg */
    word_t vgic_hcr;
    word_t vgic_vmcr;
    word_t vgic_apr;  /* active priorities; GICv3: of group 1 */
    word_t vgic_apr0; /* GICv3: of group 0 */
    word_t vgic_list[VGIC_LIST_MAX];
    /* Not in the interface, but of the guest: what native code or another guest would feel. */
    word_t mdscr;     /* debugging of itself (stepping, breakpoints) */
    word_t pmuserenr; /* performance counters for its user code */
    word_t csselr;    /* the cache that CCSIDR describes */
};

#define VGIC_HCR_RESET 1ul /* of a new VCPU; VCPU_SCTLR_RESET is in <abi/registers.h> */
