/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * New objects: sizes and first contents (abi/02 §1, §2)
 */
#pragma once

#include <core/state.h>

/** Log2 of the bytes of an object of `type`; size_bits is the user's argument.
 *  Pre: type < OBJECT_TYPE_COUNT, size_bits < 64. */
word_t object_size_bits(enum object_type type, word_t size_bits);
bool object_is_frame(enum object_type type);
/** Make an object at kernel address `address` and return the first capability to it.
 *  Pre: the memory is zero and clean in the caches, unless it is device memory. */
struct cap object_create(enum object_type type, word_t address, word_t size_bits, bool is_device);
