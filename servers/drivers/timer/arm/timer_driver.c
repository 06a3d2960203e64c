/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Timer driver: the EL1 physical timer for components
 *
 * Serves the timer protocol (proto/timer.h) to any number of client channels. Needs counter
 * access (`t:counter="true"`) and the timer's interrupt, PPI 30.
 *
 * Invariant: at the end of every event the timer is set to the earliest deadline, or off; an
 * expired deadline has been signalled.
 */
#include "deadlines.h"

#include <microkit.h>
#include <proto/timer.h>

#define TIMER_ON 1u

static struct deadlines deadlines;

static uint64_t counter_read(void)
{
    uint64_t count;

    /* isb: the counter must not be read ahead of the instructions before. */
    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(count) : : "memory");
    return count;
}

static uint64_t counter_frequency(void)
{
    uint64_t frequency;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency;
}

static void timer_set(uint64_t count)
{
    uint64_t control = count == DEADLINE_NONE ? 0 : TIMER_ON;

    /* isb: the interrupt line must follow before it is acknowledged. */
    __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
                     :
                     : "r"(count), "r"(control)
                     : "memory");
}

/* Signal what is due and set the timer to what comes next. */
static void deadlines_serve(void)
{
    uint64_t expired = deadlines_expire(&deadlines, counter_read());

    for (unsigned client = 0; expired != 0; client++, expired >>= 1) {
        if ((expired & 1u) != 0) {
            microkit_notify(client);
        }
    }
    timer_set(deadlines_next(&deadlines));
}

void init(void)
{
    timer_set(DEADLINE_NONE);
}

void notified(microkit_channel ch)
{
    if (ch == TIMER_DRIVER_IRQ_ID) {
        deadlines_serve();
        microkit_deferred_irq_ack(ch);
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    switch (microkit_msginfo_get_label(msginfo)) {
    case TIMER_SET_DEADLINE:
        if (ch >= DEADLINE_CLIENTS || microkit_msginfo_get_count(msginfo) < 1) {
            return microkit_msginfo_new(TIMER_UNKNOWN_CALL, 0);
        }
        deadlines_set(&deadlines, ch, microkit_mr_get(0));
        deadlines_serve();
        return microkit_msginfo_new(TIMER_OK, 0);
    case TIMER_GET_TIME:
        microkit_mr_set(0, counter_read());
        microkit_mr_set(1, counter_frequency());
        return microkit_msginfo_new(TIMER_OK, 2);
    default: return microkit_msginfo_new(TIMER_UNKNOWN_CALL, 0);
    }
}
