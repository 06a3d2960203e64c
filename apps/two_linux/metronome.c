/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A component with deadlines
 *
 * Asks the timer driver to be woken every period and measures how late it is. A wake-up later than
 * the slack is a miss. After its last beat it prints the misses and ends, and so shows whether
 * what runs beside it could take time that was promised to it.
 */
#include <console/console.h>
#include <microkit.h>
#include <proto/timer.h>
#include <tessera.h>

#define CHANNEL_TIMER 2u

/* Set by the description. */
uint64_t metronome_period_us = 10000;
uint64_t metronome_slack_us = 1000;
uint64_t metronome_beats = 500;

static uint64_t ticks_per_second;
static uint64_t next_beat;
static uint64_t beats;
static uint64_t misses;
static uint64_t latest; /* ticks, the largest lateness seen */

static uint64_t time_now(void)
{
    (void)microkit_ppcall(CHANNEL_TIMER, microkit_msginfo_new(TIMER_GET_TIME, 0));
    ticks_per_second = microkit_mr_get(1);
    return microkit_mr_get(0);
}

static uint64_t ticks_of(uint64_t us)
{
    return us * ticks_per_second / 1000000;
}

static void set_beat(void)
{
    microkit_mr_set(0, next_beat);
    (void)microkit_ppcall(CHANNEL_TIMER, microkit_msginfo_new(TIMER_SET_DEADLINE, 1));
}

void init(void)
{
    console_init(NULL);
    next_beat = time_now();
    next_beat += ticks_of(metronome_period_us);
    console_printf("metronome: %lu beats of %lu us, slack %lu us\n", metronome_beats,
                   metronome_period_us, metronome_slack_us);
    set_beat();
}

void notified(microkit_channel channel)
{
    uint64_t now;

    if (channel != CHANNEL_TIMER) {
        return;
    }
    now = time_now();
    if (now < next_beat) {
        return; /* a signal that was on its way when the deadline was changed */
    }
    latest = now - next_beat > latest ? now - next_beat : latest;
    misses += now - next_beat > ticks_of(metronome_slack_us) ? 1 : 0;
    beats++;
    if (beats == metronome_beats) {
        console_printf("metronome: %lu beats, %lu deadline misses, latest by %lu us\n", beats,
                       misses, latest * 1000000 / ticks_per_second);
        tessera_exit(0);
    }
    if (beats % 100 == 0) {
        console_printf("metronome: beat %lu, %lu misses\n", beats, misses);
    }
    next_beat += ticks_of(metronome_period_us);
    set_beat();
}
