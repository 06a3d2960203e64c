/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Untyped memory: the source of every object
 *
 * An untyped capability has a watermark: memory below it has been given out, memory above it is
 * zero (but for device memory). When nothing is derived from the capability any more the next
 * retype starts again from the bottom.
 */
#pragma once

#include <core/decode.h>

enum outcome untyped_decode(struct invocation *inv);

/** Bytes of the untyped below the watermark. */
word_t untyped_used_bytes(struct cap cap);
/** The same untyped with nothing left to give. */
struct cap untyped_full(struct cap cap);
