/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * PL031 real-time clock, and the time this app sets it to
 *
 * Source of the layout: Arm PrimeCell Real Time Clock (PL031) manual, chapter 3.
 */
#pragma once

#include <stdint.h>

struct pl031 {
    volatile uint32_t data; /* seconds since 1970 */
    volatile uint32_t match;
    volatile uint32_t load; /* writing sets the clock */
    volatile uint32_t control;
};

/* 2026-11-22 20:00:00 UTC */
#define RTC_TIME_TO_SET 1795377600u
