/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Console of a component: client side of the serial virtualiser
 *
 * The description gives the component its region and channel:
 *
 *     <map mr="console_NAME" vaddr="..." perms="rw" setvar_vaddr="console_region"/>
 *     <end pd="NAME" id="..." setvar_id="console_channel"/>
 *
 * A component without them prints on the debug console (nothing in release builds). printf and
 * puts work too: the standard output is this console, written line by line.
 *
 * Who may call: the component's one thread, from any entry point.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Patched when the system is composed. */
extern uint64_t console_region;
extern uint64_t console_channel;

/*
 * Attach to the console in `region`, or in the patched region if NULL. The component's name
 * becomes the console name. Calls before it print on the debug console.
 */
void console_init(void *region);

/* Write what fits now. Post: returns how many bytes were taken; never waits. */
size_t console_write_some(const char *bytes, size_t length_bytes);

/*
 * Write all bytes, waiting for room. Pre: the virtualiser and the driver have a higher priority
 * than this component, or waiting would starve them; after a long wait without any progress the
 * rest is dropped, counted, and the count is printed as soon as there is room.
 */
void console_write(const char *bytes, size_t length_bytes);

/* Print formatted text at once, also without newline. Returns the number of characters. */
__attribute__((format(printf, 1, 2))) int console_printf(const char *format, ...);
int console_vprintf(const char *format, va_list arguments);

/* Take the oldest input byte. Returns it, or -1 if there is none; the channel signals more. */
int console_read_byte(void);

/* Wait until all output has left the machine. Pre: as console_write. */
void console_flush(void);
