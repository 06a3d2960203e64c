/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Proofs: the capability derivation tree
 *
 * A world of a few slots in which every capability, every link and every flag is arbitrary, as far
 * as the lists are well formed. Each operation leaves them well formed, puts its slot where it
 * shall be, and changes nothing else. Start reading here: README.md explains cdt_remove.
 */
#define SLOTS 4
#include "pool.h"

#include "cap.c"
#include "cdt.c"
#include "error.c"
#include "untyped.c"

struct kernel_state kernel;

/* Places in the order of the lists. That there are any shows that no list is a ring. */
static unsigned char rank[SLOTS];

static word_t next_of(const struct slot *slot)
{
    return slot->cdt.next_flags & ~CDT_FLAGS;
}

static unsigned char rank_of(const struct slot *slot)
{
    return rank[slot - slot_pool];
}

static bool is_well_formed_at(const struct slot *slot)
{
    const word_t next = next_of(slot);
    const word_t prev = slot->cdt.prev.raw;

    return is_slot_or_none(next) && is_slot_or_none(prev) &&
           (next == 0 || (slot_of_raw(next)->cdt.prev.raw == slot_raw_of(slot) &&
                          rank_of(slot) < rank_of(slot_of_raw(next)))) &&
           (prev == 0 || next_of(slot_of_raw(prev)) == slot_raw_of(slot)) &&
           (!cap_is_null(slot->cap) || (next == 0 && prev == 0));
}

/* Links go both ways and to slots, ranks grow along them, and empty slots are in no list. */
static bool is_well_formed(void)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        if (!is_well_formed_at(&slot_pool[i])) {
            return false;
        }
    }
    return true;
}

static struct cap any_cap(void)
{
    return (struct cap){ { any_word(), any_word() } };
}

/* Any slots, in any well-formed lists. */
static void any_lists(void)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        slot_pool[i].cap = any_cap();
        slot_pool[i].cdt.prev.raw = any_slot_raw();
        slot_pool[i].cdt.next_flags = any_slot_raw() | (nondet_byte() & CDT_FLAGS);
        rank[i] = nondet_byte() % SLOTS;
    }
    assume(is_well_formed());
}

static bool is_same_cap(struct cap a, struct cap b)
{
    return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

/* Proof cdt_remove
 * Claim: the list stays well formed without the slot, the neighbours become each other's, the
 *   slot is empty, no other slot's capability changes, and the successor is the first of its badge
 *   if the removed one was
 * For: all well-formed lists, all capabilities and flags, all places in a list
 * Bound: 4 slots
 * Core: cdt_remove
 * Flags: --unwind 5
 * Tier: short
 */
void cdt_remove_proof(void)
{
    any_lists();
    struct slot *slot = any_slot();
    struct slot *other = any_slot();
    const struct slot was = *slot;
    const struct slot other_was = *other;
    struct slot *prev = cdt_prev(slot);
    struct slot *next = cdt_next(slot);

    assume(!cap_is_null(slot->cap) && other != slot);
    cdt_remove(slot);
    prove(is_well_formed(), "the lists are well formed");
    prove(cap_is_null(slot->cap) && slot->cdt.prev.raw == 0 && slot->cdt.next_flags == 0,
          "the slot is empty");
    prove(prev == NULL || cdt_next(prev) == next, "the predecessor is followed by the successor");
    prove(next == NULL || cdt_prev(next) == prev, "the successor is preceded by the predecessor");
    prove(is_same_cap(other->cap, other_was.cap), "other capabilities are untouched");
    prove((other->cdt.next_flags & CDT_FLAGS) ==
              ((other_was.cdt.next_flags & CDT_FLAGS) |
               (other == next ? was.cdt.next_flags & CDT_FIRST_BADGED : 0)),
          "only the successor's first-of-its-badge flag can change");
    prove(other == prev || next_of(other) == next_of(&other_was), "other links are untouched");
    reaches(prev != NULL && next != NULL, "a slot within a list");
    reaches(prev == NULL && next == NULL, "a slot alone");
}

/* Proof cdt_insert
 * Claim: the list stays well formed, the destination follows its source directly, and the only
 *   other capability that changes is that of an untyped that is copied: it is full afterwards
 * For: all well-formed lists, all capabilities, all pairs of a full and an empty slot
 * Bound: 4 slots
 * Core: cdt_insert, cap_is_revocable, untyped_full
 * Flags: --unwind 5
 * Tier: short
 */
void cdt_insert_proof(void)
{
    any_lists();
    struct slot *source = any_slot();
    struct slot *destination = any_slot();
    struct slot *other = any_slot();
    const struct cap cap = any_cap();
    const struct cap source_was = source->cap;
    const struct cap other_was = other->cap;
    struct slot *next = cdt_next(source);

    assume(!cap_is_null(source->cap) && cap_is_null(destination->cap) && !cap_is_null(cap));
    assume(other != source && other != destination);
    assume(cap_type(source->cap) != CAP_UNTYPED ||
           (cap_untyped_size_bits(source->cap) >= UNTYPED_MIN_BITS &&
            cap_untyped_size_bits(source->cap) <= UNTYPED_MAX_BITS));
    cdt_insert(cap, source, destination);
    for (unsigned i = 0; i < SLOTS; i++) {
        rank[i] = (unsigned char)(2 * rank[i]);
    }
    rank[destination - slot_pool] = (unsigned char)(rank_of(source) + 1);
    prove(is_well_formed(), "the lists are well formed");
    prove(cdt_next(source) == destination && cdt_next(destination) == next, "directly after");
    prove(is_same_cap(destination->cap, cap), "the destination holds the capability");
    prove((destination->cdt.next_flags & CDT_FLAGS) ==
              (cap_is_revocable(cap, source_was) ? CDT_REVOCABLE | CDT_FIRST_BADGED : 0),
          "it can be revoked from, and is the first of its badge, iff the tables say so");
    prove(is_same_cap(other->cap, other_was), "other capabilities are untouched");
    prove(is_same_cap(source->cap, source_was) ||
              (cap_type(source->cap) == CAP_UNTYPED && cap_type(cap) == CAP_UNTYPED &&
               cap_address(source->cap) == cap_address(source_was) &&
               untyped_used_bytes(source->cap) == 1ul << cap_untyped_size_bits(source_was)),
          "the source is untouched, or a full untyped");
    reaches(next != NULL && !is_same_cap(source->cap, source_was), "an untyped is copied");
}

/* Proof cdt_move
 * Claim: the destination takes the source's place in the list, with the new capability and the
 *   old flags; the source is empty; nothing else changes
 * For: all well-formed lists, all pairs of a full and an empty slot
 * Bound: 4 slots
 * Core: cdt_move
 * Flags: --unwind 5
 * Tier: short
 */
void cdt_move_proof(void)
{
    any_lists();
    struct slot *from = any_slot();
    struct slot *to = any_slot();
    struct slot *other = any_slot();
    const struct cap cap = any_cap();
    const struct slot was = *from;
    const struct cap other_was = other->cap;

    assume(!cap_is_null(from->cap) && cap_is_null(to->cap) && !cap_is_null(cap));
    assume(other != from && other != to);
    cdt_move(cap, from, to);
    rank[to - slot_pool] = rank_of(from);
    prove(is_well_formed(), "the lists are well formed");
    prove(is_same_cap(to->cap, cap) && cap_is_null(from->cap), "the capability has moved");
    prove(to->cdt.prev.raw == was.cdt.prev.raw && to->cdt.next_flags == was.cdt.next_flags,
          "the place and the flags have moved");
    prove(is_same_cap(other->cap, other_was), "other capabilities are untouched");
    reaches(was.cdt.prev.raw != 0 && next_of(&was) != 0, "from within a list");
}

/* Proof cdt_swap
 * Claim: the two slots have changed places in the lists, neighbours or not; the lists are well
 *   formed and nothing else changes
 * For: all well-formed lists, all pairs of different slots, not both empty
 * Bound: 4 slots
 * Core: cdt_swap, cdt_node_renamed
 * Flags: --unwind 5
 * Tier: short
 */
void cdt_swap_proof(void)
{
    any_lists();
    struct slot *a = any_slot();
    struct slot *b = any_slot();
    struct slot *other = any_slot();
    const struct slot was_a = *a;
    const struct slot was_b = *b;
    const struct cap other_was = other->cap;
    const unsigned char rank_a = rank_of(a);

    assume(a != b && other != a && other != b);
    assume(!cap_is_null(a->cap) && !cap_is_null(b->cap));
    cdt_swap(was_a.cap, a, was_b.cap, b);
    rank[a - slot_pool] = rank_of(b);
    rank[b - slot_pool] = rank_a;
    prove(is_well_formed(), "the lists are well formed");
    prove(is_same_cap(a->cap, was_b.cap) && is_same_cap(b->cap, was_a.cap), "changed places");
    prove((a->cdt.next_flags & CDT_FLAGS) == (was_b.cdt.next_flags & CDT_FLAGS), "flags");
    prove(next_of(a) == (next_of(&was_b) == slot_raw_of(a) ? slot_raw_of(b) : next_of(&was_b)),
          "a is followed by what followed b");
    prove(is_same_cap(other->cap, other_was), "other capabilities are untouched");
    reaches(next_of(&was_a) == slot_raw_of(b), "neighbours");
}
