/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: CNode invocations (abi/03 §5)
 */
#include "invoke.h"

struct answer spec_lookup_slot(struct spec_cap root, word_t index, word_t depth, bool source,
                               word_t *place)
{
    word_t left;

    if (root.type != CAP_CNODE) {
        return spec_answer_lookup(source, (struct spec_lookup){ .failure = LOOKUP_INVALID_ROOT });
    }
    if (depth < 1 || depth > WORD_BITS) {
        return spec_answer_range(1, WORD_BITS);
    }
    struct spec_lookup lookup = spec_lookup_resolve(root, index, depth, place, &left);

    if (lookup.failure != LOOKUP_NONE) {
        return spec_answer_lookup(source, lookup);
    }
    if (left != 0) {
        return spec_answer_lookup(source,
                                  (struct spec_lookup){ LOOKUP_DEPTH_MISMATCH, left, 0, 0 });
    }
    return spec_answer_done();
}

static struct answer answer_empty(bool source, word_t depth)
{
    return spec_answer_lookup(source,
                              (struct spec_lookup){ LOOKUP_MISSING_CAPABILITY, depth, 0, 0 });
}

/* Copy, Mint, Move, Mutate into the empty slot `to`. */
static struct answer transfer(const struct call *call, word_t to)
{
    word_t from;

    if (call->length < 4 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (spec_caps_at(to) != NULL) {
        return spec_answer_error(ERR_DELETE_FIRST);
    }
    struct answer answer = spec_lookup_slot(spec_call_extra(call, 0), spec_call_word(call, 2),
                                            spec_call_word(call, 3), true, &from);

    if (answer.code != ERR_NONE) {
        return answer;
    }
    if (spec_caps_at(from) == NULL) {
        return answer_empty(true, spec_call_word(call, 3));
    }
    struct spec_cap cap = spec_caps_value(from);
    bool mint = call->label == LABEL_CNODE_MINT, copy = call->label == LABEL_CNODE_COPY;

    if (call->length < (mint ? 6u : call->label == LABEL_CNODE_MOVE ? 4u : 5u)) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (copy || mint) {
        cap = spec_caps_mask(cap, spec_call_word(call, 4));
        if (mint) {
            cap = spec_caps_update(cap, spec_call_word(call, 5), false);
        }
        if (cap.type != CAP_NULL) {
            answer.code = spec_caps_derive(&cap, from, &cap);
        }
    } else if (call->label == LABEL_CNODE_MUTATE) {
        cap = spec_caps_update(cap, spec_call_word(call, 4), true);
    }
    if (answer.code == ERR_NONE && cap.type == CAP_NULL) {
        answer.code = ERR_ILLEGAL_OPERATION;
    }
    if (answer.code != ERR_NONE) {
        return answer;
    }
    if (copy || mint) {
        spec_caps_insert_derived(cap, from, to);
    } else {
        spec_caps_move(cap, from, to);
    }
    return spec_answer_done();
}

static struct answer rotate(const struct call *call, word_t to)
{
    word_t from, pivot;

    if (call->length < 8 || call->extra_count < 2) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    struct answer answer = spec_lookup_slot(spec_call_extra(call, 1), spec_call_word(call, 6),
                                            spec_call_word(call, 7), true, &from);

    if (answer.code == ERR_NONE) {
        answer = spec_lookup_slot(spec_call_extra(call, 0), spec_call_word(call, 3),
                                  spec_call_word(call, 4), true, &pivot);
    }
    if (answer.code != ERR_NONE) {
        return answer;
    }
    if (pivot == from || pivot == to) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (from != to && spec_caps_at(to) != NULL) {
        return spec_answer_error(ERR_DELETE_FIRST);
    }
    if (spec_caps_at(from) == NULL) {
        return answer_empty(true, spec_call_word(call, 7));
    }
    if (spec_caps_at(pivot) == NULL) {
        return answer_empty(false, spec_call_word(call, 4));
    }
    struct spec_cap new_from =
        spec_caps_update(spec_caps_value(from), spec_call_word(call, 5), true);
    struct spec_cap new_pivot =
        spec_caps_update(spec_caps_value(pivot), spec_call_word(call, 2), true);

    if (new_from.type == CAP_NULL || new_pivot.type == CAP_NULL) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (from == to) {
        spec_caps_swap(new_from, from, new_pivot, pivot);
    } else {
        spec_caps_move(new_pivot, pivot, to);
        spec_caps_move(new_from, from, pivot);
    }
    return spec_answer_done();
}

static struct answer cancel_badged_sends(word_t place)
{
    struct spec_cap cap = spec_caps_value(place);

    if (cap.type != CAP_ENDPOINT || !cap.send || !cap.receive || !cap.grant || !cap.grant_reply) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    spec_ipc_cancel_badged(spec_endpoint_by_id(cap.object), cap.badge);
    return spec_answer_done();
}

struct answer spec_cnode_invoke(const struct call *call)
{
    word_t place;

    if (call->label < LABEL_CNODE_REVOKE || call->label > LABEL_CNODE_ROTATE) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (call->length < 2) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    struct answer answer = spec_lookup_slot(call->cap, spec_call_word(call, 0),
                                            spec_call_word(call, 1), false, &place);

    if (answer.code != ERR_NONE) {
        return answer;
    }
    switch (call->label) {
    case LABEL_CNODE_REVOKE: spec_cap_revoke(place); return answer;
    case LABEL_CNODE_DELETE: spec_cap_delete(place); return answer;
    case LABEL_CNODE_CANCEL_BADGED_SENDS: return cancel_badged_sends(place);
    case LABEL_CNODE_ROTATE: return rotate(call, place);
    default: return transfer(call, place);
    }
}
