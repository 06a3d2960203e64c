/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Stand-in for <microkit.h> in host tests of components
 *
 * The component's functions are called by the test; what it calls is recorded here by the test,
 * which defines these functions.
 */
#pragma once

#include <stdint.h>

#define MICROKIT_PD_NAME_LENGTH 64

typedef unsigned int microkit_channel;

extern uint64_t microkit_notifications;
extern char microkit_name[MICROKIT_PD_NAME_LENGTH];

/* Provided by the component. */
void init(void);
void notified(microkit_channel ch);

/* Provided by the test. */
void microkit_notify(microkit_channel ch);
void microkit_dbg_putc(int c);
void seL4_Yield(void);
