/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: messages between threads, and what keeps a system going
 */
#include "generate.h"

#include "caps.h"
#include "objects.h"

/* ---- Messages -------------------------------------------------------------------------------- */

/* An endpoint or notification; few are met more often than the others. */
static word_t pick_target(struct source *source, word_t type)
{
    if (source_is_one_in(source, 4)) {
        return pick_where(source, type, pick_has_badge);
    }
    if (source_below(source, 3) != 0) {
        return (type == CAP_ENDPOINT ? B_ENDPOINT : B_NOTIFICATION) + source_below(source, 2);
    }
    return pick_slot(source, type);
}

static void put_message(struct source *source, struct proposal *proposal)
{
    word_t length = source_below(source, 6) ? source_below(source, 7) : source_below(source, 128);

    proposal->regs[CONTEXT_INFO] =
        msginfo_new(source_below(source, 3), source_below(source, 8),
                    source_below(source, 2) ? 0 : source_below(source, 4), length);
    for (word_t i = 0; i < 8; i++) {
        generate_put_word(proposal, i, source_word(source));
    }
    for (word_t i = 0; i < 3; i++) {
        proposal->buffer[122 + i] =
            source_below(source, 30)
                ? pick_slot(source, source_below(source, 2) ? CAP_NULL : CAP_ENDPOINT)
                : source_word(source);
    }
}

void generate_ipc(struct source *source, struct proposal *proposal)
{
    word_t target = source_below(source, 3) ? CAP_ENDPOINT : CAP_NOTIFICATION;

    put_message(source, proposal);
    proposal->event.number =
        (word_t)(source_below(source, 4) ? -1 - (long)source_below(source, 11) : SYS_CALL);
    proposal->regs[CONTEXT_CAP] =
        source_below(source, 12) ? pick_target(source, target) : pick_slot(source, CAP_NULL);
    if ((long)proposal->event.number <= SYS_SEND && source_is_one_in(source, 4)) {
        proposal->regs[CONTEXT_CAP] = pick_where(source, CAP_REPLY, pick_is_waiting_reply);
    }
    proposal->regs[CONTEXT_REPLY] =
        source_below(source, 12)
            ? pick_where(source, CAP_REPLY,
                         source_below(source, 2) ? pick_is_unused_reply : pick_is_waiting_reply)
            : pick_slot(source, CAP_NULL);
    if ((long)proposal->event.number == SYS_NB_SEND_WAIT) {
        proposal->regs[CONTEXT_REPLY] = pick_target(source, target);
    }
    proposal->regs[CONTEXT_DESTINATION] = pick_target(source, target);
}

static word_t wanted_object;

static bool is_wanted(const struct spec_entry *entry)
{
    return entry->cap.object == wanted_object;
}

/* The reply object of a server: that of the call it is running on, else mostly its own. */
static word_t own_reply(struct source *source, unsigned habit)
{
    const struct spec_context *context = spec_context_by_id(spec.current_context);

    if (context != NULL && context->reply != 0 && source_below(source, 8) != 0) {
        wanted_object = context->reply;
        return pick_where(source, CAP_REPLY, is_wanted);
    }
    return source_below(source, 8) ? B_REPLY + habit % 6 : pick_slot(source, CAP_REPLY);
}

static void set_call(struct proposal *proposal, long number, word_t cap)
{
    proposal->event.number = (word_t)number;
    proposal->regs[CONTEXT_CAP] = cap;
}

void generate_habit(struct source *source, unsigned habit, struct proposal *proposal)
{
    static const long calls[] = { SYS_CALL, SYS_CALL, SYS_CALL, SYS_CALL, SYS_SEND, SYS_NB_SEND };
    static const long waits[] = { SYS_WAIT, SYS_WAIT, SYS_WAIT, SYS_NB_WAIT, SYS_NB_SEND_WAIT };
    const struct spec_context *context = spec_context_by_id(spec.current_context);
    /* Who runs on somebody else's time mostly ends the call. */
    bool lent = context != NULL && context->reply != 0 && source_below(source, 4) != 0;
    bool server = habit % GENERATE_HABITS == 1 || lent;

    generate_ipc(source, proposal);
    if (server) {
        set_call(proposal, source_below(source, 4) ? SYS_REPLY_RECV : SYS_RECV,
                 B_ENDPOINT + source_below(source, 2));
        if (source_is_one_in(source, 12)) {
            proposal->event.number = (word_t)SYS_NB_SEND_RECV;
        }
        proposal->regs[CONTEXT_REPLY] = own_reply(source, habit);
    } else if (habit % GENERATE_HABITS == 2 || habit % GENERATE_HABITS == 4) {
        set_call(proposal, calls[source_below(source, 6)], pick_target(source, CAP_ENDPOINT));
    } else if (habit % GENERATE_HABITS == 3) {
        set_call(proposal, waits[source_below(source, 5)], pick_target(source, CAP_NOTIFICATION));
    } else {
        set_call(proposal, source_below(source, 2) ? SYS_SEND : SYS_CALL,
                 pick_target(source, source_below(source, 3) ? CAP_NOTIFICATION : CAP_ENDPOINT));
    }
}

/* ---- The supervisor -------------------------------------------------------------------------- */

static void invoke(struct proposal *proposal, word_t slot, word_t label, const word_t *caps,
                   word_t count)
{
    for (word_t i = 0; i < count; i++) {
        proposal->buffer[122 + i] = caps[i];
    }
    set_call(proposal, SYS_CALL, slot);
    proposal->regs[CONTEXT_INFO] = msginfo_new(label, 0, count, 0);
}

/* Is it a thread that does not run and will not by itself? */
static bool is_patient(const struct spec_entry *entry)
{
    const struct spec_thread *thread = spec_thread_by_id(entry->cap.object);
    const struct spec_context *context =
        thread == NULL ? NULL : spec_context_by_id(thread->context);

    return thread != NULL && pick_number(entry) != SLOT_TCB &&
           (pick_is_stopped(entry) || context == NULL || context->max == 0);
}

static bool is_unusable_context(const struct spec_entry *entry)
{
    return pick_is_bound_context(entry) && spec_context_by_id(entry->cap.object)->max == 0;
}

/* Give a blocked thread what it waits for. */
static void answer_thread(struct source *source, const struct spec_thread *thread,
                          struct proposal *proposal)
{
    bool replies = thread->state == SPEC_BLOCKED_REPLY;

    wanted_object = replies ? thread->reply : thread->on;
    set_call(proposal, SYS_SEND, pick_where(source, CAP_NULL, is_wanted));
    if (replies) {
        proposal->regs[CONTEXT_INFO] = source_below(source, 8);
    } else if (thread->state == SPEC_BLOCKED_SEND) {
        proposal->event.number = (word_t)(source_below(source, 2) ? SYS_NB_RECV : SYS_RECV);
        proposal->regs[CONTEXT_REPLY] = pick_where(source, CAP_REPLY, pick_is_unused_reply);
    } else if (thread->state == SPEC_BLOCKED_RECEIVE) {
        proposal->event.number = (word_t)(thread->context == 0 ? SYS_CALL : SYS_NB_SEND);
    }
}

/* Make a stopped thread run again, in one of the ways there are. */
static void help_thread(struct source *source, word_t slot, struct proposal *proposal)
{
    const struct spec_thread *thread = spec_thread_by_id(pick_value(slot).object);
    word_t context;

    bool waits =
        thread->state == SPEC_BLOCKED_RECEIVE || thread->state == SPEC_BLOCKED_NOTIFICATION;

    /* A server that waits may do so without time of its own. */
    bool passive = waits && thread->context == 0;

    if (thread->context == 0 && source_below(source, waits ? 30 : 2) == 0 &&
        pick_find(source, CAP_SCHED_CONTEXT, pick_is_free_context, &context)) {
        invoke(proposal, context, LABEL_SCHED_CONTEXT_BIND, &slot, 1);
    } else if (thread->context != 0 && spec_context_by_id(thread->context)->max == 0) {
        generate_invocation(source, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS, proposal);
        if (pick_find(source, CAP_SCHED_CONTEXT, is_unusable_context, &context)) {
            proposal->buffer[122] = context;
        }
    } else if (spec_thread_is_blocked(thread) && source_below(source, passive ? 30 : 4) != 0) {
        answer_thread(source, thread, proposal);
    } else {
        invoke(proposal, slot, LABEL_TCB_RESUME, NULL, 0);
    }
}

/* Make what there is too little of. Post: false if there is enough. */
static bool replenish(struct source *source, struct proposal *proposal)
{
    static const word_t least[][5] = {
        { CAP_TCB, 5, OBJECT_TCB, 0, B_TCB },
        { CAP_ENDPOINT, 3, OBJECT_ENDPOINT, 0, B_ENDPOINT },
        { CAP_NOTIFICATION, 3, OBJECT_NOTIFICATION, 0, B_NOTIFICATION },
        { CAP_REPLY, 4, OBJECT_REPLY, 0, B_REPLY },
        { CAP_SCHED_CONTEXT, 6, OBJECT_SCHED_CONTEXT, 8, B_CONTEXT },
        { CAP_FRAME, 3, OBJECT_SMALL_FRAME, 0, B_FRAME },
    };
    size_t i = source_below(source, sizeof(least) / sizeof(least[0]));
    word_t slot = least[i][4] + source_below(source, 4);

    if (pick_count(least[i][0]) >= least[i][1]) {
        return false;
    }
    const word_t words[6] = { least[i][2], least[i][3], 0, 0, slot, 1 };

    for (word_t k = 0; k < 6; k++) {
        generate_put_word(proposal, k, words[k]);
    }
    invoke(proposal, SLOT_UNTYPED, LABEL_UNTYPED_RETYPE, (const word_t[]){ SLOT_CNODE }, 1);
    proposal->regs[CONTEXT_INFO] = msginfo_new(LABEL_UNTYPED_RETYPE, 0, 1, 6);
    return true;
}

/* Take the context away from a thread that waits: a passive server. Post: false if none waits. */
static bool is_context_of_waiter(const struct spec_entry *entry)
{
    const struct spec_context *context = spec_context_by_id(entry->cap.object);
    const struct spec_thread *thread = context == NULL ? NULL : spec_thread_by_id(context->thread);

    return thread != NULL &&
           (thread->state == SPEC_BLOCKED_RECEIVE || thread->state == SPEC_BLOCKED_NOTIFICATION);
}

static void make_passive(struct source *source, struct proposal *proposal)
{
    word_t slot;

    if (pick_find(source, CAP_SCHED_CONTEXT, is_context_of_waiter, &slot)) {
        invoke(proposal, slot, LABEL_SCHED_CONTEXT_UNBIND, NULL, 0);
    } else {
        generate_any_invocation(source, proposal);
    }
}

/* Lend a free context to a notification. */
static void lend(struct source *source, struct proposal *proposal)
{
    word_t slot;

    if (pick_find(source, CAP_SCHED_CONTEXT, pick_is_free_context, &slot)) {
        word_t notification = pick_target(source, CAP_NOTIFICATION);

        invoke(proposal, slot, LABEL_SCHED_CONTEXT_BIND, &notification, 1);
    } else {
        make_passive(source, proposal);
    }
}

/* Copies of badged capabilities, so that there is something to revoke. */
static void copy_badged(struct source *source, struct proposal *proposal)
{
    word_t slot;

    generate_invocation(source, LABEL_CNODE_COPY, proposal);
    if (pick_find(source, CAP_ENDPOINT, pick_has_badge, &slot)) {
        generate_put_word(proposal, 2, slot);
    }
}

/* Its own time, should it have changed: a little at a time, so that the others get on. */
static bool restore_own_time(struct proposal *proposal)
{
    static const word_t words[5] = { GENERATE_ROOT_BUDGET, GENERATE_ROOT_PERIOD, 0, 0, 0 };
    const struct spec_context *context = spec_context_by_id(spec.current_context);

    if (context->period == SPEC_TICKS(GENERATE_ROOT_PERIOD) ||
        pick_value(SLOT_SCHED_CONTEXT).object != context->id) {
        return false;
    }
    for (word_t k = 0; k < 5; k++) {
        generate_put_word(proposal, k, words[k]);
    }
    invoke(proposal, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
           (const word_t[]){ SLOT_SCHED_CONTEXT }, 1);
    proposal->regs[CONTEXT_INFO] = msginfo_new(LABEL_SCHED_CONTROL_CONFIGURE_FLAGS, 0, 1, 5);
    return true;
}

bool generate_help(struct source *source, struct proposal *proposal)
{
    word_t slot;

    put_message(source, proposal);
    if (!pick_find(source, CAP_TCB, is_patient, &slot)) {
        return false;
    }
    help_thread(source, slot, proposal);
    return true;
}

void generate_supervisor(struct source *source, struct proposal *proposal)
{
    word_t choice = source_below(source, 32);

    put_message(source, proposal);
    if ((choice < 4 && restore_own_time(proposal)) ||
        (choice < 9 && generate_help(source, proposal)) ||
        (choice < 11 && replenish(source, proposal))) {
        /* done */
    } else if (choice < 16) {
        make_passive(source, proposal);
    } else if (choice < 18) {
        lend(source, proposal);
    } else if (choice < 20) {
        copy_badged(source, proposal);
    } else if (choice < 24) {
        generate_any_invocation(source, proposal);
    } else if (choice == 24) {
        generate_invocation(
            source, source_below(source, 2) ? LABEL_CNODE_REVOKE : LABEL_CNODE_DELETE, proposal);
    } else if (choice == 25) {
        generate_ipc(source, proposal);
    } else {
        proposal->event.number = (word_t)SYS_YIELD;
    }
}
