/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Corners that mutants lived in
 *
 * Each test is for a line whose change no other test noticed (tools/mutate).
 */
#include <world/scene.h>

#include <abi/faults.h>
#include <abi/labels.h>
#include <core/cdt.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/slot_delete.h>
#include <core/step.h>
#include <core/thread.h>

/* Others are above the root thread. */
static int setup(void **state)
{
    scene_setup(state);
    world.root->priority = 100;
    return 0;
}

/* ipc_transfer.c: no buffer, no capability, and the count says so. */
static void capabilities_need_a_buffer(void **state)
{
    const word_t endpoint = scene_endpoint();
    struct tcb *receiver = scene_runner(200);

    (void)state;
    scene_drop_buffer(receiver);
    SYSCALL(receiver, SYS_RECV, .cap = endpoint, .reply = scene_reply());
    SYSCALL(world.root, SYS_NB_SEND, .cap = endpoint, .length = 1, EXTRA(endpoint));
    assert_running(receiver);
    assert_int_equal(msginfo_extra_caps(scene_reg(receiver, CONTEXT_INFO)), 0);
    assert_int_equal(msginfo_length(scene_reg(receiver, CONTEXT_INFO)), 1);
}

/* reply.c: whose fault is never answered has none left when it goes on. */
static void fault_ends_with_its_reply(void **state)
{
    const word_t faults = scene_endpoint(), reply = scene_reply();
    struct tcb *handler = scene_runner(200);

    (void)state;
    SYSCALL(handler, SYS_RECV, .cap = faults, .reply = reply);
    struct tcb *thread = scene_runner(150);
    cdt_insert(world_slot(faults)->cap, world_slot(faults), &thread->slots[TCB_SLOT_FAULT_HANDLER]);
    kernel_step(&(struct event){ .kind = EVENT_VM_FAULT, .address = 0x77, .syndrome = 0x93c98005 });
    assert_running(handler);
    assert_int_equal(
        INVOKE(handler, SLOT_CNODE, LABEL_CNODE_DELETE, .words = { reply, 64 }, .length = 2),
        ERR_NONE);
    assert_int_equal(thread->state, THREAD_INACTIVE);
    assert_int_equal(thread->fault.type, FAULT_NONE);
}

/* scheduler.c: when the schedule starts over in another domain, that domain's threads run. */
static void schedule_starts_over_elsewhere(void **state)
{
    struct tcb *other = scene_runner(50);

    (void)state;
    assert_running(world.root);
    kernel.config.domain_count = 2;
    sched_context_init_limits();
    kernel.domain_time_left = TICKS(1000);
    kernel.domain_schedule[0] = (struct domain_entry){ 0, TICKS(1000) };
    kernel.domain_schedule[1] = (struct domain_entry){ 1, TICKS(2000) };
    scheduler_set_domain(other, 1);
    kernel.domain_start = 1;
    scheduler_restart_domains();
    scheduler_run();
    assert_running(other);
}

/* time.c: a domain that has as much left as the least budget is over. */
static void domain_ends_with_the_least_budget(void **state)
{
    (void)state;
    kernel.config.domain_count = 2;
    kernel.domain_time_left = kernel.config.min_budget + TICKS(100);
    scene_pass(40);
    scheduler_update_time();
    assert_int_equal(kernel.domain_time_left, kernel.config.min_budget + TICKS(60));
    scene_pass(60);
    scheduler_update_time();
    assert_int_equal(kernel.domain_time_left, 0);
}

/* scheduler.c: time does not begin at 0. */
static void time_begins_when_the_scheduler_does(void **state)
{
    (void)state;
    scene_pass(700);
    scheduler_init();
    assert_int_equal(this_cpu()->now, host.now);
    assert_int_equal(this_cpu()->charged, host.now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(capabilities_need_a_buffer, setup),
        cmocka_unit_test_setup(fault_ends_with_its_reply, setup),
        cmocka_unit_test_setup(schedule_starts_over_elsewhere, setup),
        cmocka_unit_test_setup(domain_ends_with_the_least_budget, setup),
        cmocka_unit_test_setup(time_begins_when_the_scheduler_does, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
