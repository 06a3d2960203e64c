/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * clock_setter: sets the board's clock
 *
 * It holds the clock's registers, a console, and a page shared with the referee. The exploited
 * program is this one with attack.c added: the same authority in an attacker's hands.
 */
#include "attack.h"
#include "rtc.h"

#include <console/console.h>
#include <microkit.h>
#include <stddef.h>
#include <tessera.h>
#include <time.h>

__attribute__((used, section(".data.microkit"))) uint64_t rtc_base = 0;
__attribute__((used, section(".data.microkit"))) uint64_t score_base = 0;

void init(void)
{
    struct tm date;

    console_init(NULL);
    attack();
    /* The address is one of our own space, given by the composer. */
    struct pl031 *rtc = (struct pl031 *)(uintptr_t)rtc_base;
    rtc->load = RTC_TIME_TO_SET;
    time_t now = (time_t)rtc->data;
    gmtime_r(&now, &date);
    console_printf("clock set to %04d-%02d-%02d %02d:%02d:%02d UTC\n", date.tm_year + 1900,
                   date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
    tessera_exit(0);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
