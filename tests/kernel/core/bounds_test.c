/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * How long the core works without looking whether to stop
 *
 * The core is compiled here so that it counts its steps: straight pieces of code that it ran. The
 * longest row of steps from a kernel entry, or from the last look for interrupts, to the next look
 * or the exit is measured with 10, 1,000 and 10,000 objects. It may grow with the logarithm of
 * their number, and must not pass a limit. At every look there is an interrupt, so the operations
 * are also stopped and made again as often as can be.
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/cdt.h>
#include <core/endpoint.h>
#include <core/notification.h>
#include <core/refill.h>
#include <core/release_queue.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/thread.h>
#include <stdio.h>
#include <string.h>

#define MANY          10000
#define STEPS_MAX     8000 /* in one row, whatever the operation */
#define STEPS_QUEUE   3500 /* entering a queue of 256 priorities */
#define RELEASE_BATCH 24   /* released in order by one entry (scheduler.c) */

/* ---- Counting ------------------------------------------------------------------------------- */

static struct {
    bool counts;
    word_t row, longest;
    word_t polls; /* when the row began */
    word_t stops; /* rows that ended with a look for interrupts */
} steps;

/* Called by the compiled core at each of its steps. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    if (!steps.counts) {
        return;
    }
    if (host.irq_polls != steps.polls) {
        steps.polls = host.irq_polls;
        steps.row = 0;
        steps.stops++;
    }
    steps.row++;
    if (steps.row > steps.longest) {
        steps.longest = steps.row;
    }
}

static void count_begin(void)
{
    steps.counts = true;
    steps.row = 0;
    steps.polls = host.irq_polls;
}

static void count_end(void)
{
    steps.counts = false;
}

/* ---- A crowd of threads --------------------------------------------------------------------- */

static struct tcb *crowd[MANY];
static word_t memory_next;

/* Zero memory: of the untyped, and when that is used up the rest of what world_alloc has, which is
 * not called any more then. */
static word_t take(word_t bits)
{
    const word_t bytes = 1ul << bits;
    word_t address = (memory_next + bytes - 1) & ~(bytes - 1);

    if (memory_next >= world.untyped && address + bytes > world.untyped + (1ul << UNTYPED_BITS)) {
        address = (world.used + bytes - 1) & ~(bytes - 1);
    }
    memory_next = address + bytes;
    assert_true(memory_next <= world.untyped || address >= world.untyped);
    memset(machine_pointer(address), 0, bytes);
    return address;
}

/* Inactive threads of random priorities below the root thread's, with time. */
static void make_crowd(word_t count)
{
    memory_next = world.untyped;
    random_state = 88172645463325252ul;
    for (word_t i = 0; i < count; i++) {
        crowd[i] = tcb_at((struct tcb_ref){ take(TCB_BITS) });
        crowd[i]->priority = (uint8_t)random_below(PRIORITY_MAX);
    }
    for (word_t i = 0; i < count; i++) {
        struct sched_context *context =
            sched_context_at((struct sched_context_ref){ take(SCHED_CONTEXT_MIN_BITS) });

        sched_context_init(context, MIN_REFILLS, TICKS(1000), TICKS(10000));
        context->tcb = tcb_ref_of(crowd[i]);
        crowd[i]->sched_context = sched_context_ref_of(context);
    }
}

/* All wait as senders with `badge`. */
static void crowd_sends(word_t count, word_t endpoint, word_t badge)
{
    struct endpoint *object = cap_endpoint_object(world_slot(endpoint)->cap);

    for (word_t i = 0; i < count; i++) {
        endpoint_send(object, crowd[i], (struct send_mode){ .badge = badge, .is_blocking = true });
    }
}

static void crowd_waits(word_t count, word_t notification)
{
    for (word_t i = 0; i < count; i++) {
        notification_receive(scene_notification_at(notification), crowd[i], true);
    }
}

static void assert_crowd_is(word_t count, enum thread_state state)
{
    for (word_t i = 0; i < count; i++) {
        assert_int_equal(crowd[i]->state, state);
    }
}

/* The root thread invokes a CNode invocation on slot `slot` of its CNode, until it is done. */
static void invoke_cnode(word_t label, word_t slot)
{
    count_begin();
    host.irq_is_urgent = true;
    assert_int_equal(INVOKE(world.root, SLOT_CNODE, label, .words = { slot, 64 }, .length = 2), 0);
    host.irq_is_urgent = false;
    count_end();
}

/* ---- Operations: each returns with steps.longest set ------------------------------------------ */

static void enter_endpoint(word_t count)
{
    const word_t endpoint = scene_endpoint();
    struct endpoint *object = cap_endpoint_object(world_slot(endpoint)->cap);

    make_crowd(count);
    for (word_t i = 0; i < count; i++) {
        count_begin();
        endpoint_send(object, crowd[i], (struct send_mode){ .badge = 1, .is_blocking = true });
        count_end();
    }
}

static void change_priorities(word_t count)
{
    const word_t endpoint = scene_endpoint();

    make_crowd(count);
    crowd_sends(count, endpoint, 1);
    for (word_t i = 0; i < count; i++) {
        count_begin();
        thread_set_priority(crowd[i], random_below(PRIORITY_MAX));
        count_end();
    }
}

static void crowd_postponed(word_t count, word_t times)
{
    make_crowd(count);
    for (word_t i = 0; i < count; i++) {
        crowd[i]->state = THREAD_RUNNING;
        refill_head(sched_context_at(crowd[i]->sched_context))->time =
            TICKS(1000) + random_below(times);
        scheduler_postpone(crowd[i]);
    }
}

static void wait_for_time(word_t count)
{
    crowd_postponed(count, 1);
    count_begin();
    scheduler_unpostpone(crowd[count / 2]);
    count_end();
    count_begin();
    scheduler_postpone(crowd[count / 2]);
    count_end();
    for (word_t i = 0; i < count; i++) {
        count_begin();
        scheduler_unpostpone(crowd[i]);
        count_end();
        refill_head(sched_context_at(crowd[i]->sched_context))->time = random_below(1000000);
        count_begin();
        scheduler_postpone(crowd[i]);
        count_end();
    }
}

/* Time comes for all at once. After one entry the most important one runs. */
static void time_comes(word_t count)
{
    struct tcb *important;
    word_t entries = 0;

    crowd_postponed(count, 1000000);
    important = crowd[count / 2];
    thread_set_priority(important, PRIORITY_MAX);
    refill_head(sched_context_at(important->sched_context))->amount = TICKS(1000000ul);
    world.root->priority = 0;
    host.now = TICKS(100000ul);
    while (this_cpu()->release.root.raw != 0) {
        host.irq_pending[TIMER_IRQ] = true;
        count_begin();
        kernel_step_interrupt();
        count_end();
        entries++;
        assert_running(important);
        if (this_cpu()->release.root.raw != 0) {
            assert_in_range(host.deadline, host.now + 1, host.now + TICKS(100));
            host.now = host.deadline;
        }
    }
    assert_true(entries <= 1 + count / RELEASE_BATCH);
}

static void delete_endpoint(word_t count)
{
    const word_t endpoint = scene_endpoint();

    make_crowd(count);
    crowd_sends(count, endpoint, 1);
    invoke_cnode(LABEL_CNODE_DELETE, endpoint);
    assert_crowd_is(count, THREAD_RESTART);
    assert_true(cap_is_null(world_slot(endpoint)->cap));
}

static void delete_notification(word_t count)
{
    const word_t notification = scene_notification();

    make_crowd(count);
    crowd_waits(count, notification);
    invoke_cnode(LABEL_CNODE_DELETE, notification);
    assert_crowd_is(count, THREAD_RESTART);
}

/* The notification's last capability is the one in the interrupt. */
static void clear_interrupt(word_t count)
{
    const word_t notification = scene_notification();
    const word_t handler = scene_put(cap_irq_handler_new(50));

    make_crowd(count);
    crowd_waits(count, notification);
    kernel.irq_state[50] = IRQ_SIGNAL;
    cdt_move(world_slot(notification)->cap, world_slot(notification), &kernel.irq_slots[50]);
    count_begin();
    host.irq_is_urgent = true;
    assert_int_equal(INVOKE(world.root, handler, LABEL_IRQ_HANDLER_CLEAR, .length = 0), 0);
    host.irq_is_urgent = false;
    count_end();
    assert_crowd_is(count, THREAD_RESTART);
}

/* One of many is meant, the last. */
static void cancel_badged(word_t count)
{
    const word_t endpoint = scene_endpoint();
    const word_t badged = scene_badged(endpoint, 7);

    make_crowd(count);
    crowd_sends(count, endpoint, 1);
    thread_set_priority(crowd[0], 0);
    crowd[0]->blocking_badge = 7;
    invoke_cnode(LABEL_CNODE_CANCEL_BADGED_SENDS, badged);
    assert_int_equal(crowd[0]->state, THREAD_RESTART);
    assert_int_equal(crowd[1]->state, THREAD_BLOCKED_ON_SEND);
}

static void revoke_copies(word_t count)
{
    const word_t endpoint = scene_endpoint();
    struct slot *slots;

    memory_next = world.untyped;
    slots = machine_pointer(take(19));
    world_slot(endpoint)->cdt.next_flags |= CDT_REVOCABLE;
    for (word_t i = 0; i < count; i++) {
        cdt_insert(world_slot(endpoint)->cap, world_slot(endpoint), &slots[i]);
    }
    invoke_cnode(LABEL_CNODE_REVOKE, endpoint);
    assert_false(cdt_has_children(world_slot(endpoint)));
}

/* A CNode with 2^14 slots, of which `count` hold the last capability to an endpoint. */
static void delete_cnode(word_t count)
{
    struct slot *slots;
    word_t cnode;

    memory_next = world.untyped;
    cnode = take(14 + SLOT_BITS);
    slots = machine_pointer(cnode);
    for (word_t i = 0; i < count; i++) {
        cdt_insert_root(&slots[i], cap_endpoint_new(take(ENDPOINT_BITS), 0, 1, 1, 1, 1));
    }
    invoke_cnode(LABEL_CNODE_DELETE, scene_put(cap_cnode_new(cnode, 14, 50, 0)));
}

/* A context with as many refills as it may have, all due at once. */
static void merge_refills(word_t count)
{
    struct sched_context *context;
    const word_t cptr = scene_put(cap_sched_context_new(world_alloc(20), 20));

    context = scene_context_at(cptr);
    count_begin();
    INVOKE(world.root, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
           .words = { 1000, 100000, count, 0, 0 }, .length = 5, EXTRA(cptr));
    count_end();
    assert_true(context->refill_max > MIN_REFILLS);
    for (word_t i = 0; i < context->refill_max; i++) {
        context->refills[i] = (struct refill){ .time = 10 * i, .amount = 5 };
    }
    context->refills[0].amount = TICKS(10);
    context->refill_count = context->refill_max;
    this_cpu()->now = TICKS(1000000ul);
    count_begin();
    refill_unblock(context);
    count_end();
    assert_int_equal(context->refill_count, 1);
}

/* ---- The measurement ------------------------------------------------------------------------ */

static void measure(const char *name, void (*operation)(word_t count), word_t limit)
{
    static const word_t counts[] = { 10, 1000, MANY };
    word_t longest[3];

    for (word_t i = 0; i < 3; i++) {
        scene_setup(NULL);
        memset(&steps, 0, sizeof(steps));
        operation(counts[i]);
        longest[i] = steps.longest;
        assert_in_range(longest[i], 1, limit);
    }
    printf("%-22s %6lu %6lu %6lu steps\n", name, (unsigned long)longest[0],
           (unsigned long)longest[1], (unsigned long)longest[2]);
    /* Linear growth would make it ten times as long. */
    assert_true(longest[2] <= 2 * longest[1]);
}

static void work_is_bounded(void **state)
{
    (void)state;
    measure("enter endpoint", enter_endpoint, STEPS_QUEUE);
    measure("change priority", change_priorities, STEPS_QUEUE);
    measure("wait for time", wait_for_time, STEPS_QUEUE);
    measure("time comes", time_comes, STEPS_MAX);
    measure("delete endpoint", delete_endpoint, STEPS_MAX);
    measure("delete notification", delete_notification, STEPS_MAX);
    measure("clear interrupt", clear_interrupt, STEPS_MAX);
    measure("cancel badged sends", cancel_badged, STEPS_MAX);
    measure("revoke copies", revoke_copies, STEPS_MAX);
    measure("delete CNode", delete_cnode, STEPS_MAX);
    measure("merge refills", merge_refills, STEPS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
