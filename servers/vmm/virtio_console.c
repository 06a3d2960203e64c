/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * virtio-mmio console (see virtio_console.h)
 */
#include <vmm/virtio_console.h>

#include <string.h>

enum {
    REG_MAGIC = 0x000,
    REG_VERSION = 0x004,
    REG_DEVICE = 0x008,
    REG_VENDOR = 0x00c,
    REG_DEVICE_FEATURES = 0x010,
    REG_DEVICE_FEATURES_SELECT = 0x014,
    REG_DRIVER_FEATURES = 0x020,
    REG_DRIVER_FEATURES_SELECT = 0x024,
    REG_QUEUE_SELECT = 0x030,
    REG_QUEUE_MAX = 0x034,
    REG_QUEUE_SIZE = 0x038,
    REG_QUEUE_READY = 0x044,
    REG_QUEUE_NOTIFY = 0x050,
    REG_INTERRUPT_STATUS = 0x060,
    REG_INTERRUPT_ACK = 0x064,
    REG_STATUS = 0x070,
    REG_DESCRIPTORS = 0x080,
    REG_DESCRIPTORS_HIGH = 0x084,
    REG_AVAILABLE = 0x090,
    REG_AVAILABLE_HIGH = 0x094,
    REG_USED = 0x0a0,
    REG_USED_HIGH = 0x0a4,

    QUEUE_RECEIVE = 0,
    QUEUE_TRANSMIT = 1,

    STATUS_DRIVER_OK = 4,
    STATUS_NEEDS_RESET = 64,
    DESC_NEXT = 1,
    DESC_WRITE = 2,
    INTERRUPT_QUEUE = 1,
    FEATURE_VERSION_1_HIGH = 1, /* bit 32 */
};

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};

void virtio_console_reset(struct virtio_console *console, const struct guest_memory *memory)
{
    memset(console, 0, sizeof *console);
    console->memory = memory;
}

static const struct virtio_queue *selected_queue(const struct virtio_console *console)
{
    return console->selected < 2 ? &console->queue[console->selected] : NULL;
}

uint32_t virtio_console_read(const struct virtio_console *console, uint32_t offset)
{
    const struct virtio_queue *queue = selected_queue(console);

    switch (offset) {
    case REG_MAGIC: return 0x74726976; /* "virt" */
    case REG_VERSION: return 2;
    case REG_DEVICE: return 3;
    case REG_VENDOR: return 0x41524554; /* "TERA", ours */
    case REG_DEVICE_FEATURES: return console->features_select == 1 ? FEATURE_VERSION_1_HIGH : 0;
    case REG_QUEUE_MAX: return queue ? VIRTIO_QUEUE_MAX : 0;
    case REG_QUEUE_READY: return queue ? queue->ready : 0;
    case REG_INTERRUPT_STATUS: return console->interrupt_status;
    case REG_STATUS: return console->status;
    default: return 0;
    }
}

static void set_low(uint64_t *value, uint32_t part)
{
    *value = (*value & 0xffffffff00000000u) | part;
}

static void set_high(uint64_t *value, uint32_t part)
{
    *value = (*value & 0xffffffffu) | (uint64_t)part << 32;
}

static void queue_write(struct virtio_queue *queue, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case REG_QUEUE_SIZE:
        /* A power of two, as section 2.6 demands; anything else leaves the queue unusable. */
        queue->size = value <= VIRTIO_QUEUE_MAX && (value & (value - 1)) == 0 ? value : 0;
        break;
    case REG_QUEUE_READY:
        queue->ready = value & 1;
        queue->seen = 0;
        break;
    case REG_DESCRIPTORS: set_low(&queue->descriptors, value); break;
    case REG_DESCRIPTORS_HIGH: set_high(&queue->descriptors, value); break;
    case REG_AVAILABLE: set_low(&queue->available, value); break;
    case REG_AVAILABLE_HIGH: set_high(&queue->available, value); break;
    case REG_USED: set_low(&queue->used, value); break;
    case REG_USED_HIGH: set_high(&queue->used, value); break;
    default: break;
    }
}

bool virtio_console_write(struct virtio_console *console, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case REG_DEVICE_FEATURES_SELECT: console->features_select = value; break;
    case REG_DRIVER_FEATURES_SELECT: console->driver_features_select = value; break;
    case REG_DRIVER_FEATURES:
        if (console->driver_features_select < 2) {
            console->driver_features[console->driver_features_select] = value;
        }
        break;
    case REG_QUEUE_SELECT: console->selected = value; break;
    case REG_QUEUE_NOTIFY: return value == QUEUE_TRANSMIT;
    case REG_INTERRUPT_ACK: console->interrupt_status &= ~value; break;
    case REG_STATUS:
        if (value == 0) {
            virtio_console_reset(console, console->memory);
        } else {
            console->status = value & 0xff;
        }
        break;
    default:
        if (console->selected < 2) {
            queue_write(&console->queue[console->selected], offset, value);
        }
        break;
    }
    return false;
}

bool virtio_console_interrupts(const struct virtio_console *console)
{
    return console->interrupt_status != 0;
}

static void device_broken(struct virtio_console *console)
{
    console->status |= STATUS_NEEDS_RESET;
}

static bool is_running(const struct virtio_console *console, const struct virtio_queue *queue)
{
    return (console->status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) == STATUS_DRIVER_OK &&
           queue->ready != 0 && queue->size != 0;
}

/* Head of the next chain that the driver offers. Returns false when there is none. */
static bool next_available(struct virtio_console *console, struct virtio_queue *queue,
                           uint16_t *head)
{
    /* flags, index, then ring[size]: 16-bit each (2.6.6) */
    const uint16_t *ring;

    if (!is_running(console, queue)) {
        return false;
    }
    ring = guest_memory_at(console->memory, queue->available, 4 + 2ul * queue->size);
    if (!ring || (queue->available & 1) != 0) {
        device_broken(console);
        return false;
    }
    /* Pairs with the driver's release of the index: ring and descriptors are read after it. */
    if (__atomic_load_n(&ring[1], __ATOMIC_ACQUIRE) == queue->seen) {
        return false;
    }
    *head = ring[2 + queue->seen % queue->size];
    if (*head >= queue->size) {
        device_broken(console);
        return false;
    }
    queue->seen++;
    return true;
}

static bool read_descriptor(struct virtio_console *console, const struct virtio_queue *queue,
                            uint16_t index, struct descriptor *descriptor)
{
    const void *table = guest_memory_at(console->memory, queue->descriptors, 16ul * queue->size);

    if (!table || index >= queue->size) {
        device_broken(console);
        return false;
    }
    memcpy(descriptor, (const uint8_t *)table + 16ul * index, sizeof *descriptor);
    return true;
}

/* Return chain `head` to the driver with `length` bytes written into it. */
static void put_used(struct virtio_console *console, struct virtio_queue *queue, uint16_t head,
                     uint32_t length)
{
    /* flags and index (16-bit), then {id, length} pairs of 32 bits (2.6.8) */
    uint8_t *used = guest_memory_at(console->memory, queue->used, 4 + 8ul * queue->size);
    uint32_t element[2] = { head, length };
    uint16_t index;

    if (!used || (queue->used & 3) != 0) {
        device_broken(console);
        return;
    }
    memcpy(&index, used + 2, sizeof index);
    memcpy(used + 4 + 8ul * (index % queue->size), element, sizeof element);
    /* The driver acquires the index before it reads the element. */
    __atomic_store_n((uint16_t *)(void *)(used + 2), (uint16_t)(index + 1), __ATOMIC_RELEASE);
    console->interrupt_status |= INTERRUPT_QUEUE;
}

/* Copy a chain's buffers of the wanted direction. Returns the number of bytes moved. */
static size_t move_chain(struct virtio_console *console, const struct virtio_queue *queue,
                         uint16_t head, uint8_t *bytes, size_t limit, bool to_guest)
{
    struct descriptor descriptor = { .flags = DESC_NEXT, .next = head };
    size_t moved = 0;

    for (uint32_t i = 0; i < queue->size && (descriptor.flags & DESC_NEXT) != 0; i++) {
        size_t part;
        void *buffer;

        if (!read_descriptor(console, queue, descriptor.next, &descriptor)) {
            break;
        }
        part = descriptor.length < limit - moved ? descriptor.length : limit - moved;
        buffer = guest_memory_at(console->memory, descriptor.address, part);
        if (!buffer || ((descriptor.flags & DESC_WRITE) != 0) != to_guest) {
            device_broken(console);
            break;
        }
        if (to_guest) {
            memcpy(buffer, bytes + moved, part);
        } else {
            memcpy(bytes + moved, buffer, part);
        }
        moved += part;
    }
    return moved;
}

int virtio_console_transmit(struct virtio_console *console, uint8_t *bytes, size_t limit)
{
    struct virtio_queue *queue = &console->queue[QUEUE_TRANSMIT];
    uint16_t head;
    size_t moved;

    if (!next_available(console, queue, &head)) {
        return -1;
    }
    moved = move_chain(console, queue, head, bytes, limit, false);
    put_used(console, queue, head, 0);
    return (int)moved;
}

size_t virtio_console_receive(struct virtio_console *console, const uint8_t *bytes, size_t count)
{
    struct virtio_queue *queue = &console->queue[QUEUE_RECEIVE];
    uint8_t copy[64];
    size_t done = 0;

    while (done < count) {
        size_t part = count - done < sizeof copy ? count - done : sizeof copy;
        uint16_t head;
        size_t moved;

        if (!next_available(console, queue, &head)) {
            break;
        }
        memcpy(copy, bytes + done, part);
        moved = move_chain(console, queue, head, copy, part, true);
        put_used(console, queue, head, (uint32_t)moved);
        if (moved == 0) {
            break;
        }
        done += moved;
    }
    return done;
}
