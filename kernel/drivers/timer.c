/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel timer: the EL2 physical timer of the generic timer
 *
 * Time is the physical counter. The timer is switched on once; the far future is a compare
 * value of all ones.
 */
#include <arch/sysreg.h>
#include <machine/machine.h>
#include <machine/parts.h>

#define TIMER_ENABLE 1ul

void timer_init(void)
{
    SYSREG_WRITE(cnthp_cval_el2, ~0ul);
    SYSREG_WRITE(cnthp_ctl_el2, TIMER_ENABLE);
}

word_t machine_time_now(void)
{
    BARRIER_ISB(); /* not earlier than what was done before */
    return SYSREG_READ(cntpct_el0);
}

void machine_timer_set(word_t deadline)
{
    SYSREG_WRITE(cnthp_cval_el2, deadline);
}

void machine_timer_ack(void)
{
    SYSREG_WRITE(cnthp_cval_el2, ~0ul);
    BARRIER_ISB(); /* the line is down before the interrupt is completed */
}
