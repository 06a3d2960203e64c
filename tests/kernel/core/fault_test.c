/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults: messages, delivery, answers (abi/04 §1 to §4)
 */
#include <world/scene.h>

#include <abi/faults.h>
#include <abi/labels.h>
#include <core/cdt.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/thread.h>

/* `handler` (200) waits for faults of `thread` (150), which runs. */
static struct tcb *handler, *thread;
static word_t endpoint, reply;

static void set_handler(struct tcb *target, enum tcb_slot slot, word_t cptr)
{
    cdt_insert(world_slot(cptr)->cap, world_slot(cptr), &target->slots[slot]);
}

static int handled_thread(void **state)
{
    scene_setup(state);
    world.root->priority = 100;
    endpoint = scene_badged(scene_endpoint(), 0xbad);
    reply = scene_reply();
    handler = scene_runner(200);
    SYSCALL(handler, SYS_RECV, .cap = endpoint, .reply = reply);
    thread = scene_runner(150);
    set_handler(thread, TCB_SLOT_FAULT_HANDLER, endpoint);
    for (word_t i = 0; i < CONTEXT_COUNT; i++) {
        thread->context.regs[i] = 0x1000 + i;
    }
    return 0;
}

static void raise(struct event event)
{
    thread->context.regs[CONTEXT_FAULT_IP] = 0x5000;
    thread->context.regs[CONTEXT_NEXT_IP] = 0x5000;
    kernel_step(&event);
}

static void unknown_syscall(word_t number)
{
    thread->context.regs[CONTEXT_NUMBER] = number;
    thread->context.regs[CONTEXT_FAULT_IP] = 0x5000;
    thread->context.regs[CONTEXT_NEXT_IP] = 0x5004;
    kernel_step(&(struct event){ .kind = EVENT_UNKNOWN_SYSCALL, .number = number });
}

/* ---- Messages --------------------------------------------------------------------------------- */

static void vm_fault_message(void **state)
{
    (void)state;
    raise((struct event){ .kind = EVENT_VM_FAULT, .address = 0x77, .syndrome = 0x93c98005 });
    assert_running(handler);
    assert_message(handler, 0xbad, FAULT_VM, 4);
    assert_int_equal(scene_word(handler, VM_FAULT_IP), 0x5000);
    assert_int_equal(scene_word(handler, VM_FAULT_ADDRESS), 0x77);
    assert_int_equal(scene_word(handler, VM_FAULT_PREFETCH_FAULT), 0);
    assert_int_equal(scene_word(handler, VM_FAULT_FSR), 0x93c98005);
    assert_int_equal(thread->state, THREAD_BLOCKED_ON_REPLY);
}

static void fetch_fault_reports_the_ip(void **state)
{
    (void)state;
    raise((struct event){
        .kind = EVENT_VM_FAULT, .is_fetch = true, .address = 0x77, .syndrome = 0x82000005 });
    assert_int_equal(scene_word(handler, VM_FAULT_ADDRESS), 0x5000);
    assert_int_equal(scene_word(handler, VM_FAULT_PREFETCH_FAULT), 1);
}

static void unknown_syscall_message_and_answer(void **state)
{
    (void)state;
    unknown_syscall(99);
    assert_message(handler, 0xbad, FAULT_UNKNOWN_SYSCALL, 13);
    for (word_t i = 0; i < 7; i++) {
        assert_int_equal(scene_word(handler, i), 0x1000 + i);
    }
    assert_int_equal(scene_word(handler, 7), 99);
    assert_int_equal(scene_word(handler, UNKNOWN_SYSCALL_FAULT_IP), 0x5000);
    assert_int_equal(scene_word(handler, UNKNOWN_SYSCALL_SP), 0x1000 + CONTEXT_SP);
    assert_int_equal(scene_word(handler, UNKNOWN_SYSCALL_LR), 0x5004);
    assert_int_equal(scene_word(handler, UNKNOWN_SYSCALL_SPSR), 0x1000 + CONTEXT_SPSR);
    assert_int_equal(scene_word(handler, UNKNOWN_SYSCALL_SYSCALL), 99);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply,
            WORDS(50, 51, 52, 53, 54, 55, 56, 57, 0x5004, 59, 60, 0xf0000fff, 62));
    assert_running(thread);
    for (word_t i = 0; i < 8; i++) {
        assert_int_equal(scene_reg(thread, i), 50 + i);
    }
    assert_int_equal(scene_reg(thread, CONTEXT_SP), 59);
    assert_int_equal(scene_reg(thread, CONTEXT_SPSR), 0xf0000140);
    assert_int_equal(scene_reg(thread, CONTEXT_NEXT_IP), 0x5004);
}

static void short_answer_changes_only_its_words(void **state)
{
    (void)state;
    unknown_syscall(99);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply, WORDS(50));
    assert_running(thread);
    assert_int_equal(scene_reg(thread, 0), 50);
    assert_int_equal(scene_reg(thread, 1), 0x1001);
    /* The call is made again. */
    assert_int_equal(scene_reg(thread, CONTEXT_NEXT_IP), 0x5000);
}

static void answer_with_a_label_stops(void **state)
{
    (void)state;
    unknown_syscall(99);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply, .label = 1, WORDS(50));
    assert_int_equal(thread->state, THREAD_INACTIVE);
    assert_int_equal(scene_reg(thread, 0), 50);
    assert_running(world.root);
}

static void answer_without_buffer_has_four_words(void **state)
{
    (void)state;
    unknown_syscall(99);
    scene_drop_buffer(handler);
    handler->context.regs[CONTEXT_INFO] = 12;
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply, .length = 12,
            .words = { 1, 2, 3, 4 });
    assert_int_equal(scene_reg(thread, 3), 4);
    assert_int_equal(scene_reg(thread, 4), 0x1004);
}

static void exception_message_and_answer(void **state)
{
    (void)state;
    raise((struct event){ .kind = EVENT_USER_EXCEPTION, .syndrome = 0x2000000 });
    assert_message(handler, 0xbad, FAULT_USER_EXCEPTION, 5);
    assert_int_equal(scene_word(handler, 0), 0x5000);
    assert_int_equal(scene_word(handler, 1), 0x1000 + CONTEXT_SP);
    assert_int_equal(scene_word(handler, 3), 0x2000000);
    assert_int_equal(scene_word(handler, 4), 0);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply,
            WORDS(0x6000, 0x7000, 0, 4, 5));
    assert_running(thread);
    assert_int_equal(scene_reg(thread, CONTEXT_NEXT_IP), 0x6000);
    assert_int_equal(scene_reg(thread, CONTEXT_SP), 0x7000);
    assert_int_equal(scene_reg(thread, CONTEXT_SPSR), 0x140);
    assert_int_equal(scene_reg(thread, CONTEXT_X0), 0x1000);
}

static void vcpu_fault_answer_ignores_label_and_words(void **state)
{
    (void)state;
    raise((struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 0xf2000007 });
    assert_message(handler, 0xbad, FAULT_VCPU, 1);
    assert_int_equal(scene_word(handler, 0), 0xf2000007);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply, .label = 5, WORDS(1, 2));
    assert_running(thread);
    assert_int_equal(scene_reg(thread, CONTEXT_X0), 0x1000);
    assert_int_equal(scene_reg(thread, CONTEXT_NEXT_IP), 0x5000);
}

static void cap_fault_messages(void **state)
{
    (void)state;
    SYSCALL(thread, SYS_SEND, .cap = 0x12340000);
    assert_message(handler, 0xbad, FAULT_CAP, 7);
    assert_int_equal(scene_word(handler, CAP_FAULT_ADDRESS), 0x12340000);
    assert_int_equal(scene_word(handler, CAP_FAULT_IN_RECV_PHASE), 0);
    assert_int_equal(scene_word(handler, CAP_FAULT_LOOKUP_FAILURE), LOOKUP_GUARD_MISMATCH);
    assert_int_equal(scene_word(handler, CAP_FAULT_BITS_LEFT), 64);
    assert_int_equal(scene_word(handler, CAP_FAULT_GUARD_FOUND), 0);
    assert_int_equal(scene_word(handler, CAP_FAULT_GUARD_BITS_FOUND), 56);
    thread_suspend(thread);
    SYSCALL(handler, SYS_RECV, .cap = endpoint, .reply = reply);
    scene_resume(thread);
    SYSCALL(thread, SYS_NB_RECV, .cap = scene_free_slot(), .reply = reply);
    assert_message(handler, 0xbad, FAULT_CAP, 5);
    assert_int_equal(scene_word(handler, CAP_FAULT_IN_RECV_PHASE), 1);
    assert_int_equal(scene_word(handler, CAP_FAULT_LOOKUP_FAILURE), LOOKUP_MISSING_CAPABILITY);
    assert_int_equal(scene_word(handler, CAP_FAULT_BITS_LEFT), 0);
}

static void cap_fault_without_cspace(void **state)
{
    (void)state;
    cdt_remove(&thread->slots[TCB_SLOT_CSPACE]);
    SYSCALL(thread, SYS_CALL, .cap = 5);
    assert_message(handler, 0xbad, FAULT_CAP, 4);
    assert_int_equal(scene_word(handler, CAP_FAULT_LOOKUP_FAILURE), LOOKUP_INVALID_ROOT);
}

static void handler_without_buffer_gets_four_words(void **state)
{
    (void)state;
    scene_drop_buffer(handler);
    unknown_syscall(99);
    assert_message(handler, 0xbad, FAULT_UNKNOWN_SYSCALL, 4);
}

/* ---- Delivery ------------------------------------------------------------------------------------ */

static void nobody_handles(void **state)
{
    (void)state;
    cdt_remove(&thread->slots[TCB_SLOT_FAULT_HANDLER]);
    raise((struct event){ .kind = EVENT_VCPU_FAULT });
    assert_int_equal(thread->state, THREAD_INACTIVE);
    assert_running(world.root);
}

static void fault_queues_and_is_received_later(void **state)
{
    const word_t queue = scene_endpoint();

    (void)state;
    cdt_remove(&thread->slots[TCB_SLOT_FAULT_HANDLER]);
    set_handler(thread, TCB_SLOT_FAULT_HANDLER, scene_badged(queue, 3));
    raise((struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 8 });
    assert_int_equal(thread->state, THREAD_BLOCKED_ON_SEND);
    SYSCALL(world.root, SYS_RECV, .cap = queue, .reply = scene_reply());
    assert_message(world.root, 3, FAULT_VCPU, 1);
    assert_int_equal(thread->state, THREAD_BLOCKED_ON_REPLY);
}

static void fault_needs_a_reply_object(void **state)
{
    const word_t queue = scene_endpoint();

    (void)state;
    cdt_remove(&thread->slots[TCB_SLOT_FAULT_HANDLER]);
    set_handler(thread, TCB_SLOT_FAULT_HANDLER, queue);
    raise((struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 8 });
    SYSCALL(world.root, SYS_WAIT, .cap = queue);
    assert_message(world.root, 0, FAULT_VCPU, 1);
    assert_int_equal(thread->state, THREAD_INACTIVE);
}

static void queued_fault_ends_with_its_endpoint(void **state)
{
    const word_t queue = scene_endpoint();
    const word_t badged = scene_badged(queue, 3);

    (void)state;
    cdt_remove(&thread->slots[TCB_SLOT_FAULT_HANDLER]);
    set_handler(thread, TCB_SLOT_FAULT_HANDLER, badged);
    raise((struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 8 });
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_CANCEL_BADGED_SENDS, WORDS(badged, 64));
    assert_int_equal(thread->state, THREAD_INACTIVE);
    assert_int_equal(thread->fault.type, FAULT_NONE);
}

static void passive_handler_runs_on_the_faulters_context(void **state)
{
    const word_t context = thread->sched_context.raw;

    (void)state;
    sched_context_unbind_tcb(sched_context_at(handler->sched_context));
    raise((struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 8 });
    assert_running(handler);
    assert_int_equal(handler->sched_context.raw, context);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
    assert_running(thread);
    assert_int_equal(thread->sched_context.raw, context);
}

static void restart_drops_the_fault(void **state)
{
    (void)state;
    raise((struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 8 });
    INVOKE(handler, scene_cptr(thread), LABEL_TCB_RESUME, .length = 0);
    assert_int_equal(thread->fault.type, FAULT_NONE);
    assert_int_equal(thread->state, THREAD_RESTART);
    assert_int_equal(scene_reply_at(reply)->tcb.raw, 0);
}

/* ---- Timeouts ------------------------------------------------------------------------------------ */

static word_t timed_context(void)
{
    const word_t context = scene_context();

    sched_context_unbind_tcb(sched_context_at(thread->sched_context));
    scene_configure(context, 2000, 10000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), thread);
    set_handler(thread, TCB_SLOT_TIMEOUT_HANDLER, endpoint);
    scheduler_run();
    return context;
}

static void timeout_message_and_answer(void **state)
{
    (void)state;
    timed_context();
    thread->context.regs[CONTEXT_NEXT_IP] = 0x4000;
    assert_int_equal(scene_run(thread, 3000), TICKS(2000));
    assert_running(handler);
    assert_message(handler, 0xbad, FAULT_TIMEOUT, 2);
    assert_int_equal(scene_word(handler, TIMEOUT_DATA), 7);
    assert_int_equal(scene_word(handler, TIMEOUT_CONSUMED), 2000);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply,
            WORDS(0x4444, 1, 0, 10, 11, 12, 13, 14, 15, 16, 17, 18, 116, 117, 118, 129, 130, 19,
                  110, 111, 112, 113, 114, 115, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128,
                  999, 999));
    assert_running(world.root);
    assert_true(thread->in_release_queue);
    assert_int_equal(scene_reg(thread, CONTEXT_FAULT_IP), 0x4444);
    assert_int_equal(scene_reg(thread, CONTEXT_X0), 10);
    assert_int_equal(scene_reg(thread, CONTEXT_X8), 18);
    assert_int_equal(scene_reg(thread, CONTEXT_X9), 19);
    assert_int_equal(scene_reg(thread, CONTEXT_X15), 115);
    assert_int_equal(scene_reg(thread, CONTEXT_X28), 128);
    assert_int_equal(scene_reg(thread, CONTEXT_X30), 130);
    assert_int_equal(scene_reg(thread, CONTEXT_TPIDR), 0x1000 + CONTEXT_TPIDR);
    scene_run(world.root, 20000);
    assert_running(thread);
    assert_int_equal(host.now, TICKS(10000));
    assert_int_equal(scene_reg(thread, CONTEXT_NEXT_IP), 0x4444);
}

static void timeout_without_a_context_has_one_word(void **state)
{
    const word_t queue = scene_endpoint();
    const word_t context = timed_context();

    (void)state;
    cdt_remove(&thread->slots[TCB_SLOT_TIMEOUT_HANDLER]);
    set_handler(thread, TCB_SLOT_TIMEOUT_HANDLER, queue);
    scene_run(thread, 3000);
    assert_running(world.root);
    INVOKE(world.root, context, LABEL_SCHED_CONTEXT_UNBIND, .length = 0);
    SYSCALL(world.root, SYS_RECV, .cap = queue, .reply = scene_reply());
    assert_message(world.root, 0, FAULT_TIMEOUT, 1);
    assert_int_equal(scene_word(world.root, 0), 7);
}

static void round_robin_never_times_out(void **state)
{
    (void)state;
    set_handler(thread, TCB_SLOT_TIMEOUT_HANDLER, endpoint);
    assert_int_equal(scene_run(thread, 6000), TICKS(6000));
    assert_running(thread);
    assert_int_equal(handler->state, THREAD_BLOCKED_ON_RECEIVE);
}

static void timeout_does_not_lend(void **state)
{
    (void)state;
    timed_context();
    sched_context_unbind_tcb(sched_context_at(handler->sched_context));
    scene_run(thread, 3000);
    assert_running(world.root);
    assert_int_equal(handler->state, THREAD_RUNNING);
    assert_int_equal(handler->sched_context.raw, 0);
}

static void answer_to_a_thread_without_time_times_out(void **state)
{
    struct sched_context *context;

    (void)state;
    context = scene_context_at(timed_context());
    raise((struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 8 });
    assert_running(handler);
    refill_head(context)->time = host.now + TICKS(500);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
    assert_running(handler);
    assert_message(handler, 0xbad, FAULT_TIMEOUT, 2);
    SYSCALL(handler, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
    assert_running(world.root);
    assert_true(thread->in_release_queue);
}

static void fault_without_budget_comes_later(void **state)
{
    (void)state;
    timed_context();
    cdt_remove(&thread->slots[TCB_SLOT_TIMEOUT_HANDLER]);
    scene_pass(1999);
    raise((struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 8 });
    assert_running(world.root);
    assert_int_equal(thread->state, THREAD_RESTART);
    assert_true(thread->in_release_queue);
    assert_int_equal(thread->fault.type, FAULT_NONE);
}

static void queued_timeout_does_not_lend_either(void **state)
{
    const word_t queue = scene_endpoint();
    const word_t other = scene_endpoint();
    struct tcb *helper = scene_runner(190);

    (void)state;
    SYSCALL(helper, SYS_RECV, .cap = other, .reply = scene_reply());
    sched_context_unbind_tcb(sched_context_at(helper->sched_context));
    timed_context();
    cdt_remove(&thread->slots[TCB_SLOT_TIMEOUT_HANDLER]);
    set_handler(thread, TCB_SLOT_TIMEOUT_HANDLER, queue);
    scene_run(thread, 3000);
    assert_running(world.root);
    /* Root gives its time away and takes the message. */
    SYSCALL(world.root, SYS_NB_SEND_RECV, .cap = queue, .destination = other,
            .reply = scene_reply());
    assert_running(helper);
    assert_message(world.root, 0, FAULT_TIMEOUT, 2);
    assert_int_equal(world.root->sched_context.raw, 0);
    assert_int_not_equal(thread->sched_context.raw, 0);
}

/* ---- Debug calls ----------------------------------------------------------------------------------- */

static void debug_calls_exist_in_debug_kernels_only(void **state)
{
    (void)state;
    kernel.config.is_debug = true;
    SYSCALL(thread, SYS_DEBUG_PUT_CHAR, .cap = 'A');
    assert_running(thread);
    SYSCALL(thread, SYS_DEBUG_PUT_CHAR, .cap = '\n');
    assert_int_equal(host.console_length, 3);
    assert_memory_equal(host.console, "A\r\n", 3);
    SYSCALL(thread, SYS_DEBUG_CAP_IDENTIFY, .cap = SLOT_CNODE);
    assert_int_equal(scene_reg(thread, CONTEXT_X0), CAP_CNODE);
    SYSCALL(thread, SYS_DEBUG_CAP_IDENTIFY, .cap = 0x12340000);
    assert_int_equal(scene_reg(thread, CONTEXT_X0), 0);
    kernel.config.is_debug = false;
    SYSCALL(thread, SYS_DEBUG_PUT_CHAR, .cap = 'A');
    assert_message(handler, 0xbad, FAULT_UNKNOWN_SYSCALL, 13);
}

#define TEST(name) cmocka_unit_test_setup(name, handled_thread)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(vm_fault_message),
        TEST(fetch_fault_reports_the_ip),
        TEST(unknown_syscall_message_and_answer),
        TEST(short_answer_changes_only_its_words),
        TEST(answer_with_a_label_stops),
        TEST(answer_without_buffer_has_four_words),
        TEST(exception_message_and_answer),
        TEST(vcpu_fault_answer_ignores_label_and_words),
        TEST(cap_fault_messages),
        TEST(cap_fault_without_cspace),
        TEST(handler_without_buffer_gets_four_words),
        TEST(nobody_handles),
        TEST(fault_queues_and_is_received_later),
        TEST(fault_needs_a_reply_object),
        TEST(queued_fault_ends_with_its_endpoint),
        TEST(passive_handler_runs_on_the_faulters_context),
        TEST(restart_drops_the_fault),
        TEST(timeout_message_and_answer),
        TEST(timeout_without_a_context_has_one_word),
        TEST(round_robin_never_times_out),
        TEST(timeout_does_not_lend),
        TEST(answer_to_a_thread_without_time_times_out),
        TEST(fault_without_budget_comes_later),
        TEST(debug_calls_exist_in_debug_kernels_only),
        TEST(queued_timeout_does_not_lend_either),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
