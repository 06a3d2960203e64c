/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Numbers as a description spells them
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads decimal digits, or 0x and hexadecimal ones, with '_' anywhere. `value` is written
 * only on success. Fails: anything else, and numbers from 2^64 on.
 */
bool number_parse(const char *text, uint64_t *value);
