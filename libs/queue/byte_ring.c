/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Byte ring: indices and copies
 *
 * Both indices run freely modulo 2^32; their difference is the fill level and their low bits
 * are the position, which is why the capacity is a power of two.
 *
 * Invariant: each handle's own index equals the shared copy it last published.
 */
#include <queue/byte_ring.h>

#include <stdatomic.h>
#include <stddef.h>

_Static_assert(offsetof(struct byte_ring, data) == BYTE_RING_HEADER_BYTES, "layout is shared");

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void byte_producer_init(struct byte_producer *producer, struct byte_ring *ring, uint32_t capacity)
{
    producer->ring = ring;
    producer->capacity = capacity;
    producer->head = atomic_load_explicit(&ring->head, memory_order_relaxed);
}

uint32_t byte_producer_free(const struct byte_producer *producer)
{
    /* Acquire pairs with the release in byte_consumer_skip: the slots' bytes were read. */
    uint32_t u_tail = atomic_load_explicit(&producer->ring->tail, memory_order_acquire);
    uint32_t used = producer->head - u_tail;

    return used > producer->capacity ? 0u : producer->capacity - used;
}

uint32_t byte_producer_write(struct byte_producer *producer, const uint8_t *bytes,
                             uint32_t length_bytes)
{
    uint32_t count = smaller(length_bytes, byte_producer_free(producer));
    uint32_t mask = producer->capacity - 1u;

    for (uint32_t i = 0; i < count; i++) {
        producer->ring->data[(producer->head + i) & mask] = bytes[i];
    }
    producer->head += count;
    /* Release pairs with the acquire in byte_consumer_available: the bytes are there. */
    atomic_store_explicit(&producer->ring->head, producer->head, memory_order_release);
    return count;
}

void byte_consumer_init(struct byte_consumer *consumer, struct byte_ring *ring, uint32_t capacity)
{
    consumer->ring = ring;
    consumer->capacity = capacity;
    consumer->tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
}

uint32_t byte_consumer_available(const struct byte_consumer *consumer)
{
    /* Acquire pairs with the release in byte_producer_write. */
    uint32_t u_head = atomic_load_explicit(&consumer->ring->head, memory_order_acquire);
    uint32_t used = u_head - consumer->tail;

    return used > consumer->capacity ? 0u : used;
}

uint32_t byte_consumer_peek(const struct byte_consumer *consumer, uint32_t offset, uint8_t *bytes,
                            uint32_t length_bytes)
{
    uint32_t available = byte_consumer_available(consumer);
    uint32_t mask = consumer->capacity - 1u;

    if (offset >= available) {
        return 0;
    }
    uint32_t count = smaller(length_bytes, available - offset);
    for (uint32_t i = 0; i < count; i++) {
        bytes[i] = consumer->ring->data[(consumer->tail + offset + i) & mask];
    }
    return count;
}

uint32_t byte_consumer_skip(struct byte_consumer *consumer, uint32_t length_bytes)
{
    uint32_t count = smaller(length_bytes, byte_consumer_available(consumer));

    consumer->tail += count;
    /* Release pairs with the acquire in byte_producer_free: our reads come before the reuse. */
    atomic_store_explicit(&consumer->ring->tail, consumer->tail, memory_order_release);
    return count;
}

uint32_t byte_consumer_read(struct byte_consumer *consumer, uint8_t *bytes, uint32_t length_bytes)
{
    return byte_consumer_skip(consumer, byte_consumer_peek(consumer, 0, bytes, length_bytes));
}
