/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A small system for the tests of the core
 */
#include <world/world.h>

#include <abi/labels.h>
#include <core/asid.h>
#include <core/cdt.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/vspace.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct world world;
static word_t ipc_buffer_words[128];

word_t world_alloc(word_t bits)
{
    word_t bytes = 1ul << bits;
    word_t address = (world.used + bytes - 1) & ~(bytes - 1);

    world.used = address + bytes;
    assert_true(world.used <= HOST_MEMORY + (1ul << UNTYPED_BITS));
    return address;
}

struct slot *world_slot(word_t number)
{
    assert_true(number < ROOT_SLOTS);
    return cap_cnode_slot(world.cnode, number);
}

static void put(word_t number, struct cap cap)
{
    cdt_insert_root(world_slot(number), cap);
}

struct tcb *world_thread(void)
{
    return tcb_at((struct tcb_ref){ world_alloc(TCB_BITS) });
}

/* The idle thread and its scheduling context. */
static void make_idle(void)
{
    kernel.cpu.idle = tcb_ref_of(world_thread());
    kernel.cpu.idle_sc.raw = world_alloc(SCHED_CONTEXT_MIN_BITS);
    tcb_at(kernel.cpu.idle)->sched_context = kernel.cpu.idle_sc;
    sched_context_at(kernel.cpu.idle_sc)->tcb = kernel.cpu.idle;
}

static void make_root_thread(void)
{
    struct sched_context *context;

    world.root = world_thread();
    context = sched_context_at((struct sched_context_ref){ world_alloc(SCHED_CONTEXT_MIN_BITS) });
    sched_context_init(context, MIN_REFILLS, 5 * TICKS_PER_MS, 0);
    context->tcb = tcb_ref_of(world.root);
    world.root->sched_context = sched_context_ref_of(context);
    world.root->state = THREAD_RUNNING;
    world.root->priority = 255;
    world.root->mcp = 255;
    kernel.cpu.current = tcb_ref_of(world.root);
    kernel.cpu.current_sc = world.root->sched_context;
    kernel.cpu.action = SCHED_RESUME_CURRENT;
    put(SLOT_TCB, cap_tcb_new(tcb_ref_of(world.root).raw));
    put(SLOT_SCHED_CONTEXT,
        cap_sched_context_new(sched_context_ref_of(context).raw, SCHED_CONTEXT_MIN_BITS));
}

static void make_vspace(void)
{
    word_t pool = world_alloc(ASID_POOL_BITS);
    word_t root = world_alloc(VSPACE_BITS);

    asid_boot(asid_pool_at((struct asid_pool_ref){ pool }), root);
    put(SLOT_ASID_POOL, cap_asid_pool_new(pool, 0));
    put(SLOT_VSPACE, cap_vspace_new(root, true, 1));
}

void world_init(void)
{
    host_init();
    memset(&kernel, 0, sizeof(kernel));
    kernel.config = (struct kernel_config){
        .max_irq = 159,
        .domain_count = 1,
        .timer_irq = TIMER_IRQ,
        .maintenance_irq = MAINTENANCE,
        .vtimer_irq = VTIMER_IRQ,
        .ticks_per_ms = TICKS_PER_MS,
        .extensions = true,
    };
    kernel.irq_state[TIMER_IRQ] = IRQ_TIMER;
    kernel.irq_state[MAINTENANCE] = IRQ_RESERVED;
    kernel.irq_state[VTIMER_IRQ] = IRQ_RESERVED;
    kernel.domain_schedule[0].duration = DOMAIN_DURATION_MAX;
    world.used = HOST_MEMORY;
    make_idle();
    scheduler_init();
    world.cnode =
        cap_cnode_new(world_alloc(ROOT_RADIX + SLOT_BITS), ROOT_RADIX, WORD_BITS - ROOT_RADIX, 0);
    make_root_thread();
    put(SLOT_CNODE, world.cnode);
    cdt_insert(world.cnode, world_slot(SLOT_CNODE), &world.root->slots[TCB_SLOT_CSPACE]);
    make_vspace();
    cdt_insert(world_slot(SLOT_VSPACE)->cap, world_slot(SLOT_VSPACE),
               &world.root->slots[TCB_SLOT_VSPACE]);
    put(SLOT_IRQ_CONTROL, cap_irq_control_new());
    put(SLOT_ASID_CONTROL, cap_asid_control_new());
    put(SLOT_DOMAIN, cap_domain_new());
    put(SLOT_SCHED_CONTROL, cap_sched_control_new(0));
    put(SLOT_SMC, cap_smc_new(0));
    world.untyped = HOST_MEMORY + (1ul << UNTYPED_BITS);
    host_memory_fill(world.untyped, 0xa5, 1ul << UNTYPED_BITS);
    put(SLOT_UNTYPED, cap_untyped_new(world.untyped, UNTYPED_BITS, false,
                                      (1ul << UNTYPED_BITS) >> FREE_INDEX_SHIFT));
    put(SLOT_DEVICE,
        cap_untyped_new(KERNEL_WINDOW_BASE, 32, true, (1ul << 32) >> FREE_INDEX_SHIFT));
    world_preempt(false);
}

void world_preempt(bool always)
{
    host.irq_is_urgent = always;
    kernel.cpu.work_units = always ? PREEMPTION_WORK_UNITS - 1 : 0;
}

enum outcome world_call(const struct call *call)
{
    struct invocation inv = { .label = call->label, .length = call->length, .is_call = true };
    struct slot *slot = world_slot(call->cptr);

    for (word_t i = 0; i < call->length; i++) {
        if (i < CONTEXT_MESSAGE_COUNT) {
            world.root->context.regs[CONTEXT_MESSAGE + i] = call->words[i];
        }
        ipc_buffer_words[1 + i] = call->words[i];
    }
    inv.buffer = ipc_buffer_words;
    inv.slot = slot;
    inv.cap = slot->cap;
    inv.cptr = call->cptr;
    inv.extra_count = call->extra_count;
    for (word_t i = 0; i < call->extra_count; i++) {
        inv.extra[i] = world_slot(call->extra[i]);
    }
    memset(&this_cpu()->error, 0, sizeof(this_cpu()->error));
    return decode_invocation(&inv);
}

enum outcome world_call_stubborn(const struct call *call)
{
    enum outcome outcome;

    do {
        world_preempt(true);
        outcome = world_call(call);
    } while (outcome == OUTCOME_PREEMPTED);
    world_preempt(false);
    return outcome;
}

void world_retype(word_t type, word_t size_bits, word_t slot, word_t count)
{
    assert_done(CALL(SLOT_UNTYPED, LABEL_UNTYPED_RETYPE, WORDS(type, size_bits, 0, 0, slot, count),
                     CAPS(SLOT_CNODE)));
}

uint64_t random_state;

word_t random_below(word_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

void assert_error(enum outcome outcome, enum err code)
{
    assert_int_equal(outcome, OUTCOME_ERROR);
    assert_int_equal(this_cpu()->error.code, code);
}

void assert_range_error(enum outcome outcome, word_t min, word_t max)
{
    assert_error(outcome, ERR_RANGE);
    assert_int_equal(this_cpu()->error.min, min);
    assert_int_equal(this_cpu()->error.max, max);
}

void assert_numbered_error(enum outcome outcome, enum err code, word_t number)
{
    assert_error(outcome, code);
    assert_int_equal(this_cpu()->error.argument, number);
}

void assert_lookup_error(enum outcome outcome, bool source, enum lookup_failure failure,
                         word_t bits_left)
{
    assert_error(outcome, ERR_FAILED_LOOKUP);
    assert_int_equal(this_cpu()->error.lookup_was_source, source);
    assert_int_equal(this_cpu()->error.lookup.failure, failure);
    assert_int_equal(this_cpu()->error.lookup.bits_left, bits_left);
}

void assert_cdt_sound(const struct slot *slot)
{
    const struct slot *prev = cdt_prev(slot);

    for (int i = 0; prev != NULL && i < 1000000; i++) {
        slot = prev;
        prev = cdt_prev(slot);
    }
    assert_null(prev);
    for (int i = 0; slot != NULL; i++) {
        const struct slot *next = cdt_next(slot);

        assert_true(i < 1000000);
        assert_false(cap_is_null(slot->cap));
        if (next != NULL) {
            assert_ptr_equal(cdt_prev(next), slot);
        }
        slot = next;
    }
}
