/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages of the monitor: sentences from faults
 *
 * Pure: composes one line of text in a fixed buffer; too much text is cut, never overflows.
 */
#pragma once

#include <stdint.h>

#define TEXT_BYTES 256u

struct text {
    unsigned length;
    char bytes[TEXT_BYTES];
};

/* Append a C string. */
void text_add(struct text *text, const char *string);
/* Append up to `limit` characters of a name, to its first NUL. */
void text_add_name(struct text *text, const char *name, unsigned limit);
/* Append a number as 0x… */
void text_add_hex(struct text *text, uint64_t value);
/* Append a signed decimal number. */
void text_add_decimal(struct text *text, int64_t value);

/*
 * Append what a fault message says, in words: what was tried, where, raw syndrome.
 * `words` are the first `count` message words of a fault with this label (ABI fault numbers).
 */
void text_add_fault(struct text *text, uint64_t label, const uint64_t *words, unsigned count);
