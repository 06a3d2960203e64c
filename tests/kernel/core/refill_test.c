/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Refills: single operations, and the traces of abi/04 §5.15
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/refill.h>
#include <core/sched_context.h>
#include <core/scheduler.h>

#define MIN_BUDGET 1250

static struct sched_context *fresh(word_t max, word_t budget, word_t period)
{
    struct sched_context *context = scene_context_at(scene_context());

    refill_new(context, max, budget, period);
    return context;
}

static struct refill refill_nth(const struct sched_context *context, uint32_t n)
{
    assert_true(n < context->refill_count);
    return context->refills[(context->refill_head + n) % context->refill_max];
}

static void assert_refill(const struct sched_context *context, uint32_t n, word_t time,
                          word_t amount)
{
    assert_int_equal(refill_nth(context, n).time, time);
    assert_int_equal(refill_nth(context, n).amount, amount);
}

static word_t refill_sum(const struct sched_context *context)
{
    word_t sum = 0;

    for (uint32_t i = 0; i < context->refill_count; i++) {
        sum += refill_nth(context, i).amount;
    }
    return sum;
}

static void limits_are_those_of_the_interface(void **state)
{
    (void)state;
    assert_int_equal(kernel.config.min_budget, MIN_BUDGET);
    assert_int_equal(kernel.config.max_period_us, 0x218DEF416BDB);
}

static void new_refills(void **state)
{
    (void)state;
    this_cpu()->now = 100;
    struct sched_context *context = fresh(4, 5000, 9000);

    assert_int_equal(context->refill_count, 1);
    assert_refill(context, 0, 100, 5000);
    context = fresh(2, 5000, 0);
    assert_int_equal(context->refill_count, 2);
    assert_refill(context, 0, 100, 5000);
    assert_refill(context, 1, 100, 0);
}

static void charge_part_schedules_a_later_refill(void **state)
{
    (void)state;
    struct sched_context *context = fresh(4, 5000, 9000);

    refill_charge(context, 2000);
    assert_int_equal(context->refill_count, 2);
    assert_refill(context, 0, 2000, 3000);
    assert_refill(context, 1, 9000, 2000);
}

static void charge_all_of_a_single_refill_moves_it_a_period(void **state)
{
    (void)state;
    struct sched_context *context = fresh(2, 5000, 9000);

    refill_charge(context, 5000);
    assert_int_equal(context->refill_count, 1);
    assert_refill(context, 0, 9000, 5000);
}

static void charge_too_much_borrows_from_the_next_period(void **state)
{
    (void)state;
    struct sched_context *context = fresh(2, 5000, 9000);

    refill_charge(context, 6000);
    assert_refill(context, 0, 10000, 4000);
    assert_refill(context, 1, 18000, 1000);
    assert_int_equal(refill_sum(context), 5000);
}

static void small_rest_is_joined_to_the_next_refill(void **state)
{
    (void)state;
    struct sched_context *context = fresh(4, 5000, 9000);

    refill_charge(context, 5000 - MIN_BUDGET + 1);
    /* What is left could not be used: it is delayed to the refill at 9000. */
    assert_int_equal(context->refill_count, 1);
    assert_refill(context, 0, 9000 - (MIN_BUDGET - 1), 5000);
}

static void full_queue_delays_the_tail(void **state)
{
    (void)state;
    struct sched_context *context = fresh(2, 10000, 40000);

    refill_charge(context, 2000);
    this_cpu()->now = 10000;
    refill_unblock(context);
    refill_charge(context, 2000);
    assert_int_equal(context->refill_count, 2);
    /* The tail was {40000, 2000}; the new {50000, 2000} ends the same. */
    assert_refill(context, 1, 48000, 4000);
    assert_refill(context, 0, 12000, 6000);
}

static void unblock_merges_what_is_due(void **state)
{
    (void)state;
    struct sched_context *context = fresh(4, 10000, 40000);

    refill_charge(context, 2000);
    this_cpu()->now = 39000;
    this_cpu()->reprogram = false;
    refill_unblock(context);
    assert_true(this_cpu()->reprogram);
    assert_int_equal(context->refill_count, 1);
    assert_refill(context, 0, 39000, 10000);
}

static void unblock_leaves_the_future_alone(void **state)
{
    (void)state;
    struct sched_context *context = fresh(2, 5000, 9000);

    refill_charge(context, 5000);
    this_cpu()->now = 8999;
    refill_unblock(context);
    assert_refill(context, 0, 9000, 5000);
    context = fresh(2, 5000, 0);
    this_cpu()->now = 20000;
    refill_unblock(context);
    assert_refill(context, 0, 8999, 5000);
}

static void update_keeps_what_is_left(void **state)
{
    (void)state;
    struct sched_context *context = fresh(4, 5000, 9000);

    refill_charge(context, 2000);
    this_cpu()->now = 2500;
    refill_update(context, 20000, 6000, 3);
    assert_int_equal(context->refill_max, 3);
    assert_int_equal(context->period, 20000);
    assert_refill(context, 0, 2500, 3000);
    assert_refill(context, 1, 22500, 3000);
    refill_update(context, 20000, 2000, 3);
    assert_int_equal(context->refill_count, 1);
    assert_refill(context, 0, 2500, 2000);
}

/* Random use keeps the invariants of abi/04 §5.3. */
static void invariants_hold_under_random_use(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252ul;

    for (int round = 0; round < 2000; round++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        const word_t budget = MIN_BUDGET + random % 100000;
        const word_t period = budget + 1 + (random >> 20) % 100000;
        struct sched_context *context = scene_context_at(SLOT_SCHED_CONTEXT);

        this_cpu()->now = 1000000;
        refill_new(context, 2, budget, period);
        for (int use = 0; use < 50; use++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            refill_unblock(context);
            if (refill_is_ready(context)) {
                const word_t usage = random % (refill_head(context)->amount + 100);

                this_cpu()->now += usage;
                refill_charge(context, usage);
            } else {
                this_cpu()->now += random % period;
            }
            assert_int_equal(refill_sum(context), budget);
            assert_true(refill_head(context)->amount >= MIN_BUDGET);
            for (uint32_t i = 1; i < context->refill_count; i++) {
                const struct refill before = refill_nth(context, i - 1);

                assert_true(before.time + before.amount <= refill_nth(context, i).time);
            }
        }
    }
}

/* The number table of abi/04 §5.15: a thread with 20 ms per 40 ms, woken every round. */
static void trace_of_a_woken_thread(void **state)
{
    static const word_t expected[] = { 3209, 3209, 3209, 3209, 3209, 3209, 745, 0,
                                       0,    5675, 3209, 3209, 3209, 3209, 742, 0,
                                       0,    5678, 3209, 3209, 3209, 3209, 742, 0 };
    const word_t notification = scene_notification();
    const word_t context = scene_context();
    struct tcb *thread = scene_tcb_at(scene_tcb(200));
    word_t work = 0;

    (void)state;
    world.root->priority = 100;
    scene_configure(context, 20000, 40000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), thread);
    scene_resume(thread);
    SYSCALL(thread, SYS_WAIT, .cap = notification);
    for (unsigned round = 0; round < sizeof(expected) / sizeof(expected[0]); round++) {
        /* A little less than 5000 us: with those the release falls on the very end of a round. */
        word_t root_left = TICKS(4990);
        word_t used = 0;

        assert_running(world.root);
        SYSCALL(world.root, SYS_SEND, .cap = notification);
        while (root_left > 0 || scene_current() != world.root) {
            if (scene_current() == world.root) {
                root_left -= scene_run_ticks(world.root, root_left);
                continue;
            }
            assert_running(thread);
            if (work == 0) {
                work = TICKS(3209) + TICKS(1) / 2;
            }
            const word_t run = scene_run_ticks(thread, work);

            used += run;
            work -= run;
            if (work == 0 && scene_current() == thread) {
                SYSCALL(thread, SYS_WAIT, .cap = notification);
            }
        }
        assert_in_range(used * 1000 / TICKS_PER_MS, expected[round] > 5 ? expected[round] - 5 : 0,
                        expected[round] + 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(limits_are_those_of_the_interface, scene_setup),
        cmocka_unit_test_setup(new_refills, scene_setup),
        cmocka_unit_test_setup(charge_part_schedules_a_later_refill, scene_setup),
        cmocka_unit_test_setup(charge_all_of_a_single_refill_moves_it_a_period, scene_setup),
        cmocka_unit_test_setup(charge_too_much_borrows_from_the_next_period, scene_setup),
        cmocka_unit_test_setup(small_rest_is_joined_to_the_next_refill, scene_setup),
        cmocka_unit_test_setup(full_queue_delays_the_tail, scene_setup),
        cmocka_unit_test_setup(unblock_merges_what_is_due, scene_setup),
        cmocka_unit_test_setup(unblock_leaves_the_future_alone, scene_setup),
        cmocka_unit_test_setup(update_keeps_what_is_left, scene_setup),
        cmocka_unit_test_setup(invariants_hold_under_random_use, scene_setup),
        cmocka_unit_test_setup(trace_of_a_woken_thread, scene_setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
