/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * clock_setter: the page that the component and its referee share
 *
 * Before it tries something that may fault, the component writes where it wants to go on to
 * `landing`; on a fault the referee counts and lets it go on there. So the component sees by
 * `faults` whether it was stopped. Both sides are on the same core; volatile makes each access
 * happen where it is written.
 */
#pragma once

#include <stdint.h>

struct score {
    volatile uint64_t landing;  /* written by the component */
    volatile uint64_t faults;   /* written by the referee */
    volatile uint64_t refused;  /* written by the component: attempts that ended in a fault */
    volatile uint64_t breaches; /* written by the component: attempts that should not have worked */
};
