/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Boot information of the root task
 *
 * seL4_GetBootInfo and seL4_InitBootInfo live in the runtime (libs/runtime); this header only has
 * the layout, generated from kernel/abi/bootinfo.xml.
 */
#pragma once

#include <sel4/bootinfo_types.h>
