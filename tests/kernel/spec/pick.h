/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: decisions, and choosing capabilities
 *
 * Every thread shares one CSpace of 256 slots with a guard, so a capability pointer is a slot
 * number.
 */
#pragma once

#include "lockstep.h"

#include <world/world.h>

/* Where the first system has its objects. */
enum pick_slots {
    B_LARGE_UNTYPED = SLOT_FREE + 1, /* memory for large frames, watermark 0 */
    B_ENDPOINT = 20,
    B_NOTIFICATION = 24,
    B_REPLY = 28,
    B_TCB = 34,
    B_CONTEXT = 40,
    B_FRAME = 47,
    B_UNTYPED = 52,
    B_CNODE = 54,
    B_TABLE = 56,
    B_VSPACE = 62,
    B_LARGE_FRAME = 64,
    B_POOL_UNTYPED = 66,
    B_DEVICE = 68,
    B_VCPU = 74,
    B_DEVICE_FRAME = 70,
    B_FIRST_FREE = 80,
    B_COUNT = 6 /* of threads */
};

typedef bool (*pick_test)(const struct spec_entry *entry);

/** Is the capability in the common CSpace? */
bool pick_is_named(const struct spec_entry *entry);
/** Slot number of such a capability. */
word_t pick_number(const struct spec_entry *entry);
struct spec_cap pick_value(word_t slot);

/** A slot with a capability of `type` (any, if 0) that passes `test` (NULL: all). False: none. */
bool pick_find(struct source *source, word_t type, pick_test test, word_t *slot);
/** The same; without such a one any of that type; without that any slot. */
word_t pick_where(struct source *source, word_t type, pick_test test);
word_t pick_slot(struct source *source, word_t type);
/** An empty slot, if there is one. */
word_t pick_free(struct source *source);
/** How many slots hold capabilities of `type`. */
unsigned pick_count(word_t type);

/* Tests. */
bool pick_is_free_context(const struct spec_entry *entry);
bool pick_is_bound_context(const struct spec_entry *entry);
bool pick_is_free_thread(const struct spec_entry *entry); /* a thread without context */
bool pick_is_stopped(const struct spec_entry *entry);
bool pick_is_other_thread(const struct spec_entry *entry); /* not the one that runs */
bool pick_is_bound_thread(const struct spec_entry *entry); /* has a notification */
bool pick_is_waiting_reply(const struct spec_entry *entry);
bool pick_is_unused_reply(const struct spec_entry *entry);
bool pick_is_free_notification(const struct spec_entry *entry);
bool pick_has_badge(const struct spec_entry *entry);
bool pick_is_badged_parent(const struct spec_entry *entry);
bool pick_is_mapped(const struct spec_entry *entry);
bool pick_is_unmapped(const struct spec_entry *entry);
bool pick_is_unbadged(const struct spec_entry *entry);
