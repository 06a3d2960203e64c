/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Boot information of the root task
 *
 * The layout is generated from kernel/abi/bootinfo.xml; libs/runtime defines the functions.
 */
#pragma once

#include <sel4/bootinfo_types.h>

/** What the kernel told the root task. */
seL4_BootInfo *seL4_GetBootInfo(void);
/** Set what seL4_GetBootInfo returns; the start code does so. */
void seL4_InitBootInfo(seL4_BootInfo *bootinfo);
