/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks that a program without libraries makes of the system around it, told at the UART
 *
 * The spec maps the PL011 at 0x420000.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

void put(const char *text);
/* In decimal. */
void put_number(uint64_t value);
/* Counts; says so if it does not hold. */
void check(bool is_right, const char *what);
/* The closing line: "NAME: N right, N wrong". */
void put_counts(const char *name);
