/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Calls, replies, lending of scheduling contexts: abi/04 §5.9, §5.15
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/reply.h>
#include <core/scheduler.h>
#include <core/thread.h>

/* A client (root, 100) and two passive servers waiting on their endpoints. */
static struct tcb *server1, *server2;
static word_t endpoint1, endpoint2, reply1, reply2;

/* A server that waits, without a context of its own. */
static struct tcb *passive_server(word_t endpoint, word_t reply)
{
    struct tcb *server = scene_runner(150);

    assert_running(server);
    SYSCALL(server, SYS_RECV, .cap = endpoint, .reply = reply);
    const word_t context = scene_put(cap_sched_context_new(server->sched_context.raw, 10));

    assert_int_equal(INVOKE(world.root, context, LABEL_SCHED_CONTEXT_UNBIND, .length = 0), 0);
    assert_int_equal(server->sched_context.raw, 0);
    return server;
}

static int servers(void **state)
{
    scene_setup(state);
    world.root->priority = 100;
    endpoint1 = scene_endpoint();
    endpoint2 = scene_endpoint();
    reply1 = scene_reply();
    reply2 = scene_reply();
    server1 = passive_server(endpoint1, reply1);
    server2 = passive_server(endpoint2, reply2);
    assert_running(world.root);
    return 0;
}

static word_t context_of(const struct tcb *thread)
{
    return thread->sched_context.raw;
}

/* Root calls server 1, which calls server 2: the context is with server 2. */
static word_t nested_call(void)
{
    const word_t context = context_of(world.root);

    SYSCALL(world.root, SYS_CALL, .cap = endpoint1, WORDS(1));
    assert_running(server1);
    SYSCALL(server1, SYS_CALL, .cap = endpoint2, WORDS(2));
    assert_running(server2);
    assert_int_equal(context_of(server2), context);
    return context;
}

static void call_lends_and_reply_returns_the_context(void **state)
{
    const word_t context = context_of(world.root);
    const word_t deadline = host.deadline;

    (void)state;
    scene_pass(100);
    SYSCALL(world.root, SYS_CALL, .cap = scene_badged(endpoint1, 5), .label = 6, WORDS(7));
    assert_running(server1);
    assert_message(server1, 5, 6, 1);
    assert_int_equal(context_of(world.root), 0);
    assert_int_equal(context_of(server1), context);
    assert_int_equal(world.root->state, THREAD_BLOCKED_ON_REPLY);
    SYSCALL(server1, SYS_REPLY_RECV, .cap = endpoint1, .reply = reply1, .label = 8, WORDS(9));
    assert_running(world.root);
    assert_message(world.root, 0, 8, 1);
    assert_int_equal(context_of(world.root), context);
    assert_int_equal(context_of(server1), 0);
    assert_int_equal(server1->state, THREAD_BLOCKED_ON_RECEIVE);
    /* The same context all the time: nothing to reprogram. */
    assert_int_equal(host.deadline, deadline);
}

static void nested_calls_return_step_by_step(void **state)
{
    const word_t context = nested_call();

    (void)state;
    SYSCALL(server2, SYS_REPLY_RECV, .cap = endpoint2, .reply = reply2);
    assert_running(server1);
    assert_int_equal(context_of(server1), context);
    SYSCALL(server1, SYS_NB_SEND, .cap = reply1, WORDS(3));
    /* Server 1 stops right behind its reply: it has no context any more. */
    assert_running(world.root);
    assert_int_equal(context_of(world.root), context);
    assert_int_equal(server1->state, THREAD_RUNNING);
    assert_int_equal(sched_context_at(world.root->sched_context)->reply.raw, 0);
}

static void middle_reply_used_first_cuts_the_stack(void **state)
{
    struct tcb *client = scene_runner(120);
    const word_t context = context_of(client);

    (void)state;
    assert_running(client);
    SYSCALL(client, SYS_CALL, .cap = endpoint1);
    SYSCALL(server1, SYS_CALL, .cap = endpoint2);
    assert_running(server2);
    scene_run(server2, 5000);
    /* Round robin: the slice ends, but the context stays the most important one. */
    assert_running(server2);
    server2->priority = 90;
    SYSCALL(server2, SYS_YIELD, .cap = 0);
    assert_running(world.root);
    SYSCALL(world.root, SYS_SEND, .cap = reply1, WORDS(1));
    assert_running(world.root);
    assert_int_equal(client->state, THREAD_RUNNING);
    assert_int_equal(context_of(client), 0);
    SYSCALL(world.root, SYS_WAIT, .cap = scene_notification());
    assert_running(server2);
    SYSCALL(server2, SYS_SEND, .cap = reply2);
    assert_running(server1);
    assert_int_equal(context_of(server1), context);
    SYSCALL(server1, SYS_SEND, .cap = reply1);
    assert_running(server1);
    assert_int_equal(context_of(server1), context);
}

static void suspended_caller_leaves_its_context(void **state)
{
    const word_t context = context_of(world.root);

    (void)state;
    SYSCALL(world.root, SYS_CALL, .cap = endpoint1);
    INVOKE(server1, SLOT_TCB, LABEL_TCB_SUSPEND, .length = 0);
    assert_running(server1);
    assert_int_equal(context_of(server1), context);
    assert_int_equal(world.root->state, THREAD_INACTIVE);
    assert_int_equal(sched_context_at(server1->sched_context)->reply.raw, 0);
    SYSCALL(server1, SYS_SEND, .cap = reply1);
    assert_running(server1);
    assert_int_equal(context_of(server1), context);
}

static void deleted_reply_object_returns_the_context(void **state)
{
    const word_t context = nested_call();

    (void)state;
    INVOKE(server2, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(reply2, 64));
    /* Server 1 has the context, but its call has come to nothing. */
    assert_true(scene_is_idle());
    assert_int_equal(context_of(server1), context);
    assert_int_equal(server1->state, THREAD_INACTIVE);
    assert_int_equal(context_of(server2), 0);
    assert_int_equal(sched_context_at(server1->sched_context)->reply.raw,
                     reply_ref_of(scene_reply_at(reply1)).raw);
}

static void deleted_reply_in_the_middle_breaks_the_chain(void **state)
{
    const word_t context = nested_call();

    (void)state;
    INVOKE(server2, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(reply1, 64));
    assert_running(server2);
    assert_int_equal(world.root->state, THREAD_INACTIVE);
    assert_int_equal(context_of(server2), context);
    assert_int_equal(scene_reply_at(reply2)->prev.raw, 0);
    SYSCALL(server2, SYS_SEND, .cap = reply2);
    assert_running(server1);
    assert_int_equal(context_of(server1), context);
    assert_int_equal(sched_context_at(server1->sched_context)->reply.raw, 0);
}

static void deleted_context_cuts_the_stack(void **state)
{
    (void)state;
    nested_call();
    INVOKE(server2, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(SLOT_SCHED_CONTEXT, 64));
    assert_true(scene_is_idle());
    assert_int_equal(context_of(server2), 0);
    assert_int_equal(scene_reply_at(reply2)->next, 0);
    assert_int_equal(world.root->state, THREAD_BLOCKED_ON_REPLY);
}

static void server_with_its_own_context_takes_none(void **state)
{
    const word_t endpoint = scene_endpoint();
    const word_t reply = scene_reply();
    struct tcb *active = scene_runner(150);
    const word_t own = context_of(active);
    const word_t context = context_of(world.root);

    (void)state;
    SYSCALL(active, SYS_RECV, .cap = endpoint, .reply = reply);
    SYSCALL(world.root, SYS_CALL, .cap = endpoint);
    assert_running(active);
    assert_int_equal(context_of(active), own);
    assert_int_equal(context_of(world.root), context);
    assert_int_equal(scene_reply_at(reply)->next, 0);
    SYSCALL(active, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
    assert_running(world.root);
}

static void send_lends_nothing(void **state)
{
    (void)state;
    SYSCALL(world.root, SYS_SEND, .cap = endpoint1, WORDS(1));
    assert_running(world.root);
    assert_int_equal(server1->state, THREAD_RUNNING);
    assert_int_equal(context_of(server1), 0);
    assert_int_equal(scene_reply_at(reply1)->tcb.raw, 0);
}

static void send_phase_lends(void **state)
{
    const word_t context = context_of(world.root);

    (void)state;
    SYSCALL(world.root, SYS_NB_SEND_WAIT, .cap = endpoint2, .reply = endpoint1, WORDS(1));
    assert_running(server1);
    assert_int_equal(context_of(server1), context);
    assert_int_equal(context_of(world.root), 0);
    assert_int_equal(sched_context_at((struct sched_context_ref){ context })->reply.raw, 0);
    assert_int_equal(world.root->state, THREAD_BLOCKED_ON_RECEIVE);
}

static void queued_call_lends_when_received(void **state)
{
    const word_t endpoint = scene_endpoint();
    const word_t context = context_of(world.root);
    const word_t reply = scene_reply();
    struct tcb *client = scene_runner(120);
    const word_t lent = context_of(client);

    (void)state;
    SYSCALL(client, SYS_CALL, .cap = endpoint, WORDS(1));
    assert_running(world.root);
    /* Root gives its context to server 1, but then finds a caller waiting: it runs on that. */
    SYSCALL(world.root, SYS_NB_SEND_RECV, .cap = endpoint, .reply = reply,
            .destination = endpoint1);
    assert_int_equal(context_of(server1), context);
    assert_int_equal(context_of(world.root), lent);
    assert_int_equal(client->state, THREAD_BLOCKED_ON_REPLY);
    assert_running(server1);
    thread_suspend(server1);
    scheduler_run();
    assert_running(world.root);
    SYSCALL(world.root, SYS_SEND, .cap = reply);
    assert_running(client);
    assert_int_equal(context_of(client), lent);
}

static void reply_object_in_use_cancels_its_user(void **state)
{
    struct tcb *other = scene_runner(110);

    (void)state;
    SYSCALL(other, SYS_RECV, .cap = endpoint2, .reply = reply1);
    assert_int_equal(server1->state, THREAD_INACTIVE);
    assert_int_equal(server1->reply.raw, 0);
    assert_int_equal(scene_reply_at(reply1)->tcb.raw, tcb_ref_of(other).raw);
    SYSCALL(world.root, SYS_NB_SEND, .cap = endpoint1);
    assert_running(world.root);
    assert_int_equal(context_of(server1), 0);
}

static void reply_object_with_a_caller_cancels_the_call(void **state)
{
    const word_t context = context_of(world.root);

    (void)state;
    SYSCALL(world.root, SYS_CALL, .cap = endpoint1);
    SYSCALL(server1, SYS_NB_RECV, .cap = endpoint1, .reply = reply1);
    assert_running(server1);
    assert_int_equal(world.root->state, THREAD_INACTIVE);
    assert_int_equal(context_of(server1), context);
}

static void reply_to_nobody_does_nothing(void **state)
{
    (void)state;
    assert_int_equal(INVOKE(world.root, reply1, 0, WORDS(1)), 0);
    assert_message(world.root, 0, 0, 0);
    assert_int_equal(server1->state, THREAD_BLOCKED_ON_RECEIVE);
}

static void receive_without_a_reply_capability_is_a_fault(void **state)
{
    struct tcb *thread = scene_runner(120);

    (void)state;
    SYSCALL(thread, SYS_RECV, .cap = endpoint1, .reply = endpoint2);
    /* No handler: the thread stops. */
    assert_int_equal(thread->state, THREAD_INACTIVE);
    assert_running(world.root);
    assert_int_equal(this_cpu()->lookup_fault.failure, LOOKUP_MISSING_CAPABILITY);
}

static void deleted_endpoint_restarts_its_queue(void **state)
{
    (void)state;
    server1->context.regs[CONTEXT_FAULT_IP] = 0x500;
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(endpoint1, 64));
    assert_running(world.root);
    assert_int_equal(server1->state, THREAD_RESTART);
    assert_int_equal(server1->reply.raw, 0);
    assert_int_equal(scene_reply_at(reply1)->tcb.raw, 0);
}

static void cancelled_badged_sends_restart(void **state)
{
    const word_t queue = scene_endpoint();
    const word_t first = scene_badged(queue, 1);
    const word_t second = scene_badged(queue, 2);
    struct tcb *senders[4];

    (void)state;
    world.root->priority = 200;
    for (word_t i = 0; i < 4; i++) {
        senders[i] = scene_tcb_at(scene_tcb(210));
        scene_give_time(senders[i]);
        scene_resume(senders[i]);
        SYSCALL(senders[i], SYS_SEND, .cap = i % 2 == 0 ? first : second);
    }
    world.root->priority = 220;
    assert_int_equal(
        INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_CANCEL_BADGED_SENDS, WORDS(first, 64)), 0);
    for (word_t i = 0; i < 4; i++) {
        assert_int_equal(senders[i]->state, i % 2 == 0 ? THREAD_RESTART : THREAD_BLOCKED_ON_SEND);
    }
}

static void reply_to_a_caller_without_time_postpones_it(void **state)
{
    const word_t context = scene_context();
    struct tcb *client = scene_tcb_at(scene_tcb(120));
    struct tcb *active = scene_runner(150);
    const word_t endpoint = scene_endpoint();
    const word_t reply = scene_reply();

    (void)state;
    SYSCALL(active, SYS_RECV, .cap = endpoint, .reply = reply);
    scene_configure(context, 1000, 10000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), client);
    scene_resume(client);
    assert_running(client);
    SYSCALL(client, SYS_CALL, .cap = endpoint);
    /* A running thread's context would be charged: here somebody takes the client's time away. */
    refill_head(scene_context_at(context))->time = host.now + TICKS(3000);
    SYSCALL(active, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
    assert_running(world.root);
    assert_true(client->in_release_queue);
    assert_int_equal(host.deadline, TICKS(3000));
}

static void first_reply_wakes_the_client_without_its_context(void **state)
{
    const word_t context = nested_call();

    (void)state;
    /* Server 2 has got hold of server 1's reply object. */
    SYSCALL(server2, SYS_SEND, .cap = reply1);
    assert_running(server2);
    assert_int_equal(world.root->state, THREAD_RUNNING);
    assert_int_equal(context_of(world.root), 0);
    assert_int_equal(context_of(server2), context);
}

static void caller_with_a_new_context_does_not_get_the_old_one(void **state)
{
    const word_t context = context_of(world.root);
    const word_t other = scene_context();

    (void)state;
    scene_configure(other, 5000, 5000, 0, 0);
    SYSCALL(world.root, SYS_CALL, .cap = endpoint1);
    assert_int_equal(INVOKE(server1, other, LABEL_SCHED_CONTEXT_BIND, EXTRA(SLOT_TCB)), 0);
    SYSCALL(server1, SYS_SEND, .cap = reply1);
    assert_int_equal(context_of(world.root), sched_context_ref_of(scene_context_at(other)).raw);
    assert_int_equal(context_of(server1), context);
    assert_running(server1);
}

static void three_calls_with_the_middle_reply_deleted(void **state)
{
    const word_t endpoint3 = scene_endpoint();
    const word_t reply3 = scene_reply();
    struct tcb *server3 = passive_server(endpoint3, reply3);
    const word_t context = nested_call();

    (void)state;
    SYSCALL(server2, SYS_CALL, .cap = endpoint3);
    assert_running(server3);
    const word_t bottom = scene_reply_at(reply1)->next;

    assert_int_equal(bottom, reply_ref_of(scene_reply_at(reply2)).raw);
    struct reply *first = scene_reply_at(reply1);

    INVOKE(server3, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(reply2, 64));
    assert_int_equal(server1->state, THREAD_INACTIVE);
    assert_int_equal(first->next, 0);
    assert_int_equal(scene_reply_at(reply3)->prev.raw, 0);
    /* The context goes no further than to server 2. */
    SYSCALL(server3, SYS_SEND, .cap = reply3);
    assert_running(server2);
    assert_int_equal(context_of(server2), context);
    SYSCALL(server2, SYS_SEND, .cap = reply1);
    assert_running(server2);
    assert_int_equal(world.root->state, THREAD_RUNNING);
    assert_int_equal(context_of(world.root), 0);
}

static void reply_starts_the_period_of_a_sporadic_client(void **state)
{
    const word_t context = scene_context();
    struct tcb *client = scene_tcb_at(scene_tcb(120));
    struct tcb *active = scene_runner(150);
    const word_t endpoint = scene_endpoint();
    const word_t reply = scene_reply();

    (void)state;
    SYSCALL(active, SYS_RECV, .cap = endpoint, .reply = reply);
    scene_configure(context, 1000, 10000, 0, 1);
    sched_context_bind_tcb(scene_context_at(context), client);
    scene_resume(client);
    SYSCALL(client, SYS_CALL, .cap = endpoint);
    scene_pass(300);
    SYSCALL(active, SYS_SEND, .cap = reply);
    assert_running(active);
    assert_int_equal(refill_head(scene_context_at(context))->time, TICKS(300));
}

#define TEST(name) cmocka_unit_test_setup(name, servers)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(call_lends_and_reply_returns_the_context),
        TEST(nested_calls_return_step_by_step),
        TEST(middle_reply_used_first_cuts_the_stack),
        TEST(suspended_caller_leaves_its_context),
        TEST(deleted_reply_object_returns_the_context),
        TEST(deleted_reply_in_the_middle_breaks_the_chain),
        TEST(deleted_context_cuts_the_stack),
        TEST(server_with_its_own_context_takes_none),
        TEST(send_lends_nothing),
        TEST(send_phase_lends),
        TEST(queued_call_lends_when_received),
        TEST(reply_object_in_use_cancels_its_user),
        TEST(reply_object_with_a_caller_cancels_the_call),
        TEST(reply_to_nobody_does_nothing),
        TEST(receive_without_a_reply_capability_is_a_fault),
        TEST(deleted_endpoint_restarts_its_queue),
        TEST(cancelled_badged_sends_restart),
        TEST(reply_to_a_caller_without_time_postpones_it),
        TEST(first_reply_wakes_the_client_without_its_context),
        TEST(caller_with_a_new_context_does_not_get_the_old_one),
        TEST(three_calls_with_the_middle_reply_deleted),
        TEST(reply_starts_the_period_of_a_sporadic_client),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
