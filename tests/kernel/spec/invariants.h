/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's own invariants
 */
#pragma once

/** The first invariant that the core's state breaks, in words, or NULL. */
const char *invariants_broken(void);
