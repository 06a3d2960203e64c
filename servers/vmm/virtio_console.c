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
    STATUS_FEATURES_OK = 8,
    STATUS_NEEDS_RESET = 64,
    DESC_NEXT = 1,
    DESC_WRITE = 2,
    INTERRUPT_QUEUE = 1,
    INTERRUPT_CONFIG = 2,
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

static void status_write(struct virtio_console *console, uint32_t value)
{
    if (value == 0) {
        virtio_console_reset(console, console->memory);
        return;
    }
    /* Only features that were offered, and among them the one that makes this no legacy driver. */
    if (console->driver_features[0] != 0 || console->driver_features[1] != FEATURE_VERSION_1_HIGH) {
        value &= ~(uint32_t)STATUS_FEATURES_OK;
    }
    console->status = (value & 0xff) | (console->status & STATUS_NEEDS_RESET);
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
    case REG_STATUS: status_write(console, value); break;
    default:
        if (offset == REG_QUEUE_READY && console->selected == QUEUE_TRANSMIT) {
            console->has_chain = false;
        }
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
    console->interrupt_status |= INTERRUPT_CONFIG; /* 2.1.2: the driver must be told */
}

bool virtio_console_is_on(const struct virtio_console *console)
{
    return (console->status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) == STATUS_DRIVER_OK;
}

static bool is_running(const struct virtio_console *console, const struct virtio_queue *queue)
{
    return virtio_console_is_on(console) && queue->ready != 0 && queue->size != 0;
}

/* Head of the next chain that the driver offers. Returns false when there is none. */
static bool next_available(struct virtio_console *console, struct virtio_queue *queue,
                           uint16_t *head)
{
    /* flags, index, then ring[size]: 16-bit each (2.6.6) */
    const uint16_t *ring;
    uint16_t waiting;

    if (!is_running(console, queue)) {
        return false;
    }
    ring = guest_memory_at(console->memory, queue->available, 4 + 2ul * queue->size);
    if (!ring || (queue->available & 1) != 0) {
        device_broken(console);
        return false;
    }
    /* Pairs with the driver's release of the index: ring and descriptors are read after it. */
    waiting = (uint16_t)(__atomic_load_n(&ring[1], __ATOMIC_ACQUIRE) - queue->seen);
    if (waiting == 0) {
        return false;
    }
    /* Loaded once: the guest may change it under our eyes. */
    *head = __atomic_load_n(&ring[2 + queue->seen % queue->size], __ATOMIC_RELAXED);
    if (waiting > queue->size || *head >= queue->size) {
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

/* A pass over a chain of descriptors: the part of it that is moved, in one direction. */
struct transfer {
    uint8_t *bytes;
    size_t limit;
    uint64_t skip; /* bytes at the chain's start that were moved before */
    bool to_guest;
    bool is_last; /* out: nothing of the chain is left */
};

/* Copy what lies in one buffer. Returns the number of bytes moved. */
static size_t move_buffer(struct virtio_console *console, const struct descriptor *descriptor,
                          struct transfer *transfer, size_t moved)
{
    uint64_t start = transfer->skip < descriptor->length ? transfer->skip : descriptor->length;
    uint64_t rest = descriptor->length - start;
    size_t part = rest < transfer->limit - moved ? rest : transfer->limit - moved;
    uint8_t *buffer = guest_memory_at(console->memory, descriptor->address, descriptor->length);

    if (!buffer || ((descriptor->flags & DESC_WRITE) != 0) != transfer->to_guest) {
        device_broken(console);
        return 0;
    }
    if (transfer->to_guest) {
        memcpy(buffer + start, transfer->bytes + moved, part);
    } else {
        memcpy(transfer->bytes + moved, buffer + start, part);
    }
    transfer->skip -= start;
    transfer->is_last = transfer->is_last && part == rest;
    return part;
}

/* Move what `transfer` says between it and chain `head`. Returns the number of bytes moved. */
static size_t move_chain(struct virtio_console *console, const struct virtio_queue *queue,
                         uint16_t head, struct transfer *transfer)
{
    struct descriptor descriptor = { .flags = DESC_NEXT, .next = head };
    size_t moved = 0;

    transfer->is_last = true;
    for (uint32_t i = 0; i < queue->size && (descriptor.flags & DESC_NEXT) != 0; i++) {
        if (!read_descriptor(console, queue, descriptor.next, &descriptor)) {
            break;
        }
        moved += move_buffer(console, &descriptor, transfer, moved);
        if ((console->status & STATUS_NEEDS_RESET) != 0 || !transfer->is_last) {
            break;
        }
    }
    return moved;
}

int virtio_console_transmit(struct virtio_console *console, uint8_t *bytes, size_t limit)
{
    struct virtio_queue *queue = &console->queue[QUEUE_TRANSMIT];
    struct transfer transfer = { .bytes = bytes, .limit = limit };
    size_t moved;

    if (!is_running(console, queue)) {
        return -1;
    }
    if (!console->has_chain) {
        if (!next_available(console, queue, &console->chain)) {
            return -1;
        }
        console->has_chain = true;
        console->chain_taken = 0;
    }
    transfer.skip = console->chain_taken;
    moved = move_chain(console, queue, console->chain, &transfer);
    console->chain_taken += moved;
    /* A chain that changes while it is read may never come to an end; this one does. */
    if (transfer.is_last || moved == 0) {
        console->has_chain = false;
        put_used(console, queue, console->chain, 0);
    }
    return (int)moved;
}

size_t virtio_console_receive(struct virtio_console *console, const uint8_t *bytes, size_t count)
{
    struct virtio_queue *queue = &console->queue[QUEUE_RECEIVE];
    uint8_t copy[64];
    size_t done = 0;

    while (done < count) {
        size_t part = count - done < sizeof copy ? count - done : sizeof copy;
        struct transfer transfer = { .bytes = copy, .limit = part, .to_guest = true };
        uint16_t head;
        size_t moved;

        if (!next_available(console, queue, &head)) {
            break;
        }
        memcpy(copy, bytes + done, part);
        moved = move_chain(console, queue, head, &transfer);
        put_used(console, queue, head, (uint32_t)moved);
        if (moved == 0) {
            break;
        }
        done += moved;
    }
    return done;
}
