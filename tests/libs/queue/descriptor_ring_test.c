/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the descriptor ring
 *
 * One-thread behaviour, and two threads where the consumer really sleeps: a lost wake-up
 * would hang the test, which ctest's time limit turns into a failure.
 */
#include <queue/descriptor_ring.h>

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CAPACITY     8u
#define STRESS_ITEMS 200000u

struct fixture {
    struct descriptor_ring *ring;
    struct descriptor_producer producer;
    struct descriptor_consumer consumer;
    sem_t signal;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    size_t size_bytes = DESCRIPTOR_RING_HEADER_BYTES + CAPACITY * sizeof(struct descriptor);

    f->ring = aligned_alloc(64, size_bytes);
    memset(f->ring, 0, size_bytes);
    descriptor_producer_init(&f->producer, f->ring, CAPACITY);
    descriptor_consumer_init(&f->consumer, f->ring, CAPACITY);
    sem_init(&f->signal, 0, 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    sem_destroy(&f->signal);
    free(f->ring);
    free(f);
    return 0;
}

static void items_come_out_in_order(void **state)
{
    struct fixture *f = *state;
    struct descriptor item = { 0 };

    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < CAPACITY; i++) {
            item = (struct descriptor){ .offset = i * 4096u, .length_bytes = i, .tag = round };
            assert_true(descriptor_put(&f->producer, item));
        }
        assert_false(descriptor_put(&f->producer, item));
        for (uint32_t i = 0; i < CAPACITY; i++) {
            assert_true(descriptor_take(&f->consumer, &item));
            assert_int_equal(item.offset, i * 4096u);
            assert_int_equal(item.length_bytes, i);
            assert_int_equal(item.tag, round);
        }
        assert_false(descriptor_take(&f->consumer, &item));
    }
}

static void sleeper_is_seen_once(void **state)
{
    struct fixture *f = *state;
    struct descriptor item = { .tag = 1 };

    assert_false(descriptor_must_signal(&f->producer));
    assert_true(descriptor_wait_begin(&f->consumer));
    assert_true(descriptor_put(&f->producer, item));
    assert_true(descriptor_must_signal(&f->producer));
    assert_false(descriptor_must_signal(&f->producer));
    assert_false(descriptor_wait_begin(&f->consumer));
}

static void impossible_peer_index_is_refused(void **state)
{
    struct fixture *f = *state;
    struct descriptor item = { 0 };

    f->ring->head = CAPACITY + 1;
    assert_false(descriptor_take(&f->consumer, &item));
    f->ring->tail = 3;
    assert_false(descriptor_put(&f->producer, item));
}

static void *stress_produce(void *argument)
{
    struct fixture *f = argument;

    for (uint32_t i = 0; i < STRESS_ITEMS;) {
        struct descriptor item = { .offset = i * 3ull, .length_bytes = ~i, .tag = i };
        if (descriptor_put(&f->producer, item)) {
            i++;
        } else {
            sched_yield();
        }
        if (descriptor_must_signal(&f->producer)) {
            sem_post(&f->signal);
        }
    }
    return NULL;
}

static void two_threads_sleep_and_lose_nothing(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    uint32_t wrong = 0;

    assert_int_equal(pthread_create(&thread, NULL, stress_produce, f), 0);
    for (uint32_t i = 0; i < STRESS_ITEMS;) {
        struct descriptor item;
        if (descriptor_take(&f->consumer, &item)) {
            wrong += item.offset != i * 3ull || item.length_bytes != ~i || item.tag != i;
            i++;
        } else if (descriptor_wait_begin(&f->consumer)) {
            sem_wait(&f->signal);
        }
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(items_come_out_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(sleeper_is_seen_once, setup, teardown),
        cmocka_unit_test_setup_teardown(impossible_peer_index_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(two_threads_sleep_and_lose_nothing, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
