/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Descriptor ring: indices, copies and the sleep handshake
 *
 * Invariant: each handle's own index equals the shared copy it last published; an entry is
 * copied to private memory before its slot is given back.
 */
#include <queue/descriptor_ring.h>

#include <stdatomic.h>
#include <stddef.h>

_Static_assert(offsetof(struct descriptor_ring, entries) == DESCRIPTOR_RING_HEADER_BYTES,
               "layout is shared");
_Static_assert(sizeof(struct descriptor) == 16, "layout is shared");

void descriptor_producer_init(struct descriptor_producer *producer, struct descriptor_ring *ring,
                              uint32_t capacity)
{
    producer->ring = ring;
    producer->capacity = capacity;
    producer->head = atomic_load_explicit(&ring->head, memory_order_relaxed);
}

bool descriptor_put(struct descriptor_producer *producer, struct descriptor item)
{
    struct descriptor_ring *ring = producer->ring;
    /* Acquire pairs with the release in descriptor_take: the slot's content was copied. */
    uint32_t u_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);

    if (producer->head - u_tail >= producer->capacity) {
        return false;
    }
    ring->entries[producer->head & (producer->capacity - 1u)] = item;
    producer->head++;
    /* Release pairs with the acquire in descriptor_take: the entry is there. */
    atomic_store_explicit(&ring->head, producer->head, memory_order_release);
    return true;
}

bool descriptor_must_signal(struct descriptor_producer *producer)
{
    /* Orders our store of head before the load of waiting; pairs with descriptor_wait_begin. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&producer->ring->waiting, memory_order_relaxed) == 0) {
        return false;
    }
    atomic_store_explicit(&producer->ring->waiting, 0, memory_order_relaxed);
    return true;
}

void descriptor_consumer_init(struct descriptor_consumer *consumer, struct descriptor_ring *ring,
                              uint32_t capacity)
{
    consumer->ring = ring;
    consumer->capacity = capacity;
    consumer->tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
}

/* Return how many descriptors wait; 0 when the peer's index is impossible. */
static uint32_t descriptor_available(const struct descriptor_consumer *consumer)
{
    /* Acquire pairs with the release in descriptor_put. */
    uint32_t u_head = atomic_load_explicit(&consumer->ring->head, memory_order_acquire);
    uint32_t used = u_head - consumer->tail;

    return used > consumer->capacity ? 0u : used;
}

bool descriptor_take(struct descriptor_consumer *consumer, struct descriptor *out)
{
    struct descriptor_ring *ring = consumer->ring;

    if (descriptor_available(consumer) == 0) {
        return false;
    }
    *out = ring->entries[consumer->tail & (consumer->capacity - 1u)];
    consumer->tail++;
    /* Release pairs with the acquire in descriptor_put: our copy comes before the reuse. */
    atomic_store_explicit(&ring->tail, consumer->tail, memory_order_release);
    return true;
}

bool descriptor_wait_begin(struct descriptor_consumer *consumer)
{
    struct descriptor_ring *ring = consumer->ring;

    atomic_store_explicit(&ring->waiting, 1, memory_order_relaxed);
    /* Orders our store of waiting before the load of head; pairs with descriptor_must_signal. */
    atomic_thread_fence(memory_order_seq_cst);
    if (descriptor_available(consumer) == 0) {
        return true;
    }
    atomic_store_explicit(&ring->waiting, 0, memory_order_relaxed);
    return false;
}
