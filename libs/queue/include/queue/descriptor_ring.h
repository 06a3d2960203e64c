/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Descriptor ring: one producer and one consumer over shared memory
 *
 *   shared memory      byte  0  head      descriptors ever put, modulo 2^32   (producer writes)
 *                           64  tail      descriptors ever taken, modulo 2^32 (consumer writes)
 *                           68  waiting   1: the consumer sleeps until signalled (both write)
 *                          128  entries   `capacity` descriptors, a power of two
 *
 * A descriptor names a buffer in some other shared region; the ring moves ownership of it.
 * Private indices and hostile peers: as in byte_ring.h. The receiver of a descriptor checks
 * its offset and length itself, on its own copy.
 *
 * Who may call what: one thread owns the producer handle, one the consumer handle.
 *
 * Order: descriptor_put stores the entry, then head with release, which pairs with the
 * acquire load of head in descriptor_take; descriptor_take stores tail with release, which
 * pairs with the acquire load of tail in descriptor_put.
 *
 * Sleeping without a lost wake-up: the consumer calls descriptor_wait_begin and sleeps only if
 * it says so; the producer calls descriptor_must_signal after its puts and signals if told so.
 * Each side does store, sequentially consistent fence, load of what the other stored (head
 * against waiting), so at least one of the two sees the other: never neither.
 *
 * Invariant: head - tail <= capacity (modulo 2^32) while both sides keep this contract.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DESCRIPTOR_RING_HEADER_BYTES 128u

struct descriptor {
    uint64_t offset;       /* of the buffer in its region */
    uint32_t length_bytes; /* valid bytes from offset on */
    uint32_t tag;          /* meaning agreed by the two sides */
};

/* The part of a ring that both sides map; zero-filled memory is a valid empty ring. */
struct descriptor_ring {
    _Atomic uint32_t head;
    uint8_t pad_head[60];
    _Atomic uint32_t tail;
    _Atomic uint32_t waiting;
    uint8_t pad_tail[56];
    struct descriptor entries[];
};

struct descriptor_producer {
    struct descriptor_ring *ring;
    uint32_t capacity;
    uint32_t head;
};

struct descriptor_consumer {
    struct descriptor_ring *ring;
    uint32_t capacity;
    uint32_t tail;
};

/*
 * Attach the producer side; continues where an earlier producer stopped.
 * Pre: `ring` is 64-byte aligned and holds the header and `capacity` descriptors; capacity is
 * a power of two of at most 2^31.
 */
void descriptor_producer_init(struct descriptor_producer *producer, struct descriptor_ring *ring,
                              uint32_t capacity);

/* Hand a descriptor over. Fails (false): the ring is full or the peer's index impossible. */
bool descriptor_put(struct descriptor_producer *producer, struct descriptor item);

/* Say whether the consumer sleeps; to be asked after the last put of a batch. Clears the mark. */
bool descriptor_must_signal(struct descriptor_producer *producer);

/* Attach the consumer side; same preconditions as descriptor_producer_init. */
void descriptor_consumer_init(struct descriptor_consumer *consumer, struct descriptor_ring *ring,
                              uint32_t capacity);

/* Take the oldest descriptor into `out`. Fails (false): empty, or the peer's index impossible. */
bool descriptor_take(struct descriptor_consumer *consumer, struct descriptor *out);

/* Ask to be signalled. Post: true: sleep now; false: something arrived, take it first. */
bool descriptor_wait_begin(struct descriptor_consumer *consumer);
