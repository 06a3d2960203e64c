/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What happens to an object when a capability to it goes (abi/02 §6)
 */
#pragma once

#include <core/state.h>

/** One bounded step of what the deletion of the capability in `slot` does to its object. False: it
 *  takes more of them. True: the slot is ready to be emptied, or it holds a zombie: an object whose
 *  own slots are to be emptied first. Pre: the slot is not empty and no zombie. */
bool finalise_slot(struct slot *slot);
/** The same for capabilities that slot_delete_simple_step takes. */
bool finalise_simple(struct slot *slot, bool is_final);
/** Empty `slot`. Pre: finalise_slot returned true and left no zombie, or one without slots. */
void finalise_empty(struct slot *slot);
