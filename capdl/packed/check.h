/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The checks of packed_open, by section (private to the room)
 *
 * Each returns NULL, or a sentence with view->fault_section and view->fault_index set.
 */
#pragma once

#include "packed/packed.h"

#define PACKED_RIGHTS_ALL \
    (PACKED_RIGHT_WRITE | PACKED_RIGHT_READ | PACKED_RIGHT_GRANT | PACKED_RIGHT_GRANT_REPLY)
#define PACKED_ADDRESS_END (UINT64_C(1) << 40) /* user addresses: 40-bit stage 2 */

const char *packed_check_objects(struct packed_view *view);
const char *packed_check_caps(struct packed_view *view);
const char *packed_check_fills(struct packed_view *view);
const char *packed_check_maps(struct packed_view *view);
const char *packed_check_keeps(struct packed_view *view);
const char *packed_check_tcbs(struct packed_view *view);
const char *packed_check_scs(struct packed_view *view);
const char *packed_check_irqs(struct packed_view *view);
const char *packed_check_domains(struct packed_view *view);

/* Is index an object of that type? PACKED_NONE is not. */
bool packed_is(const struct packed_view *view, uint32_t index, uint8_t type);

/* The same, or PACKED_NONE. */
bool packed_is_or_none(const struct packed_view *view, uint32_t index, uint8_t type);

/* Does a guard fit a CNode with this radix in a 64-bit address? */
bool packed_guard_fits(uint64_t guard, uint8_t guard_size, uint8_t radix);
