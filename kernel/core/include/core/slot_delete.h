/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Deleting and revoking capabilities
 */
#pragma once

#include <core/state.h>

enum progress {
    PROGRESS_DONE,
    PROGRESS_PREEMPTED /* the same call goes on where this one stopped */
};

/** Delete the capability in `slot`; with the last one to a CNode or TCB goes all it contains. */
enum progress slot_delete(struct slot *slot);
/** Delete every capability derived from the one in `slot`. */
enum progress slot_revoke(struct slot *slot);
/** One bounded step of deletion. Pre: the slot is empty or holds a capability that contains no
 *  others: anything but CNode, TCB, zombie and IRQ handler. Post: true if the slot is empty. */
bool slot_delete_simple_step(struct slot *slot);
