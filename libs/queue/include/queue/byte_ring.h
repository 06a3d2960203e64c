/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Byte ring: one producer and one consumer over shared memory
 *
 *   shared memory      byte  0  head   bytes ever written, modulo 2^32 (producer writes)
 *                           64  tail   bytes ever read, modulo 2^32    (consumer writes)
 *                          128  data   `capacity` bytes, a power of two
 *
 * Each side keeps its own index in a private handle and never believes the shared copy of
 * it again, so a peer that writes rubbish can hand over rubbish bytes and nothing worse.
 *
 * Who may call what: exactly one thread owns a `struct byte_producer` of a ring, exactly one
 * owns a `struct byte_consumer`; neither handle is shared. No call blocks.
 *
 * Order: byte_producer_write stores data, then head with release; the consumer's acquire load
 * of head in byte_consumer_available pairs with it. byte_consumer_skip stores tail with
 * release after its reads of data; the producer's acquire load of tail in byte_producer_free
 * pairs with it. Waking the peer is the caller's business: signal after every write (the
 * consumer then drains until empty), and signal after making room if the producer waits.
 *
 * Invariant: head - tail <= capacity (modulo 2^32) while both sides keep this contract.
 */
#pragma once

#include <stdint.h>

#define BYTE_RING_HEADER_BYTES 128u

/* The part of a ring that both sides map; zero-filled memory is a valid empty ring. */
struct byte_ring {
    _Atomic uint32_t head;
    uint8_t pad_head[60];
    _Atomic uint32_t tail;
    uint8_t pad_tail[60];
    uint8_t data[];
};

struct byte_producer {
    struct byte_ring *ring;
    uint32_t capacity;
    uint32_t head;
};

struct byte_consumer {
    struct byte_ring *ring;
    uint32_t capacity;
    uint32_t tail;
};

/* Return the bytes of shared memory that a ring of `capacity` data bytes takes. */
static inline uint32_t byte_ring_size(uint32_t capacity)
{
    return BYTE_RING_HEADER_BYTES + capacity;
}

/*
 * Attach the producer side; continues where an earlier producer stopped.
 * Pre: `ring` is 64-byte aligned and byte_ring_size(capacity) long; capacity is a power of
 * two of at most 2^31.
 */
void byte_producer_init(struct byte_producer *producer, struct byte_ring *ring, uint32_t capacity);

/* Return how many bytes a write would take now; 0 as well when the peer's index is impossible. */
uint32_t byte_producer_free(const struct byte_producer *producer);

/* Append up to `length_bytes` bytes and publish them. Post: returns how many were taken. */
uint32_t byte_producer_write(struct byte_producer *producer, const uint8_t *bytes,
                             uint32_t length_bytes);

/* Attach the consumer side; same preconditions as byte_producer_init. */
void byte_consumer_init(struct byte_consumer *consumer, struct byte_ring *ring, uint32_t capacity);

/* Return how many bytes wait; 0 as well when the peer's index is impossible. */
uint32_t byte_consumer_available(const struct byte_consumer *consumer);

/*
 * Copy up to `length_bytes` waiting bytes, starting `offset` bytes after the oldest, and leave
 * them in the ring. Post: returns how many were copied.
 */
uint32_t byte_consumer_peek(const struct byte_consumer *consumer, uint32_t offset, uint8_t *bytes,
                            uint32_t length_bytes);

/* Give up to `length_bytes` of the oldest bytes back to the producer; returns how many. */
uint32_t byte_consumer_skip(struct byte_consumer *consumer, uint32_t length_bytes);

/* Peek and skip in one: take up to `length_bytes` bytes. Post: returns how many were taken. */
uint32_t byte_consumer_read(struct byte_consumer *consumer, uint8_t *bytes, uint32_t length_bytes);
