/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Controls of one CPU at EL2
 *
 * What is trapped, who may use floating point, counters and timers; monitor calls; the end.
 */
#include "cpu.h"

#include <arch/sysreg.h>
#include <machine/machine.h>
#include <machine/parts.h>

/* CPTR_EL2: the bits that are one; FP and SIMD are trapped with bit 10 too. */
#define CPTR_VALUE   0x33fful
#define CPTR_TRAP_FP (1ul << 10)

/* VTCR_EL2: 40-bit addresses in three levels with a 1024-entry root; walks are cached. */
#define VTCR_VALUE 0x80023558ul

#define CNTKCTL_PHYSICAL_COUNTER (1ul << 0)
#define CNTKCTL_PHYSICAL_TIMER   (1ul << 9)
#define CNTHCTL_PHYSICAL         0x3ul /* counter and timer */

#define PMCR_COUNT_SHIFT 11
#define PMCR_COUNT_MASK  0x1ful

/* What native code was last allowed, and whether a guest has the counter registers now. */
static word_t counter_mask;
static bool counter_is_guests;

void cpu_init(const struct boot_table *table)
{
    /* What guests reach beyond the architecture: nothing. Debugging and counters: no traps, and all
     * event counters are theirs (what these registers hold after a reset is not defined). */
    SYSREG_WRITE(actlr_el2, 0);
    SYSREG_WRITE(mdcr_el2, SYSREG_READ(pmcr_el0) >> PMCR_COUNT_SHIFT & PMCR_COUNT_MASK);
    SYSREG_WRITE(hstr_el2, 0);
    SYSREG_WRITE(vpidr_el2, SYSREG_READ(midr_el1));
    SYSREG_WRITE(cptr_el2, CPTR_VALUE);
    SYSREG_WRITE(vtcr_el2, VTCR_VALUE);
    SYSREG_WRITE(cnthctl_el2, 0);
    SYSREG_WRITE(cntkctl_el1, 0);
    SYSREG_WRITE(cntvoff_el2, 0);
    SYSREG_WRITE(cntv_ctl_el0, 0);
    vcpu_native_counters((table->flags & BOOT_USER_PMU) != 0);
    machine_vcpu_native();
    machine_vspace_switch(machine_vspace_empty(), 0);
    __asm__ volatile("dsb ishst\n\ttlbi alle1\n\tdsb sy\n\tisb" : : : "memory");
}

void machine_fpu_enable(bool enable)
{
    SYSREG_WRITE(cptr_el2, enable ? CPTR_VALUE : CPTR_VALUE | CPTR_TRAP_FP);
    BARRIER_ISB(); /* the kernel may save or load registers next */
}

static void counter_apply(void)
{
    const word_t physical = CNTKCTL_PHYSICAL_COUNTER | CNTKCTL_PHYSICAL_TIMER;

    /* Native code is at EL0, where CNTKCTL_EL1 says which of the two it may use. CNTHCTL_EL2 opens
     * both: QEMU 7.2 looks at the timer's bit when the counter is read from EL0. */
    SYSREG_WRITE(cntkctl_el1, counter_mask);
    SYSREG_WRITE(cnthctl_el2, (counter_mask & physical) != 0 ? CNTHCTL_PHYSICAL : 0);
}

void machine_counter_access(word_t mask)
{
    if (mask == counter_mask) {
        return;
    }
    counter_mask = mask;
    if (!counter_is_guests) {
        counter_apply();
    }
}

void counter_to_guest(word_t cntkctl)
{
    counter_is_guests = true;
    SYSREG_WRITE(cntkctl_el1, cntkctl);
    SYSREG_WRITE(cnthctl_el2, 0); /* guests never reach the physical counter and timer */
}

void counter_to_native(void)
{
    counter_is_guests = false;
    counter_apply();
}

void machine_smc_call(word_t registers[8])
{
    register word_t x0 __asm__("x0") = registers[0];
    register word_t x1 __asm__("x1") = registers[1];
    register word_t x2 __asm__("x2") = registers[2];
    register word_t x3 __asm__("x3") = registers[3];
    register word_t x4 __asm__("x4") = registers[4];
    register word_t x5 __asm__("x5") = registers[5];
    register word_t x6 __asm__("x6") = registers[6];
    register word_t x7 __asm__("x7") = registers[7];

    /* Older firmware may change x8..x17 as well. */
    __asm__ volatile(
        "smc #0"
        : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
        :
        : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
    registers[0] = x0;
    registers[1] = x1;
    registers[2] = x2;
    registers[3] = x3;
    registers[4] = x4;
    registers[5] = x5;
    registers[6] = x6;
    registers[7] = x7;
}

_Noreturn void machine_halt(void)
{
    for (;;) {
        __asm__ volatile("msr daifset, #15\n\twfi" : : : "memory");
    }
}
