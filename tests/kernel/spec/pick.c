/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: decisions, and choosing capabilities
 */
#include "pick.h"

#include "caps.h"
#include "objects.h"

/* ---- Decisions ------------------------------------------------------------------------------- */

bool source_is_dry(const struct source *source)
{
    return source->data != NULL && source->used >= source->size;
}

static word_t next_number(struct source *source)
{
    word_t value = 0;

    if (source->data != NULL) {
        for (unsigned i = 0; i < 2 && source->used < source->size; i++) {
            value = value << 8 | source->data[source->used++];
        }
        return value;
    }
    source->state ^= source->state << 13;
    source->state ^= source->state >> 7;
    source->state ^= source->state << 17;
    return source->state >> 16;
}

word_t source_below(struct source *source, word_t bound)
{
    return next_number(source) % bound;
}

bool source_is_one_in(struct source *source, word_t chances)
{
    return source_below(source, chances) == 0;
}

word_t source_word(struct source *source)
{
    switch (source_below(source, 6)) {
    case 0: return source_below(source, 4);
    case 1: return source_below(source, 300);
    case 2: return 1ul << source_below(source, 64);
    case 3: return ~source_below(source, 300);
    case 4: return next_number(source) << 32 ^ next_number(source) << 16 ^ next_number(source);
    default: return 64;
    }
}

/* ---- Capabilities of the common CSpace ------------------------------------------------------- */

bool pick_is_named(const struct spec_entry *entry)
{
    word_t root = cap_address(world.cnode);

    return entry->place >= root && entry->place < root + (ROOT_SLOTS << SLOT_BITS);
}

word_t pick_number(const struct spec_entry *entry)
{
    return (entry->place - cap_address(world.cnode)) >> SLOT_BITS;
}

struct spec_cap pick_value(word_t slot)
{
    return spec_caps_value(cap_address(world.cnode) + (slot << SLOT_BITS));
}

bool pick_find(struct source *source, word_t type, pick_test test, word_t *slot)
{
    word_t start = source_below(source, spec.count);

    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_entry *entry = &spec.caps[(start + i) % spec.count];

        if ((type == CAP_NULL || entry->cap.type == type) && pick_is_named(entry) &&
            (test == NULL || test(entry))) {
            *slot = pick_number(entry);
            return true;
        }
    }
    return false;
}

word_t pick_where(struct source *source, word_t type, pick_test test)
{
    word_t slot;

    if (!pick_find(source, type, test, &slot) && !pick_find(source, type, NULL, &slot)) {
        return source_below(source, ROOT_SLOTS);
    }
    /* Spare the root thread: see generate.c. */
    return slot == SLOT_TCB && source_below(source, 40) != 0 ? B_TCB + source_below(source, B_COUNT)
                                                             : slot;
}

word_t pick_slot(struct source *source, word_t type)
{
    return pick_where(source, type, NULL);
}

word_t pick_free(struct source *source)
{
    word_t start = B_FIRST_FREE + source_below(source, ROOT_SLOTS - B_FIRST_FREE);

    for (word_t i = 0; i < ROOT_SLOTS; i++) {
        word_t slot = (start + i) % ROOT_SLOTS;

        if (slot != SLOT_NULL && pick_value(slot).type == CAP_NULL) {
            return slot;
        }
    }
    return start;
}

unsigned pick_count(word_t type)
{
    unsigned count = 0;

    for (unsigned i = 0; i < spec.count; i++) {
        count += spec.caps[i].cap.type == type && pick_is_named(&spec.caps[i]);
    }
    return count;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

bool pick_is_free_context(const struct spec_entry *entry)
{
    const struct spec_context *context = spec_context_by_id(entry->cap.object);

    return context != NULL && context->thread == 0;
}

bool pick_is_bound_context(const struct spec_entry *entry)
{
    const struct spec_context *context = spec_context_by_id(entry->cap.object);

    return context != NULL && context->thread != 0;
}

bool pick_is_free_thread(const struct spec_entry *entry)
{
    const struct spec_thread *thread = spec_thread_by_id(entry->cap.object);

    return thread != NULL && thread->context == 0;
}

bool pick_is_stopped(const struct spec_entry *entry)
{
    const struct spec_thread *thread = spec_thread_by_id(entry->cap.object);

    return thread != NULL && (thread->state == SPEC_INACTIVE || spec_thread_is_blocked(thread));
}

bool pick_is_other_thread(const struct spec_entry *entry)
{
    return spec.current == NO_THREAD || entry->cap.object != spec.threads[spec.current].id;
}

bool pick_is_bound_thread(const struct spec_entry *entry)
{
    const struct spec_thread *thread = spec_thread_by_id(entry->cap.object);

    return thread != NULL && thread->notification != 0;
}

bool pick_is_waiting_reply(const struct spec_entry *entry)
{
    const struct spec_reply *reply = spec_reply_by_id(entry->cap.object);
    const struct spec_thread *thread = reply == NULL ? NULL : spec_thread_by_id(reply->thread);

    return thread != NULL && thread->state == SPEC_BLOCKED_REPLY;
}

bool pick_is_unused_reply(const struct spec_entry *entry)
{
    const struct spec_reply *reply = spec_reply_by_id(entry->cap.object);

    return reply != NULL && reply->thread == 0;
}

bool pick_is_free_notification(const struct spec_entry *entry)
{
    const struct spec_notification *notification = spec_notification_by_id(entry->cap.object);

    return notification != NULL && notification->thread == 0 && notification->queue.count == 0;
}

bool pick_has_badge(const struct spec_entry *entry)
{
    return entry->cap.badge != 0;
}

/* An endpoint or notification with a badge that others have been copied from. */
bool pick_is_badged_parent(const struct spec_entry *entry)
{
    return entry->cap.badge != 0 && entry->revocable &&
           (entry->cap.type == CAP_ENDPOINT || entry->cap.type == CAP_NOTIFICATION) &&
           spec_caps_has_children(entry);
}

bool pick_is_mapped(const struct spec_entry *entry)
{
    return entry->cap.mapped;
}

bool pick_is_unmapped(const struct spec_entry *entry)
{
    return !entry->cap.mapped;
}

bool pick_is_unbadged(const struct spec_entry *entry)
{
    return entry->cap.badge == 0;
}
