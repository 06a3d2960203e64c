/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling: the cases of abi/04 §5.15, and what the hardware is told
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/preempt.h>
#include <core/refill.h>
#include <core/release_queue.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/thread.h>

/* ---- Priorities --------------------------------------------------------------------------- */

static void signals_to_equals_do_not_preempt(void **state)
{
    const word_t a = scene_notification();
    const word_t b = scene_notification();
    struct tcb *first = scene_runner(255);
    struct tcb *second = scene_runner(255);

    (void)state;
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    SYSCALL(first, SYS_WAIT, .cap = a);
    SYSCALL(second, SYS_WAIT, .cap = b);
    assert_running(world.root);
    SYSCALL(world.root, SYS_SEND, .cap = a);
    assert_running(world.root);
    SYSCALL(world.root, SYS_SEND, .cap = b);
    assert_running(world.root);
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    assert_running(first);
    SYSCALL(first, SYS_WAIT, .cap = a);
    assert_running(second);
    SYSCALL(second, SYS_WAIT, .cap = b);
    assert_running(world.root);
}

static void signal_to_a_higher_one_preempts(void **state)
{
    const word_t notification = scene_notification();

    (void)state;
    world.root->priority = 100;
    struct tcb *high = scene_runner(255);

    assert_running(high);
    SYSCALL(high, SYS_WAIT, .cap = notification);
    assert_running(world.root);
    SYSCALL(world.root, SYS_SEND, .cap = notification);
    assert_running(high);
}

/* What an operation has used up to the interrupt that stops it is its caller's. */
static void interrupted_operation_has_read_the_clock(void **state)
{
    (void)state;
    scene_pass(5);
    world_preempt(true);
    assert_true(preemption_point());
    world_preempt(false);
    assert_int_equal(this_cpu()->now, host.now);
}

static void signal_to_a_lower_one_waits(void **state)
{
    const word_t notification = scene_notification();
    struct tcb *low = scene_tcb_at(scene_tcb(100));

    (void)state;
    scene_give_time(low);
    low->state = THREAD_RESTART;
    scheduler_enqueue(low);
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    assert_running(world.root);
    assert_int_equal(
        INVOKE(world.root, SLOT_TCB, LABEL_TCB_SET_PRIORITY, WORDS(50), EXTRA(SLOT_TCB)), 0);
    assert_running(low);
    SYSCALL(low, SYS_WAIT, .cap = notification);
    assert_running(world.root);
    assert_int_equal(scene_reg(world.root, CONTEXT_INFO), 0);
}

static void raised_thread_runs_at_once(void **state)
{
    struct tcb *low = scene_runner(100);

    (void)state;
    world.root->priority = 200;
    assert_running(world.root);
    INVOKE(world.root, scene_cptr(low), LABEL_TCB_SET_PRIORITY, WORDS(201), EXTRA(SLOT_TCB));
    assert_running(low);
}

static void thread_raised_to_equal_waits_for_yield(void **state)
{
    struct tcb *low = scene_runner(100);

    (void)state;
    world.root->priority = 200;
    INVOKE(world.root, scene_cptr(low), LABEL_TCB_SET_PRIORITY, WORDS(200), EXTRA(SLOT_TCB));
    /* The changed thread is queued at the head, then the running one before it. */
    assert_running(world.root);
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    assert_running(low);
}

static void idle_when_nobody_can_run(void **state)
{
    const word_t notification = scene_notification();

    (void)state;
    SYSCALL(world.root, SYS_WAIT, .cap = notification);
    assert_true(scene_is_idle());
    assert_int_equal(host.deadline, UINT64_MAX);
    assert_false(host.fpu_enabled);
    kernel_step_interrupt();
    assert_true(scene_is_idle());
}

/* ---- Time --------------------------------------------------------------------------------- */

/* Let everybody compute for `us`; the ticks that `thread` ran. */
static word_t share_of(const struct tcb *thread, word_t us)
{
    const word_t end = host.now + TICKS(us);
    word_t share = 0;

    while (host.now < end) {
        struct tcb *current = scene_current();
        const word_t run = scene_run_ticks(current, end - host.now);

        if (current == thread) {
            share += run;
        }
    }
    return share;
}

static void round_robin_shares_by_slice(void **state)
{
    static const word_t slices[] = { 1000, 3000, 5000 };
    struct tcb *threads[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        const word_t context = scene_context();

        threads[i] = scene_tcb_at(scene_tcb(200));
        scene_configure(context, slices[i], slices[i], 0, 0);
        sched_context_bind_tcb(scene_context_at(context), threads[i]);
        scene_resume(threads[i]);
    }
    thread_suspend(world.root);
    scheduler_run();
    for (int i = 0; i < 3; i++) {
        const word_t share = share_of(threads[i], 90000) * 1000 / TICKS_PER_MS;

        assert_in_range(share, slices[i] * 10 - 200, slices[i] * 10 + 200);
    }
}

static void budget_limits_a_spinning_thread(void **state)
{
    const word_t context = scene_context();
    struct tcb *spinner = scene_tcb_at(scene_tcb(255));

    (void)state;
    world.root->priority = 100;
    scene_configure(context, 2000, 10000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), spinner);
    scene_resume(spinner);
    assert_running(spinner);
    /* Root consumes almost 80 ms of these. */
    const word_t share = share_of(spinner, 99900) * 1000 / TICKS_PER_MS;

    assert_in_range(share, 19990, 20010);
    assert_int_equal(INVOKE(world.root, context, LABEL_SCHED_CONTEXT_CONSUMED, .length = 0), 0);
    assert_int_equal(msginfo_length(scene_reg(world.root, CONTEXT_INFO)), 1);
    assert_in_range(scene_word(world.root, 0), 19990, 20010);
    INVOKE(world.root, context, LABEL_SCHED_CONTEXT_CONSUMED, .length = 0);
    assert_int_equal(scene_word(world.root, 0), 0);
}

static void yield_counts_only_what_was_used(void **state)
{
    const word_t context = scene_context();
    struct tcb *thread = scene_tcb_at(scene_tcb(255));

    (void)state;
    world.root->priority = 100;
    scene_configure(context, 2000, 10000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), thread);
    scene_resume(thread);
    scene_run(thread, 300);
    SYSCALL(thread, SYS_YIELD, .cap = 0);
    assert_running(world.root);
    assert_true(thread->in_release_queue);
    INVOKE(world.root, context, LABEL_SCHED_CONTEXT_CONSUMED, .length = 0);
    assert_int_equal(scene_word(world.root, 0), 300);
    /* All of the budget is gone until the next period. */
    assert_int_equal(host.deadline, TICKS(300 + 5000));
    scene_run(world.root, 20000);
    assert_running(thread);
    assert_int_equal(host.now, TICKS(10000));
}

static void call_without_budget_is_made_again(void **state)
{
    const word_t notification = scene_notification();
    struct tcb *low = scene_runner(255);

    (void)state;
    assert_running(world.root);
    /* Less than the least budget is left of the 5 ms. */
    scene_pass(4990);
    world.root->context.regs[CONTEXT_NEXT_IP] = 0x1004;
    world.root->context.regs[CONTEXT_FAULT_IP] = 0x1000;
    world.root->context.regs[CONTEXT_CAP] = notification;
    kernel_step_syscall((word_t)SYS_SEND);
    assert_running(low);
    assert_int_equal(world.root->state, THREAD_RESTART);
    assert_int_equal(scene_notification_at(notification)->state, NOTIFICATION_IDLE);
    SYSCALL(low, SYS_YIELD, .cap = 0);
    assert_running(world.root);
    assert_int_equal(world.root->context.regs[CONTEXT_NEXT_IP], 0x1000);
}

static void deadline_is_the_end_of_the_head(void **state)
{
    const word_t context = scene_context();
    struct tcb *thread = scene_tcb_at(scene_tcb(255));

    (void)state;
    world.root->priority = 1;
    scene_configure(context, 2000, 10000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), thread);
    scene_pass(100);
    scheduler_update_time();
    scene_resume(thread);
    assert_int_equal(host.deadline, TICKS(2100));
    scene_run(thread, 2000);
    assert_running(world.root);
    /* Root's slice has 4900 us left; the thread's refill comes at 10100. */
    assert_int_equal(host.deadline, TICKS(2000 + 5000));
}

static void used_slice_is_whole_again_next_time(void **state)
{
    struct tcb *other = scene_runner(255);
    struct tcb *high = scene_tcb_at(scene_tcb(255));

    (void)state;
    world.root->priority = 200;
    thread_set_priority(other, 200);
    scheduler_run();
    assert_running(world.root);
    scene_run(world.root, 2000);
    /* Somebody comes in between, so that the 2 ms are charged. */
    scene_give_time(high);
    scheduler_update_time();
    scene_resume(high);
    SYSCALL(high, SYS_WAIT, .cap = scene_notification());
    assert_running(world.root);
    assert_int_equal(scene_run(world.root, 9000), TICKS(3000));
    assert_int_equal(scene_run(other, 9000), TICKS(5000));
    assert_int_equal(scene_run(world.root, 9000), TICKS(5000));
}

static void released_together_run_in_order_of_waiting(void **state)
{
    struct tcb *threads[2];

    (void)state;
    world.root->priority = 1;
    for (int i = 0; i < 2; i++) {
        const word_t context = scene_context();

        threads[i] = scene_tcb_at(scene_tcb(100));
        scene_configure(context, 1000, 10000, 0, 0);
        sched_context_bind_tcb(scene_context_at(context), threads[i]);
        refill_head(scene_context_at(context))->time = TICKS(500);
        scene_resume(threads[i]);
    }
    assert_running(world.root);
    assert_ptr_equal(tcb_at(this_cpu()->release.first), threads[0]);
    assert_ptr_equal(release_queue_next(threads[0]), threads[1]);
}

/* ---- YieldTo -------------------------------------------------------------------------------- */

static void yield_to_an_equal_runs_it_first(void **state)
{
    const word_t context = scene_context();
    struct tcb *spinner = scene_tcb_at(scene_tcb(255));

    (void)state;
    scene_configure(context, 3000, 3000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), spinner);
    scene_resume(spinner);
    assert_running(world.root);
    SYSCALL(world.root, SYS_CALL, .cap = context, .label = LABEL_SCHED_CONTEXT_YIELD_TO);
    assert_running(spinner);
    scene_run(spinner, 10000);
    assert_running(world.root);
    assert_message(world.root, 0, 0, 1);
    assert_int_equal(scene_word(world.root, 0), 3000);
    assert_int_equal(world.root->yield_to.raw, 0);
}

static void yield_to_a_lower_one_returns_at_once(void **state)
{
    struct tcb *low = scene_tcb_at(scene_tcb(10));
    const word_t context = scene_give_time(low);

    (void)state;
    scene_resume(low);
    INVOKE(world.root, context, LABEL_SCHED_CONTEXT_YIELD_TO, .length = 0);
    assert_running(world.root);
    assert_message(world.root, 0, 0, 1);
    assert_int_equal(scene_word(world.root, 0), 0);
}

static void yield_to_a_stopped_thread_returns_at_once(void **state)
{
    struct tcb *stopped = scene_tcb_at(scene_tcb(255));
    const word_t context = scene_give_time(stopped);

    (void)state;
    SYSCALL(world.root, SYS_SEND, .cap = context, .label = LABEL_SCHED_CONTEXT_YIELD_TO);
    assert_running(world.root);
    assert_int_equal(scene_word(world.root, 0), 0);
}

static void yield_to_ends_with_the_context(void **state)
{
    struct tcb *spinner = scene_tcb_at(scene_tcb(255));
    const word_t context = scene_give_time(spinner);

    (void)state;
    scene_resume(spinner);
    SYSCALL(world.root, SYS_CALL, .cap = context, .label = LABEL_SCHED_CONTEXT_YIELD_TO);
    scene_run(spinner, 40);
    assert_running(spinner);
    INVOKE(spinner, context, LABEL_SCHED_CONTEXT_CONSUMED, .length = 0);
    INVOKE(spinner, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(context, 64));
    assert_running(world.root);
    assert_message(world.root, 0, 0, 1);
    assert_int_equal(spinner->sched_context.raw, 0);
    assert_int_equal(world.root->yield_to.raw, 0);
}

static void yield_to_checks(void **state)
{
    struct tcb *high = scene_tcb_at(scene_tcb(255));
    const word_t context = scene_give_time(high);
    const word_t unbound = scene_context();

    (void)state;
    assert_error(CALL(unbound, LABEL_SCHED_CONTEXT_YIELD_TO, .length = 0), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(SLOT_SCHED_CONTEXT, LABEL_SCHED_CONTEXT_YIELD_TO, .length = 0),
                 ERR_ILLEGAL_OPERATION);
    world.root->mcp = 254;
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_YIELD_TO, .length = 0), ERR_ILLEGAL_OPERATION);
}

static void yield_to_by_another_ends_the_first(void **state)
{
    struct tcb *spinner = scene_tcb_at(scene_tcb(254));
    struct tcb *second = scene_tcb_at(scene_tcb(253));
    const word_t context = scene_give_time(spinner);

    (void)state;
    world.root->priority = 254;
    scene_give_time(second);
    scene_resume(spinner);
    SYSCALL(world.root, SYS_CALL, .cap = context, .label = LABEL_SCHED_CONTEXT_YIELD_TO);
    assert_running(spinner);
    scene_pass(40);
    thread_set_priority(second, 255);
    scene_resume(second);
    assert_running(second);
    thread_set_priority(spinner, 255);
    scheduler_run();
    SYSCALL(second, SYS_CALL, .cap = context, .label = LABEL_SCHED_CONTEXT_YIELD_TO);
    assert_running(spinner);
    assert_int_equal(world.root->yield_to.raw, 0);
    assert_message(world.root, 0, 0, 1);
    assert_ptr_equal(tcb_at(scene_context_at(context)->yield_from), second);
}

static void yield_to_of_a_stopped_thread_is_forgotten(void **state)
{
    struct tcb *spinner = scene_tcb_at(scene_tcb(255));
    const word_t context = scene_give_time(spinner);

    (void)state;
    scene_resume(spinner);
    SYSCALL(world.root, SYS_CALL, .cap = context, .label = LABEL_SCHED_CONTEXT_YIELD_TO);
    assert_running(spinner);
    INVOKE(spinner, SLOT_TCB, LABEL_TCB_SUSPEND, .length = 0);
    assert_int_equal(world.root->yield_to.raw, 0);
    assert_int_equal(scene_context_at(context)->yield_from.raw, 0);
}

/* ---- Domains -------------------------------------------------------------------------------- */

static void domains_take_turns(void **state)
{
    struct tcb *other = scene_runner(255);

    (void)state;
    kernel.config.domain_count = 2;
    sched_context_init_limits();
    kernel.domain_schedule[0] = (struct domain_entry){ 0, TICKS(1000) };
    kernel.domain_schedule[1] = (struct domain_entry){ 1, TICKS(2000) };
    scheduler_set_domain(other, 1);
    scheduler_restart_domains();
    scheduler_run();
    assert_running(world.root);
    assert_in_range(scene_run(world.root, 5000), TICKS(1000), TICKS(1000));
    assert_running(other);
    assert_in_range(scene_run(other, 5000), TICKS(2000), TICKS(2000));
    assert_running(world.root);
    assert_in_range(scene_run(world.root, 5000), TICKS(1000), TICKS(1000));
    assert_running(other);
}

/* ---- The hardware ------------------------------------------------------------------------------ */

/* The running thread computes: traps if it must, and changes register 0. */
static void use_fpu(word_t expected, word_t value)
{
    struct tcb *thread = scene_current();

    if (!host.fpu_enabled) {
        kernel_step(&(struct event){ .kind = EVENT_FPU_TRAP, .syndrome = 0x1fe00000 });
        assert_running(thread);
    }
    assert_true(host.fpu_enabled);
    assert_int_equal(host.fpu.v[0], expected);
    host.fpu.v[0] = value;
}

static void fpu_follows_its_users(void **state)
{
    struct tcb *other = scene_runner(255);

    (void)state;
    use_fpu(0, 11);
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    assert_running(other);
    /* Nothing happens to the registers until they are used. */
    assert_false(host.fpu_enabled);
    assert_int_equal(host.fpu.v[0], 11);
    SYSCALL(other, SYS_YIELD, .cap = 0);
    assert_true(host.fpu_enabled);
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    use_fpu(0, 22);
    SYSCALL(other, SYS_YIELD, .cap = 0);
    assert_false(host.fpu_enabled);
    use_fpu(11, 12);
    assert_int_equal(other->fpu.v[0], 22);
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    use_fpu(22, 23);
}

static void fpu_flag_forbids(void **state)
{
    (void)state;
    use_fpu(0, 5);
    INVOKE(world.root, SLOT_TCB, LABEL_TCB_SET_FLAGS, WORDS(0, 3));
    assert_int_equal(scene_word(world.root, 0), 1);
    assert_false(host.fpu_enabled);
    assert_int_equal(world.root->fpu.v[0], 5);
    host.fpu.v[0] = 0;
    INVOKE(world.root, SLOT_TCB, LABEL_TCB_SET_FLAGS, WORDS(1, 0));
    assert_int_equal(scene_word(world.root, 0), 0);
    use_fpu(5, 6);
    INVOKE(world.root, SLOT_TCB, LABEL_TCB_SET_FLAGS, WORDS(0, 1));
    kernel_step(&(struct event){ .kind = EVENT_FPU_TRAP, .syndrome = 0x1fe00000 });
    /* An ordinary fault, and nobody handles it. */
    assert_int_equal(world.root->state, THREAD_INACTIVE);
}

static void fpu_of_a_deleted_thread_is_forgotten(void **state)
{
    struct tcb *other = scene_runner(255);
    const word_t cptr = scene_cptr(other);

    (void)state;
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    use_fpu(0, 9);
    SYSCALL(other, SYS_YIELD, .cap = 0);
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(cptr, 64));
    use_fpu(0, 1);
    assert_int_equal(other->fpu.v[0], 0);
}

static void change_of_domain_takes_the_fpu(void **state)
{
    (void)state;
    kernel.config.domain_count = 2;
    sched_context_init_limits();
    kernel.domain_schedule[0] = (struct domain_entry){ 0, TICKS(1000) };
    kernel.domain_schedule[1] = (struct domain_entry){ 0, TICKS(1000) };
    scheduler_restart_domains();
    scheduler_run();
    use_fpu(0, 7);
    scene_run(world.root, 1500);
    assert_running(world.root);
    assert_false(host.fpu_enabled);
    assert_int_equal(world.root->fpu.v[0], 7);
    use_fpu(7, 8);
}

static void counters_follow_the_thread(void **state)
{
    struct tcb *other = scene_runner(255);

    (void)state;
    assert_int_equal(host.counter_mask, 0);
    assert_int_equal(INVOKE(world.root, SLOT_TCB, LABEL_X_TCB_SET_COUNTER_ACCESS, WORDS(0x203),
                            EXTRA(SLOT_SCHED_CONTROL)),
                     0);
    assert_int_equal(host.counter_mask, 0x203);
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    assert_running(other);
    assert_int_equal(host.counter_mask, 0);
    SYSCALL(other, SYS_YIELD, .cap = 0);
    assert_int_equal(host.counter_mask, 0x203);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(signals_to_equals_do_not_preempt, scene_setup),
        cmocka_unit_test_setup(signal_to_a_higher_one_preempts, scene_setup),
        cmocka_unit_test_setup(interrupted_operation_has_read_the_clock, scene_setup),
        cmocka_unit_test_setup(signal_to_a_lower_one_waits, scene_setup),
        cmocka_unit_test_setup(raised_thread_runs_at_once, scene_setup),
        cmocka_unit_test_setup(thread_raised_to_equal_waits_for_yield, scene_setup),
        cmocka_unit_test_setup(idle_when_nobody_can_run, scene_setup),
        cmocka_unit_test_setup(round_robin_shares_by_slice, scene_setup),
        cmocka_unit_test_setup(budget_limits_a_spinning_thread, scene_setup),
        cmocka_unit_test_setup(yield_counts_only_what_was_used, scene_setup),
        cmocka_unit_test_setup(call_without_budget_is_made_again, scene_setup),
        cmocka_unit_test_setup(deadline_is_the_end_of_the_head, scene_setup),
        cmocka_unit_test_setup(yield_to_an_equal_runs_it_first, scene_setup),
        cmocka_unit_test_setup(yield_to_a_lower_one_returns_at_once, scene_setup),
        cmocka_unit_test_setup(yield_to_a_stopped_thread_returns_at_once, scene_setup),
        cmocka_unit_test_setup(yield_to_ends_with_the_context, scene_setup),
        cmocka_unit_test_setup(yield_to_checks, scene_setup),
        cmocka_unit_test_setup(domains_take_turns, scene_setup),
        cmocka_unit_test_setup(fpu_follows_its_users, scene_setup),
        cmocka_unit_test_setup(fpu_flag_forbids, scene_setup),
        cmocka_unit_test_setup(fpu_of_a_deleted_thread_is_forgotten, scene_setup),
        cmocka_unit_test_setup(counters_follow_the_thread, scene_setup),
        cmocka_unit_test_setup(used_slice_is_whole_again_next_time, scene_setup),
        cmocka_unit_test_setup(released_together_run_in_order_of_waiting, scene_setup),
        cmocka_unit_test_setup(yield_to_of_a_stopped_thread_is_forgotten, scene_setup),
        cmocka_unit_test_setup(change_of_domain_takes_the_fpu, scene_setup),
        cmocka_unit_test_setup(yield_to_by_another_ends_the_first, scene_setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
