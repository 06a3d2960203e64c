/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Serial virtualiser: shares one serial driver between consoles
 *
 * Moves bytes between the clients' regions, the multiplexer and the driver's region
 * (proto/console.h). No byte is dropped for want of room: what does not fit stays where it is
 * and the next signal continues; only input for a client that does not read is dropped, when
 * the user types Ctrl-] to get away from it, and that is announced.
 *
 * Invariant: a client's bytes are given back to its ring only after they are in mux.out.
 */
#include "mux.h"

#include <microkit.h>
#include <proto/console.h>
#include <queue/byte_ring.h>

#include <stdatomic.h>
#include <stddef.h>

/* Patched: address of the monitor's console region, 0 if there is none. */
__attribute__((used, section(".data.microkit"))) uint64_t serial_monitor_region = 0;

struct client {
    struct console_output_header *header; /* NULL: no such client */
    bool named;
    bool is_notifiable;
    struct byte_consumer output;
    struct byte_producer input;
    uint32_t sent_mark; /* driver output index after this client's last byte */
};

static struct client clients[MUX_CLIENTS];
static unsigned turn; /* the client whose output comes next */
static struct mux mux;

static struct {
    struct console_output_header *header;
    struct byte_producer output;
    struct byte_consumer input;
} driver;

static struct byte_ring *ring_at(uintptr_t page)
{
    return (struct byte_ring *)(page + CONSOLE_RING_OFFSET);
}

static void client_attach(unsigned id, uintptr_t region, bool takes_input)
{
    struct client *client = &clients[id];

    client->header = (struct console_output_header *)region;
    client->is_notifiable = takes_input;
    byte_consumer_init(&client->output, ring_at(region), CONSOLE_RING_BYTES);
    byte_producer_init(&client->input, ring_at(region + CONSOLE_PAGE_BYTES), CONSOLE_RING_BYTES);
    mux_add(&mux, id, takes_input);
}

/* Read the client's name once its header is complete. */
static void client_learn_name(unsigned id)
{
    struct client *client = &clients[id];
    char name[CONSOLE_NAME_BYTES];

    if (client->named) {
        return;
    }
    /* Acquire pairs with the release in console_init: the name is there. */
    if (atomic_load_explicit(&client->header->magic, memory_order_acquire) == CONSOLE_MAGIC) {
        for (unsigned i = 0; i < CONSOLE_NAME_BYTES; i++) {
            name[i] = client->header->name[i];
        }
        mux_name(&mux, id, name, CONSOLE_NAME_BYTES);
        client->named = true;
    }
}

/* Hand what the multiplexer produced to the driver, as far as it takes it. */
static void output_push(void)
{
    uint32_t taken = byte_producer_write(&driver.output, mux.out, mux.out_length);

    if (taken > 0) {
        mux_sent(&mux, taken);
        /* Nothing here may be held back by the driver. */
        atomic_store_explicit(&driver.header->urgent, driver.output.head, memory_order_release);
        microkit_notify(CONSOLE_VIRT_DRIVER_CHANNEL);
    }
}

/* Return how many of the waiting bytes are before the client's urgent mark. */
static uint32_t client_urgent(const struct client *client, uint32_t available)
{
    uint32_t u_mark = atomic_load_explicit(&client->header->urgent, memory_order_acquire);
    uint32_t urgent = u_mark - client->output.tail;

    return urgent <= available ? urgent : 0;
}

/* Show what client `id` may show now, and set `turn`. Post: returns whether anything was shown. */
static bool client_collect(unsigned id)
{
    struct client *client = &clients[id];
    uint8_t bytes[CONSOLE_RING_BYTES];
    uint32_t count = byte_consumer_peek(&client->output, 0, bytes, sizeof(bytes));
    bool was_full = count == CONSOLE_RING_BYTES;
    uint32_t shown = 0;

    if (count == 0 || !mux_room(&mux)) {
        return false;
    }
    client_learn_name(id);
    uint32_t ready = mux_ready(&mux, id, bytes, count, client_urgent(client, count));
    while (shown < ready && mux_room(&mux)) {
        uint32_t chunk = ready - shown < MUX_CHUNK ? ready - shown : MUX_CHUNK;
        mux_show(&mux, id, bytes + shown, chunk);
        shown += chunk;
    }
    byte_consumer_skip(&client->output, shown);
    if (shown > 0) {
        /* One that was cut short goes on, so that its line is not broken; else the next one. */
        turn = shown < ready ? id : (id + 1u) % MUX_CLIENTS;
    }
    output_push();
    client->sent_mark = driver.output.head + mux.out_length;
    if (was_full && shown > 0 && client->is_notifiable) {
        microkit_notify(id);
    }
    return shown > 0;
}

/* Publish how much of each client's output has left the machine. */
static void done_publish(void)
{
    uint32_t u_driver_done = atomic_load_explicit(&driver.header->done, memory_order_acquire);

    for (unsigned id = 0; id < MUX_CLIENTS; id++) {
        struct client *client = &clients[id];
        if (client->header == NULL || (int32_t)(u_driver_done - client->sent_mark) < 0) {
            continue;
        }
        uint32_t done = client->output.tail;
        if (atomic_load_explicit(&client->header->done, memory_order_relaxed) != done) {
            atomic_store_explicit(&client->header->done, done, memory_order_release);
            if (client->is_notifiable) {
                microkit_notify(id);
            }
        }
    }
}

static void output_pump(void)
{
    bool progress = true;

    output_push();
    while (progress) {
        progress = false;
        unsigned first = turn;
        for (unsigned i = 0; i < MUX_CLIENTS; i++) {
            unsigned id = (first + i) % MUX_CLIENTS;
            if (clients[id].header != NULL && client_collect(id)) {
                progress = true;
                if (turn == id) {
                    break;
                }
            }
        }
    }
    if (mux_room(&mux)) {
        mux_settle(&mux);
        output_push();
    }
    done_publish();
}

/*
 * The focused client's ring is full. If the user has typed Ctrl-] since, drop the input before
 * it so that the command is reached. Post: returns whether input can go on.
 */
static bool input_unblock(void)
{
    uint8_t bytes[CONSOLE_RING_BYTES];
    uint32_t count = byte_consumer_peek(&driver.input, 0, bytes, sizeof(bytes));

    for (uint32_t i = 0; i < count; i++) {
        if (bytes[i] == MUX_ESCAPE) {
            byte_consumer_skip(&driver.input, i);
            mux_announce_dropped(&mux, i);
            return true;
        }
    }
    return false;
}

static void input_pump(void)
{
    bool delivered[MUX_CLIENTS] = { false };
    bool was_full = byte_consumer_available(&driver.input) == CONSOLE_RING_BYTES;
    uint8_t byte = 0;

    while (mux.focus != MUX_NOBODY && mux_room(&mux) &&
           byte_consumer_peek(&driver.input, 0, &byte, 1) == 1) {
        bool forwards = mux.escape_seen ? byte == MUX_ESCAPE : byte != MUX_ESCAPE;
        if (forwards && byte_producer_free(&clients[mux.focus].input) == 0) {
            if (mux.escape_seen || !input_unblock()) {
                break;
            }
            continue;
        }
        byte_consumer_skip(&driver.input, 1);
        if (mux_type(&mux, byte) == MUX_INPUT_FORWARD) {
            byte_producer_write(&clients[mux.focus].input, &byte, 1);
            delivered[mux.focus] = true;
        }
    }
    for (unsigned id = 0; id < MUX_CLIENTS; id++) {
        if (delivered[id]) {
            microkit_notify(id);
        }
    }
    if (was_full) {
        microkit_notify(CONSOLE_VIRT_DRIVER_CHANNEL);
    }
}

void init(void)
{
    mux_init(&mux);
    driver.header = (struct console_output_header *)(uintptr_t)CONSOLE_VIRT_BASE;
    byte_producer_init(&driver.output, ring_at(CONSOLE_VIRT_BASE), CONSOLE_RING_BYTES);
    byte_consumer_init(&driver.input, ring_at(CONSOLE_VIRT_BASE + CONSOLE_PAGE_BYTES),
                       CONSOLE_RING_BYTES);
    for (unsigned id = CONSOLE_VIRT_FIRST_CLIENT; id <= CONSOLE_VIRT_LAST_CLIENT; id++) {
        if ((microkit_notifications & (1ull << id)) != 0) {
            client_attach(id, CONSOLE_VIRT_BASE + (uintptr_t)id * CONSOLE_VIRT_STRIDE, true);
        }
    }
    if (serial_monitor_region != 0) {
        client_attach(CONSOLE_VIRT_MONITOR_CHANNEL, (uintptr_t)serial_monitor_region, false);
        mux_name(&mux, CONSOLE_VIRT_MONITOR_CHANNEL, "monitor", 7);
        clients[CONSOLE_VIRT_MONITOR_CHANNEL].named = true;
    }
    /* Clients may have signalled before this, but nothing says so for the driver's input. */
    input_pump();
    output_pump();
}

void notified(microkit_channel ch)
{
    (void)ch;
    /* Any signal may have made room somewhere; both pumps stop at once when there is no work. */
    input_pump();
    output_pump();
}
