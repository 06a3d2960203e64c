/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The seL4 API: include this
 *
 * Numbers, types, layouts and object invocations are generated from kernel/abi; the system calls
 * are in syscalls.h.
 */
#pragma once

#include <sel4/bootinfo.h>
#include <sel4/config.h>
#include <sel4/constants.h>
#include <sel4/debug.h>
#include <sel4/errors.h>
#include <sel4/faults.h>
#include <sel4/functions.h>
#include <sel4/invocation.h>
#include <sel4/rights.h>
#include <sel4/stubs.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>

/** Configure a scheduling context without flags. */
static inline seL4_Error seL4_SchedControl_Configure(seL4_SchedControl _service,
                                                     seL4_SchedContext schedcontext,
                                                     seL4_Time budget, seL4_Time period,
                                                     seL4_Word extra_refills, seL4_Word badge)
{
    return seL4_SchedControl_ConfigureFlags(_service, schedcontext, budget, period, extra_refills,
                                            badge, seL4_SchedContext_NoFlag);
}
