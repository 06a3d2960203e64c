/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Deleting and revoking capabilities
 *
 * The last capability to a CNode or TCB becomes a zombie: Z(C, n) says that slots n.. of container
 * C are empty and the lower ones are still to be emptied. What they hold can be the last capability
 * to another container, and so on to any depth, or in a circle back to the slot being deleted. The
 * kernel has no stack for that, and a preempted deletion begins again at the slot it was asked for.
 * So the way down is kept in the dying containers themselves, in slots nobody can name any more:
 *
 *      slot: Z(C, n)      the slot that is deleted; it keeps its zombie until the end
 *        C[n-1]: Z(K, k)  the "head": the container being emptied now
 *          K[0]: Z(J, j)    below it what is to be taken up again when K is done: the container in
 *            J[0]: Z(I, i)  which K was found, the one in which that was found, ...
 *
 * Steps, each bounded and each leaving a state from which any deletion can go on:
 *   enter    the head's container K has a zombie Z(F, f) in its last slot: Z(F, f) becomes the
 *            head, Z(K, k) goes to F[0], and what was in F[0] goes where Z(F, f) was found.
 *   leave    only slot 0 of the head's container is left and holds a zombie: that one becomes the
 *            head, and the old head, now in a slot of its own container, is empty and goes.
 *   exchange the head's container contains the slot itself: the slot gets the head's zombie,
 *            which then contains its own slot, and its own zombie goes into that container.
 *   skip     the slot is in the container that its own zombie names: it is emptied last anyway.
 *
 * Why it ends: `enter` adds a container to the way down, at most once each, and `leave` removes a
 * container for good; everything else empties slots. `exchange` happens once at most: a slot in
 * the container of its own zombie stays so, since no second capability to that container exists.
 *
 * Invariant: of the container of Z(C, n), slots n.. are empty, but for the slot that holds Z(C, n)
 *            itself. So when a zombie goes its memory has no capability left in it.
 */
#include <core/slot_delete.h>

#include <core/cap.h>
#include <core/cdt.h>
#include <core/finalise.h>
#include <core/preempt.h>

#define SKIP_SLOTS 32 /* empty slots passed in one step */
#define STEP_UNITS 4  /* what a step counts for: it can be the end of a thread */

static bool slot_is_empty(const struct slot *slot)
{
    return cap_is_null(slot->cap);
}

static bool slot_is_zombie(const struct slot *slot)
{
    return cap_type(slot->cap) == CAP_ZOMBIE;
}

static word_t zombie_slot_count(struct cap zombie)
{
    return cap_zombie_is_tcb(zombie) ? TCB_SLOT_COUNT : 1ul << cap_zombie_radix(zombie);
}

/* Is `slot` one of the container of `zombie`? */
static bool zombie_contains(struct cap zombie, const struct slot *slot)
{
    word_t offset = machine_address(slot) - cap_address(zombie);

    return offset < zombie_slot_count(zombie) << SLOT_BITS;
}

/* The highest slot still to be emptied. Pre: there is one. */
static struct slot *zombie_last(struct cap zombie)
{
    return cap_cnode_slot(zombie, cap_zombie_remaining(zombie) - 1);
}

/* Pass slots that need no work: empty ones, and the slot of the deletion itself. */
static void zombie_skip(struct slot *holder, const struct slot *deleted)
{
    word_t remaining = cap_zombie_remaining(holder->cap);

    for (word_t i = 0; i < SKIP_SLOTS && remaining > 0; i++) {
        const struct slot *last = cap_cnode_slot(holder->cap, remaining - 1);

        if (last != deleted && !slot_is_empty(last)) {
            break;
        }
        remaining--;
    }
    holder->cap = cap_zombie_with_remaining(holder->cap, remaining);
}

/* Delete what `slot` holds, turn it into a zombie, or do a step towards one of the two. Pre: neither
 * empty nor a zombie. */
static void delete_shallow(struct slot *slot)
{
    if (finalise_slot(slot) && !slot_is_zombie(slot)) {
        finalise_empty(slot);
    }
}

/* Three slots change contents: `to` gets that of `from`, `link` that of `to`, `from` that of
 * `link`. Slot `link`, in the container that the zombie in `from` names, then counts as one to be
 * emptied. */
static void zombie_rotate(struct slot *to, struct slot *from, struct slot *link, word_t link_index)
{
    cdt_swap(to->cap, to, from->cap, from);
    cdt_swap(from->cap, from, link->cap, link);
    if (cap_zombie_remaining(to->cap) <= link_index) {
        to->cap = cap_zombie_with_remaining(to->cap, link_index + 1);
    }
}

/* Index of the slot of zombie's container in which to keep the way back: not `deleted`. */
static word_t zombie_link_index(struct cap zombie, const struct slot *deleted)
{
    return cap_cnode_slot(zombie, 0) == deleted ? 1 : 0;
}

/* One step below the head. Pre: head holds a zombie whose container `deleted` is not in. */
static void delete_step_head(struct slot *head, const struct slot *deleted)
{
    struct slot *last;

    if (cap_zombie_remaining(head->cap) == 0) {
        finalise_empty(head);
        return;
    }
    last = zombie_last(head->cap);
    if (slot_is_empty(last)) {
        zombie_skip(head, deleted);
    } else if (!slot_is_zombie(last)) {
        delete_shallow(last);
    } else if (cap_zombie_remaining(head->cap) == 1) {
        cdt_swap(head->cap, head, last->cap, last); /* leave */
        finalise_empty(last);
    } else {
        word_t link_index = zombie_link_index(last->cap, deleted);

        zombie_rotate(head, last, cap_cnode_slot(last->cap, link_index), link_index); /* enter */
    }
}

/* One step of deleting `slot`. Pre: it is not empty. */
static void delete_step(struct slot *slot)
{
    struct slot *last;

    if (!slot_is_zombie(slot)) {
        delete_shallow(slot);
        return;
    }
    if (cap_zombie_remaining(slot->cap) == 0) {
        finalise_empty(slot);
        return;
    }
    last = zombie_last(slot->cap);
    if (last == slot || slot_is_empty(last)) {
        zombie_skip(slot, slot);
    } else if (!slot_is_zombie(last)) {
        delete_shallow(last);
    } else if (zombie_contains(last->cap, slot)) {
        word_t link_index = zombie_link_index(last->cap, slot);

        zombie_rotate(slot, last, cap_cnode_slot(last->cap, link_index), link_index); /* exchange */
    } else {
        delete_step_head(last, slot);
    }
}

enum progress slot_delete(struct slot *slot)
{
    while (!slot_is_empty(slot)) {
        delete_step(slot);
        if (!slot_is_empty(slot) && preemption_point_after(STEP_UNITS)) {
            return PROGRESS_PREEMPTED;
        }
    }
    return PROGRESS_DONE;
}

enum progress slot_revoke(struct slot *slot)
{
    /* The slot itself can go too, when it is in a container derived from its own capability. */
    while (!slot_is_empty(slot) && cdt_has_children(slot)) {
        if (slot_delete(cdt_next(slot)) == PROGRESS_PREEMPTED ||
            preemption_point_after(STEP_UNITS)) {
            return PROGRESS_PREEMPTED;
        }
    }
    return PROGRESS_DONE;
}

bool slot_delete_simple_step(struct slot *slot)
{
    if (slot_is_empty(slot)) {
        return true;
    }
    if (!finalise_simple(slot, cdt_is_final(slot))) {
        return false;
    }
    cdt_remove(slot);
    return true;
}
