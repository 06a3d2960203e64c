/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The two queues with an order, against arrays
 *
 * Threads come and go at random; after each change the whole structure is looked at.
 */
#include <world/world.h>

#include <core/release_queue.h>
#include <core/tcb_queue.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define THREADS 60
#define CHANGES 20000

static struct tcb *threads[THREADS];
static struct tcb *model[THREADS]; /* in order */
static word_t model_count;

static int setup(void **state)
{
    (void)state;
    world_init();
    random_state = 2463534242;
    model_count = 0;
    for (word_t i = 0; i < THREADS; i++) {
        threads[i] = world_thread();
    }
    return 0;
}

static word_t model_find(const struct tcb *thread)
{
    word_t i = 0;

    while (i < model_count && model[i] != thread) {
        i++;
    }
    return i;
}

static void model_remove(word_t i)
{
    model_count--;
    memmove(&model[i], &model[i + 1], (model_count - i) * sizeof(model[0]));
}

static void model_insert(word_t i, struct tcb *thread)
{
    memmove(&model[i + 1], &model[i], (model_count - i) * sizeof(model[0]));
    model[i] = thread;
    model_count++;
}

/* ---- Waiting at an object ------------------------------------------------------------------- */

static void check_waiting(const struct tcb_queue *queue)
{
    struct tcb_ref prev = { 0 };
    struct tcb_ref at = queue->head;
    word_t first = 0;

    for (word_t i = 0; i < model_count; i++) {
        struct tcb *thread = tcb_at(at);

        assert_ptr_equal(thread, model[i]);
        assert_int_equal(thread->queue_prev.raw, prev.raw);
        if (i == 0 || model[i - 1]->priority != thread->priority) {
            first = i;
        }
        if (i + 1 == model_count || model[i + 1]->priority != thread->priority) {
            assert_ptr_equal(tcb_at(thread->queue_peer), model[first]);
            assert_ptr_equal(tcb_at(model[first]->queue_peer), thread);
        }
        assert_true(i == 0 || thread->queue_scan_badge == 0);
        prev = at;
        at = thread->queue_next;
    }
    assert_int_equal(at.raw, 0);
    assert_int_equal(queue->tail.raw, prev.raw);
}

static void waiting_threads_are_in_order(void **state)
{
    struct tcb_queue queue = { 0 };

    (void)state;
    for (word_t n = 0; n < CHANGES; n++) {
        struct tcb *thread = threads[random_below(THREADS)];
        word_t i = model_find(thread);

        if (i < model_count) {
            tcb_queue_remove(&queue, thread);
            model_remove(i);
        } else {
            thread->priority = (uint8_t)(random_below(7) * 40);
            i = 0;
            while (i < model_count && model[i]->priority >= thread->priority) {
                i++;
            }
            tcb_queue_insert(&queue, thread);
            model_insert(i, thread);
        }
        check_waiting(&queue);
    }
}

/* Whoever is there from the beginning of a scan to its end is seen once, in order. */
static void scans_see_all_who_stay(void **state)
{
    struct tcb_queue queue = { 0 };
    struct tcb *seen;

    (void)state;
    for (word_t i = 0; i < THREADS; i++) {
        threads[i]->priority = (uint8_t)(200 - i / 10);
        tcb_queue_insert(&queue, threads[i]);
    }
    for (word_t i = 0; i < THREADS; i++) {
        tcb_queue_scan_begin(&queue, 5);
        seen = tcb_queue_scan_next(&queue);
        assert_ptr_equal(seen, threads[i]);
        if (i % 3 == 0) {
            tcb_queue_remove(&queue, threads[i]);
        }
        if (i % 6 == 1) {
            /* The next one leaves, and somebody comes to the head. */
            tcb_queue_remove(&queue, threads[++i]);
            threads[i]->priority = (uint8_t)(210 + i / 6);
            tcb_queue_insert(&queue, threads[i]);
            assert_ptr_equal(tcb_at(queue.head), threads[i]);
        }
    }
    assert_null(tcb_queue_scan_next(&queue));
    tcb_queue_scan_begin(&queue, 5);
    assert_ptr_equal(tcb_queue_scan_next(&queue), tcb_at(queue.head));
    tcb_queue_scan_begin(&queue, 6);
    assert_ptr_equal(tcb_queue_scan_next(&queue), tcb_at(queue.head));
}

/* ---- Waiting for time ------------------------------------------------------------------------- */

/* Height of a sound tree. */
static unsigned check_tree(struct tcb_ref tree, struct tcb_ref parent, int *top)
{
    int tops[2] = { -1, -1 };
    unsigned heights[2];
    const struct release_node *node;

    if (tree.raw == 0) {
        *top = -1;
        return 0;
    }
    node = &tcb_at(tree)->release;
    assert_int_equal(node->parent.raw, parent.raw);
    for (int side = 0; side < 2; side++) {
        heights[side] = check_tree(node->child[side], tree, &tops[side]);
    }
    assert_true(heights[0] <= heights[1] + 1 && heights[1] <= heights[0] + 1);
    *top = tcb_at(tree)->priority;
    *top = tops[0] > *top ? tops[0] : *top;
    *top = tops[1] > *top ? tops[1] : *top;
    assert_int_equal(node->top, *top);
    assert_int_equal(node->height, 1 + (heights[0] > heights[1] ? heights[0] : heights[1]));
    return node->height;
}

static struct tcb *model_highest(word_t now)
{
    struct tcb *highest = NULL;

    for (word_t i = 0; i < model_count && model[i]->release.time <= now; i++) {
        if (highest == NULL || model[i]->priority > highest->priority) {
            highest = model[i];
        }
    }
    return highest;
}

static void check_release(const struct release_queue *queue)
{
    const struct tcb *at = tcb_at(queue->first);
    const word_t now = random_below(25);
    int top;

    for (word_t i = 0; i < model_count; i++) {
        assert_ptr_equal(at, model[i]);
        at = release_queue_next(at);
    }
    assert_null(at);
    assert_int_equal(queue->first_time, model_count == 0 ? UINT64_MAX : model[0]->release.time);
    check_tree(queue->root, (struct tcb_ref){ 0 }, &top);
    assert_ptr_equal(release_queue_highest(queue, now), model_highest(now));
}

static void time_is_waited_for_in_order(void **state)
{
    struct release_queue queue;

    (void)state;
    release_queue_init(&queue);
    for (word_t n = 0; n < CHANGES; n++) {
        struct tcb *thread = threads[random_below(THREADS)];
        word_t i = model_find(thread);

        if (i < model_count && random_below(3) == 0) {
            thread->priority = (uint8_t)random_below(12);
            release_queue_renew(&queue, thread);
        } else if (i < model_count) {
            release_queue_remove(&queue, thread);
            model_remove(i);
        } else {
            const word_t time = random_below(20);

            thread->priority = (uint8_t)random_below(12);
            i = 0;
            while (i < model_count && model[i]->release.time <= time) {
                i++;
            }
            release_queue_insert(&queue, thread, time);
            model_insert(i, thread);
        }
        check_release(&queue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(waiting_threads_are_in_order, setup),
        cmocka_unit_test_setup(scans_see_all_who_stay, setup),
        cmocka_unit_test_setup(time_is_waited_for_in_order, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
