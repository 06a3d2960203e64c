/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the byte ring
 *
 * One-thread behaviour (fill, wrap, peek, hostile indices) and two threads that push a known
 * sequence through a small ring.
 */
#include <queue/byte_ring.h>

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CAPACITY     64u
#define STRESS_BYTES 2000000u

struct fixture {
    struct byte_ring *ring;
    struct byte_producer producer;
    struct byte_consumer consumer;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    size_t size_bytes = (byte_ring_size(CAPACITY) + 63u) & ~(size_t)63u;

    f->ring = aligned_alloc(64, size_bytes);
    memset(f->ring, 0, size_bytes);
    byte_producer_init(&f->producer, f->ring, CAPACITY);
    byte_consumer_init(&f->consumer, f->ring, CAPACITY);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    free(f->ring);
    free(f);
    return 0;
}

static void empty_ring_gives_nothing(void **state)
{
    struct fixture *f = *state;
    uint8_t byte = 0;

    assert_int_equal(byte_consumer_available(&f->consumer), 0);
    assert_int_equal(byte_consumer_read(&f->consumer, &byte, 1), 0);
    assert_int_equal(byte_producer_free(&f->producer), CAPACITY);
}

static void full_ring_takes_no_more(void **state)
{
    struct fixture *f = *state;
    uint8_t bytes[CAPACITY + 5];

    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(byte_producer_write(&f->producer, bytes, sizeof(bytes)), CAPACITY);
    assert_int_equal(byte_producer_write(&f->producer, bytes, 1), 0);
    assert_int_equal(byte_consumer_available(&f->consumer), CAPACITY);
}

static void order_survives_index_wrap(void **state)
{
    struct fixture *f = *state;
    uint8_t next_in = 0;
    uint8_t next_out = 0;

    /* Start just below 2^32, so that the free-running indices overflow on the way. */
    f->ring->head = UINT32_MAX - 100u;
    f->ring->tail = UINT32_MAX - 100u;
    byte_producer_init(&f->producer, f->ring, CAPACITY);
    byte_consumer_init(&f->consumer, f->ring, CAPACITY);
    for (int round = 0; round < 100; round++) {
        uint8_t bytes[37];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            bytes[i] = next_in++;
        }
        assert_int_equal(byte_producer_write(&f->producer, bytes, 37), 37);
        assert_int_equal(byte_consumer_read(&f->consumer, bytes, 64), 37);
        for (size_t i = 0; i < sizeof(bytes); i++) {
            assert_int_equal(bytes[i], next_out++);
        }
    }
}

static void peek_leaves_bytes(void **state)
{
    struct fixture *f = *state;
    uint8_t out[8] = { 0 };

    assert_int_equal(byte_producer_write(&f->producer, (const uint8_t *)"abcdef", 6), 6);
    assert_int_equal(byte_consumer_peek(&f->consumer, 4, out, 8), 2);
    assert_memory_equal(out, "ef", 2);
    assert_int_equal(byte_consumer_peek(&f->consumer, 6, out, 8), 0);
    assert_int_equal(byte_consumer_skip(&f->consumer, 2), 2);
    assert_int_equal(byte_consumer_read(&f->consumer, out, 8), 4);
    assert_memory_equal(out, "cdef", 4);
}

static void impossible_peer_index_is_empty_or_full(void **state)
{
    struct fixture *f = *state;
    uint8_t byte = 0;

    f->ring->head = CAPACITY + 1;
    assert_int_equal(byte_consumer_available(&f->consumer), 0);
    assert_int_equal(byte_consumer_read(&f->consumer, &byte, 1), 0);
    f->ring->tail = 7; /* ahead of the producer's own head, 0 */
    assert_int_equal(byte_producer_free(&f->producer), 0);
    assert_int_equal(byte_producer_write(&f->producer, &byte, 1), 0);
}

static uint8_t stress_byte(uint32_t i)
{
    return (uint8_t)((i * 2654435761u) >> 24);
}

static void *stress_produce(void *argument)
{
    struct byte_producer *producer = argument;
    uint32_t sent = 0;

    while (sent < STRESS_BYTES) {
        uint8_t bytes[23];
        uint32_t count = 0;
        while (count < 1 + sent % 23 && sent + count < STRESS_BYTES) {
            bytes[count] = stress_byte(sent + count);
            count++;
        }
        uint32_t taken = byte_producer_write(producer, bytes, count);
        if (taken == 0) {
            sched_yield();
        }
        sent += taken;
    }
    return NULL;
}

static void two_threads_keep_every_byte(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    uint32_t received = 0;
    uint32_t wrong = 0;

    assert_int_equal(pthread_create(&thread, NULL, stress_produce, &f->producer), 0);
    while (received < STRESS_BYTES) {
        uint8_t bytes[31];
        uint32_t count = byte_consumer_read(&f->consumer, bytes, sizeof(bytes));
        if (count == 0) {
            sched_yield();
        }
        for (uint32_t i = 0; i < count; i++) {
            wrong += bytes[i] != stress_byte(received + i);
        }
        received += count;
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(wrong, 0);
    assert_int_equal(byte_consumer_available(&f->consumer), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(empty_ring_gives_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(full_ring_takes_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(order_survives_index_wrap, setup, teardown),
        cmocka_unit_test_setup_teardown(peek_leaves_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(impossible_peer_index_is_empty_or_full, setup, teardown),
        cmocka_unit_test_setup_teardown(two_threads_keep_every_byte, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
