/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What each object type of a packed spec costs and how the kernel is asked for it
 *
 * Private to the room. The numbers come from the kernel's own description (<abi/objects.h>), so
 * packer, reader and kernel cannot disagree about a size.
 */
#pragma once

#include "packed/packed.h"

/*
 * Fill in kernel_type, size_bits and retype_bits of an object. bits is the size the spec states:
 * log2 bytes of an untyped, frame or scheduling context, radix of a CNode; ignored for the rest.
 * Returns false if no kernel object of that type has that size.
 */
bool packed_type_shape(uint8_t type, uint32_t bits, struct packed_object *object);
