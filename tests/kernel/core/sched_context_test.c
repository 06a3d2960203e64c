/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Scheduling contexts: invocations (abi/03 §8, abi/04 §5.8)
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/refill.h>
#include <core/scheduler.h>
#include <core/thread.h>

#define MAX_US 0x218DEF416BDBul

static word_t context, tcb;
static struct tcb *thread;

static int one_context(void **state)
{
    scene_setup(state);
    context = scene_context();
    tcb = scene_tcb(50);
    thread = scene_tcb_at(tcb);
    return 0;
}

static enum outcome configure(word_t budget, word_t period, word_t extra, word_t target)
{
    return CALL(SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
                WORDS(budget, period, extra, 0, 0), CAPS(target));
}

static void configure_checks(void **state)
{
    (void)state;
    assert_error(
        CALL(SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS, WORDS(100, 100, 0, 0, 0)),
        ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
                      WORDS(100, 100, 0, 0), CAPS(context)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(SLOT_SCHED_CONTROL, LABEL_SCHED_CONTEXT_BIND, WORDS(0), CAPS(tcb)),
                 ERR_ILLEGAL_OPERATION);
    assert_range_error(configure(MAX_US + 1, 100, 0, tcb), 20, MAX_US);
    assert_range_error(configure(100, MAX_US + 1, 0, tcb), 20, MAX_US);
    assert_range_error(configure(19, 100, 0, tcb), 20, MAX_US);
    assert_range_error(configure(20, 19, 0, tcb), 20, MAX_US);
    assert_range_error(configure(101, 100, 0, tcb), 20, 100);
    assert_numbered_error(configure(100, 100, 999, tcb), ERR_INVALID_CAPABILITY, 1);
    /* 2^10 bytes hold 58 refills. */
    assert_range_error(configure(100, 200, 57, context), 0, 56);
    assert_done(configure(100, 200, 56, context));
    assert_int_equal(scene_context_at(context)->refill_max, 58);
    assert_range_error(configure(100, 200, 1, SLOT_SCHED_CONTEXT), 0, 0);
    assert_done(configure(MAX_US, MAX_US, 0, context));
}

static void configure_stores_its_parameters(void **state)
{
    struct sched_context *object = scene_context_at(context);

    (void)state;
    assert_int_equal(INVOKE(world.root, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
                            WORDS(1000, 3000, 3, 42, 7), EXTRA(context)),
                     0);
    assert_int_equal(object->badge, 42);
    assert_int_equal(object->sporadic, 1);
    assert_int_equal(object->period, TICKS(3000));
    assert_int_equal(object->refill_max, 5);
    assert_int_equal(refill_head(object)->amount, TICKS(1000));
    INVOKE(world.root, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
           WORDS(1000, 1000, 3, 42, 0), EXTRA(context));
    assert_int_equal(object->period, 0);
    assert_int_equal(object->refill_max, 2);
    assert_int_equal(object->sporadic, 0);
}

static void configure_of_the_running_context_counts_first(void **state)
{
    struct sched_context *own = scene_context_at(SLOT_SCHED_CONTEXT);

    (void)state;
    scene_pass(700);
    assert_int_equal(INVOKE(world.root, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
                            WORDS(1000, 4000, 0, 0, 0), EXTRA(SLOT_SCHED_CONTEXT)),
                     0);
    assert_int_equal(own->consumed, TICKS(700));
    assert_running(world.root);
    assert_int_equal(host.deadline, TICKS(700 + 1000));
    assert_int_equal(refill_head(own)->time, TICKS(700));
}

static void configure_wakes_a_thread_that_lacked_time(void **state)
{
    (void)state;
    thread->priority = 255;
    assert_int_equal(INVOKE(world.root, context, LABEL_SCHED_CONTEXT_BIND, EXTRA(tcb)), 0);
    INVOKE(world.root, tcb, LABEL_TCB_RESUME, .length = 0);
    assert_false(thread->in_ready_queue);
    world.root->priority = 254;
    scene_configure(context, 1000, 2000, 0, 0);
    scheduler_run();
    assert_running(thread);
}

static void configure_for_a_blocked_thread_starts_afresh(void **state)
{
    struct sched_context *object = scene_context_at(context);

    (void)state;
    thread->priority = 255;
    world.root->priority = 200;
    scene_configure(context, 1000, 10000, 0, 0);
    sched_context_bind_tcb(object, thread);
    scene_resume(thread);
    scene_run(thread, 300);
    /* While it can run, what is left of the head stays. */
    INVOKE(thread, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
           WORDS(2000, 20000, 0, 0, 0), EXTRA(context));
    assert_int_equal(refill_head(object)->amount, TICKS(700));
    SYSCALL(thread, SYS_WAIT, .cap = scene_notification());
    assert_running(world.root);
    INVOKE(world.root, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
           WORDS(3000, 30000, 0, 0, 0), EXTRA(context));
    assert_int_equal(refill_head(object)->amount, TICKS(3000));
    assert_int_equal(object->refill_count, 1);
}

static void bind_checks(void **state)
{
    const word_t notification = scene_notification();
    const word_t second = scene_context();

    (void)state;
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_BIND, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(SLOT_CNODE)),
                          ERR_INVALID_CAPABILITY, 1);
    assert_error(CALL(SLOT_SCHED_CONTEXT, LABEL_SCHED_CONTEXT_BIND, CAPS(tcb)),
                 ERR_ILLEGAL_OPERATION);
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(SLOT_TCB)), ERR_ILLEGAL_OPERATION);
    thread->state = THREAD_BLOCKED_ON_NOTIFICATION;
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(tcb)), ERR_ILLEGAL_OPERATION);
    scene_configure(context, 1000, 2000, 0, 0);
    refill_head(scene_context_at(context))->time = TICKS(1);
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(tcb)), ERR_ILLEGAL_OPERATION);
    refill_head(scene_context_at(context))->time = 0;
    assert_done(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(tcb)));
    assert_done(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(notification)));
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(scene_notification())),
                 ERR_ILLEGAL_OPERATION);
    assert_error(CALL(second, LABEL_SCHED_CONTEXT_BIND, CAPS(notification)), ERR_ILLEGAL_OPERATION);
}

static void unbind_checks(void **state)
{
    const word_t notification = scene_notification();

    (void)state;
    assert_error(CALL(SLOT_SCHED_CONTEXT, LABEL_SCHED_CONTEXT_UNBIND, WORDS(0)),
                 ERR_ILLEGAL_OPERATION);
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_UNBIND_OBJECT, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_UNBIND_OBJECT, CAPS(tcb)),
                 ERR_ILLEGAL_OPERATION);
    assert_error(CALL(SLOT_SCHED_CONTEXT, LABEL_SCHED_CONTEXT_UNBIND_OBJECT, CAPS(SLOT_TCB)),
                 ERR_ILLEGAL_OPERATION);
    assert_error(CALL(context, LABEL_SCHED_CONTEXT_UNBIND_OBJECT, CAPS(notification)),
                 ERR_ILLEGAL_OPERATION);
    assert_numbered_error(CALL(context, LABEL_SCHED_CONTEXT_UNBIND_OBJECT, CAPS(SLOT_CNODE)),
                          ERR_INVALID_CAPABILITY, 1);
    assert_done(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(tcb)));
    assert_done(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(notification)));
    assert_done(CALL(context, LABEL_SCHED_CONTEXT_UNBIND_OBJECT, CAPS(notification)));
    assert_int_equal(scene_notification_at(notification)->sched_context.raw, 0);
    assert_done(CALL(context, LABEL_SCHED_CONTEXT_BIND, CAPS(notification)));
    assert_done(CALL(context, LABEL_SCHED_CONTEXT_UNBIND, WORDS(0)));
    assert_int_equal(thread->sched_context.raw, 0);
    assert_int_equal(scene_notification_at(notification)->sched_context.raw, 0);
    assert_error(CALL(context, LABEL_TCB_SUSPEND, WORDS(0)), ERR_ILLEGAL_OPERATION);
}

static void unbound_thread_stops(void **state)
{
    struct tcb *runner = scene_runner(255);
    const word_t cptr = scene_put(cap_sched_context_new(runner->sched_context.raw, 10));

    (void)state;
    assert_true(runner->in_ready_queue);
    INVOKE(world.root, cptr, LABEL_SCHED_CONTEXT_UNBIND, .length = 0);
    assert_false(runner->in_ready_queue);
    assert_int_equal(runner->state, THREAD_RESTART);
}

static void consumed_is_capped(void **state)
{
    const word_t max = UINT64_MAX / TICKS_PER_MS;

    (void)state;
    scene_context_at(context)->consumed = max + 5;
    INVOKE(world.root, context, LABEL_SCHED_CONTEXT_CONSUMED, .length = 0);
    assert_int_equal(scene_word(world.root, 0), max * 1000 / TICKS_PER_MS);
    assert_int_equal(scene_context_at(context)->consumed, 5);
    SYSCALL(world.root, SYS_SEND, .cap = context, .label = LABEL_SCHED_CONTEXT_CONSUMED);
    assert_message(world.root, context, LABEL_SCHED_CONTEXT_CONSUMED, 0);
    assert_int_equal(scene_context_at(context)->consumed, 0);
}

/* Wake a lower thread, let it run 50 us later; return when its period started after the waking. */
static word_t start_after_waking(word_t flags)
{
    const word_t notification = scene_notification();

    thread->priority = 255;
    world.root->priority = 200;
    scene_configure(context, 1000, 10000, 0, flags);
    sched_context_bind_tcb(scene_context_at(context), thread);
    scene_resume(thread);
    SYSCALL(thread, SYS_WAIT, .cap = notification);
    assert_running(world.root);
    thread->priority = 100;
    scene_pass(100);
    const word_t before = refill_head(scene_context_at(context))->time;

    SYSCALL(world.root, SYS_SEND, .cap = notification);
    const word_t woken = host.now;

    assert_int_equal(refill_head(scene_context_at(context))->time, flags == 0 ? before : woken);

    scene_pass(50);
    SYSCALL(world.root, SYS_WAIT, .cap = scene_notification());
    assert_running(thread);
    return refill_head(scene_context_at(context))->time - woken;
}

static void constant_bandwidth_starts_when_it_runs(void **state)
{
    (void)state;
    assert_int_equal(start_after_waking(0), TICKS(50));
}

static void sporadic_starts_when_woken(void **state)
{
    (void)state;
    assert_int_equal(start_after_waking(1), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, one_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(configure_checks),
        TEST(configure_stores_its_parameters),
        TEST(configure_of_the_running_context_counts_first),
        TEST(configure_wakes_a_thread_that_lacked_time),
        TEST(bind_checks),
        TEST(unbind_checks),
        TEST(unbound_thread_stops),
        TEST(consumed_is_capped),
        TEST(constant_bandwidth_starts_when_it_runs),
        TEST(sporadic_starts_when_woken),
        TEST(configure_for_a_blocked_thread_starts_afresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
