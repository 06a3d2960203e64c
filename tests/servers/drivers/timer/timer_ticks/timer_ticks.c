/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * timer_ticks: a client of the timer driver that checks it
 *
 * Sets a deadline each millisecond and measures when its signal comes. Two of these run at
 * once, so that the driver serves interleaved deadlines. The first one ends the run.
 */
#include <console/console.h>
#include <microkit.h>
#include <proto/timer.h>
#include <stdbool.h>
#include <stddef.h>
#include <tessera.h>

#define TIMER_CHANNEL  5u
#define TICKS          500u
#define SETTLING_TICKS 50u
#define TICKS_PER_S    1000u
#define US_PER_S       1000000u
#define LATE_LIMIT_US  200u

static uint64_t frequency;
static uint64_t deadline;
static uint64_t worst_late;
static unsigned ticks;
static unsigned early;
static bool reported;

static uint64_t time_now(void)
{
    (void)microkit_ppcall(TIMER_CHANNEL, microkit_msginfo_new(TIMER_GET_TIME, 0));
    frequency = microkit_mr_get(1);
    return microkit_mr_get(0);
}

static void deadline_set(uint64_t count)
{
    deadline = count;
    microkit_mr_set(0, count);
    (void)microkit_ppcall(TIMER_CHANNEL, microkit_msginfo_new(TIMER_SET_DEADLINE, 1));
}

static void report(void)
{
    uint64_t late_us = worst_late * US_PER_S / frequency;

    console_printf("%s: %u ticks, %u early, %s\n", microkit_name, ticks, early,
                   late_us < LATE_LIMIT_US ? "none late" : "LATE");
    reported = true;
}

void init(void)
{
    console_init(NULL);
    uint64_t now = time_now();
    /* Cancelled: must never be signalled. */
    deadline_set(now + frequency / TICKS_PER_S);
    deadline_set(0);
    deadline_set(now + 2u * frequency / TICKS_PER_S);
}

void notified(microkit_channel ch)
{
    if (ch != TIMER_CHANNEL) {
        return;
    }
    uint64_t now = time_now();
    if (reported) {
        tessera_exit(0);
    }
    if (now < deadline) {
        early++;
        return;
    }
    ticks++;
    /* While the system starts, the initialiser has the processor. */
    if (ticks > SETTLING_TICKS && now - deadline > worst_late) {
        worst_late = now - deadline;
    }
    if (ticks < TICKS) {
        deadline_set(deadline + frequency / TICKS_PER_S);
        return;
    }
    report();
    if (microkit_name[0] == 'o') {
        deadline_set(now + frequency / 10u);
    }
}
