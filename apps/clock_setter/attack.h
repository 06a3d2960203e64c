/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The attack on everything but the clock (internal to clock_setter)
 */
#pragma once

#include <stdint.h>

/* Patched into the component: addresses of the clock and of the page shared with the referee. */
extern uint64_t rtc_base;
extern uint64_t score_base;

/* Try everything and report; the normal program has an empty one. */
void attack(void);
