/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * referee: watches clock_setter and says what it was able to do
 *
 * Fault handler of its child. Counts each fault and lets the child go on where it asked to; when
 * the child ends, looks at the clock with its own, read-only, view and gives the verdict.
 */
#include "rtc.h"
#include "score.h"

#include <console/console.h>
#include <microkit.h>
#include <stdbool.h>
#include <stddef.h>
#include <tessera.h>

#define CHILD 1u

/* How far the clock may have run on since it was set. */
#define CLOCK_SLACK_SECONDS 60u

/* Patched: addresses of the clock's registers and of the page shared with the child. */
__attribute__((used, section(".data.microkit"))) uint64_t rtc_base = 0;
__attribute__((used, section(".data.microkit"))) uint64_t score_base = 0;

static struct score *score;
static uint64_t faults;

static _Noreturn void verdict(uint64_t code)
{
    struct pl031 *rtc = (struct pl031 *)(uintptr_t)rtc_base;
    bool clock_right = rtc->data - RTC_TIME_TO_SET < CLOCK_SLACK_SECONDS;
    bool counts_right = faults == score->refused && score->breaches == 0 && code == 0;

    console_printf("the clock %s set\n", clock_right ? "was" : "was NOT");
    console_printf("%lu faults seen, %lu breaches admitted\n", faults,
                   (unsigned long)score->breaches);
    console_printf(clock_right && counts_right ? "verdict: it could set the clock, nothing else\n"
                                               : "verdict: FAILED\n");
    tessera_exit(clock_right && counts_right ? 0 : 1);
}

void init(void)
{
    console_init(NULL);
    /* Addresses of our own space, given by the composer. */
    score = (struct score *)(uintptr_t)score_base;
}

void notified(microkit_channel ch)
{
    (void)ch;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    (void)reply_msginfo;
    if (microkit_msginfo_get_label(msginfo) == TESSERA_EXIT_LABEL) {
        verdict(microkit_mr_get(0));
    }
    faults++;
    score->faults = faults;
    if (score->landing == 0) {
        /* It fell outside any attempt: then it cannot go on. */
        console_printf("unexpected fault %lu at %#lx\n",
                       (unsigned long)microkit_msginfo_get_label(msginfo),
                       (unsigned long)microkit_mr_get(0));
        verdict(1);
    }
    /* The child's word is enough: wherever it goes on, it is still only the child. */
    microkit_pd_restart(child, score->landing);
    return seL4_False;
}
