/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Console protocol: one client, one server, one shared region of two pages
 *
 *   page 0, client to server          page 1, server to client
 *      0  magic, written last            0  lost    input bytes that did not fit anywhere
 *      4  urgent  output index          64  ring    input (2048 data bytes)
 *      8  done    output index
 *     16  name[32], not terminated if full
 *     64  ring    output (2048 data bytes)
 *
 * Rings are those of libs/queue (byte_ring.h). After writing output or making room in a full
 * input ring the client signals the server; after writing input or making room in a full output
 * ring, and when `done` moves, the server signals the client.
 *
 * "Output index" counts the output bytes ever written, modulo 2^32. A server may hold back an
 * unfinished line, but not the bytes before `urgent` (client writes). Bytes before `done`
 * (server writes) have left the machine, which is what a client waits for before it ends.
 *
 * The same protocol runs between clients and the virtualiser (PD `serial_virt`) and between the
 * virtualiser, as client, and the driver (PD `serial_driver`).
 *
 * Invariant: the header (magic, name) is written once, by the client, before its first signal.
 */
#pragma once

#include <stdint.h>

#define CONSOLE_MAGIC        0x54435352u
#define CONSOLE_REGION_BYTES 0x2000u
#define CONSOLE_PAGE_BYTES   0x1000u
#define CONSOLE_RING_BYTES   2048u
#define CONSOLE_RING_OFFSET  64u
#define CONSOLE_NAME_BYTES   32u

/* Start of page 0. */
struct console_output_header {
    _Atomic uint32_t magic;
    _Atomic uint32_t urgent;
    _Atomic uint32_t done;
    uint32_t reserved;
    char name[CONSOLE_NAME_BYTES];
};

/* Start of page 1. */
struct console_input_header {
    _Atomic uint32_t lost;
};

/*
 * Fixed numbers at the virtualiser: channel 0 is the driver, 1..15 are the clients, each with
 * its region at CONSOLE_VIRT_BASE + channel * CONSOLE_VIRT_STRIDE (channel 0: the driver's
 * region). The monitor, when it prints, is channel 61.
 */
#define CONSOLE_VIRT_DRIVER_CHANNEL  0u
#define CONSOLE_VIRT_FIRST_CLIENT    1u
#define CONSOLE_VIRT_LAST_CLIENT     15u
#define CONSOLE_VIRT_MONITOR_CHANNEL 61u
#define CONSOLE_VIRT_BASE            0x4000000u
#define CONSOLE_VIRT_STRIDE          0x10000u

/* Fixed numbers at the driver. */
#define CONSOLE_DRIVER_IRQ_ID       0u
#define CONSOLE_DRIVER_VIRT_CHANNEL 1u
