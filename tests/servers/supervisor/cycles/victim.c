/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * victim: sees that it is new, answers one call, and is taken away in the middle of the next
 *
 * Its own memory must be as on the first day: zero where nothing was written, the initial values
 * where there are some. What it shares with others goes on: each life before this one has answered
 * one call and heard its child crash, and each new life was told to the listener.
 */
#include "shared.h"

#include <microkit.h>
#include <stdbool.h>
#include <tessera.h>

#define SUPERVISOR_CHANNEL 1
#define VCPU               0
#define KID                2
#define ENTRY              0x200000ul
#define GUEST_ENTRY        0x40000000ul
#define OWN_WORDS          512u
#define INITIAL            0x1234u

__attribute__((used, section(".data.microkit"))) struct shared *shared = 0;
__attribute__((used, section(".data.microkit"))) volatile uint64_t *own = 0;

static volatile uint64_t initialised = INITIAL;
static volatile uint64_t zero[OWN_WORDS];
static bool has_answered;

static void see_new(void)
{
    if (initialised != INITIAL) {
        tessera_exit(2);
    }
    for (unsigned i = 0; i < OWN_WORDS; i++) {
        if (own[i] != 0 || zero[i] != 0) {
            tessera_exit(3);
        }
        own[i] = ~0ull;
        zero[i] = ~0ull;
    }
    initialised = 0;
}

void init(void)
{
    see_new();
    if (shared->answers != shared->lives) {
        tessera_exit(4);
    }
    if (shared->events != shared->lives) {
        tessera_exit(5);
    }
    if (shared->crashes != shared->lives) {
        tessera_exit(7);
    }
    shared->lives++;
    microkit_vcpu_restart(VCPU, GUEST_ENTRY);
    microkit_pd_restart(KID, ENTRY); /* it has stopped with our predecessor's reply */
}

void notified(microkit_channel ch)
{
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    (void)msginfo;
    if (has_answered) {
        microkit_notify(SUPERVISOR_CHANNEL); /* which has the higher priority */
        tessera_exit(6);
    }
    has_answered = true;
    return microkit_msginfo_new(ANSWER_LABEL, 0);
}

/* The guest has no code and faults at once; so does the child, which has a life for each of ours. */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    (void)msginfo;
    (void)reply_msginfo;
    shared->crashes += child == KID;
    return seL4_False;
}
