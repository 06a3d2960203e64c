/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Inspection: what is in a CNode, thread, address space, scheduling context, interrupt or ASID pool
 *
 * Additions to the API that only read. Whoever could change such an object may look at it. No
 * answer contains an address of the kernel: which object a capability names is told by comparison
 * with one that the caller holds.
 */
#pragma once

#include <core/decode.h>

/** Is the label one of inspection, and meant for the kind of the invoked capability? False unless
 *  the additions are on. */
bool inspect_is_asked(const struct invocation *inv);
/** Pre: inspect_is_asked(inv). */
enum outcome inspect_decode(struct invocation *inv);
