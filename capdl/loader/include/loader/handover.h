/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the initialiser leaves to a supervisor
 *
 * Into slot HANDOVER_ROOT_SLOT of the supervisor's own root CNode it puts the CNode it built in,
 * the workshop (build.h). There the supervisor finds, besides what no keeper took:
 *
 *      HANDOVER_SLOT_PAGE     a page that starts with struct handover
 *      HANDOVER_SLOT_MEMORY   an untyped of 2^HANDOVER_MEMORY_BITS bytes for its own page tables
 *      object slots           a capability to each keeper
 *      image frames           the spec, and the files that frames are filled from
 */
#pragma once

#include <sel4/sel4.h>
#include <stdint.h>

#define HANDOVER_MAGIC       UINT64_C(0x3152564f444e4148) /* "HANDOVR1" */
#define HANDOVER_ROOT_SLOT   2u
#define HANDOVER_ROOT_RADIX  6u
#define HANDOVER_SLOT_PAGE   ((seL4_CPtr)seL4_CapBootInfoFrame)
#define HANDOVER_SLOT_MEMORY ((seL4_CPtr)seL4_CapASIDControl)
#define HANDOVER_MEMORY_BITS 17u

struct handover {
    uint64_t magic;
    uint64_t slot_base;
    uint64_t slot_free;
    uint64_t slot_end;
    uint64_t image_start;
    uint64_t image_frames;
    uint64_t payload_vaddr;
    uint64_t spec_vaddr;
    uint64_t spec_bytes;
};
