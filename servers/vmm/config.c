/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What compose patches in (see vmm.h)
 *
 * Each needs a place in the image that the tool can write; the initial values are for a VM whose
 * description leaves them out.
 */
#include <vmm/vmm.h>

uint64_t guest_ram_base;
uint64_t guest_ram_bytes;
uint64_t guest_kernel_base;
uint64_t guest_kernel_bytes;
uint64_t guest_initrd_base;
uint64_t guest_initrd_bytes;
uint64_t guest_gic_version = 2;
char guest_append[1024];
