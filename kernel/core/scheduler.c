/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The scheduler
 *
 * Queues, the choice of the next thread, and the switch to it. The accounting of time is in
 * time.c.
 */
#include <core/fpu.h>
#include <core/release_queue.h>
#include <core/scheduler.h>
#include <core/vcpu.h>
#include <core/vspace.h>

/* Threads that one kernel entry takes out of the release queue in order of time. */
#define RELEASE_BATCH 24

static const struct tcb_ref none = { 0 };

/* ---- Ready queues ------------------------------------------------------------------------- */

static void ready_mark(struct ready_queues *ready, word_t priority)
{
    const word_t word = priority / WORD_BITS;

    ready->bitmap[word] |= 1ul << (priority % WORD_BITS);
    ready->summary |= 1ul << word;
}

static void ready_unmark(struct ready_queues *ready, word_t priority)
{
    const word_t word = priority / WORD_BITS;

    ready->bitmap[word] &= ~(1ul << (priority % WORD_BITS));
    if (ready->bitmap[word] == 0) {
        ready->summary &= ~(1ul << word);
    }
}

void scheduler_enqueue(struct tcb *thread)
{
    if (thread->in_ready_queue) {
        return;
    }
    struct ready_queues *ready = &this_cpu()->ready[thread->domain];
    struct tcb_queue *queue = &ready->queue[thread->priority];
    const struct tcb_ref ref = tcb_ref_of(thread);

    thread->in_ready_queue = true;
    thread->sched_prev = none;
    thread->sched_next = queue->head;
    if (queue->head.raw != 0) {
        tcb_at(queue->head)->sched_prev = ref;
    } else {
        queue->tail = ref;
        ready_mark(ready, thread->priority);
    }
    queue->head = ref;
}

void scheduler_append(struct tcb *thread)
{
    if (thread->in_ready_queue) {
        return;
    }
    struct ready_queues *ready = &this_cpu()->ready[thread->domain];
    struct tcb_queue *queue = &ready->queue[thread->priority];
    const struct tcb_ref ref = tcb_ref_of(thread);

    thread->in_ready_queue = true;
    thread->sched_next = none;
    thread->sched_prev = queue->tail;
    if (queue->tail.raw != 0) {
        tcb_at(queue->tail)->sched_next = ref;
    } else {
        queue->head = ref;
        ready_mark(ready, thread->priority);
    }
    queue->tail = ref;
}

void scheduler_dequeue(struct tcb *thread)
{
    if (!thread->in_ready_queue) {
        return;
    }
    struct ready_queues *ready = &this_cpu()->ready[thread->domain];
    struct tcb_queue *queue = &ready->queue[thread->priority];

    if (thread->sched_prev.raw != 0) {
        tcb_at(thread->sched_prev)->sched_next = thread->sched_next;
    } else {
        queue->head = thread->sched_next;
    }
    if (thread->sched_next.raw != 0) {
        tcb_at(thread->sched_next)->sched_prev = thread->sched_prev;
    } else {
        queue->tail = thread->sched_prev;
    }
    thread->sched_prev = none;
    thread->sched_next = none;
    thread->in_ready_queue = false;
    if (queue->head.raw == 0) {
        ready_unmark(ready, thread->priority);
    }
}

/* Take the first thread of a queue that is not empty. */
static struct tcb *ready_pop(struct ready_queues *ready, word_t priority)
{
    struct tcb_queue *queue = &ready->queue[priority];
    struct tcb *thread = tcb_at(queue->head);
    const struct tcb_ref next = thread->sched_next;

    thread->in_ready_queue = false;
    thread->sched_next = none;
    queue->head = next;
    if (next.raw != 0) {
        tcb_at(next)->sched_prev = none;
    } else {
        queue->tail = none;
        ready_unmark(ready, priority);
    }
    return thread;
}

/* ---- Release queue ------------------------------------------------------------------------ */

void scheduler_postpone(struct tcb *thread)
{
    struct cpu_state *cpu = this_cpu();

    scheduler_dequeue(thread);
    release_queue_insert(&cpu->release, thread,
                         refill_head(sched_context_at(thread->sched_context))->time);
    thread->in_release_queue = true;
    if (cpu->release.first.raw == tcb_ref_of(thread).raw) {
        cpu->reprogram = true;
    }
}

void scheduler_renew_postponed(struct tcb *thread)
{
    if (thread->in_release_queue) {
        release_queue_renew(&this_cpu()->release, thread);
    }
}

void scheduler_unpostpone(struct tcb *thread)
{
    struct cpu_state *cpu = this_cpu();

    if (!thread->in_release_queue) {
        return;
    }
    if (cpu->release.first.raw == tcb_ref_of(thread).raw) {
        cpu->reprogram = true;
    }
    release_queue_remove(&cpu->release, thread);
    thread->in_release_queue = false;
}

void scheduler_remove(struct tcb *thread)
{
    scheduler_dequeue(thread);
    scheduler_unpostpone(thread);
}

/* ---- Waking and choosing ------------------------------------------------------------------ */

void scheduler_reschedule(void)
{
    struct cpu_state *cpu = this_cpu();

    if (cpu->action == SCHED_CANDIDATE && scheduler_can_run(tcb_at(cpu->candidate))) {
        scheduler_enqueue(tcb_at(cpu->candidate));
    }
    cpu->action = SCHED_CHOOSE_NEW;
}

void scheduler_wake(struct tcb *thread)
{
    struct cpu_state *cpu = this_cpu();

    if (!scheduler_can_run(thread)) {
        return;
    }
    if (thread->domain != kernel.domain_current) {
        scheduler_enqueue(thread);
    } else if (cpu->action != SCHED_RESUME_CURRENT) {
        scheduler_reschedule();
        scheduler_enqueue(thread);
    } else {
        cpu->candidate = tcb_ref_of(thread);
        cpu->action = SCHED_CANDIDATE;
    }
}

static void scheduler_release_thread(struct tcb *thread)
{
    scheduler_unpostpone(thread);
    scheduler_wake(thread);
}

/* Threads whose refill has come may run again: in order of time, but a bounded number at one kernel
 * entry. If more are due, the most important of them is let go as well, so that none has to wait
 * for less important ones (but those of other domains count too); the others are let go after a
 * pause, so that user code gets on meanwhile, and at entries until then only the most important. */
static void scheduler_release(struct cpu_state *cpu)
{
    const bool is_paused = cpu->now < cpu->release_pause;

    for (word_t i = 0; i < RELEASE_BATCH && !is_paused && scheduler_has_due_release(cpu); i++) {
        scheduler_release_thread(tcb_at(cpu->release.first));
    }
    if (scheduler_has_due_release(cpu)) {
        scheduler_release_thread(release_queue_highest(&cpu->release, cpu->now));
    }
    if (!scheduler_has_due_release(cpu)) {
        cpu->release_pause = 0;
    } else if (!is_paused) {
        cpu->release_pause = cpu->now + kernel.config.min_budget;
    }
}

static void domain_enter(word_t index)
{
    if (index >= DOMAIN_ENTRIES || kernel.domain_schedule[index].duration == 0) {
        index = kernel.domain_start;
    }
    kernel.domain_index = index;
    kernel.domain_current = kernel.domain_schedule[index].domain;
    kernel.domain_time_left = kernel.domain_schedule[index].duration;
    this_cpu()->reprogram = true;
}

void scheduler_restart_domains(void)
{
    domain_enter(kernel.domain_start);
    scheduler_reschedule();
}

void scheduler_set_domain(struct tcb *thread, word_t domain)
{
    scheduler_dequeue(thread);
    thread->domain = (uint8_t)domain;
    if (scheduler_can_run(thread)) {
        scheduler_enqueue(thread);
    }
    if (thread_is_current(thread)) {
        scheduler_reschedule();
    }
}

/* The first thread of the highest priority. */
static struct tcb *scheduler_choose_new(struct cpu_state *cpu)
{
    if (scheduler_domain_has_expired()) {
        if (cpu->fpu_owner.raw != 0) {
            fpu_release(tcb_at(cpu->fpu_owner));
        }
        domain_enter(kernel.domain_index + 1);
    }
    struct ready_queues *ready = &cpu->ready[kernel.domain_current];
    const int priority = scheduler_highest(ready);

    return priority < 0 ? tcb_at(cpu->idle) : ready_pop(ready, (word_t)priority);
}

/* Pre: the current thread cannot go on, or something was woken, or a choice was asked for. */
static struct tcb *scheduler_choose(struct cpu_state *cpu)
{
    struct tcb *current = tcb_at(cpu->current);
    struct tcb *candidate = tcb_at(cpu->candidate);
    const bool was_runnable = scheduler_can_run(current);

    if (was_runnable) {
        scheduler_enqueue(current);
    }
    if (cpu->action == SCHED_CANDIDATE && scheduler_can_run(candidate)) {
        const bool is_lower =
            current->state == THREAD_IDLE || candidate->priority < current->priority;

        if (is_lower &&
            scheduler_highest(&cpu->ready[kernel.domain_current]) > (int)candidate->priority) {
            scheduler_enqueue(candidate);
        } else if (was_runnable && candidate->priority == current->priority) {
            scheduler_append(candidate);
        } else {
            scheduler_dequeue(candidate);
            return candidate;
        }
    }
    return scheduler_choose_new(cpu);
}

/* ---- The switch --------------------------------------------------------------------------- */

void scheduler_renew_counter_access(void)
{
    struct cpu_state *cpu = this_cpu();
    const struct tcb *thread = thread_current();
    const word_t mask = kernel.config.counter_access | thread->counter_access;

    /* Guests have their own counter controls: machine_vcpu_enable and _disable exchange them. */
    if (thread->vcpu.raw == 0 && cpu->counter_access != mask) {
        cpu->counter_access = mask;
        machine_counter_access(mask);
    }
}

/* Change what differs between native threads and guests, and between threads with more or less
 * access to counters. */
static __attribute__((noinline)) void scheduler_switch_guest(struct tcb *thread)
{
    vcpu_switch(vcpu_at(thread->vcpu));
    scheduler_renew_counter_access();
}

void scheduler_switch_to(struct tcb *thread)
{
    const unsigned hardware = thread_current()->hardware | thread->hardware;

    this_cpu()->current = tcb_ref_of(thread);
    if ((hardware & THREAD_OWNS_FPU) != 0) {
        fpu_switch(thread);
    }
    if ((hardware & ~(unsigned)THREAD_OWNS_FPU) != 0) {
        scheduler_switch_guest(thread);
    }
    if (!vspace_switch_quick(thread)) {
        vspace_switch_to(thread);
    }
}

/* When the release queue needs the kernel next. */
static word_t scheduler_release_deadline(const struct cpu_state *cpu)
{
    return scheduler_has_due_release(cpu) ? cpu->release_pause : cpu->release.first_time;
}

static void scheduler_set_timer(struct cpu_state *cpu, struct sched_context *context)
{
    word_t deadline = UINT64_MAX;

    if (cpu->current.raw != cpu->idle.raw) {
        deadline = cpu->now + refill_head(context)->amount;
    }
    if (kernel.config.domain_count > 1 && deadline - cpu->now > kernel.domain_time_left) {
        deadline = cpu->now + kernel.domain_time_left;
    }
    if (scheduler_release_deadline(cpu) < deadline) {
        deadline = scheduler_release_deadline(cpu);
    }
    machine_timer_set(deadline);
}

void scheduler_switch_context(struct cpu_state *cpu)
{
    struct tcb *thread = tcb_at(cpu->current);
    const bool is_idle = cpu->current.raw == cpu->idle.raw;
    const struct sched_context_ref ref = is_idle ? cpu->idle_sc : thread->sched_context;

    if (ref.raw != cpu->current_sc.raw) {
        cpu->reprogram = true;
        if (!is_idle && sched_context_at(ref)->sporadic == 0) {
            refill_unblock(sched_context_at(ref));
        }
    }
    if (cpu->reprogram) {
        scheduler_commit();
        cpu->current_sc = ref;
        scheduler_set_timer(cpu, sched_context_at(ref));
        cpu->reprogram = false;
    }
}

/* Is there nothing to decide: may the current thread simply go on? */
static inline bool scheduler_is_settled(const struct cpu_state *cpu, const struct tcb *current)
{
    return cpu->action == SCHED_RESUME_CURRENT && !cpu->reprogram &&
           current->state == THREAD_RUNNING && !current->in_release_queue &&
           current->sched_context.raw == cpu->current_sc.raw && !scheduler_has_due_release(cpu) &&
           !scheduler_domain_has_expired();
}

/* The thread that was chosen goes on, or starts again. */
static void scheduler_activate(struct tcb *thread)
{
    if (thread->state == THREAD_RESTART) {
        thread->context.regs[CONTEXT_NEXT_IP] = thread->context.regs[CONTEXT_FAULT_IP];
        thread->state = THREAD_RUNNING;
    }
    if (thread->yield_to.raw != 0) {
        sched_context_complete_yield(thread);
    }
}

void scheduler_run(void)
{
    struct cpu_state *cpu = this_cpu();
    struct tcb *current = tcb_at(cpu->current);

    if (scheduler_is_settled(cpu, current)) {
        return;
    }
    scheduler_release(cpu);
    if (scheduler_domain_has_expired()) {
        scheduler_reschedule();
    }
    if (cpu->action != SCHED_RESUME_CURRENT || !scheduler_can_run(current)) {
        struct tcb *next = scheduler_choose(cpu);

        cpu->action = SCHED_RESUME_CURRENT;
        if (next != current) {
            scheduler_switch_to(next);
        }
    }
    scheduler_switch_context(cpu);
    scheduler_activate(tcb_at(cpu->current));
}

void scheduler_init(void)
{
    struct cpu_state *cpu = this_cpu();

    sched_context_init_limits();
    release_queue_init(&cpu->release);
    tcb_at(cpu->idle)->state = THREAD_IDLE;
    cpu->current = cpu->idle;
    cpu->current_sc = cpu->idle_sc;
    cpu->action = SCHED_CHOOSE_NEW;
    cpu->now = machine_time_now();
    cpu->charged = cpu->now;
    cpu->reprogram = true;
    cpu->counter_access = kernel.config.counter_access;
    machine_vcpu_native();
    machine_counter_access(cpu->counter_access);
    machine_fpu_enable(false);
}
