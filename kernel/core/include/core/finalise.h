/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What happens to an object when a capability to it goes (abi/02 §6)
 */
#pragma once

#include <core/state.h>

/** Do what the deletion of the capability in `slot` does to its object. Afterwards the slot is
 *  ready to be emptied, or it holds a zombie: an object whose own slots are to be emptied first.
 *  Pre: the slot is not empty and no zombie. */
void finalise_slot(struct slot *slot);
/** The same for capabilities that slot_delete_simple takes. */
void finalise_simple(struct cap cap, bool is_final);
/** Empty `slot`. Pre: finalise_slot was called and left no zombie, or one without slots. */
void finalise_empty(struct slot *slot);
