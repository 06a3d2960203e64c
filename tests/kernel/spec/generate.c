/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: what the programs do
 *
 * A few calls build a small system. After that each thread has a habit (serving, calling, waiting,
 * signalling), so that conversations come about, and leaves it now and then for any other call;
 * the root thread, which gets a little time before all others, helps those who are stuck. Nothing
 * here decides what is right: any sequence of events must leave both sides the same.
 */
#include "generate.h"

#include "caps.h"
#include "objects.h"

#include <string.h>

/* A call that was cut short: the thread makes the same again, as a CPU would. */
struct unfinished {
    word_t thread;
    struct proposal proposal;
};

static struct unfinished unfinished[SPEC_THREADS];

void generate_start(void)
{
    memset(unfinished, 0, sizeof(unfinished));
}

void generate_unfinished(unsigned thread, const struct proposal *proposal)
{
    unfinished[thread].thread = spec.threads[thread].id;
    unfinished[thread].proposal = *proposal;
}

static bool root_runs(void)
{
    return spec.current != NO_THREAD && spec.threads[spec.current].id == tcb_ref_of(world.root).raw;
}

/* The root thread has no fault handler, and without it soon nobody runs. So it seldom blocks and
 * seldom faults; the others may do what they like. */
static void spare_root(struct source *source, struct proposal *proposal)
{
    static const long harmless[] = { SYS_NB_SEND, SYS_NB_RECV, SYS_NB_WAIT, SYS_YIELD,
                                     SYS_NB_SEND };
    long number = (long)proposal->event.number;

    if (!root_runs() || source_is_one_in(source, 400)) {
        return;
    }
    if (proposal->event.kind != SPEC_TIMER) {
        proposal->event.kind = SPEC_SYSCALL;
    }
    proposal->regs[CONTEXT_CAP] %= ROOT_SLOTS;
    proposal->regs[CONTEXT_REPLY] %= ROOT_SLOTS;
    for (word_t i = 0; i < 3; i++) {
        proposal->buffer[122 + i] %= ROOT_SLOTS;
    }
    struct spec_cap cap = pick_value(proposal->regs[CONTEXT_CAP]);
    bool kernel_object = cap.type != CAP_ENDPOINT && cap.type != CAP_NULL;

    if ((!kernel_object || (number != SYS_CALL && number != SYS_SEND)) && number != SYS_YIELD) {
        proposal->event.number = (word_t)harmless[source_below(source, 5)];
        if (!cap.receive ||
            (cap.type == CAP_NOTIFICATION && spec_notification_by_id(cap.object)->thread) ||
            pick_value(proposal->regs[CONTEXT_REPLY]).type != CAP_REPLY) {
            proposal->event.number = (word_t)SYS_NB_SEND;
        }
    }
    if (cap.type == CAP_TCB && proposal->regs[CONTEXT_CAP] == SLOT_TCB) {
        proposal->regs[CONTEXT_CAP] = pick_slot(source, CAP_TCB);
    }
}

/* A device raises an interrupt that somebody has asked for. Post: false if there is none. */
static bool propose_interrupt(struct source *source, struct proposal *proposal)
{
    word_t start = source_below(source, SPEC_IRQS);

    for (word_t i = 0; i < SPEC_IRQS; i++) {
        word_t irq = (start + i) % SPEC_IRQS;

        if (irq != SPEC_IRQ_TIMER_NUMBER && spec_irq_can_come(irq) &&
            (spec.irqs[irq].state == SPEC_IRQ_SIGNAL || spec.vcpu_active)) {
            proposal->event.kind = SPEC_INTERRUPT;
            proposal->event.number = irq;
            proposal->event.address = source_below(source, SPEC_LISTS + 1);
            if (proposal->event.address == SPEC_LISTS) {
                proposal->event.address = ~0ul;
            }
            return true;
        }
    }
    return false;
}

/* When the event happens, and whether the timer comes first. */
static void propose_time(struct source *source, struct proposal *proposal)
{
    word_t pass =
        source_below(source, 12) ? source_below(source, 400) : source_below(source, 60000);

    if (spec.current == NO_THREAD) {
        pass = spec.deadline > spec.now ? spec.deadline - spec.now : 0;
    }
    proposal->event.kind = SPEC_SYSCALL;
    proposal->event.time = spec.now + pass;
    if (source_is_one_in(source, 20) && propose_interrupt(source, proposal)) {
        return;
    }
    if (spec.current == NO_THREAD ||
        (proposal->event.time >= spec.deadline && source_below(source, 6) != 0)) {
        proposal->event.kind = SPEC_TIMER;
    }
}

static void propose_fault(struct source *source, struct proposal *proposal)
{
    proposal->event.kind = (enum spec_event_kind)(SPEC_VM_FAULT + source_below(source, 4));
    proposal->event.syndrome = source_below(source, 1u << 16);
    proposal->event.address = source_word(source);
    proposal->event.is_fetch = source_below(source, 2);
}

/* What a guest writes to a register of its virtual CPU, or what becomes of a list register. */
static void propose_guest(struct source *source, struct proposal *proposal)
{
    proposal->write_guest = true;
    proposal->guest_field = source_below(source, VCPU_REG_COUNT + SPEC_LISTS);
    proposal->guest_value = source_word(source) & 0xffffffff;
    if (proposal->guest_field >= VCPU_REG_COUNT) {
        proposal->guest_value = source_below(source, 4) << 28 | 1ul << 19 | 5;
    }
}

static void propose_anything(struct source *source, struct proposal *proposal)
{
    if (source_is_one_in(source, 24) && proposal->event.kind == SPEC_SYSCALL) {
        propose_fault(source, proposal);
    } else if (source_below(source, 3) != 0) {
        generate_any_invocation(source, proposal);
    } else {
        generate_ipc(source, proposal);
    }
    if (source_is_one_in(source, 60)) {
        proposal->regs[source_below(source, 9)] = source_word(source);
    }
    if (source_is_one_in(source, 30)) {
        proposal->event.number = (word_t)(SYS_DEBUG_PUT_CHAR - (long)source_below(source, 6));
    }
    if (source_is_one_in(source, 200)) {
        for (unsigned i = 0; i < 9; i++) {
            proposal->regs[i] = source_word(source);
        }
        proposal->event.number = source_word(source);
    }
}

/* The same call again, if this thread was in one. */
static bool propose_again(struct source *source, struct proposal *proposal)
{
    struct spec_event event = proposal->event;

    if (spec.current == NO_THREAD || event.kind != SPEC_SYSCALL ||
        unfinished[spec.current].thread != spec.threads[spec.current].id) {
        return false;
    }
    unfinished[spec.current].thread = 0;
    if (source_is_one_in(source, 6)) {
        return false;
    }
    *proposal = unfinished[spec.current].proposal;
    proposal->event.time = event.time;
    return true;
}

void generate(struct source *source, unsigned step, struct proposal *proposal)
{
    memset(proposal, 0, sizeof(*proposal));
    proposal->ip = 0x400000 + 4 * source_below(source, 1000);
    proposal->write_buffer = true;
    proposal->event.kind = SPEC_SYSCALL;
    proposal->event.time = spec.now;
    proposal->buffer[125] = SLOT_CNODE;
    proposal->buffer[126] = pick_free(source);
    proposal->buffer[127] = 64;
    if (root_runs() && generate_build(source, step, proposal)) {
        proposal->regs[CONTEXT_NUMBER] = proposal->event.number;
        return;
    }
    propose_time(source, proposal);
    if (source_is_one_in(source, 3)) {
        propose_guest(source, proposal);
    }
    if (proposal->event.kind == SPEC_INTERRUPT) {
        return;
    }
    if (propose_again(source, proposal)) {
        return;
    }
    if (root_runs() && source_below(source, 8) != 0) {
        generate_supervisor(source, proposal);
    } else if (source_is_one_in(source, 3) && generate_help(source, proposal)) {
        /* done */
    } else if (source_below(source, 3) != 0) {
        generate_habit(source, spec.current, proposal);
    } else {
        propose_anything(source, proposal);
    }
    spare_root(source, proposal);
    proposal->regs[CONTEXT_NUMBER] = proposal->event.number;
}
