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

typedef unsigned int microkit_channel;

extern uint64_t microkit_notifications;

/* Provided by the component. */
void init(void);
void notified(microkit_channel ch);

/* Provided by the test. */
void microkit_notify(microkit_channel ch);
