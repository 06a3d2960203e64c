/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: what the programs do
 *
 * Every thread shares one CSpace of 256 slots with a guard, so a capability pointer is a slot
 * number. A few calls build a small system; after that most calls make sense (the right kind of
 * capability, arguments from templates), so that deep states are reached, and each part of each
 * call may be replaced by something hostile.
 */
#include "lockstep.h"

#include "caps.h"
#include "objects.h"

#include <world/world.h>

#include <string.h>

enum {
    B_ENDPOINT = 20,
    B_NOTIFICATION = 24,
    B_REPLY = 28,
    B_TCB = 34,
    B_CONTEXT = 40,
    B_FRAME = 46,
    B_UNTYPED = 52,
    B_CNODE = 54,
    B_COUNT = 5
};

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

/* A slot with a capability of `type` (or of any, if 0); any slot if there is none. */
static word_t pick_slot(struct source *source, word_t type)
{
    word_t root = cap_address(world.cnode);
    word_t start = source_below(source, spec.count);

    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_entry *entry = &spec.caps[(start + i) % spec.count];

        if (entry->place >= root && entry->place < root + (ROOT_SLOTS << SLOT_BITS) &&
            (type == CAP_NULL || entry->cap.type == type)) {
            word_t slot = (entry->place - root) >> SLOT_BITS;

            /* Spare the root thread: see spare_root. */
            return slot == SLOT_TCB && source_below(source, 40) != 0
                       ? B_TCB + source_below(source, B_COUNT)
                       : slot;
        }
    }
    return source_below(source, ROOT_SLOTS);
}

static word_t pick_free(struct source *source)
{
    word_t start = source_below(source, ROOT_SLOTS);

    for (word_t i = 0; i < ROOT_SLOTS; i++) {
        word_t slot = (start + i) % ROOT_SLOTS;

        if (spec_caps_at(cap_address(world.cnode) + (slot << SLOT_BITS)) == NULL) {
            return slot;
        }
    }
    return start;
}

/* ---- Templates ------------------------------------------------------------------------------- */

/* One letter, one argument:
 *   f free slot   s occupied slot   e endpoint   m s or e   d depth 64   r rights   b badge   z 0
 *   t object type and size (two words)   c count   p priority   u budget and period (two words)
 *   x extra refills   a buffer address   g flags   n register count   w any word
 * and for capabilities: C root CNode, T thread, S context, E endpoint, N notification, F frame,
 *   V address space, 0 empty slot, A any */
struct template
{
    word_t type; /* of the invoked capability */
    const char *words, *caps;
};

static const struct template templates[] = {
    [LABEL_UNTYPED_RETYPE] = { CAP_UNTYPED, "tzzfc", "C" },
    [LABEL_TCB_READ_REGISTERS] = { CAP_TCB, "gn", "" },
    [LABEL_TCB_WRITE_REGISTERS] = { CAP_TCB, "gnwwwwwwww", "" },
    [LABEL_TCB_COPY_REGISTERS] = { CAP_TCB, "g", "T" },
    [LABEL_TCB_CONFIGURE] = { CAP_TCB, "gza", "CVF" },
    [LABEL_TCB_SET_PRIORITY] = { CAP_TCB, "p", "T" },
    [LABEL_TCB_SET_MC_PRIORITY] = { CAP_TCB, "p", "T" },
    [LABEL_TCB_SET_SCHED_PARAMS] = { CAP_TCB, "pp", "TSE" },
    [LABEL_TCB_SET_TIMEOUT_ENDPOINT] = { CAP_TCB, "", "E" },
    [LABEL_TCB_SET_IPC_BUFFER] = { CAP_TCB, "a", "F" },
    [LABEL_TCB_SET_SPACE] = { CAP_TCB, "gz", "ECV" },
    [LABEL_TCB_SUSPEND] = { CAP_TCB, "", "" },
    [LABEL_TCB_RESUME] = { CAP_TCB, "", "" },
    [LABEL_TCB_BIND_NOTIFICATION] = { CAP_TCB, "", "N" },
    [LABEL_TCB_UNBIND_NOTIFICATION] = { CAP_TCB, "", "" },
    [LABEL_TCB_SET_TLS_BASE] = { CAP_TCB, "w", "" },
    [LABEL_TCB_SET_FLAGS] = { CAP_TCB, "gg", "" },
    [LABEL_CNODE_REVOKE] = { CAP_CNODE, "md", "" },
    [LABEL_CNODE_DELETE] = { CAP_CNODE, "sd", "" },
    [LABEL_CNODE_CANCEL_BADGED_SENDS] = { CAP_CNODE, "ed", "" },
    [LABEL_CNODE_COPY] = { CAP_CNODE, "fdmdr", "C" },
    [LABEL_CNODE_MINT] = { CAP_CNODE, "fdmdrb", "C" },
    [LABEL_CNODE_MOVE] = { CAP_CNODE, "fdsd", "C" },
    [LABEL_CNODE_MUTATE] = { CAP_CNODE, "fdsdb", "C" },
    [LABEL_CNODE_ROTATE] = { CAP_CNODE, "fdbsdbsd", "CC" },
    [LABEL_SCHED_CONTROL_CONFIGURE_FLAGS] = { CAP_SCHED_CONTROL, "uxbg", "S" },
    [LABEL_SCHED_CONTEXT_BIND] = { CAP_SCHED_CONTEXT, "", "O" },
    [LABEL_SCHED_CONTEXT_UNBIND] = { CAP_SCHED_CONTEXT, "", "" },
    [LABEL_SCHED_CONTEXT_UNBIND_OBJECT] = { CAP_SCHED_CONTEXT, "", "O" },
    [LABEL_SCHED_CONTEXT_CONSUMED] = { CAP_SCHED_CONTEXT, "", "" },
    [LABEL_SCHED_CONTEXT_YIELD_TO] = { CAP_SCHED_CONTEXT, "", "" },
};
#define LABELS (sizeof(templates) / sizeof(templates[0]))

static word_t template_cap(struct source *source, char letter)
{
    switch (letter) {
    case 'C': return source_below(source, 8) ? SLOT_CNODE : pick_slot(source, CAP_CNODE);
    case 'T': return pick_slot(source, CAP_TCB);
    case 'S':
        return source_below(source, 4) ? pick_slot(source, CAP_SCHED_CONTEXT) : pick_free(source);
    case 'E': return source_below(source, 4) ? pick_slot(source, CAP_ENDPOINT) : pick_free(source);
    case 'N': return pick_slot(source, CAP_NOTIFICATION);
    case 'O': return pick_slot(source, source_below(source, 3) ? CAP_TCB : CAP_NOTIFICATION);
    case 'F': return pick_slot(source, CAP_FRAME);
    case 'V': return SLOT_VSPACE;
    default: return pick_slot(source, CAP_NULL);
    }
}

/* Object types that are worth having, with their sizes. */
static void put_type(struct source *source, word_t *words)
{
    static const word_t types[][2] = { { OBJECT_UNTYPED, 12 },      { OBJECT_UNTYPED, 15 },
                                       { OBJECT_TCB, 0 },           { OBJECT_ENDPOINT, 0 },
                                       { OBJECT_NOTIFICATION, 0 },  { OBJECT_CNODE, 2 },
                                       { OBJECT_SCHED_CONTEXT, 8 }, { OBJECT_REPLY, 0 },
                                       { OBJECT_SMALL_FRAME, 0 },   { OBJECT_CNODE, 5 } };
    word_t i = source_below(source, 10);

    words[0] = types[i][0];
    words[1] = types[i][1];
    if (source_below(source, 8) == 0) {
        words[0] = source_below(source, 14);
        words[1] = source_below(source, 70);
    }
}

static void put_times(struct source *source, word_t *words)
{
    static const word_t us[] = { 100, 200, 1000, 3000, 5000, 10000, 20, 19 };

    words[1] = us[source_below(source, 6)];
    words[0] = source_below(source, 3) ? us[source_below(source, 6)] : words[1];
    if (source_below(source, 12) == 0) {
        words[source_below(source, 2)] = us[source_below(source, 8)];
    }
}

static word_t template_word(struct source *source, char letter)
{
    switch (letter) {
    case 'f': return pick_free(source);
    case 's': return pick_slot(source, CAP_NULL);
    case 'e': return pick_slot(source, CAP_ENDPOINT);
    case 'm': return pick_slot(source, source_below(source, 2) ? CAP_ENDPOINT : CAP_NULL);
    case 'd': return source_below(source, 30) ? 64 : source_below(source, 70);
    case 'r': return source_below(source, 2) ? RIGHTS_ALL : source_below(source, 16);
    case 'b': return source_below(source, 3) ? source_below(source, 4) : source_word(source);
    case 'z': return 0;
    case 'c': return source_below(source, 12) ? 1 + source_below(source, 2) : source_word(source);
    case 'p': return source_below(source, 12) ? 100 + source_below(source, 4) : source_word(source);
    case 'x': return source_below(source, 8);
    case 'a': return source_below(source, 8) * 1024;
    case 'g': return source_below(source, 3) ? 0 : source_below(source, 16);
    case 'n': return source_below(source, 8);
    default: return source_word(source);
    }
}

static void put_word(struct proposal *proposal, word_t i, word_t value)
{
    if (i < MESSAGE_REGISTERS) {
        proposal->regs[CONTEXT_MESSAGE + i] = value;
    } else {
        proposal->buffer[1 + i] = value;
    }
}

static void propose_invocation(struct source *source, struct proposal *proposal)
{
    word_t label, words[40], count = 0, caps = 0;
    const struct template *template;

    label = source_below(source, LABELS);
    /* What takes the system apart is chosen less often. */
    if ((label == LABEL_CNODE_REVOKE || label == LABEL_CNODE_DELETE ||
         label == LABEL_TCB_SUSPEND) &&
        source_below(source, 3) != 0) {
        label = LABEL_TCB_RESUME;
    }
    /* The next one there is: a source that is used up gives the same number for ever. */
    while (templates[label].words == NULL) {
        label = (label + 1) % LABELS;
    }
    template = &templates[label];
    for (const char *p = template->words; *p != '\0'; p++) {
        if (*p == 't') {
            put_type(source, &words[count]);
            count += 2;
        } else if (*p == 'u') {
            put_times(source, &words[count]);
            count += 2;
        } else {
            words[count++] = template_word(source, *p);
        }
    }
    for (const char *p = template->caps; *p != '\0'; p++) {
        proposal->buffer[122 + caps++] = template_cap(source, *p);
    }
    if (source_below(source, 16) == 0 && count > 0) {
        words[source_below(source, count)] = source_word(source);
    }
    if (source_below(source, 24) == 0 && caps > 0) {
        proposal->buffer[122 + source_below(source, caps)] = source_word(source);
    }
    for (word_t i = 0; i < count; i++) {
        put_word(proposal, i, words[i]);
    }
    proposal->regs[CONTEXT_CAP] = template->type == CAP_CNODE && source_below(source, 10)
                                      ? (word_t)SLOT_CNODE
                                      : pick_slot(source, template->type);
    if (source_below(source, 30) == 0) {
        label = source_below(source, 64);
    }
    if (source_below(source, 24) == 0) {
        count = source_below(source, 128);
    }
    if (source_below(source, 24) == 0) {
        caps = source_below(source, 4);
    }
    proposal->regs[CONTEXT_INFO] = msginfo_new(label, 0, caps, count);
    proposal->event.number = (word_t)(source_below(source, 12) ? SYS_CALL : SYS_SEND);
}

/* An endpoint or notification; two endpoints are met more often than the others. */
static word_t pick_target(struct source *source, word_t type)
{
    if (type == CAP_ENDPOINT && source_below(source, 3) != 0) {
        return B_ENDPOINT + source_below(source, 2);
    }
    return pick_slot(source, type);
}

/* A reply object; mostly one that somebody waits on. */
static word_t pick_reply(struct source *source)
{
    word_t slot = pick_slot(source, CAP_REPLY);

    for (unsigned i = 0; i < 8; i++) {
        struct spec_cap cap = spec_caps_value(cap_address(world.cnode) + (slot << SLOT_BITS));
        const struct spec_reply *reply = spec_reply_by_id(cap.object);
        const struct spec_thread *thread = reply == NULL ? NULL : spec_thread_by_id(reply->thread);

        if (thread != NULL && thread->state == SPEC_BLOCKED_REPLY) {
            break;
        }
        slot = pick_slot(source, CAP_REPLY);
    }
    return slot;
}

/* Take the context away from a thread that waits: a passive server. Post: false if none waits. */
static bool propose_passive(struct source *source, struct proposal *proposal)
{
    word_t root = cap_address(world.cnode), start = source_below(source, spec.count);

    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_entry *entry = &spec.caps[(start + i) % spec.count];
        const struct spec_context *context = spec_context_by_id(entry->cap.object);
        const struct spec_thread *thread =
            context == NULL ? NULL : spec_thread_by_id(context->thread);

        if (entry->cap.type == CAP_SCHED_CONTEXT && thread != NULL && entry->place >= root &&
            entry->place < root + (ROOT_SLOTS << SLOT_BITS) &&
            (thread->state == SPEC_BLOCKED_RECEIVE || thread->state == SPEC_BLOCKED_NOTIFICATION)) {
            proposal->event.number = (word_t)SYS_CALL;
            proposal->regs[CONTEXT_CAP] = (entry->place - root) >> SLOT_BITS;
            proposal->regs[CONTEXT_INFO] = msginfo_new(LABEL_SCHED_CONTEXT_UNBIND, 0, 0, 0);
            return true;
        }
    }
    return false;
}

/* A message between threads, or whatever the same registers mean to another call. */
static void propose_ipc(struct source *source, struct proposal *proposal)
{
    word_t target = source_below(source, 3) ? CAP_ENDPOINT : CAP_NOTIFICATION;
    word_t length = source_below(source, 6) ? source_below(source, 7) : source_below(source, 128);

    proposal->event.number =
        (word_t)(source_below(source, 4) ? -1 - (long)source_below(source, 11) : SYS_CALL);
    proposal->regs[CONTEXT_CAP] = pick_target(source, source_below(source, 12) ? target : CAP_NULL);
    if ((long)proposal->event.number <= SYS_SEND && source_below(source, 4) == 0) {
        proposal->regs[CONTEXT_CAP] = pick_reply(source);
    }
    proposal->regs[CONTEXT_REPLY] =
        source_below(source, 12) ? pick_reply(source) : pick_slot(source, CAP_NULL);
    if ((long)proposal->event.number == SYS_NB_SEND_WAIT) {
        proposal->regs[CONTEXT_REPLY] = pick_target(source, target);
    }
    proposal->regs[CONTEXT_DESTINATION] = pick_target(source, target);
    proposal->regs[CONTEXT_INFO] =
        msginfo_new(source_below(source, 3), source_below(source, 8),
                    source_below(source, 2) ? 0 : source_below(source, 4), length);
    for (word_t i = 0; i < 8; i++) {
        put_word(proposal, i, source_word(source));
    }
    for (word_t i = 0; i < 3; i++) {
        proposal->buffer[122 + i] =
            source_below(source, 20)
                ? pick_slot(source, source_below(source, 2) ? CAP_NULL : target)
                : source_word(source);
    }
    if (source_below(source, 40) == 0) {
        proposal->regs[source_below(source, 9)] = source_word(source);
    }
}

/* ---- Building a system ----------------------------------------------------------------------- */

static void built(struct proposal *proposal, word_t cptr, word_t label, const word_t *words,
                  word_t count, const word_t *caps, word_t cap_count)
{
    for (word_t i = 0; i < count; i++) {
        put_word(proposal, i, words[i]);
    }
    for (word_t i = 0; i < cap_count; i++) {
        proposal->buffer[122 + i] = caps[i];
    }
    proposal->event.number = (word_t)SYS_CALL;
    proposal->regs[CONTEXT_CAP] = cptr;
    proposal->regs[CONTEXT_INFO] = msginfo_new(label, 0, cap_count, count);
}

static void build_object(unsigned step, struct proposal *proposal)
{
    static const word_t objects[][4] = {
        { OBJECT_ENDPOINT, 0, B_ENDPOINT, 4 },
        { OBJECT_NOTIFICATION, 0, B_NOTIFICATION, 4 },
        { OBJECT_REPLY, 0, B_REPLY, 6 },
        { OBJECT_TCB, 0, B_TCB, B_COUNT },
        { OBJECT_SCHED_CONTEXT, 8, B_CONTEXT, B_COUNT + 1 },
        { OBJECT_SMALL_FRAME, 0, B_FRAME, B_COUNT },
        { OBJECT_UNTYPED, 16, B_UNTYPED, 2 },
        { OBJECT_CNODE, 4, B_CNODE, 1 },
    };
    const word_t *o = objects[step];

    built(proposal, SLOT_UNTYPED, LABEL_UNTYPED_RETYPE,
          (const word_t[]){ o[0], o[1], 0, 0, o[2], o[3] }, 6, (const word_t[]){ SLOT_CNODE }, 1);
}

/* The calls that set up thread `i`, then lower the root thread. */
static void build_thread(struct source *source, unsigned step, struct proposal *proposal)
{
    word_t i = step / 4, tcb = B_TCB + i, words[5] = { 0 };
    word_t priority = i == B_COUNT ? 101 : 100 + source_below(source, 4);

    if (i == B_COUNT) {
        tcb = SLOT_TCB;
    }
    switch (step % 4) {
    case 0:
        put_times(source, words);
        words[2] = source_below(source, 6);
        words[3] = 0x100 + i;
        words[4] = source_below(source, 2);
        built(proposal, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS, words, 5,
              (const word_t[]){ B_CONTEXT + i }, 1);
        break;
    case 1:
        built(proposal, tcb, LABEL_TCB_CONFIGURE, (const word_t[]){ 0, 0, 0x20000 }, 3,
              (const word_t[]){ SLOT_CNODE, SLOT_VSPACE, B_FRAME + (i % B_COUNT) }, 3);
        break;
    case 2:
        if (i == B_COUNT) {
            built(proposal, tcb, LABEL_TCB_SET_PRIORITY, &priority, 1, (const word_t[]){ SLOT_TCB },
                  1);
        } else {
            built(proposal, tcb, LABEL_TCB_SET_SCHED_PARAMS, (const word_t[]){ 255, priority }, 2,
                  (const word_t[]){ SLOT_TCB, B_CONTEXT + i, B_ENDPOINT }, 3);
        }
        break;
    default:
        built(proposal, tcb,
              i == B_COUNT || source_below(source, 3) ? LABEL_TCB_RESUME : LABEL_TCB_SUSPEND, words,
              0, NULL, 0);
        break;
    }
}

/* ---- Staying alive ---- */

static struct spec_cap slot_value(word_t slot)
{
    return spec_caps_value(cap_address(world.cnode) + (slot << SLOT_BITS));
}

/* The root thread has no fault handler, and without it soon nobody runs. So it seldom blocks and
 * seldom faults; the others may do what they like. */
static void spare_root(struct source *source, struct proposal *proposal)
{
    static const long harmless[] = { SYS_NB_SEND, SYS_NB_RECV, SYS_NB_WAIT, SYS_YIELD,
                                     SYS_NB_SEND };
    long number = (long)proposal->event.number;

    if (spec_current_thread() == NULL ||
        spec.threads[spec.current].id != tcb_ref_of(world.root).raw ||
        source_below(source, 100) == 0) {
        return;
    }
    if (proposal->event.kind != SPEC_TIMER) {
        proposal->event.kind = SPEC_SYSCALL;
    }
    proposal->regs[CONTEXT_CAP] %= ROOT_SLOTS;
    proposal->regs[CONTEXT_REPLY] %= ROOT_SLOTS;
    for (word_t i = 0; i < 3; i++) {
        proposal->buffer[122 + i] %= ROOT_SLOTS;
    }
    struct spec_cap cap = slot_value(proposal->regs[CONTEXT_CAP]);
    word_t type = cap.type;
    bool kernel_object = type != CAP_ENDPOINT && type != CAP_NULL;

    if (!kernel_object || (number != SYS_CALL && number != SYS_SEND)) {
        proposal->event.number = (word_t)harmless[source_below(source, 5)];
        if (!cap.receive ||
            (type == CAP_NOTIFICATION && spec_notification_by_id(cap.object)->thread) ||
            slot_value(proposal->regs[CONTEXT_REPLY]).type != CAP_REPLY) {
            proposal->event.number = (word_t)SYS_NB_SEND;
        }
    }
    if (type == CAP_TCB && proposal->regs[CONTEXT_CAP] == SLOT_TCB) {
        proposal->regs[CONTEXT_CAP] = pick_slot(source, CAP_TCB);
    }
}

/* ---- One event ------------------------------------------------------------------------------- */

/* When the event happens, and whether the timer comes first. */
static void propose_time(struct source *source, struct proposal *proposal)
{
    word_t pass =
        source_below(source, 12) ? source_below(source, 400) : source_below(source, 60000);

    if (spec.current == NO_THREAD) {
        pass = spec.deadline > spec.now ? spec.deadline - spec.now : 0;
    }
    proposal->event.time = spec.now + pass;
    if (spec.current == NO_THREAD ||
        (proposal->event.time >= spec.deadline && source_below(source, 6) != 0)) {
        proposal->event.kind = SPEC_TIMER;
    }
}

void generate(struct source *source, unsigned step, struct proposal *proposal)
{
    const unsigned objects = 8, threads = 4 * (B_COUNT + 1);

    memset(proposal, 0, sizeof(*proposal));
    proposal->ip = 0x400000 + 4 * source_below(source, 1000);
    proposal->write_buffer = true;
    proposal->event.kind = SPEC_SYSCALL;
    proposal->event.time = spec.now;
    proposal->buffer[125] = SLOT_CNODE;
    proposal->buffer[126] = pick_free(source);
    proposal->buffer[127] = 64;
    if (step < objects) {
        build_object(step, proposal);
        return;
    }
    propose_time(source, proposal);
    if (step < objects + threads) {
        proposal->event.kind = SPEC_SYSCALL;
        proposal->event.time = spec.now;
        build_thread(source, step - objects, proposal);
    } else if (source_below(source, 30) == 0 && proposal->event.kind == SPEC_SYSCALL) {
        proposal->event.kind = (enum spec_event_kind)(SPEC_VM_FAULT + source_below(source, 3));
        proposal->event.syndrome = source_below(source, 1u << 16);
        proposal->event.address = source_word(source);
        proposal->event.is_fetch = source_below(source, 2);
    } else if (source_below(source, 16) == 0 && propose_passive(source, proposal)) {
        /* done */
    } else if (source_below(source, 2)) {
        propose_invocation(source, proposal);
    } else {
        propose_ipc(source, proposal);
        if (source_below(source, 40) == 0) {
            proposal->event.number = source_word(source);
        }
    }
    if (step >= objects + threads) {
        spare_root(source, proposal);
    }
    proposal->regs[CONTEXT_NUMBER] = proposal->event.number;
}
