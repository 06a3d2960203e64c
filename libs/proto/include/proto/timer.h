/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Timer protocol: protected calls to the timer driver
 *
 * Times are counts of the physical counter (CNTPCT_EL0) since power on. Each client channel has
 * one deadline. When it is reached the driver signals the client's channel once and forgets it.
 * A deadline in the past is signalled at once.
 *
 * Invariant: at most one signal per TIMER_SET_DEADLINE; a cancelled deadline may still have been
 * signalled before the cancel, so clients compare the time themselves.
 */
#pragma once

/* Message labels. Replies have label TIMER_OK or TIMER_UNKNOWN_CALL. */
enum timer_call {
    TIMER_SET_DEADLINE = 1, /* MR0: absolute count, 0 cancels. Reply: no words */
    TIMER_GET_TIME = 2,     /* Reply: MR0 count now, MR1 counts per second */
};

enum timer_result {
    TIMER_OK = 0,
    TIMER_UNKNOWN_CALL = 1,
};

/* Fixed number at the driver: the interrupt (PPI 30). Clients are the channels 0..60. */
#define TIMER_DRIVER_IRQ_ID 61u
