/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a packed spec asks of the boot
 */
#pragma once

#include <abi/image.h>
#include <stddef.h>
#include <stdint.h>

/** What the payload must be aligned to: 2 MiB if large frames map parts of it, else a page. */
uint64_t spec_payload_align(const void *bytes, size_t size);

/**
 * Set in `header` what the system in `bytes` needs: our additions to the API, the SMC capability
 * if it names one, as many domains as it uses, 2 MiB frames for the part of the payload (at virtual address `payload_vaddr`)
 * that large frames map, the physical memory it names, and a root CNode large enough when the
 * image has `own_pages` pages before the payload.
 * Returns NULL, or a sentence saying why the spec cannot be booted.
 */
const char *spec_apply(const void *bytes, size_t size, uint64_t payload_vaddr, uint64_t own_pages,
                       struct image_header *header);
