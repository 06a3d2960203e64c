/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Random programs against the whole core
 *
 * Several threads that hold every kind of capability make random system calls, fault, are
 * interrupted and run out of time. What comes out of each call does not matter here; what must hold
 * after each step is what the headers of the core call invariants, and that the model machine,
 * which dies of every wild address, lives. The random numbers are the same in each run.
 */
#include <world/scene.h>

#include <abi/faults.h>
#include <abi/labels.h>
#include <core/cdt.h>
#include <core/refill.h>
#include <core/release_queue.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/thread.h>
#include <core/vcpu.h>
#include <stdlib.h>

#define ROUNDS      150
#define STEPS       3000
#define SLOTS_USED  96 /* random slot numbers are below this */
#define THREADS     5
#define LABELS      62
#define LONGEST_US  3000
#define USUAL_WORDS 10

/* ---- The scene ------------------------------------------------------------------------------ */

static void give_handlers(struct tcb *thread, word_t endpoint)
{
    cdt_insert(world_slot(endpoint)->cap, world_slot(endpoint),
               &thread->slots[TCB_SLOT_FAULT_HANDLER]);
    if (random_below(2) == 0) {
        cdt_insert(world_slot(endpoint)->cap, world_slot(endpoint),
                   &thread->slots[TCB_SLOT_TIMEOUT_HANDLER]);
    }
}

/* Two domains that take turns. */
static void give_domains(void)
{
    kernel.config.domain_count = 2;
    sched_context_init_limits();
    kernel.domain_schedule[0] = (struct domain_entry){ 0, TICKS(5000) };
    kernel.domain_schedule[1] = (struct domain_entry){ 1, TICKS(3000) };
    kernel.domain_time_left = TICKS(5000);
}

static void setup_round(uint64_t number)
{
    void *state = NULL;

    random_state = 0x9e3779b97f4a7c15u ^ (number * 0x2545f4914f6cdd1du);
    scene_setup(&state);
    if (random_below(2) == 0) {
        give_domains();
    }
    const word_t endpoint = scene_endpoint();

    scene_badged(endpoint, 7);
    scene_badged(endpoint, 8);
    scene_badged(scene_endpoint(), 9);
    scene_badged(scene_notification(), 3);
    scene_notification();
    for (word_t i = 0; i < 4; i++) {
        scene_reply();
    }
    for (word_t i = 0; i < 2; i++) {
        scene_configure(scene_context(), 1000, random_below(2) == 0 ? 1000 : 3000, random_below(4),
                        random_below(2));
    }
    const word_t vcpu = world_alloc(VCPU_BITS);

    vcpu_init(vcpu_at((struct vcpu_ref){ vcpu }));
    scene_put(cap_vcpu_new(vcpu));
    for (word_t i = 0; i < THREADS; i++) {
        struct tcb *thread = scene_tcb_at(scene_tcb(100 + random_below(3)));

        if (random_below(3) != 0) {
            give_handlers(thread, endpoint);
        }
        const word_t context = scene_give_time(thread);

        if (random_below(2) == 0) {
            scene_configure(context, 500 + random_below(500), 2000, random_below(5),
                            random_below(2));
        }
        scheduler_set_domain(thread, random_below(kernel.config.domain_count));
        scene_resume(thread);
    }
    world.root->priority = 101;
}

/* ---- Random events ---------------------------------------------------------------------------- */

/* The capabilities that everything depends on are not the usual victims. */
static word_t random_slot(void)
{
    return random_below(10) == 0 ? random_below(SLOTS_USED)
                                 : SLOT_FREE + random_below(SLOTS_USED - SLOT_FREE);
}

static word_t random_word(void)
{
    switch (random_below(8)) {
    case 0: return 0;
    case 1: return random_below(4);
    case 2: return 64;
    case 3: return random_below(32);
    case 4: return random_below(512) << 12;
    case 5: return random_below(~0ul);
    default: return random_slot();
    }
}

/* What is invoked: often what makes and destroys. */
static word_t random_cptr(void)
{
    switch (random_below(10)) {
    case 0: return random_word();
    case 1:
    case 2: return SLOT_CNODE;
    case 3: return SLOT_UNTYPED;
    case 4: return random_below(SLOT_FREE);
    default: return random_slot();
    }
}

/* Mostly a label that the capability understands. */
static word_t random_label(struct cap cap)
{
    static const struct {
        word_t first, count;
    } labels[] = {
        [CAP_UNTYPED] = { 1, 1 },        [CAP_TCB] = { 2, 16 },           [CAP_CNODE] = { 18, 8 },
        [CAP_IRQ_CONTROL] = { 26, 1 },   [CAP_IRQ_HANDLER] = { 27, 3 },   [CAP_DOMAIN] = { 30, 3 },
        [CAP_SCHED_CONTROL] = { 33, 1 }, [CAP_SCHED_CONTEXT] = { 34, 5 }, [CAP_VSPACE] = { 39, 4 },
        [CAP_SMC] = { 43, 1 },           [CAP_PAGE_TABLE] = { 44, 2 },    [CAP_FRAME] = { 46, 7 },
        [CAP_ASID_CONTROL] = { 53, 1 },  [CAP_ASID_POOL] = { 54, 1 },     [CAP_VCPU] = { 55, 5 },
    };
    const word_t type = cap_type(cap);

    if (random_below(8) == 0 || type >= sizeof(labels) / sizeof(labels[0]) ||
        labels[type].count == 0) {
        return random_below(20) == 0 ? 0x10000 : random_below(LABELS);
    }
    return labels[type].first + random_below(labels[type].count);
}

/* Words that make sense where random ones hardly ever do. */
static void fill_words(word_t label, word_t *words)
{
    for (word_t i = 0; i < 40; i++) {
        words[i] = random_word();
    }
    if (random_below(8) == 0) {
        return;
    }
    if (label == LABEL_UNTYPED_RETYPE) {
        words[0] = random_below(OBJECT_TYPE_COUNT);
        words[1] = random_below(2) == 0 ? 7 : random_below(14);
        words[3] = 0;
        words[4] = random_slot();
        words[5] = 1 + random_below(3);
    } else if (label >= LABEL_CNODE_REVOKE && label <= LABEL_CNODE_ROTATE) {
        words[0] = random_slot();
        words[1] = 64;
        words[2] = random_slot();
        words[3] = 64;
        words[4] = label == LABEL_CNODE_ROTATE ? 64 : random_below(16);
        words[7] = 64;
    } else if (label == LABEL_SCHED_CONTROL_CONFIGURE_FLAGS) {
        words[0] = 20 + random_below(1000);
        words[1] = words[0] + random_below(3) * random_below(1000);
        words[2] = random_below(4);
    }
}

static void random_message(struct tcb *thread, struct cap cap)
{
    struct ipc_buffer *buffer = scene_buffer(thread);
    const word_t label = random_label(cap);
    word_t words[40];

    fill_words(label, words);
    thread->context.regs[CONTEXT_INFO] =
        msginfo_new(label, random_below(8), random_below(4),
                    random_below(8) == 0 ? random_below(128) : USUAL_WORDS);
    for (word_t i = 0; i < 4; i++) {
        thread->context.regs[CONTEXT_MESSAGE + i] = words[i];
    }
    if (buffer == NULL) {
        return;
    }
    for (word_t i = 4; i < 40; i++) {
        buffer->msg[i] = words[i];
    }
    for (word_t i = 0; i < 3; i++) {
        buffer->caps_or_badges[i] = random_below(3) == 0 ? SLOT_CNODE : random_slot();
    }
    buffer->receive_cnode = SLOT_CNODE;
    buffer->receive_index = random_slot();
    buffer->receive_depth = 64;
}

/* The threads have stopped: as somebody else would, give one of them time and start it. */
static void revive(void)
{
    for (word_t i = 0; i < ROOT_SLOTS; i++) {
        const struct cap cap = world_slot((i * 37 + random_state) % ROOT_SLOTS)->cap;

        if (cap_type(cap) != CAP_TCB || random_below(2) == 0) {
            continue;
        }
        struct tcb *thread = cap_tcb_object(cap);
        const word_t context = random_slot();

        if (cap_type(thread->slots[TCB_SLOT_CSPACE].cap) != CAP_CNODE) {
            continue;
        }
        if (cap_type(world_slot(context)->cap) == CAP_SCHED_CONTEXT && !thread_is_blocked(thread) &&
            thread->sched_context.raw == 0 && scene_context_at(context)->tcb.raw == 0) {
            sched_context_bind_tcb(scene_context_at(context), thread);
        }
        thread_restart(thread);
    }
    scheduler_run();
}

static void random_syscall(struct tcb *thread)
{
    const word_t number = random_below(40) == 0  ? random_word()
                          : random_below(2) == 0 ? (word_t)SYS_CALL
                                                 : (word_t)0 - 1 - random_below(11);
    const word_t cptr = random_cptr();

    thread->context.regs[CONTEXT_CAP] = cptr;
    thread->context.regs[CONTEXT_REPLY] = random_slot();
    thread->context.regs[CONTEXT_DESTINATION] = random_slot();
    random_message(thread, cptr < ROOT_SLOTS ? world_slot(cptr)->cap : cap_null_new());
    thread->context.regs[CONTEXT_FAULT_IP] = 0x1000;
    thread->context.regs[CONTEXT_NEXT_IP] = 0x1004;
    kernel_step_syscall(number);
}

static void random_event(void)
{
    struct tcb *thread = scene_current();

    scene_pass(random_below(8) == 0 ? random_below(LONGEST_US) : random_below(20));
    host.irq_is_urgent = random_below(3) == 0;
    host.maintenance = random_below(2) == 0 ? ~0ul : random_below(HOST_LIST_COUNT);
    if (host.now >= host.deadline) {
        host.irq_pending[TIMER_IRQ] = true;
    }
    if (thread->state == THREAD_IDLE && random_below(3) == 0) {
        revive();
        return;
    }
    if (thread->state == THREAD_IDLE || random_below(10) == 0) {
        host.irq_pending[random_below(64)] = true;
        kernel_step_interrupt();
        return;
    }
    switch (random_below(40)) {
    case 0: kernel_step(&(struct event){ .kind = EVENT_VM_FAULT, .address = random_word() }); break;
    case 1: kernel_step(&(struct event){ .kind = EVENT_USER_EXCEPTION }); break;
    case 2: kernel_step(&(struct event){ .kind = EVENT_VCPU_FAULT }); break;
    case 3:
        if (!host.fpu_enabled) {
            kernel_step(&(struct event){ .kind = EVENT_FPU_TRAP });
        }
        break;
    default: random_syscall(thread); break;
    }
}

/* ---- What must hold ------------------------------------------------------------------------------ */

static void check_thread(struct tcb *thread)
{
    const struct sched_context *context = sched_context_at(thread->sched_context);
    const struct reply *reply = reply_at(thread->reply);
    const struct vcpu *vcpu = vcpu_at(thread->vcpu);
    const struct notification *bound = notification_at(thread->bound_notification);

    if (context != NULL) {
        assert_ptr_equal(tcb_at(context->tcb), thread);
    }
    if (reply != NULL) {
        assert_ptr_equal(tcb_at(reply->tcb), thread);
        assert_true(thread->state == THREAD_BLOCKED_ON_REPLY ||
                    thread->state == THREAD_BLOCKED_ON_RECEIVE);
    }
    if (vcpu != NULL) {
        assert_ptr_equal(tcb_at(vcpu->tcb), thread);
    } else {
        assert_int_equal(thread->context.regs[CONTEXT_SPSR] & CONTEXT_SPSR_MODE, 0);
    }
    if (bound != NULL) {
        assert_ptr_equal(tcb_at(bound->bound_tcb), thread);
    }
    assert_false(thread->in_ready_queue && thread->in_release_queue);
    if (thread->in_ready_queue || thread->in_release_queue) {
        assert_true(thread_is_runnable(thread));
        assert_non_null(context);
    }
}

static void check_context(struct sched_context *context)
{
    const struct tcb *thread = tcb_at(context->tcb);

    if (thread != NULL) {
        assert_int_equal(thread->sched_context.raw, sched_context_ref_of(context).raw);
    }
    if (context->refill_max == 0) {
        return;
    }
    assert_in_range(context->refill_count, 1, context->refill_max);
    assert_true(context->refill_head < context->refill_max);
    assert_true(refill_head(context)->amount >= kernel.config.min_budget || context->period == 0);
}

static void check_queues(void)
{
    const struct ready_queues *ready = &this_cpu()->ready[kernel.domain_current];
    word_t last = 0;

    for (word_t priority = 0; priority < PRIORITY_COUNT; priority++) {
        struct tcb_ref at = ready->queue[priority].head;
        const bool marked = (ready->bitmap[priority / 64] >> (priority % 64) & 1) != 0;

        assert_int_equal(marked, at.raw != 0);
        for (; at.raw != 0; at = tcb_at(at)->sched_next) {
            assert_true(tcb_at(at)->in_ready_queue);
            assert_int_equal(tcb_at(at)->priority, priority);
            check_thread(tcb_at(at));
        }
    }
    for (struct tcb *at = tcb_at(this_cpu()->release.first); at != NULL;
         at = release_queue_next(at)) {
        assert_true(at->in_release_queue);
        assert_int_equal(at->release.time, refill_head(sched_context_at(at->sched_context))->time);
        assert_true(at->release.time >= last);
        last = at->release.time;
        check_thread(at);
    }
}

static void check_current(void)
{
    struct tcb *current = scene_current();

    assert_false(current->in_ready_queue);
    assert_int_equal(this_cpu()->action, SCHED_RESUME_CURRENT);
    assert_false(this_cpu()->reprogram);
    if (current->state == THREAD_IDLE) {
        assert_int_equal(scheduler_highest(&this_cpu()->ready[kernel.domain_current]), -1);
        return;
    }
    check_thread(current);
    assert_int_equal(current->state, THREAD_RUNNING);
    assert_true(scheduler_can_run(current));
    assert_int_equal(current->fault.type, FAULT_NONE);
    assert_int_equal(this_cpu()->current_sc.raw, current->sched_context.raw);
    assert_int_equal(this_cpu()->vcpu_active, current->vcpu.raw != 0);
    assert_int_equal(host.vcpu_is_native, current->vcpu.raw == 0);
    assert_int_equal(host.fpu_enabled, this_cpu()->fpu_owner.raw == tcb_ref_of(current).raw);
}

static void check_slots(void)
{
    for (word_t i = 0; i < ROOT_SLOTS; i++) {
        const struct slot *slot = world_slot(i);

        if (cap_is_null(slot->cap)) {
            continue;
        }
        assert_cdt_sound(slot);
        if (cap_type(slot->cap) == CAP_TCB) {
            check_thread(cap_tcb_object(slot->cap));
        } else if (cap_type(slot->cap) == CAP_SCHED_CONTEXT) {
            check_context(cap_sched_context_object(slot->cap));
        }
    }
}

static void random_programs(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        setup_round(round);
        for (word_t step = 0; step < STEPS; step++) {
            random_event();
            check_current();
            check_queues();
            if (step % 16 == 0) {
                check_slots();
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
