/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Preemption points
 */
#include <core/preempt.h>

#include <core/scheduler.h>

bool preemption_point_after(word_t units)
{
    struct cpu_state *cpu = this_cpu();

    cpu->work_units += units;
    if (cpu->work_units < PREEMPTION_WORK_UNITS) {
        return false;
    }
    cpu->work_units = 0;
    const bool interrupted = machine_irq_is_pending();

    /* The clock is read in any case: what has passed is the caller's, whoever runs next. */
    return scheduler_is_time_up() || interrupted;
}

bool preemption_point(void)
{
    return preemption_point_after(1);
}
