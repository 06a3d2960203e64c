/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The schedule of domains
 *
 * Written while domain 0, in which the initialiser is, has all time; started as the last thing but
 * one. From then on the initialiser ends when domain 0 has its turn; if it never has, it stays as
 * it is, in nobody's reach, with no authority left but that over domains.
 */
#include "initialiser.h"

#include <sel4/tessera.h>

#define MICROSECONDS UINT64_C(1000000)
#define DURATION_MAX ((UINT64_C(1) << 56) - 1) /* ticks of one entry (abi/03 section 7) */
#define COUNTER_MASK 0x2u                      /* the virtual counter, and with it CNTFRQ_EL0 */

/* Ticks in a second. The kernel does not tell, but lets a thread that has time read it. */
static uint64_t ticks_in_second(void)
{
    uint64_t frequency;

    check(seL4_X_TCB_SetCounterAccess(seL4_CapInitThreadTCB, sched_control(0, PACKED_NONE),
                                      COUNTER_MASK),
          "read the frequency of the counter", PACKED_NONE);
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency;
}

/* The nearest number of them, at least one: an entry without time ends the schedule. */
static uint64_t ticks_of(uint64_t microseconds)
{
    uint64_t frequency = ticks_in_second();
    uint64_t seconds = microseconds / MICROSECONDS;
    uint64_t ticks;

    if (frequency == 0 || seconds >= DURATION_MAX / frequency) {
        fail_because("write the schedule of domains", PACKED_NONE,
                     "an entry of %u us is more than the kernel can count", microseconds, 0);
    }
    ticks = seconds * frequency +
            (microseconds % MICROSECONDS * frequency + MICROSECONDS / 2) / MICROSECONDS;
    return ticks == 0 ? 1 : ticks;
}

void domains_write(void)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->domain_count; i++) {
        const struct packed_domain *entry = &spec->domains[i];
        uint64_t ticks =
            entry->unit == PACKED_MICROSECONDS ? ticks_of(entry->duration) : entry->duration;
        seL4_Error error = seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, entry->index,
                                                            (uint8_t)entry->domain, ticks);

        if (error == seL4_RangeError) {
            fail_because("write the schedule of domains", PACKED_NONE,
                         "the kernel was not booted with %u domains", spec->header->domain_count,
                         0);
        }
        check(error, "write the schedule of domains", PACKED_NONE);
    }
}

void domains_start(uint32_t start)
{
    if (start != PACKED_NONE) {
        (void)seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, start);
    }
}
