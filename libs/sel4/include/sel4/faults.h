/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading a received fault
 */
#pragma once

#include <sel4/fault_types.h>
#include <sel4/functions.h>

/** The fault that the message just received tells of. Pre: its label is a fault. */
static inline seL4_Fault_t seL4_getFault(seL4_MessageInfo_t tag)
{
    seL4_Word length = seL4_MessageInfo_get_length(tag);
    seL4_Fault_t fault = { { 0 } };

    fault.words[0] = seL4_MessageInfo_get_label(tag);
    for (seL4_Word i = 0; i < length && i + 1 < sizeof fault.words / sizeof fault.words[0]; i++) {
        fault.words[i + 1] = seL4_GetMR((int)i);
    }
    return fault;
}
