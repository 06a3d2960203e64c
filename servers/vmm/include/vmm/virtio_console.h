/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * virtio-mmio console
 *
 * A virtio 1.1 device of type 3 (console) behind the MMIO transport, version 2: queue 0 receives,
 * queue 1 transmits. Pure but for guest memory: the monitor passes the bytes on.
 *
 * A guest can write anything into registers and rings. Every address is checked against guest
 * RAM, every index against the queue size, and one pass over a ring is bounded by its size; a
 * driver that breaks the rules finds the device in the state DEVICE_NEEDS_RESET.
 *
 * Source: Virtual I/O Device (VIRTIO) 1.1, sections 2.6 (split queues), 4.2 (MMIO), 5.3 (console).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vmm/memory.h>

#define VIRTIO_QUEUE_MAX 128u

struct virtio_queue {
    uint32_t size;
    uint32_t ready;
    uint64_t descriptors, available, used; /* guest-physical */
    uint16_t seen;                         /* next available entry to serve */
};

struct virtio_console {
    const struct guest_memory *memory;
    struct virtio_queue queue[2];
    uint32_t selected;
    uint32_t status;
    uint32_t features_select, driver_features_select;
    uint32_t driver_features[2];
    uint32_t interrupt_status;
    bool has_chain;       /* a transmit chain is only partly taken: */
    uint16_t chain;       /* its head */
    uint64_t chain_taken; /* bytes of it that were taken */
};

void virtio_console_reset(struct virtio_console *console, const struct guest_memory *memory);
/** Guest access at byte `offset` of the device's page; 32-bit registers. */
uint32_t virtio_console_read(const struct virtio_console *console, uint32_t offset);
/** Returns true when the guest has rung the transmit queue: call virtio_console_transmit. */
bool virtio_console_write(struct virtio_console *console, uint32_t offset, uint32_t value);
bool virtio_console_interrupts(const struct virtio_console *console);
/** Is a driver at work? */
bool virtio_console_is_on(const struct virtio_console *console);
/**
 * Take the next bytes to transmit, at most `limit`, from one chain of buffers; the next call goes
 * on where this one ended. Returns the number taken, or -1 when no buffer waits.
 */
int virtio_console_transmit(struct virtio_console *console, uint8_t *bytes, size_t limit);
/** Give `count` bytes to the driver. Returns how many it had room for. */
size_t virtio_console_receive(struct virtio_console *console, const uint8_t *bytes, size_t count);
