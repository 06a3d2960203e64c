/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Console multiplexer: prefixes, unfinished lines, focus
 *
 * Invariant: line_owner is MUX_NOBODY exactly when the terminal's cursor is in column 0 or on a
 * line that may be overwritten; held describes the focused client's unfinished line only.
 */
#include "mux.h"

/* Most bytes that one mux_show, mux_type or announcement can append. */
#define MUX_ROOM_BYTES 4096u

#define WIPE_LINE "\r\x1b[K"

void mux_init(struct mux *mux)
{
    *mux = (struct mux){ .focus = MUX_NOBODY, .line_owner = MUX_NOBODY };
}

void mux_add(struct mux *mux, unsigned id, bool takes_input)
{
    struct mux_client *client = &mux->clients[id];

    client->exists = true;
    client->takes_input = takes_input;
    if (client->name[0] == '\0') {
        client->name[0] = '?';
    }
    if (takes_input && mux->focus == MUX_NOBODY) {
        mux->focus = id;
        mux->held_complete = true;
    }
}

void mux_name(struct mux *mux, unsigned id, const char *u_name, unsigned length_bytes)
{
    char *name = mux->clients[id].name;
    unsigned count = 0;

    while (count < length_bytes && count < MUX_NAME_BYTES - 1u && u_name[count] != '\0') {
        /* Untrusted: an escape sequence in a name could forge another client's output. */
        bool printable = u_name[count] > ' ' && u_name[count] < 0x7f && u_name[count] != ']';
        name[count] = printable ? u_name[count] : '_';
        count++;
    }
    if (count == 0) {
        name[count++] = '?';
    }
    name[count] = '\0';
}

uint32_t mux_ready(const struct mux *mux, unsigned id, const uint8_t *bytes, uint32_t count,
                   uint32_t urgent)
{
    bool only_printer = mux->printers == 0 || (mux->printers == 1 && mux->clients[id].printed);

    if (id == mux->focus || only_printer) {
        return count;
    }
    for (uint32_t length = count; length > urgent && length > 0; length--) {
        if (bytes[length - 1u] == '\n') {
            return length;
        }
    }
    return count >= MUX_LONG_LINE ? count : urgent;
}

bool mux_room(const struct mux *mux)
{
    return MUX_OUT_BYTES - mux->out_length >= MUX_ROOM_BYTES;
}

static void byte_out(struct mux *mux, uint8_t byte)
{
    mux->out[mux->out_length++] = byte;
}

static void text_out(struct mux *mux, const char *text)
{
    for (; *text != '\0'; text++) {
        byte_out(mux, (uint8_t)*text);
    }
}

static void number_out(struct mux *mux, uint32_t number)
{
    char digits[10];
    unsigned count = 0;

    do {
        digits[count++] = (char)('0' + number % 10u);
        number /= 10u;
    } while (number != 0);
    while (count > 0) {
        byte_out(mux, (uint8_t)digits[--count]);
    }
}

static void prefix_out(struct mux *mux, unsigned id)
{
    /* Six readable colours, 31 to 36; a neighbour has another one. */
    text_out(mux, "\x1b[3");
    number_out(mux, 1u + id % 6u);
    text_out(mux, "m[");
    text_out(mux, mux->clients[id].name);
    text_out(mux, "]\x1b[0m ");
}

/* Put the cursor where a new line may start. */
static void line_leave(struct mux *mux)
{
    if (mux->line_owner == MUX_NOBODY) {
        return;
    }
    if (mux->line_owner == mux->focus && mux->held_complete) {
        text_out(mux, WIPE_LINE);
        mux->held_wiped = true;
    } else {
        text_out(mux, "\r\n");
    }
    mux->line_owner = MUX_NOBODY;
    mux->after_return = false;
}

/* Show the byte of the line's owner; end the line if it says so. */
static void owner_byte_out(struct mux *mux, uint8_t byte)
{
    if (byte == '\n' && !mux->after_return) {
        byte_out(mux, '\r');
    }
    byte_out(mux, byte);
    mux->after_return = byte == '\r';
    if (byte == '\n') {
        mux->line_owner = MUX_NOBODY;
    }
}

static void line_start(struct mux *mux, unsigned id)
{
    if (mux->printers > 1) {
        prefix_out(mux, id);
    }
    mux->line_owner = id;
    mux->after_return = false;
}

/* Remember the focused client's unfinished line, for the case that it is wiped. */
static void held_append(struct mux *mux, uint8_t byte)
{
    if (byte == '\n') {
        mux->held_complete = true;
        mux->held_length = 0;
    } else if (mux->held_length < MUX_HELD_BYTES) {
        mux->held[mux->held_length++] = byte;
    } else {
        mux->held_complete = false;
    }
}

static void held_restore(struct mux *mux)
{
    line_leave(mux);
    mux->held_wiped = false;
    line_start(mux, mux->focus);
    for (unsigned i = 0; i < mux->held_length; i++) {
        owner_byte_out(mux, mux->held[i]);
    }
}

void mux_settle(struct mux *mux)
{
    if (mux->held_wiped && mux->line_owner == MUX_NOBODY) {
        held_restore(mux);
    }
}

void mux_show(struct mux *mux, unsigned id, const uint8_t *bytes, uint32_t count)
{
    struct mux_client *client = &mux->clients[id];

    if (!client->printed) {
        client->printed = true;
        mux->printers++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (id == mux->focus && mux->held_wiped) {
            held_restore(mux);
        }
        if (mux->line_owner != id) {
            line_leave(mux);
            line_start(mux, id);
        }
        owner_byte_out(mux, bytes[i]);
        if (id == mux->focus) {
            held_append(mux, bytes[i]);
        }
        client->mid_line = bytes[i] != '\n';
    }
}

void mux_sent(struct mux *mux, uint32_t count)
{
    for (uint32_t i = count; i < mux->out_length; i++) {
        mux->out[i - count] = mux->out[i];
    }
    mux->out_length -= count;
}

/* Start a line of our own; it ends with announce_end. */
static void announce_begin(struct mux *mux)
{
    line_leave(mux);
    text_out(mux, "\x1b[7m[serial]\x1b[0m ");
}

static void announce_end(struct mux *mux)
{
    text_out(mux, "\r\n");
}

static void client_out(struct mux *mux, unsigned id)
{
    number_out(mux, id);
    byte_out(mux, ' ');
    text_out(mux, mux->clients[id].name);
}

/* Forget the unfinished line of the client that loses the focus; it stays on the terminal. */
static void held_drop(struct mux *mux)
{
    if (mux->held_wiped) {
        held_restore(mux);
    }
    mux->held_complete = false;
    line_leave(mux);
    mux->held_length = 0;
}

static void focus_set(struct mux *mux, unsigned id)
{
    if (id != mux->focus) {
        held_drop(mux);
        /* The start of a line that is already on the terminal is not known any more. */
        mux->held_complete = !mux->clients[id].mid_line;
    }
    mux->focus = id;
    announce_begin(mux);
    text_out(mux, "input to ");
    client_out(mux, id);
    announce_end(mux);
}

static void clients_list(struct mux *mux)
{
    announce_begin(mux);
    text_out(mux, "Ctrl-] and:");
    for (unsigned id = 0; id < MUX_CLIENTS; id++) {
        if (mux->clients[id].takes_input) {
            text_out(mux, id == mux->focus ? " *" : "  ");
            client_out(mux, id);
        }
    }
    text_out(mux, "  n next");
    announce_end(mux);
}

/* Return the client after the focused one in a circle. */
static unsigned focus_next(const struct mux *mux)
{
    for (unsigned step = 1; step <= MUX_CLIENTS; step++) {
        unsigned id = (mux->focus + step) % MUX_CLIENTS;
        if (mux->clients[id].takes_input) {
            return id;
        }
    }
    return MUX_NOBODY;
}

enum mux_input mux_type(struct mux *mux, uint8_t byte)
{
    if (!mux->escape_seen) {
        mux->escape_seen = byte == MUX_ESCAPE;
        return mux->escape_seen ? MUX_INPUT_TAKEN : MUX_INPUT_FORWARD;
    }
    mux->escape_seen = false;
    if (byte == MUX_ESCAPE) {
        return MUX_INPUT_FORWARD;
    }
    unsigned wanted = MUX_NOBODY;
    if (byte >= '0' && byte <= '9') {
        wanted = (unsigned)(byte - '0');
    } else if (byte == 'n') {
        wanted = focus_next(mux);
    }
    if (wanted < MUX_CLIENTS && mux->clients[wanted].takes_input) {
        focus_set(mux, wanted);
    } else {
        clients_list(mux);
    }
    return MUX_INPUT_TAKEN;
}

void mux_announce_dropped(struct mux *mux, uint32_t count)
{
    announce_begin(mux);
    number_out(mux, count);
    text_out(mux, " input bytes dropped, ");
    text_out(mux, mux->clients[mux->focus].name);
    text_out(mux, " does not read");
    announce_end(mux);
}
