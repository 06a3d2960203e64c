/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Standard output of a component (internal to libs/console)
 */
#pragma once

/* Hand the unfinished line of the standard output to the console. */
void stream_flush(void);
