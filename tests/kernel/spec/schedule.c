/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: who runs (abi/04 §5.2, §5.5, §5.6)
 *
 * The idle thread is index NO_THREAD; its context is 0 and is never charged.
 */
#include "caps.h"
#include "ipc.h"
#include "objects.h"
#include "vcpu.h"

bool spec_thread_is_schedulable(const struct spec_thread *thread)
{
    const struct spec_context *context = spec_context_by_id(thread->context);

    return (thread->state == SPEC_RUNNING || thread->state == SPEC_RESTART) && context != NULL &&
           context->max > 0 && !spec_queue_has(&spec.release, thread);
}

static bool is_ready_and_sufficient(const struct spec_thread *thread)
{
    const struct spec_context *context = spec_context_by_id(thread->context);

    return spec_context_is_ready(context) && spec_context_is_sufficient(context, 0);
}

void spec_schedule_reschedule(void)
{
    if (spec.action == SPEC_CANDIDATE) {
        struct spec_thread *candidate = &spec.threads[spec.candidate];

        if (candidate->id != 0 && spec_thread_is_schedulable(candidate)) {
            spec_schedule_enqueue(candidate);
        }
    }
    spec.action = SPEC_CHOOSE;
}

void spec_schedule_wake(struct spec_thread *thread)
{
    if (thread->context == 0 || spec_queue_has(&spec.release, thread)) {
        return;
    }
    if (thread->domain != spec.domain) {
        spec_schedule_enqueue(thread);
    } else if (spec.action != SPEC_CONTINUE) {
        spec_schedule_reschedule();
        spec_schedule_enqueue(thread);
    } else {
        spec.action = SPEC_CANDIDATE;
        spec.candidate = spec_thread_index(thread);
    }
}

void spec_schedule_check_context(struct spec_thread *thread)
{
    if (thread->context != 0 && spec_thread_is_schedulable(thread) &&
        !is_ready_and_sufficient(thread)) {
        spec_schedule_release_later(thread);
    }
}

void spec_schedule_commit(void)
{
    struct spec_context *context = spec_context_by_id(spec.current_context);

    if (context != NULL && context->max > 0 && spec.consumed > 0) {
        if (context->period == 0) {
            context->refills[0].amount -= spec.consumed;
            context->refills[1].amount += spec.consumed;
        } else {
            spec_refill_budget_check(context, spec.consumed);
        }
        context->consumed += spec.consumed;
    }
    spec.consumed = 0;
}

static void end_timeslice(struct spec_thread *thread, bool can_timeout)
{
    const struct spec_context *context = spec_context_by_id(thread->context);

    if (can_timeout && context->period != 0 && spec_ipc_has_timeout_handler(thread)) {
        spec_ipc_timeout_fault(thread);
    } else if (is_ready_and_sufficient(thread)) {
        spec_schedule_append(thread);
    } else {
        spec_schedule_release_later(thread);
    }
}

void spec_schedule_charge(word_t usage, bool can_timeout)
{
    struct spec_context *context = spec_context_by_id(spec.current_context);
    struct spec_thread *thread = spec_current_thread();

    if (context != NULL) {
        if (context->period == 0) {
            context->refills[0].amount += context->refills[1].amount;
            context->refills[1].amount = 0;
        } else {
            spec_refill_budget_check(context, usage);
        }
        context->consumed += usage;
    }
    spec.consumed = 0;
    if (thread != NULL && spec_thread_is_schedulable(thread)) {
        end_timeslice(thread, can_timeout);
        spec_schedule_reschedule();
        spec.reprogram = true;
    }
}

bool spec_schedule_budget_check(void)
{
    const struct spec_context *context = spec_context_by_id(spec.current_context);

    if (context == NULL || spec_context_is_sufficient(context, spec.consumed)) {
        return true;
    }
    spec_schedule_charge(spec.consumed, true);
    return false;
}

static void awaken(void)
{
    while (spec.release.count > 0) {
        struct spec_thread *first = &spec.threads[spec.release.at[0]];

        if (!spec_context_is_ready(spec_context_by_id(first->context))) {
            return;
        }
        spec_schedule_forget(first);
        spec_schedule_wake(first);
    }
}

/* The first thread of the present domain, or NULL. */
static struct spec_thread *first_ready(void)
{
    for (unsigned i = 0; i < spec.ready.count; i++) {
        struct spec_thread *thread = &spec.threads[spec.ready.at[i]];

        if (thread->domain == spec.domain) {
            return thread;
        }
    }
    return NULL;
}

static void choose_first(void)
{
    struct spec_thread *first = first_ready();

    spec.current = first == NULL ? NO_THREAD : spec_thread_index(first);
    if (first != NULL) {
        spec_schedule_forget(first);
    }
}

/* Step 6: may the candidate run at once? */
static void consider_candidate(struct spec_thread *candidate, bool current_can_run)
{
    const struct spec_thread *current = spec_current_thread();
    const struct spec_thread *first = first_ready();
    bool lower = current == NULL || candidate->priority < current->priority;

    if (lower && first != NULL && first->priority > candidate->priority) {
        spec_schedule_enqueue(candidate);
        choose_first();
    } else if (current_can_run && candidate->priority == current->priority) {
        spec_schedule_append(candidate);
        choose_first();
    } else {
        spec_schedule_forget(candidate);
        spec.current = spec_thread_index(candidate);
    }
}

static void set_deadline(void)
{
    const struct spec_context *context = spec_context_by_id(spec.current_context);

    spec.deadline = ~0ul;
    if (context != NULL) {
        spec.deadline = spec.now + context->refills[0].amount;
    }
    if (spec.domains > 1 && spec.deadline - spec.now > spec.domain_left) {
        spec.deadline = spec.now + spec.domain_left;
    }
    if (spec.release.count > 0) {
        word_t first =
            spec_context_by_id(spec.threads[spec.release.at[0]].context)->refills[0].time;

        spec.deadline = first < spec.deadline ? first : spec.deadline;
    }
}

static void change_context(void)
{
    const struct spec_thread *thread = spec_current_thread();
    word_t next = thread == NULL ? 0 : thread->context;

    if (next != spec.current_context) {
        struct spec_context *context = spec_context_by_id(next);

        spec.reprogram = true;
        if (context != NULL && !context->sporadic) {
            spec_refill_unblock_check(context);
        }
    }
    if (spec.reprogram) {
        spec_schedule_commit();
    }
    spec.current_context = next;
    if (spec.reprogram) {
        set_deadline();
        spec.reprogram = false;
    }
}

void spec_schedule(void)
{
    struct spec_thread *current = spec_current_thread();

    awaken();
    bool can_run = current != NULL && current->id != 0 && spec_thread_is_schedulable(current);

    if (spec_domain_has_expired()) {
        spec_schedule_reschedule();
        spec_domain_next();
    }
    if (current != NULL && !can_run && spec.action == SPEC_CONTINUE) {
        spec.action = SPEC_CHOOSE;
    }
    if (spec.action != SPEC_CONTINUE) {
        struct spec_thread *candidate = &spec.threads[spec.candidate];

        if (can_run) {
            spec_schedule_enqueue(current);
        }
        if (spec.action == SPEC_CANDIDATE && candidate->id != 0 &&
            spec_thread_is_schedulable(candidate)) {
            consider_candidate(candidate, can_run);
        } else {
            choose_first();
        }
        spec.action = SPEC_CONTINUE;
    }
    change_context();
    spec_vcpu_switch();
    current = spec_current_thread();
    if (current != NULL) {
        if (current->yield_to != 0) {
            spec_ipc_complete_yield(current);
        }
        if (current->state == SPEC_RESTART) {
            current->regs[CONTEXT_NEXT_IP] = current->regs[CONTEXT_FAULT_IP];
            current->state = SPEC_RUNNING;
        }
    }
}
