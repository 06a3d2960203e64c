/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Console multiplexer: many consoles in, one terminal out, and the way back
 *
 * Pure: bytes in, bytes out, no system call; serial_virt.c moves the bytes. Output rules:
 *
 *   - While only one client has printed its bytes pass unchanged (but LF becomes CR LF). From
 *     the second client on every line starts with the coloured prefix `[name] `.
 *   - The client that has the input focus is shown at once, prompts included. The others are
 *     shown by whole lines, so that lines of two clients never mix.
 *   - If a line arrives while the focused client's line is unfinished, that line is wiped, the
 *     other shown, and the unfinished line shown again below.
 *
 * Input goes to the focused client. Ctrl-] followed by a digit moves the focus to that client,
 * by `n` to the next one, by Ctrl-] sends one Ctrl-], by anything else lists the clients.
 *
 * Invariant: mux_show is called only while mux_room says so; then `out` never overflows.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MUX_CLIENTS    62u
#define MUX_NOBODY     MUX_CLIENTS
#define MUX_NAME_BYTES 33u
#define MUX_CHUNK      32u
#define MUX_HELD_BYTES 256u
#define MUX_OUT_BYTES  8192u
#define MUX_ESCAPE     0x1du /* Ctrl-] */

/* A non-focused client's unfinished line longer than this is shown nevertheless. */
#define MUX_LONG_LINE 1024u

struct mux_client {
    bool exists;
    bool takes_input;
    bool printed;
    bool mid_line; /* the last byte shown was no newline */
    char name[MUX_NAME_BYTES];
};

struct mux {
    struct mux_client clients[MUX_CLIENTS];
    unsigned focus;      /* client that receives input, or MUX_NOBODY */
    unsigned printers;   /* clients that have printed */
    unsigned line_owner; /* whose unfinished line the cursor is on, or MUX_NOBODY */
    bool after_return;   /* the last byte shown was a CR */
    bool escape_seen;    /* the last input byte was Ctrl-] */
    bool held_complete;  /* `held` has all of the focused client's unfinished line */
    bool held_wiped;     /* that line was wiped from the terminal and must be shown again */
    unsigned held_length;
    uint8_t held[MUX_HELD_BYTES];
    uint32_t out_length;
    uint8_t out[MUX_OUT_BYTES]; /* for the terminal; the caller empties it with mux_sent */
};

/* What became of one input byte. */
enum mux_input {
    MUX_INPUT_TAKEN,   /* it was part of a command */
    MUX_INPUT_FORWARD, /* give it to the focused client */
};

void mux_init(struct mux *mux);

/* Announce that client `id` exists; the first one that takes input gets the focus. */
void mux_add(struct mux *mux, unsigned id, bool takes_input);

/* Name a client by `length_bytes` untrusted bytes (up to the first NUL). */
void mux_name(struct mux *mux, unsigned id, const char *u_name, unsigned length_bytes);

/*
 * Say how many of the `count` oldest waiting bytes of client `id` may be shown now: at least the
 * first `urgent` ones, which the client wants out. Pre: urgent <= count.
 */
uint32_t mux_ready(const struct mux *mux, unsigned id, const uint8_t *bytes, uint32_t count,
                   uint32_t urgent);

/* Is there room for one more mux_show? */
bool mux_room(const struct mux *mux);

/* Show 1..MUX_CHUNK bytes of client `id`. Pre: mux_room. */
void mux_show(struct mux *mux, unsigned id, const uint8_t *bytes, uint32_t count);

/* Bring a wiped line back; to be called when no line is waiting to be shown. Pre: mux_room. */
void mux_settle(struct mux *mux);

/* Drop the first `count` bytes of `out`, which have been handed to the terminal. */
void mux_sent(struct mux *mux, uint32_t count);

/* Handle one byte typed at the terminal. Pre: mux_room. */
enum mux_input mux_type(struct mux *mux, uint8_t byte);

/* Announce that `count` input bytes of the focused client were dropped. Pre: mux_room. */
void mux_announce_dropped(struct mux *mux, uint32_t count);
