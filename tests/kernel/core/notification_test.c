/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Notifications: abi/01 §5, abi/04 §5.10
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/notification.h>
#include <core/scheduler.h>
#include <core/thread.h>

static word_t notification;
static struct tcb *waiter;

/* Root (100) runs; `waiter` (150) has time but nothing to do. */
static int one_waiter(void **state)
{
    scene_setup(state);
    world.root->priority = 100;
    notification = scene_notification();
    waiter = scene_runner(150);
    return 0;
}

static enum notification_state state_of(word_t cptr)
{
    return (enum notification_state)scene_notification_at(cptr)->state;
}

static void signals_collect(void **state)
{
    (void)state;
    SYSCALL(waiter, SYS_SEND, .cap = scene_badged(notification, 1));
    SYSCALL(waiter, SYS_NB_SEND, .cap = scene_badged(notification, 4));
    SYSCALL(waiter, SYS_WAIT, .cap = notification, .label = 3, WORDS(6));
    assert_running(waiter);
    assert_message(waiter, 5, 3, 1);
    assert_int_equal(state_of(notification), NOTIFICATION_IDLE);
    SYSCALL(waiter, SYS_NB_WAIT, .cap = notification, .label = 3, WORDS(6));
    assert_message(waiter, 0, 3, 1);
}

static void waiter_gets_the_badge_and_nothing_else(void **state)
{
    (void)state;
    waiter->context.regs[CONTEXT_MESSAGE] = 77;
    SYSCALL(waiter, SYS_RECV, .cap = notification, .reply = 9999, .label = 2);
    assert_int_equal(state_of(notification), NOTIFICATION_WAITING);
    SYSCALL(world.root, SYS_SEND, .cap = scene_badged(notification, 8), WORDS(1));
    assert_running(waiter);
    assert_message(waiter, 8, 2, 0);
    assert_int_equal(scene_word(waiter, 0), 77);
}

static void rights_are_needed(void **state)
{
    const word_t deaf = scene_masked(notification, 1);
    const word_t mute = scene_masked(notification, 2);

    (void)state;
    SYSCALL(waiter, SYS_SEND, .cap = mute);
    assert_int_equal(state_of(notification), NOTIFICATION_IDLE);
    assert_int_equal(INVOKE(waiter, mute, 0, .length = 0), ERR_INVALID_CAPABILITY);
    SYSCALL(waiter, SYS_NB_WAIT, .cap = deaf);
    /* Fault without handler, although it would not have blocked. */
    assert_int_equal(waiter->state, THREAD_INACTIVE);
}

static void bound_to_another_thread_refuses(void **state)
{
    (void)state;
    notification_bind_tcb(scene_notification_at(notification), world.root);
    SYSCALL(waiter, SYS_WAIT, .cap = notification);
    assert_int_equal(waiter->state, THREAD_INACTIVE);
}

static void bound_signal_interrupts_a_receive(void **state)
{
    const word_t endpoint = scene_endpoint();
    const word_t reply = scene_reply();

    (void)state;
    notification_bind_tcb(scene_notification_at(notification), waiter);
    SYSCALL(waiter, SYS_RECV, .cap = endpoint, .reply = reply);
    SYSCALL(world.root, SYS_SEND, .cap = scene_badged(notification, 16));
    assert_running(waiter);
    assert_int_equal(scene_reg(waiter, CONTEXT_BADGE), 16);
    assert_int_equal(scene_reply_at(reply)->tcb.raw, 0);
    assert_int_equal(waiter->reply.raw, 0);
    assert_int_equal(state_of(notification), NOTIFICATION_IDLE);
}

static void bound_signal_waits_for_a_caller(void **state)
{
    const word_t endpoint = scene_endpoint();

    (void)state;
    notification_bind_tcb(scene_notification_at(notification), waiter);
    SYSCALL(waiter, SYS_CALL, .cap = endpoint);
    SYSCALL(world.root, SYS_SEND, .cap = scene_badged(notification, 16));
    assert_running(world.root);
    assert_int_equal(state_of(notification), NOTIFICATION_ACTIVE);
    assert_int_equal(waiter->state, THREAD_BLOCKED_ON_SEND);
}

static void bound_active_notification_comes_before_senders(void **state)
{
    const word_t endpoint = scene_endpoint();

    (void)state;
    world.root->priority = 200;
    scheduler_run();
    SYSCALL(waiter, SYS_SEND, .cap = scene_badged(notification, 2));
    notification_bind_tcb(scene_notification_at(notification), waiter);
    SYSCALL(waiter, SYS_NB_RECV, .cap = endpoint, .reply = scene_reply());
    assert_int_equal(scene_reg(waiter, CONTEXT_BADGE), 2);
    assert_int_equal(state_of(notification), NOTIFICATION_IDLE);
}

/* ---- Lending a context ------------------------------------------------------------------------ */

/* `waiter` waits, passive, on the notification, which has the context. */
static struct sched_context *lending(void)
{
    struct sched_context *context = sched_context_at(waiter->sched_context);
    const word_t cptr = scene_put(cap_sched_context_new(waiter->sched_context.raw, 10));

    SYSCALL(waiter, SYS_WAIT, .cap = notification);
    assert_running(world.root);
    assert_int_equal(
        INVOKE(world.root, cptr, LABEL_SCHED_CONTEXT_UNBIND_OBJECT, EXTRA(scene_cptr(waiter))), 0);
    assert_int_equal(INVOKE(world.root, cptr, LABEL_SCHED_CONTEXT_BIND, EXTRA(notification)), 0);
    assert_int_equal(waiter->sched_context.raw, 0);
    return context;
}

static void passive_waiter_runs_on_the_notifications_context(void **state)
{
    struct sched_context *context = lending();

    (void)state;
    for (int i = 0; i < 2; i++) {
        SYSCALL(world.root, SYS_SEND, .cap = notification);
        assert_running(waiter);
        assert_ptr_equal(sched_context_at(waiter->sched_context), context);
        SYSCALL(waiter, SYS_WAIT, .cap = notification);
        assert_running(world.root);
        assert_int_equal(waiter->sched_context.raw, 0);
        assert_int_equal(context->tcb.raw, 0);
    }
}

static void context_goes_back_at_a_blocking_receive(void **state)
{
    struct sched_context *context = lending();
    const word_t endpoint = scene_endpoint();

    (void)state;
    SYSCALL(world.root, SYS_SEND, .cap = notification);
    notification_bind_tcb(scene_notification_at(notification), waiter);
    SYSCALL(waiter, SYS_NB_RECV, .cap = endpoint, .reply = scene_reply());
    assert_running(waiter);
    assert_ptr_equal(sched_context_at(waiter->sched_context), context);
    SYSCALL(waiter, SYS_RECV, .cap = endpoint, .reply = scene_reply());
    assert_running(world.root);
    assert_int_equal(waiter->sched_context.raw, 0);
    assert_int_equal(context->tcb.raw, 0);
}

static void context_in_use_is_not_lent_again(void **state)
{
    struct sched_context *context = lending();
    struct tcb *second = scene_tcb_at(scene_tcb(160));

    (void)state;
    SYSCALL(world.root, SYS_SEND, .cap = notification);
    assert_running(waiter);
    second->state = THREAD_BLOCKED_ON_NOTIFICATION;
    second->blocking_object = notification_ref_of(scene_notification_at(notification)).raw;
    notification_receive(scene_notification_at(notification), second, true);
    SYSCALL(waiter, SYS_SEND, .cap = notification);
    assert_running(waiter);
    assert_int_equal(second->state, THREAD_RUNNING);
    assert_int_equal(second->sched_context.raw, 0);
    assert_ptr_equal(tcb_at(context->tcb), waiter);
}

static void lent_context_without_time_postpones(void **state)
{
    struct sched_context *context = lending();

    (void)state;
    context->period = TICKS(10000);
    refill_head(context)->time = host.now + TICKS(700);
    SYSCALL(world.root, SYS_SEND, .cap = notification);
    assert_running(world.root);
    assert_true(waiter->in_release_queue);
    scene_run(world.root, 4000);
    assert_running(waiter);
    assert_int_equal(host.now, TICKS(700));
}

static void deletion_restarts_waiters_and_unbinds(void **state)
{
    (void)state;
    lending();
    waiter->context.regs[CONTEXT_FAULT_IP] = 0x700;
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(notification, 64));
    assert_int_equal(waiter->state, THREAD_RESTART);
}

static void waiters_are_served_by_priority(void **state)
{
    struct tcb *low = scene_runner(110);
    struct tcb *high = scene_runner(120);

    (void)state;
    thread_suspend(waiter);
    scheduler_run();
    SYSCALL(high, SYS_WAIT, .cap = notification);
    SYSCALL(low, SYS_WAIT, .cap = notification);
    /* A new priority moves a waiter. */
    INVOKE(world.root, scene_cptr(low), LABEL_TCB_SET_PRIORITY, WORDS(130), EXTRA(SLOT_TCB));
    SYSCALL(world.root, SYS_SEND, .cap = notification);
    assert_running(low);
    SYSCALL(low, SYS_SEND, .cap = notification);
    assert_running(low);
    assert_int_equal(high->state, THREAD_RUNNING);
}

#define TEST(name) cmocka_unit_test_setup(name, one_waiter)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(signals_collect),
        TEST(waiter_gets_the_badge_and_nothing_else),
        TEST(rights_are_needed),
        TEST(bound_to_another_thread_refuses),
        TEST(bound_signal_interrupts_a_receive),
        TEST(bound_signal_waits_for_a_caller),
        TEST(bound_active_notification_comes_before_senders),
        TEST(passive_waiter_runs_on_the_notifications_context),
        TEST(context_goes_back_at_a_blocking_receive),
        TEST(context_in_use_is_not_lent_again),
        TEST(lent_context_without_time_postpones),
        TEST(deletion_restarts_waiters_and_unbinds),
        TEST(waiters_are_served_by_priority),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
