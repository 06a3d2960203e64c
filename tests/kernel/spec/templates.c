/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: invocations of kernel objects
 *
 * Most make sense (the right kind of capability, an object in the right state, arguments that
 * pass), so that deep states are reached; each part may be replaced by something hostile.
 */
#include "generate.h"

#include "caps.h"

/* One letter, one argument:
 *   f free slot   s occupied slot   e endpoint   m s or e   v slot to revoke   d depth 64
 *   r rights   b badge   z 0   t object type and size (two words)   c count   p priority
 *   u budget and period (two words)   x extra refills   a buffer address   g flags
 *   n register count   D domain   I entry of the domain schedule   S its duration   q virtual
 *   interrupt   l register of a VCPU   k number of its timer   i interrupt   j number or target of a software interrupt   h user address   o offset in a page   w any word
 * and for capabilities: C root CNode, T thread, t thread without context, S context or none,
 *   E endpoint or none, N notification, O thread or notification, F frame, V address space of all,
 *   Y any notification, W any address space, w one without ASID, U untyped of a page, A any.
 * A label is chosen as often as its weight says. */
struct template
{
    word_t type; /* of the invoked capability */
    const char *words, *caps;
    unsigned weight;
    pick_test prefer;
};

#define SEND_SGI 62 /* any label does; this one is of no object */

static const struct template templates[] = {
    [LABEL_UNTYPED_RETYPE] = { CAP_UNTYPED, "tzzfc", "C", 3, NULL },
    [LABEL_TCB_READ_REGISTERS] = { CAP_TCB, "gn", "", 1, pick_is_other_thread },
    [LABEL_TCB_WRITE_REGISTERS] = { CAP_TCB, "gnwwwwwwww", "", 2, pick_is_other_thread },
    [LABEL_TCB_COPY_REGISTERS] = { CAP_TCB, "g", "T", 1, NULL },
    [LABEL_TCB_CONFIGURE] = { CAP_TCB, "gza", "CVF", 2, NULL },
    [LABEL_TCB_SET_PRIORITY] = { CAP_TCB, "p", "T", 2, NULL },
    [LABEL_TCB_SET_MC_PRIORITY] = { CAP_TCB, "p", "T", 1, NULL },
    [LABEL_TCB_SET_SCHED_PARAMS] = { CAP_TCB, "pp", "TSE", 3, NULL },
    [LABEL_TCB_SET_TIMEOUT_ENDPOINT] = { CAP_TCB, "", "E", 3, NULL },
    [LABEL_TCB_SET_IPC_BUFFER] = { CAP_TCB, "a", "F", 1, NULL },
    [LABEL_TCB_SET_SPACE] = { CAP_TCB, "gz", "ECV", 1, NULL },
    [LABEL_TCB_SUSPEND] = { CAP_TCB, "", "", 1, NULL },
    [LABEL_TCB_RESUME] = { CAP_TCB, "", "", 3, pick_is_stopped },
    [LABEL_TCB_BIND_NOTIFICATION] = { CAP_TCB, "", "N", 3, NULL },
    [LABEL_TCB_UNBIND_NOTIFICATION] = { CAP_TCB, "", "", 1, pick_is_bound_thread },
    [LABEL_TCB_SET_TLS_BASE] = { CAP_TCB, "w", "", 1, NULL },
    [LABEL_TCB_SET_FLAGS] = { CAP_TCB, "gg", "", 1, NULL },
    [LABEL_CNODE_REVOKE] = { CAP_CNODE, "vd", "", 6, NULL },
    [LABEL_CNODE_DELETE] = { CAP_CNODE, "sd", "", 4, NULL },
    [LABEL_CNODE_CANCEL_BADGED_SENDS] = { CAP_CNODE, "ed", "", 2, NULL },
    [LABEL_CNODE_COPY] = { CAP_CNODE, "fdmdr", "C", 5, NULL },
    [LABEL_CNODE_MINT] = { CAP_CNODE, "fdmdrb", "C", 6, NULL },
    [LABEL_CNODE_MOVE] = { CAP_CNODE, "fdsd", "C", 2, NULL },
    [LABEL_CNODE_MUTATE] = { CAP_CNODE, "fdsdb", "C", 2, NULL },
    [LABEL_CNODE_ROTATE] = { CAP_CNODE, "fdbsdbsd", "CC", 2, NULL },
    [LABEL_IRQ_CONTROL_GET] = { CAP_IRQ_CONTROL, "ifd", "C", 3, NULL },
    [LABEL_IRQ_HANDLER_ACK] = { CAP_IRQ_HANDLER, "", "", 6, NULL },
    [LABEL_IRQ_HANDLER_SET_NOTIFICATION] = { CAP_IRQ_HANDLER, "", "Y", 5, NULL },
    [LABEL_IRQ_HANDLER_CLEAR] = { CAP_IRQ_HANDLER, "", "", 1, NULL },
    [LABEL_IRQ_CONTROL_GET_TRIGGER] = { CAP_IRQ_CONTROL, "igfd", "C", 2, NULL },
    [LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL] = { CAP_IRQ_CONTROL, "jjfd", "C", 1, NULL },
    [SEND_SGI] = { CAP_SGI, "ww", "", 1, NULL },
    [LABEL_DOMAIN_SET_SET] = { CAP_DOMAIN, "D", "T", 3, NULL },
    [LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE] = { CAP_DOMAIN, "IDS", "", 3, NULL },
    [LABEL_DOMAIN_SET_SCHEDULE_SET_START] = { CAP_DOMAIN, "I", "", 1, NULL },
    [LABEL_SCHED_CONTROL_CONFIGURE_FLAGS] = { CAP_SCHED_CONTROL, "uxbg", "S", 4, NULL },
    [LABEL_SCHED_CONTEXT_BIND] = { CAP_SCHED_CONTEXT, "", "O", 5, pick_is_free_context },
    [LABEL_SCHED_CONTEXT_UNBIND] = { CAP_SCHED_CONTEXT, "", "", 1, pick_is_bound_context },
    [LABEL_SCHED_CONTEXT_UNBIND_OBJECT] = { CAP_SCHED_CONTEXT, "", "O", 2, pick_is_bound_context },
    [LABEL_SCHED_CONTEXT_CONSUMED] = { CAP_SCHED_CONTEXT, "", "", 1, NULL },
    [LABEL_SCHED_CONTEXT_YIELD_TO] = { CAP_SCHED_CONTEXT, "", "", 2, pick_is_bound_context },
    [LABEL_ARM_VSPACE_CLEAN_DATA] = { CAP_VSPACE, "hh", "", 1, NULL },
    [LABEL_ARM_VSPACE_INVALIDATE_DATA] = { CAP_VSPACE, "hh", "", 1, NULL },
    [LABEL_ARM_VSPACE_CLEAN_INVALIDATE_DATA] = { CAP_VSPACE, "hh", "", 1, NULL },
    [LABEL_ARM_VSPACE_UNIFY_INSTRUCTION] = { CAP_VSPACE, "hh", "", 1, NULL },
    [LABEL_ARM_PAGE_TABLE_MAP] = { CAP_PAGE_TABLE, "hg", "W", 6, pick_is_unmapped },
    [LABEL_ARM_PAGE_TABLE_UNMAP] = { CAP_PAGE_TABLE, "", "", 1, pick_is_mapped },
    [LABEL_ARM_PAGE_MAP] = { CAP_FRAME, "hrg", "W", 10, NULL },
    [LABEL_ARM_PAGE_UNMAP] = { CAP_FRAME, "", "", 3, pick_is_mapped },
    [LABEL_ARM_PAGE_CLEAN_DATA] = { CAP_FRAME, "oo", "", 1, pick_is_mapped },
    [LABEL_ARM_PAGE_INVALIDATE_DATA] = { CAP_FRAME, "oo", "", 1, pick_is_mapped },
    [LABEL_ARM_PAGE_CLEAN_INVALIDATE_DATA] = { CAP_FRAME, "oo", "", 1, pick_is_mapped },
    [LABEL_ARM_PAGE_UNIFY_INSTRUCTION] = { CAP_FRAME, "oo", "", 1, pick_is_mapped },
    [LABEL_ARM_PAGE_GET_ADDRESS] = { CAP_FRAME, "", "", 1, NULL },
    [LABEL_ARM_SMC_CALL] = { CAP_SMC, "bwwwwwww", "", 2, NULL },
    [LABEL_ARM_VCPU_SET_TCB] = { CAP_VCPU, "", "T", 4, NULL },
    [LABEL_ARM_VCPU_INJECT_IRQ] = { CAP_VCPU, "q", "", 3, NULL },
    [LABEL_ARM_VCPU_READ_REGS] = { CAP_VCPU, "l", "", 3, NULL },
    [LABEL_ARM_VCPU_WRITE_REGS] = { CAP_VCPU, "lw", "", 4, NULL },
    [LABEL_ARM_VCPU_ACK_VPPI] = { CAP_VCPU, "k", "", 2, NULL },
    [LABEL_ARM_ASID_CONTROL_MAKE_POOL] = { CAP_ASID_CONTROL, "fd", "UC", 2, NULL },
    [LABEL_ARM_ASID_POOL_ASSIGN] = { CAP_ASID_POOL, "", "w", 3, NULL },
};
#define LABELS (sizeof(templates) / sizeof(templates[0]))

static bool is_page_untyped(const struct spec_entry *entry)
{
    return entry->cap.size_bits == ASID_POOL_BITS && !spec_caps_has_children(entry);
}

/* Few places, so that mappings meet. */
static word_t user_address(struct source *source)
{
    static const word_t bases[] = { 0, 0, 0x40000000, USER_TOP & ~0x3ffffffful };
    word_t address = bases[source_below(source, 4)] + source_below(source, 2) * 0x200000;

    switch (source_below(source, 10)) {
    case 0: return source_word(source);
    case 1: return address + source_below(source, 0x3000);
    case 2: return address;
    default: return address + source_below(source, 3) * 0x1000;
    }
}

static word_t template_cap(struct source *source, char letter)
{
    switch (letter) {
    case 'C': return source_below(source, 8) ? SLOT_CNODE : pick_slot(source, CAP_CNODE);
    case 'T': return pick_slot(source, CAP_TCB);
    case 'S':
        return source_below(source, 4) ? pick_slot(source, CAP_SCHED_CONTEXT) : pick_free(source);
    case 'E': return source_below(source, 4) ? pick_slot(source, CAP_ENDPOINT) : pick_free(source);
    case 'N': return pick_where(source, CAP_NOTIFICATION, pick_is_free_notification);
    case 'O':
        return source_below(source, 3) ? pick_where(source, CAP_TCB, pick_is_free_thread)
                                       : pick_slot(source, CAP_NOTIFICATION);
    case 'F': return pick_slot(source, CAP_FRAME);
    case 'Y': return pick_slot(source, CAP_NOTIFICATION);
    case 'V': return source_below(source, 12) ? SLOT_VSPACE : pick_slot(source, CAP_VSPACE);
    case 'W': return pick_where(source, CAP_VSPACE, pick_is_mapped);
    case 'w': return pick_where(source, CAP_VSPACE, pick_is_unmapped);
    case 'U': return pick_where(source, CAP_UNTYPED, is_page_untyped);
    default: return pick_slot(source, CAP_NULL);
    }
}

/* Object types that are worth having, with their sizes. */
static void put_type(struct source *source, word_t *words)
{
    static const word_t types[][2] = { { OBJECT_UNTYPED, 12 },      { OBJECT_UNTYPED, 14 },
                                       { OBJECT_TCB, 0 },           { OBJECT_ENDPOINT, 0 },
                                       { OBJECT_NOTIFICATION, 0 },  { OBJECT_CNODE, 2 },
                                       { OBJECT_SCHED_CONTEXT, 8 }, { OBJECT_REPLY, 0 },
                                       { OBJECT_SMALL_FRAME, 0 },   { OBJECT_CNODE, 5 },
                                       { OBJECT_PAGE_TABLE, 0 },    { OBJECT_VSPACE, 0 },
                                       { OBJECT_VCPU, 0 } };
    word_t i = source_below(source, 13);

    words[0] = types[i][0];
    words[1] = types[i][1];
    if (source_is_one_in(source, 8)) {
        words[0] = source_below(source, 14);
        words[1] = source_below(source, 70);
    }
}

void generate_put_times(struct source *source, word_t words[2])
{
    static const word_t us[] = { 200, 500, 1000, 2000, 5000, 20, 19, 21 };

    words[1] = us[source_below(source, 5)];
    words[0] = words[1] / (1 + source_below(source, 3));
    if (source_is_one_in(source, 12)) {
        words[source_below(source, 2)] = us[source_below(source, 8)];
    }
}

/* A slot that may lose what it holds: seldom one of those that a system cannot do without. */
static word_t slot_to_lose(struct source *source)
{
    word_t slot = pick_slot(source, CAP_NULL);

    for (unsigned i = 0; i < 4 && slot < B_ENDPOINT && source_below(source, 6) != 0; i++) {
        slot = pick_slot(source, CAP_NULL);
    }
    return slot;
}

/* An untyped that can be lost, with something in it. */
static bool is_small_parent(const struct spec_entry *entry)
{
    return entry->cap.size_bits < 20 && spec_caps_has_children(entry);
}

/* A container that is the last of its kind: its deletion takes long. */
static bool is_last_container(const struct spec_entry *entry)
{
    return (entry->cap.type == CAP_CNODE || entry->cap.type == CAP_TCB) &&
           pick_number(entry) >= B_ENDPOINT && spec_caps_is_final(entry);
}

/* Something whose revocation does more than a deletion; seldom what carries the system. */
static word_t slot_to_revoke(struct source *source)
{
    word_t slot, choice = source_below(source, 6);

    if ((choice < 2 && pick_find(source, CAP_NULL, pick_is_badged_parent, &slot)) ||
        (choice < 4 && pick_find(source, CAP_UNTYPED, is_small_parent, &slot))) {
        return slot;
    }
    slot = slot_to_lose(source);
    return slot == SLOT_UNTYPED && source_below(source, 8) != 0
               ? pick_where(source, CAP_ENDPOINT, pick_has_badge)
               : slot;
}

static bool is_spare_root(const struct spec_entry *entry)
{
    return pick_number(entry) != SLOT_VSPACE;
}

static word_t slot_to_delete(struct source *source)
{
    word_t slot;

    if ((source_is_one_in(source, 4) && pick_find(source, CAP_NULL, is_last_container, &slot)) ||
        (source_is_one_in(source, 6) && pick_find(source, CAP_PAGE_TABLE, pick_is_mapped, &slot)) ||
        (source_is_one_in(source, 12) && pick_find(source, CAP_VSPACE, is_spare_root, &slot))) {
        return slot;
    }
    return slot_to_lose(source);
}

static word_t template_word(struct source *source, char letter)
{
    switch (letter) {
    case 'f': return pick_free(source);
    case 's': return slot_to_delete(source);
    case 'e':
        return source_below(source, 2) ? pick_where(source, CAP_ENDPOINT, pick_has_badge)
                                       : pick_slot(source, CAP_ENDPOINT);
    case 'm':
        if (source_is_one_in(source, 12)) {
            return pick_slot(source, CAP_SMC);
        }
        return source_below(source, 2)
                   ? pick_slot(source, CAP_NULL)
                   : pick_slot(source, source_below(source, 3) ? CAP_ENDPOINT : CAP_NOTIFICATION);
    case 'v': return slot_to_revoke(source);
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
    case 'h': return user_address(source);
    case 'i': return source_below(source, 8) ? 24 + source_below(source, 16) : source_word(source);
    case 'D': return source_below(source, 4);
    case 'I': return source_below(source, 8) ? source_below(source, 4) : source_word(source);
    case 'S':
        return source_below(source, 6) ? 10000 * source_below(source, 8) : source_word(source);
    case 'l': return source_below(source, 26);
    case 'k': return source_below(source, 4) ? SPEC_IRQ_VTIMER : source_below(source, 200);
    case 'q':
        return source_below(source, 1100) | source_below(source, 34) << 16 |
               source_below(source, 8) / 3 << 24 | source_below(source, 5) << 32;
    case 'j': return source_below(source, 20);
    case 'o':
        return source_below(source, 2) ? source_below(source, 0x1000)
                                       : source_below(source, 3) * 0x1000;
    default: return source_word(source);
    }
}

void generate_put_word(struct proposal *proposal, word_t i, word_t value)
{
    if (i < MESSAGE_REGISTERS) {
        proposal->regs[CONTEXT_MESSAGE + i] = value;
    } else {
        proposal->buffer[1 + i] = value;
    }
}

/* Replace parts of an invocation by something that does not fit. */
static void spoil(struct source *source, struct proposal *proposal, word_t label, word_t count,
                  word_t caps)
{
    if (source_is_one_in(source, 16) && count > 0) {
        generate_put_word(proposal, source_below(source, count), source_word(source));
    }
    if (source_is_one_in(source, 24) && caps > 0) {
        proposal->buffer[122 + source_below(source, caps)] = source_word(source);
    }
    if (source_is_one_in(source, 40)) {
        label = source_below(source, 64);
    }
    if (source_is_one_in(source, 30)) {
        count = source_below(source, 128);
    }
    if (source_is_one_in(source, 30)) {
        caps = source_below(source, 4);
    }
    proposal->regs[CONTEXT_INFO] = msginfo_new(label, 0, caps, count);
}

/* The CNode of an invocation: the common one, or a small one, whose slots few bits name. */
static void aim_at_cnode(struct source *source, word_t label, struct proposal *proposal)
{
    word_t slot;

    proposal->regs[CONTEXT_CAP] = SLOT_CNODE;
    if (source_is_one_in(source, 3) && pick_find(source, CAP_CNODE, is_last_container, &slot)) {
        struct spec_cap cap = pick_value(slot);

        proposal->regs[CONTEXT_CAP] = slot;
        if (label >= LABEL_CNODE_COPY || source_below(source, 2)) {
            generate_put_word(proposal, 0, source_below(source, 1ul << cap.size_bits));
            generate_put_word(proposal, 1, cap.size_bits + cap.guard_size);
        }
    }
}

void generate_invocation(struct source *source, word_t label, struct proposal *proposal)
{
    const struct template *template = &templates[label];
    word_t words[2], count = 0, caps = 0;

    for (const char *p = template->words; *p != '\0'; p++) {
        if (*p == 't' || *p == 'u') {
            (*p == 't' ? put_type : generate_put_times)(source, words);
            generate_put_word(proposal, count++, words[0]);
            generate_put_word(proposal, count++, words[1]);
        } else {
            generate_put_word(proposal, count++, template_word(source, *p));
        }
    }
    for (const char *p = template->caps; *p != '\0'; p++) {
        proposal->buffer[122 + caps++] = template_cap(source, *p);
    }
    if (template->type == CAP_CNODE) {
        aim_at_cnode(source, label, proposal);
    } else {
        proposal->regs[CONTEXT_CAP] = pick_where(source, template->type, template->prefer);
    }
    spoil(source, proposal, label, count, caps);
    proposal->event.number = (word_t)(source_below(source, 12) ? SYS_CALL : SYS_SEND);
}

void generate_any_invocation(struct source *source, struct proposal *proposal)
{
    unsigned sum = 0;
    word_t at;

    for (size_t i = 0; i < LABELS; i++) {
        sum += templates[i].weight;
    }
    at = source_below(source, sum);
    for (word_t label = 0; label < LABELS; label++) {
        if (at < templates[label].weight) {
            generate_invocation(source, label, proposal);
            return;
        }
        at -= templates[label].weight;
    }
}
