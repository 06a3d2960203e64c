/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * victim: sees that it is new, then tells the supervisor, which takes it away
 *
 * Its own memory must be as on the first day: zero where nothing was written, the initial values
 * where there are some. What it shares with others goes on.
 */
#include <microkit.h>
#include <stdint.h>
#include <string.h>
#include <tessera.h>

#define SUPERVISOR_CHANNEL 1
#define VCPU               0
#define GUEST_ENTRY        0x40000000ul
#define OWN_WORDS          512u
#define INITIAL            0x1234u

__attribute__((used, section(".data.microkit"))) volatile uint64_t *shared = 0;
__attribute__((used, section(".data.microkit"))) volatile uint64_t *own = 0;

static volatile uint64_t initialised = INITIAL;
static volatile uint64_t zero[OWN_WORDS];

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
    shared[0]++;
    microkit_vcpu_restart(VCPU, GUEST_ENTRY);
    microkit_notify(SUPERVISOR_CHANNEL);
}

void notified(microkit_channel ch)
{
    (void)ch;
}

/* The guest has no code: it faults at once. */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    (void)child;
    (void)msginfo;
    (void)reply_msginfo;
    return seL4_False;
}
