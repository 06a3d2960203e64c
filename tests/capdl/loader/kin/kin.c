/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The program of kin.cdl: which capability derives from which, and who runs when
 *
 * The busy thread has a higher priority and never waits. So the main thread runs at all only
 * because they are in domains of their own, each with its time.
 */
#include "features/checks.h"

#include <sel4/sel4.h>
#include <stdbool.h>
#include <stdint.h>

enum slot {
    SLOT_CALLS = 1,      /* original of the endpoint */
    SLOT_CALLS_BADGED,   /* minted from it */
    SLOT_CALLS_COPY,     /* copied from that */
    SLOT_CALLS_STRANGER, /* minted from the original with the same badge */
    SLOT_BELL,           /* badged, of an original that nobody has */
    SLOT_BELL_COPY,
    SLOT_BELL_STRANGER,
    SLOT_PAGE, /* original of a frame */
    SLOT_PAGE_COPY,
    SLOT_ROOT,
    SLOT_FREE = 20
};

#define DEPTH 64u

/* As in the schedule of kin.cdl. */
#define OWN_MICROSECONDS 5000u
#define OTHER_TICKS      1000000u

seL4_IPCBuffer *__sel4_ipc_buffer = (seL4_IPCBuffer *)0x411000;

static volatile uint64_t beats;

_Noreturn void main_thread(void);
_Noreturn void busy_thread(void);

_Noreturn void busy_thread(void)
{
    for (;;) {
        beats++;
    }
}

/* ---- Derivation ---------------------------------------------------------------------------------- */

static bool is_there(seL4_Word slot)
{
    seL4_Error error =
        seL4_CNode_Copy(SLOT_ROOT, SLOT_FREE, DEPTH, SLOT_ROOT, slot, DEPTH, seL4_AllRights);

    (void)seL4_CNode_Delete(SLOT_ROOT, SLOT_FREE, DEPTH);
    return error == seL4_NoError;
}

static void revoke(seL4_Word slot)
{
    check(seL4_CNode_Revoke(SLOT_ROOT, slot, DEPTH) == seL4_NoError, "revoking");
    check(is_there(slot), "what was revoked stays itself");
}

static void check_derivation(void)
{
    for (seL4_Word slot = SLOT_CALLS; slot <= SLOT_ROOT; slot++) {
        check(is_there(slot), "a capability that the spec states");
    }
    revoke(SLOT_BELL);
    check(!is_there(SLOT_BELL_COPY), "the copy of a badged capability goes with it");
    check(is_there(SLOT_BELL_STRANGER), "one of the same badge does not");
    revoke(SLOT_CALLS_BADGED);
    check(!is_there(SLOT_CALLS_COPY), "the copy of a minted capability goes with it");
    check(is_there(SLOT_CALLS_STRANGER), "one minted of its own does not");
    revoke(SLOT_CALLS);
    check(!is_there(SLOT_CALLS_BADGED) && !is_there(SLOT_CALLS_STRANGER),
          "everything goes with the original");
    revoke(SLOT_PAGE);
    check(!is_there(SLOT_PAGE_COPY), "the copy of a frame goes with the original");
}

/* ---- Domains ------------------------------------------------------------------------------------- */

static uint64_t counter(void)
{
    uint64_t value;

    __asm__ volatile("isb\n mrs %0, cntvct_el0" : "=r"(value) : : "memory");
    return value;
}

static uint64_t frequency(void)
{
    uint64_t value;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
    return value;
}

/* Run until time has passed in which we did not. Returns when that was seen, and how long it was. */
static uint64_t wait_for_other(uint64_t *gap)
{
    uint64_t last = counter();

    for (;;) {
        uint64_t now = counter();

        *gap = now - last;
        if (*gap > OTHER_TICKS / 2) {
            return now;
        }
        last = now;
    }
}

static bool is_near(uint64_t value, uint64_t wanted)
{
    return value > wanted - wanted / 5 && value < wanted + wanted / 5;
}

static void check_domains(void)
{
    uint64_t before = beats;
    uint64_t gap;
    uint64_t start = wait_for_other(&gap);

    check(beats > before, "the other domain runs");
    check(is_near(gap, OTHER_TICKS), "the time of the other domain, in ticks");
    uint64_t end = wait_for_other(&gap) - gap;
    uint64_t wanted = frequency() * OWN_MICROSECONDS / 1000000u;

    check(is_near(end - start, wanted), "the time of the own domain, in microseconds");
    put("kin: own domain ");
    put_number(end - start);
    put(" ticks of ");
    put_number(wanted);
    put(", other ");
    put_number(gap);
    put("\r\n");
}

_Noreturn void main_thread(void)
{
    check_derivation();
    check_domains();
    put_counts("kin");
    for (;;) {
    }
}
