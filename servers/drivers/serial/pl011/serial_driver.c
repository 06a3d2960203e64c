/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * PL011 serial driver
 *
 * Server side of the console protocol (proto/console.h); its one client is the virtualiser.
 * Interrupts do the waiting in both directions: the receive interrupt is let through while the
 * input ring has room (a full ring leaves bytes in the device, which then stops the sender or
 * reports an overrun), the transmit interrupt while output waits for room in the device.
 *
 * Invariant: at the end of every event, output waiting in the ring implies that the transmit
 * interrupt is let through, and room in the input ring that the receive interrupt is.
 */
#include "registers.h"

#include <microkit.h>
#include <proto/console.h>
#include <queue/byte_ring.h>

#include <stdatomic.h>
#include <stdbool.h>

/* The device finishes its FIFO in well under this many looks at its flags. */
#define DRAIN_LOOKS 1000000u

/* Patched: addresses of the device and of the region shared with the virtualiser. */
__attribute__((used, section(".data.microkit"))) uint64_t uart_base = 0;
__attribute__((used, section(".data.microkit"))) uint64_t console_region = 0;

static struct pl011 *uart;
static struct console_output_header *output_header;
static struct console_input_header *input_header;
static struct byte_consumer output;
static struct byte_producer input;

/* Move received bytes to the ring. Post: returns whether there were any. */
static bool receive(void)
{
    bool any = false;

    while (byte_producer_free(&input) > 0 && (uart->flags & PL011_FLAG_RECEIVE_EMPTY) == 0) {
        uint32_t data = uart->data;
        uint8_t byte = (uint8_t)data;
        if ((data & PL011_DATA_OVERRUN) != 0) {
            /* Only this thread writes the counter: load and store need no atomic addition. */
            uint32_t lost = atomic_load_explicit(&input_header->lost, memory_order_relaxed);
            atomic_store_explicit(&input_header->lost, lost + 1u, memory_order_relaxed);
        }
        byte_producer_write(&input, &byte, 1);
        any = true;
    }
    return any;
}

/* Move waiting output to the device. Post: returns whether there was any. */
static bool transmit(void)
{
    bool any = false;
    uint8_t byte = 0;

    while ((uart->flags & PL011_FLAG_TRANSMIT_FULL) == 0 &&
           byte_consumer_peek(&output, 0, &byte, 1) == 1) {
        uart->data = byte;
        byte_consumer_skip(&output, 1);
        any = true;
    }
    return any;
}

/* Tell the virtualiser how much has left the machine. Post: returns whether that changed. */
static bool done_publish(void)
{
    uint32_t u_urgent = atomic_load_explicit(&output_header->urgent, memory_order_acquire);
    uint32_t sent = output.tail;

    if (atomic_load_explicit(&output_header->done, memory_order_relaxed) == sent) {
        return false;
    }
    if (u_urgent == sent) {
        /* Someone may be waiting to switch the power off: see the last byte out. */
        for (unsigned look = 0; look < DRAIN_LOOKS && (uart->flags & PL011_FLAG_BUSY) != 0;
             look++) {
        }
    }
    atomic_store_explicit(&output_header->done, sent, memory_order_release);
    return true;
}

static void service(void)
{
    bool news = receive();

    news |= transmit();
    news |= done_publish();
    uint32_t mask = PL011_INT_OVERRUN;
    if (byte_producer_free(&input) > 0) {
        mask |= PL011_INT_RECEIVE | PL011_INT_TIMEOUT;
    }
    if (byte_consumer_available(&output) > 0) {
        mask |= PL011_INT_TRANSMIT;
    }
    uart->interrupt_mask = mask;
    if (news) {
        microkit_notify(CONSOLE_DRIVER_VIRT_CHANNEL);
    }
}

void init(void)
{
    /* Addresses of our own space, patched by the composer. */
    uintptr_t region = (uintptr_t)console_region;

    uart = (struct pl011 *)(uintptr_t)uart_base;
    output_header = (struct console_output_header *)region;
    input_header = (struct console_input_header *)(region + CONSOLE_PAGE_BYTES);
    byte_consumer_init(&output, (struct byte_ring *)(region + CONSOLE_RING_OFFSET),
                       CONSOLE_RING_BYTES);
    byte_producer_init(&input,
                       (struct byte_ring *)(region + CONSOLE_PAGE_BYTES + CONSOLE_RING_OFFSET),
                       CONSOLE_RING_BYTES);
    /* The baud rate is the firmware's: we do not know the board's clock. */
    uart->interrupt_mask = 0;
    uart->interrupt_clear = PL011_INT_ALL;
    uart->line_control = PL011_LINE_8_BITS | PL011_LINE_FIFO_ENABLE;
    uart->control = PL011_CONTROL_ENABLE | PL011_CONTROL_TRANSMIT | PL011_CONTROL_RECEIVE;
    service();
}

void notified(microkit_channel ch)
{
    if (ch == CONSOLE_DRIVER_IRQ_ID) {
        /* Before the FIFOs are looked at, or an event in between would be cleared unseen. */
        uart->interrupt_clear = PL011_INT_ALL;
        service();
        microkit_deferred_irq_ack(ch);
    } else {
        service();
    }
}
