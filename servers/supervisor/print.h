/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lines of the supervisor
 *
 * It may be rebuilding the driver of its own console, so it never waits for room: what does not
 * fit is lost.
 */
#pragma once

void print_char(char character);
void print_flush(void);
/** A line, as of printf, after "supervisor: ". */
__attribute__((format(printf, 1, 2))) void print_line(const char *format, ...);
