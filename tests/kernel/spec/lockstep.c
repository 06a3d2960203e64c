/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: the core and the specification side by side
 *
 * Each step: the generator proposes what the current thread does, both sides are given the same
 * registers and the same buffer, the specification goes first (it may say that it does not cover
 * this), the core follows, everything is compared and the invariants are checked.
 *
 * Preemption: now and then every preemption point of the core stops. As no time passes and no
 * interrupt is there, the same thread makes the same call again until it is done, and the state
 * must be as if nothing had happened.
 */
#include "lockstep.h"

#include "arena.h"
#include "caps.h"
#include "invariants.h"
#include "ipc.h"
#include "objects.h"
#include "observe.h"
#include "pick.h"

#include <world/world.h>

#include <core/cdt.h>
#include <core/preempt.h>
#include <core/sched_context.h>
#include <core/state.h>
#include <core/step.h>
#include <core/vspace.h>
#include <stdio.h>
#include <string.h>

#define SLOT_FRAME         SLOT_FREE /* the root thread's IPC buffer */
#define DIRTY_BYTES        0x20000ul
#define SMALL_UNTYPED_BITS 20
#define LARGE_UNTYPED_BITS 22
#define TRACE_LENGTH       40
#define RESTARTS_MAX       300000
#define BUILT_SYSTEMS      4
#define STOP_TRIES         100
#define ORPHAN_STEPS       200 /* of a system whose root thread is gone */

static struct proposal trace[TRACE_LENGTH];
static word_t trace_thread[TRACE_LENGTH];
static unsigned coverage[64][16];
static unsigned long stops; /* operations stopped in the middle */

/* A machine with the root thread and two untypeds: one small and dirty as after power on, one clean
 * and large enough for large frames. */
static void boot(void)
{
    struct cap frame;

    world_init();
    host_memory_fill(world.untyped, 0, 1ul << UNTYPED_BITS);
    host_memory_fill(world.untyped, 0xa5, DIRTY_BYTES);
    kernel.config.extensions = false;
    host.irq_enabled[TIMER_IRQ] = true;
    host.irq_enabled[MAINTENANCE] = true;
    for (word_t i = 0; i < SPEC_SMC_WORDS; i++) {
        host.smc_out[i] = 0x5300 + i;
    }
    frame = cap_frame_new(world_alloc(SMALL_FRAME_BITS), FRAME_SMALL, FRAME_READ_WRITE, 0, 0, 0);
    cdt_insert_root(world_slot(SLOT_FRAME), frame);
    cdt_insert(frame, world_slot(SLOT_FRAME), &world.root->slots[TCB_SLOT_BUFFER]);
    world.root->ipc_buffer = 0x10000;
    world.root->context.regs[CONTEXT_SPSR] = SPSR_USER_RELEASE;
    world_slot(SLOT_UNTYPED)->cap =
        cap_untyped_new(world.untyped, SMALL_UNTYPED_BITS, false, DIRTY_BYTES >> FREE_INDEX_SHIFT);
    cdt_insert_root(
        world_slot(B_LARGE_UNTYPED),
        cap_untyped_new(world.untyped + (1ul << LARGE_UNTYPED_BITS), LARGE_UNTYPED_BITS, false, 0));
    /* Device memory ends where normal memory begins, as on a machine. */
    world_slot(SLOT_DEVICE)->cap =
        cap_untyped_new(KERNEL_WINDOW_BASE, 30, true, (1ul << 30) >> FREE_INDEX_SHIFT);
    vspace_switch_to(world.root);
    observe_boot();
    arena_touch(HOST_MEMORY, world.used - HOST_MEMORY);
    arena_touch(world.untyped, DIRTY_BYTES);
}

/* What boot options decide. */
static void choose_options(struct source *source)
{
    static const word_t domains[] = { 1, 1, 2, 3 };

    spec.is_debug = source_is_one_in(source, 2);
    spec.domains = domains[source_below(source, 4)];
    spec.domain_left = DOMAIN_DURATION_MAX;
    kernel.config.is_debug = spec.is_debug;
    kernel.config.domain_count = spec.domains;
    kernel.domain_time_left = spec.domain_left;
    sched_context_init_limits();
}

static void start(struct source *source)
{
    static struct arena booted;

    if (!booted.is_saved) {
        boot();
        arena_save(&booted);
    } else {
        arena_restore(&booted);
    }
    choose_options(source);
    generate_start();
}

/* Give both sides what the user program does before it enters the kernel. */
static void set_user_state(const struct proposal *proposal)
{
    struct spec_thread *thread = spec_current_thread();
    struct tcb *tcb = tcb_at(kernel.cpu.current);
    bool syscall = proposal->event.kind == SPEC_SYSCALL;

    if (thread == NULL) {
        return;
    }
    if (proposal->event.kind != SPEC_TIMER && proposal->event.kind != SPEC_INTERRUPT) {
        memcpy(thread->regs, proposal->regs, 9 * sizeof(word_t));
    }
    if (spec.vcpu_active && proposal->write_guest) {
        /* What a guest does to its registers. */
        word_t i = proposal->guest_field;

        if (i < VCPU_REG_COUNT) {
            spec.hardware.fields[i] = host.vcpu.fields[i] = proposal->guest_value;
        } else {
            i = (i - VCPU_REG_COUNT) % SPEC_LISTS;
            spec.hardware.list[i] = host.vcpu.vgic_list[i] = proposal->guest_value;
        }
    }
    thread->regs[CONTEXT_FAULT_IP] = proposal->ip;
    thread->regs[CONTEXT_NEXT_IP] = proposal->ip + (syscall ? 4 : 0);
    memcpy(tcb->context.regs, thread->regs, CONTEXT_UNUSED * sizeof(word_t));
    struct spec_buffer *buffer = spec_buffer_of(thread, false);

    if (proposal->write_buffer && buffer != NULL) {
        memcpy(buffer->words, proposal->buffer, sizeof(buffer->words));
        memcpy(machine_pointer(buffer->address), proposal->buffer, sizeof(buffer->words));
    }
}

static void core_event(const struct spec_event *event)
{
    static const enum event_kind kinds[] = { EVENT_SYSCALL,  EVENT_INTERRUPT,      EVENT_INTERRUPT,
                                             EVENT_VM_FAULT, EVENT_USER_EXCEPTION, EVENT_VCPU_FAULT,
                                             EVENT_FPU_TRAP };
    struct event core = { .kind = kinds[event->kind],
                          .is_fetch = event->is_fetch,
                          .number = event->number,
                          .address = event->address,
                          .syndrome = event->syndrome };

    host.now = event->time;
    if (event->kind == SPEC_TIMER) {
        host.irq_pending[TIMER_IRQ] = true;
    } else if (event->kind == SPEC_INTERRUPT) {
        host.irq_pending[event->number] = true;
        host.maintenance = event->address;
    }
    kernel_step(&core);
}

/* ---- Stops ----------------------------------------------------------------------------------- */

/* What happens when the core looks for interrupts for the `at`th time. */
static struct spec_stop stop;
static unsigned polls;
static bool fired;

static void on_poll(void)
{
    kernel.cpu.work_units = PREEMPTION_WORK_UNITS - 1;
    if (++polls != stop.at) {
        return;
    }
    /* The operation may just have taken away what the interrupt needs. */
    fired = stop.irq == SPEC_IRQS || (host.irq_enabled[stop.irq] && !host.irq_held[stop.irq]);
    if (fired) {
        host.now = stop.time;
    }
    if (fired && stop.irq < SPEC_IRQS) {
        host.irq_pending[stop.irq] = true;
    }
}

/* The core stops at any of its preemption points. */
static void core_event_stopped(const struct spec_event *event)
{
    polls = 0;
    fired = false;
    kernel.cpu.work_units = PREEMPTION_WORK_UNITS - 1;
    host.on_poll = on_poll;
    core_event(event);
    host.on_poll = NULL;
    kernel.cpu.work_units = 0;
}

/* What stops an operation: an interrupt of a device, the timer, or just the end of the budget. */
static void choose_stop(struct source *source, const struct spec_event *event, unsigned points)
{
    const struct spec_context *context = spec_context_by_id(spec.current_context);
    word_t left = context == NULL ? 0 : context->refills[0].amount;

    stop.at = 1 + (unsigned)source_below(source, points);
    stop.irq = SPEC_IRQS;
    stop.time = event->time + source_below(source, 500);
    if (source_is_one_in(source, 2)) {
        stop.irq = TIMER_IRQ;
        for (word_t i = 0, start = source_below(source, SPEC_IRQS); i < SPEC_IRQS; i++) {
            word_t irq = (start + i) % SPEC_IRQS;

            if (spec.irqs[irq].state == SPEC_IRQ_SIGNAL && spec_irq_can_come(irq)) {
                stop.irq = irq;
            }
        }
    }
    if (stop.irq == SPEC_IRQS || source_is_one_in(source, 3)) {
        stop.time += left;
    }
}

/* Which point of a reset the core has come to, going by the watermark; 0: it is no reset. */
static unsigned reset_progress(const struct spec_event *event)
{
    const struct spec_thread *thread = spec_current_thread();
    word_t place;

    if (event->kind != SPEC_SYSCALL || thread == NULL ||
        spec_lookup_thread(thread, thread->regs[CONTEXT_CAP], &place).failure != LOOKUP_NONE ||
        spec_caps_value(place).type != CAP_UNTYPED) {
        return 0;
    }
    word_t now = cap_untyped_free_index(slot_at((struct slot_ref){ place })->cap)
                 << FREE_INDEX_SHIFT;
    word_t before = spec_caps_value(place).watermark;

    return (unsigned)((before + SPEC_RESET_CHUNK - 1) / SPEC_RESET_CHUNK - now / SPEC_RESET_CHUNK);
}

/* Find the point at which the specification has come as far as the core: how much is done between
 * two points of the core is its own business. Post: the specification is there, if it agrees. */
static bool stop_agrees(const struct spec_event *event, unsigned points)
{
    const char *why;
    struct spec_stop try = stop;
    unsigned first = reset_progress(event);

    first = first == 0 ? stop.at : first;
    for (unsigned i = 0; i < 2 * STOP_TRIES; i++) {
        unsigned away = (i + 1) / 2;

        try.at = i % 2 ? first + away : first - away;
        if (try.at == 0 || try.at > points) {
            continue;
        }
        spec_step(event, &try, &why);
        if (observe_agrees()) {
            return true;
        }
        spec_step_undo();
    }
    return false;
}

/* Step the core, with a stop at every preemption point if `urgent`. */
static bool core_step(const struct proposal *proposal, bool urgent)
{
    struct tcb_ref caller = kernel.cpu.current;
    struct tcb *tcb = tcb_at(caller);

    for (unsigned i = 0; i < RESTARTS_MAX; i++) {
        world_preempt(urgent);
        core_event(&proposal->event);
        world_preempt(false);
        if (!urgent || kernel.cpu.current.raw != caller.raw ||
            tcb->context.regs[CONTEXT_NEXT_IP] != proposal->ip) {
            return true;
        }
        tcb->context.regs[CONTEXT_NEXT_IP] = proposal->ip + 4;
    }
    return false;
}

static void print_trace(unsigned steps)
{
    unsigned first = steps < TRACE_LENGTH ? 0 : steps - TRACE_LENGTH + 1;

    for (unsigned i = first; i <= steps; i++) {
        const struct proposal *p = &trace[i % TRACE_LENGTH];

        printf("%6u t=%lu thread %lx %s %ld x0=%lx info=(label %lu caps %lu length %lu)", i,
               (unsigned long)p->event.time, (unsigned long)trace_thread[i % TRACE_LENGTH],
               p->event.kind == SPEC_SYSCALL     ? "syscall"
               : p->event.kind == SPEC_TIMER     ? "timer"
               : p->event.kind == SPEC_INTERRUPT ? "interrupt"
                                                 : "fault",
               (long)p->event.number, (unsigned long)p->regs[0],
               (unsigned long)msginfo_label(p->regs[1]),
               (unsigned long)msginfo_extra_caps(p->regs[1]),
               (unsigned long)msginfo_length(p->regs[1]));
        for (unsigned r = 2; r <= 8; r++) {
            printf(" x%u=%lx", r, (unsigned long)p->regs[r]);
        }
        if (p->write_buffer) {
            printf(" msg4..7 %lx %lx %lx %lx caps %lx %lx %lx", (unsigned long)p->buffer[5],
                   (unsigned long)p->buffer[6], (unsigned long)p->buffer[7],
                   (unsigned long)p->buffer[8], (unsigned long)p->buffer[122],
                   (unsigned long)p->buffer[123], (unsigned long)p->buffer[124]);
        }
        printf("\n");
    }
}

static void count(const struct proposal *proposal, const struct spec_thread *thread)
{
    word_t label = msginfo_label(proposal->regs[CONTEXT_INFO]);

    if (proposal->event.kind == SPEC_SYSCALL && (long)proposal->event.number == SYS_CALL &&
        label < 64 && thread != NULL && thread->state == SPEC_RUNNING) {
        coverage[label][msginfo_label(thread->regs[CONTEXT_INFO]) & 15]++;
    }
}

void lockstep_print_coverage(void)
{
    printf("%lu operations stopped in the middle\n", stops);
    for (unsigned i = 0; i < 64; i++) {
        unsigned sum = 0;

        for (unsigned k = 0; k < 16; k++) {
            sum += coverage[i][k];
        }
        if (sum != 0) {
            printf("label %2u:", i);
            for (unsigned k = 0; k <= ERR_NOT_ENOUGH_MEMORY; k++) {
                printf(" %u", coverage[i][k]);
            }
            printf("\n");
        }
    }
}

/* May the core be stopped inside this call? Only if the caller gets to its end, and if the call
 * does not take away what the restarted call needs (a thread that revokes its own CSpace faults
 * when it starts again, and rightly so). Asked after the specification has done all of it. */
static bool can_restart(const struct spec_thread *caller, const struct proposal *proposal)
{
    word_t place;

    word_t label = msginfo_label(proposal->regs[CONTEXT_INFO]);

    /* The core can be stopped in cache operations too, and then counts up where they start. */
    if (caller->regs[CONTEXT_NEXT_IP] == proposal->ip ||
        (label >= LABEL_ARM_VSPACE_CLEAN_DATA && label <= LABEL_ARM_PAGE_UNIFY_INSTRUCTION)) {
        return false;
    }
    for (unsigned i = 0; i < 3; i++) {
        word_t cptr = proposal->buffer[122 + i];

        if (i < msginfo_extra_caps(proposal->regs[CONTEXT_INFO]) &&
            (spec_lookup_thread(caller, cptr, &place).failure != LOOKUP_NONE ||
             spec_caps_at(place) == NULL)) {
            return false;
        }
    }
    return spec_lookup_thread(caller, proposal->regs[CONTEXT_CAP], &place).failure == LOOKUP_NONE &&
           spec_caps_at(place) != NULL &&
           spec_caps_at(caller->id + (TCB_SLOT_BUFFER << SLOT_BITS)) != NULL;
}

static bool is_sound(void)
{
    const char *broken = invariants_broken();

    if (broken != NULL) {
        snprintf(observe_difference, sizeof(observe_difference), "broken invariant: %s", broken);
    }
    return broken == NULL;
}

/* An event whose operation has preemption points; something is there at one of them. */
static bool step_stopped(struct source *source, const struct spec_event *event, unsigned points)
{
    const char *why;
    static const struct spec_stop never = { .irq = SPEC_IRQS };

    spec_step_undo();
    choose_stop(source, event, points);
    core_event_stopped(event);
    if (!fired) {
        /* It has fewer points than that, or what would have stopped it has gone. */
        spec_step(event, &never, &why);
        if (observe_agrees()) {
            return true;
        }
        spec_step_undo();
        stop = (struct spec_stop){ polls, event->time, SPEC_IRQS };
    }
    stops++;
    return stop_agrees(event, points);
}

/* Both sides, one event. Post: false on a disagreement. */
static bool step(struct source *source, const struct proposal *proposal, bool *covered)
{
    static const struct spec_stop never = { .irq = SPEC_IRQS };
    const char *why = "";
    unsigned caller = spec.current, points;

    set_user_state(proposal);
    *covered = spec_step(&proposal->event, &never, &why);
    if (!*covered) {
        return true;
    }
    if (caller != NO_THREAD) {
        count(proposal, &spec.threads[caller]);
    }
    points = spec_step_points();
    if (points > 0 && source_below(source, 3) != 0) {
        if (!step_stopped(source, &proposal->event, points)) {
            return false;
        }
    } else {
        bool restartable = proposal->event.kind == SPEC_SYSCALL && spec.current == caller &&
                           can_restart(&spec.threads[caller], proposal);

        if (!core_step(proposal, restartable && source_is_one_in(source, 4))) {
            snprintf(observe_difference, sizeof(observe_difference), "preempted without end");
            return false;
        }
        if (!observe_agrees()) {
            return false;
        }
    }
    arena_touch_objects();
    return is_sound();
}

/* The thread that keeps the others going. */
static bool root_is_alive(void)
{
    const struct spec_thread *root = spec_thread_by_id(tcb_ref_of(world.root).raw);

    return root != NULL && root->context != 0 && !spec_thread_is_blocked(root) &&
           root->state != SPEC_INACTIVE;
}

/* One step of a run; `step` counts those of this system. Post: false on a disagreement. */
static bool advance(struct source *source, unsigned age, bool verbose,
                    struct lockstep_result *result)
{
    struct proposal *proposal = &trace[result->steps % TRACE_LENGTH];
    unsigned caller = spec.current;
    bool covered;

    generate(source, age, proposal);
    trace_thread[result->steps % TRACE_LENGTH] = caller == NO_THREAD ? 0 : spec.threads[caller].id;
    if (!step(source, proposal, &covered)) {
        printf("step %u: %s\n", result->steps, observe_difference);
        if (verbose) {
            print_trace(result->steps);
        }
        result->agreed = false;
        return false;
    }
    if (covered && caller != NO_THREAD && proposal->event.kind == SPEC_SYSCALL &&
        spec.threads[caller].regs[CONTEXT_NEXT_IP] == proposal->ip) {
        generate_unfinished(caller, proposal);
    }
    result->steps += covered;
    result->skipped += !covered;
    return true;
}

/* A system that has been built already: there are a few, and the first byte says which. */
static void start_built(struct source *source)
{
    static struct arena built[BUILT_SYSTEMS];
    struct lockstep_result result = { .agreed = true };
    word_t which = source_below(source, BUILT_SYSTEMS);
    struct source seeded = { .state = which + 1 };

    if (!built[which].is_saved) {
        start(&seeded);
        for (unsigned i = 0; i < GENERATE_BUILD_STEPS && advance(&seeded, i, true, &result); i++) {
        }
        arena_save(&built[which]);
    }
    arena_restore(&built[which]);
    generate_start();
}

struct lockstep_result lockstep_run(struct source *source, unsigned limit, bool verbose)
{
    struct lockstep_result result = { .agreed = true };
    bool seeded = source->data == NULL;
    unsigned age = seeded ? 0 : GENERATE_BUILD_STEPS, orphan = 0;

    if (seeded) {
        start(source);
    } else {
        start_built(source);
    }
    for (unsigned i = 0; result.steps < limit && i < 2 * limit && !source_is_dry(source); i++) {
        orphan = root_is_alive() ? 0 : orphan + 1;
        /* Nothing will ever happen again, or not much. */
        if ((spec.current == NO_THREAD && spec.release.count == 0) || orphan > ORPHAN_STEPS) {
            if (!seeded) {
                break;
            }
            start(source);
            age = orphan = 0;
            result.systems++;
        }
        if (!advance(source, age++, verbose, &result)) {
            break;
        }
    }
    return result;
}
