/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Accounting of time
 *
 * The clock is read once per kernel entry. What has passed is charged to the current context only
 * when somebody needs an exact account: the context or the deadline changes, or the budget is at
 * its end (abi/04 §5.2, §5.5).
 */
#include <core/fault.h>
#include <core/scheduler.h>

void scheduler_update_time(void)
{
    struct cpu_state *cpu = this_cpu();
    const word_t now = machine_time_now();

    if (kernel.config.domain_count > 1) {
        const word_t passed = now - cpu->now;

        if (kernel.domain_time_left <= passed + kernel.config.min_budget) {
            kernel.domain_time_left = 0;
        } else {
            kernel.domain_time_left -= passed;
        }
    }
    cpu->now = now;
}

/* The current thread has no more time in this slice. Pre: it can run. */
static void scheduler_end_slice(struct tcb *thread, bool can_timeout)
{
    struct sched_context *context = sched_context_at(thread->sched_context);

    if (can_timeout && !sched_context_is_round_robin(context) &&
        fault_has_timeout_handler(thread)) {
        fault_raise_timeout(thread, context->badge);
    } else if (refill_is_ready(context) && refill_is_sufficient(context, 0)) {
        scheduler_append(thread);
    } else {
        scheduler_postpone(thread);
    }
}

void scheduler_charge(word_t usage, bool can_timeout)
{
    struct cpu_state *cpu = this_cpu();
    struct sched_context *context = sched_context_at(cpu->current_sc);
    struct tcb *current = tcb_at(cpu->current);

    if (cpu->current_sc.raw != cpu->idle_sc.raw) {
        if (sched_context_is_round_robin(context)) {
            struct refill *head = refill_head(context);
            struct refill *tail = &context->refills[1 - context->refill_head];

            head->amount += tail->amount;
            tail->amount = 0;
        } else {
            refill_charge(context, usage);
        }
        context->consumed += usage;
    }
    cpu->charged = cpu->now;
    if (scheduler_can_run(current)) {
        scheduler_end_slice(current, can_timeout);
        scheduler_reschedule();
        cpu->reprogram = true;
    }
}

void scheduler_commit(void)
{
    struct cpu_state *cpu = this_cpu();
    struct sched_context *context = sched_context_at(cpu->current_sc);
    const word_t usage = scheduler_consumed(cpu);

    cpu->charged = cpu->now;
    if (usage == 0 || cpu->current_sc.raw == cpu->idle_sc.raw ||
        !sched_context_is_active(context)) {
        return;
    }
    if (sched_context_is_round_robin(context)) {
        struct refill *head = refill_head(context);

        head->amount -= usage;
        context->refills[1 - context->refill_head].amount += usage;
    } else {
        refill_charge(context, usage);
    }
    context->consumed += usage;
}

bool scheduler_check_budget(void)
{
    struct cpu_state *cpu = this_cpu();

    if (cpu->current.raw == cpu->idle.raw) {
        cpu->charged = cpu->now;
        return true;
    }
    const word_t consumed = scheduler_consumed(cpu);

    if (!refill_is_sufficient(sched_context_at(cpu->current_sc), consumed)) {
        scheduler_charge(consumed, true);
        return false;
    }
    return !scheduler_domain_has_expired();
}

bool scheduler_check_budget_restart(void)
{
    if (scheduler_check_budget()) {
        return true;
    }
    struct tcb *current = thread_current();

    if (thread_is_runnable(current)) {
        current->state = THREAD_RESTART;
    }
    return false;
}

void scheduler_check_budget_preempted(void)
{
    struct cpu_state *cpu = this_cpu();

    if (!sched_context_is_active(sched_context_at(cpu->current_sc))) {
        cpu->charged = cpu->now;
    } else if (scheduler_can_run(tcb_at(cpu->current))) {
        scheduler_check_budget();
    } else {
        scheduler_charge(scheduler_consumed(cpu), false);
    }
}

bool scheduler_is_time_up(void)
{
    struct cpu_state *cpu = this_cpu();

    scheduler_update_time();
    struct sched_context *context = sched_context_at(cpu->current_sc);

    return scheduler_domain_has_expired() || !sched_context_is_active(context) ||
           !refill_is_sufficient(context, scheduler_consumed(cpu));
}

void scheduler_yield(void)
{
    struct cpu_state *cpu = this_cpu();
    struct sched_context *context = sched_context_at(cpu->current_sc);
    const word_t consumed = context->consumed + scheduler_consumed(cpu);

    scheduler_charge(refill_head(context)->amount, false);
    context->consumed = consumed;
}

void scheduler_timer_interrupt(void)
{
    machine_timer_ack();
    this_cpu()->reprogram = true;
}
