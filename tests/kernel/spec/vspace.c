/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: address spaces (abi/03 §9, abi/02 §6)
 */
#include "vspace.h"

#include <string.h>

#define NO_FAILURE_DETAIL(failure_type) ((struct spec_lookup){ .failure = failure_type })

/* ---- Tables ---------------------------------------------------------------------------------- */

static struct spec_pte *entry_find(word_t table, word_t index)
{
    for (unsigned i = 0; i < SPEC_ENTRIES; i++) {
        if (spec.entries[i].table == table && spec.entries[i].index == index) {
            return &spec.entries[i];
        }
    }
    return NULL;
}

static void entry_put(struct spec_pte value)
{
    struct spec_pte *entry = entry_find(value.table, value.index);

    for (unsigned i = 0; entry == NULL && i < SPEC_ENTRIES; i++) {
        if (spec.entries[i].table == 0) {
            entry = &spec.entries[i];
        }
    }
    if (entry == NULL) {
        spec_give_up("too many table entries");
    }
    *entry = value;
}

static void table_clear(word_t table)
{
    for (unsigned i = 0; i < SPEC_ENTRIES; i++) {
        if (spec.entries[i].table == table) {
            memset(&spec.entries[i], 0, sizeof(spec.entries[i]));
        }
    }
}

struct spec_walk spec_vspace_walk(word_t root, word_t vaddr)
{
    struct spec_walk walk = { .table = root, .bits = HUGE_FRAME_BITS };

    while (true) {
        word_t index_bits =
            walk.bits == HUGE_FRAME_BITS ? VSPACE_INDEX_BITS : PAGE_TABLE_INDEX_BITS;

        walk.index = (vaddr >> walk.bits) & ((1ul << index_bits) - 1);
        walk.entry = entry_find(walk.table, walk.index);
        if (walk.entry == NULL || walk.entry->frame_bits != 0) {
            return walk;
        }
        walk.table = walk.entry->target;
        walk.bits -= PAGE_TABLE_INDEX_BITS;
    }
}

/* ---- ASIDs ----------------------------------------------------------------------------------- */

word_t spec_vspace_root(word_t asid)
{
    for (unsigned i = 0; i < SPEC_ASIDS; i++) {
        if (spec.asids[i].root != 0 && spec.asids[i].asid == asid) {
            return spec.asids[i].root;
        }
    }
    return 0;
}

word_t spec_vspace_of(const struct spec_thread *thread)
{
    struct spec_cap cap = spec_caps_value(thread->id + (TCB_SLOT_VSPACE << SLOT_BITS));

    return cap.type == CAP_VSPACE && cap.mapped && spec_vspace_root(cap.asid) == cap.object
               ? cap.object
               : 0;
}

/* "Root check" and "ASID check" of abi/03 §9 for capability `number` of a call. */
static struct answer check_root(const struct spec_cap *root, word_t number)
{
    return root->type == CAP_VSPACE && root->mapped
               ? spec_answer_done()
               : spec_answer_number(ERR_INVALID_CAPABILITY, number);
}

static struct answer check_asid(const struct spec_cap *root, word_t number)
{
    word_t now = spec_vspace_root(root->asid);

    if (now == 0) {
        return spec_answer_lookup(false, NO_FAILURE_DETAIL(LOOKUP_INVALID_ROOT));
    }
    return now == root->object ? spec_answer_done()
                               : spec_answer_number(ERR_INVALID_CAPABILITY, number);
}

/* ---- Cache operations ------------------------------------------------------------------------ */

/* abi/ has the kernel reach device memory too; ours does not map it and does nothing there. */
static void cache_op(word_t at, word_t bytes, bool device)
{
    if (bytes > 0 && !device) {
        spec.cache_end = at + bytes;
    }
}

struct answer spec_vspace_invoke(const struct call *call)
{
    word_t start = spec_call_word(call, 0), end = spec_call_word(call, 1);

    if (call->label < LABEL_ARM_VSPACE_CLEAN_DATA ||
        call->label > LABEL_ARM_VSPACE_UNIFY_INSTRUCTION) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (call->length < 2) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (end <= start) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 1);
    }
    if (end > USER_TOP) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    struct answer answer = check_root(&call->cap, 0);

    if (answer.code == ERR_NONE) {
        answer = check_asid(&call->cap, 0);
    }
    if (answer.code != ERR_NONE) {
        return answer;
    }
    struct spec_walk walk = spec_vspace_walk(call->cap.object, start);

    if (walk.entry == NULL) {
        return spec_answer_done();
    }
    word_t page = ~((1ul << walk.bits) - 1);

    if ((start & page) != ((end - 1) & page)) {
        return spec_answer_range(start, start | ~page);
    }
    cache_op(walk.entry->target + (start & ~page), end - 1 - start, walk.entry->device);
    return answer;
}

static struct answer frame_cache_op(const struct call *call)
{
    word_t start = spec_call_word(call, 0), end = spec_call_word(call, 1);
    word_t size = spec_caps_bytes(&call->cap);

    if (call->length < 2) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (!call->cap.mapped) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (spec_vspace_root(call->cap.asid) == 0) {
        return spec_answer_lookup(false, NO_FAILURE_DETAIL(LOOKUP_INVALID_ROOT));
    }
    if (end <= start) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 1);
    }
    if (start >= size || end > size) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 0);
    }
    cache_op(call->cap.object + start, end - 1 - start, call->cap.device);
    return spec_answer_done();
}

/* ---- Page tables ----------------------------------------------------------------------------- */

/* The entry that a mapped table capability was installed at, if it is still there. */
static struct spec_pte *table_parent(const struct spec_cap *cap)
{
    word_t root = cap->mapped ? spec_vspace_root(cap->asid) : 0;
    word_t bits = HUGE_FRAME_BITS, table = root;

    while (table != 0 && bits > SMALL_FRAME_BITS) {
        word_t index_bits = bits == HUGE_FRAME_BITS ? VSPACE_INDEX_BITS : PAGE_TABLE_INDEX_BITS;
        struct spec_pte *entry =
            entry_find(table, (cap->vaddr >> bits) & ((1ul << index_bits) - 1));

        if (entry == NULL || entry->frame_bits != 0 || entry->target == cap->object) {
            return entry == NULL || entry->frame_bits != 0 ? NULL : entry;
        }
        table = entry->target;
        bits -= PAGE_TABLE_INDEX_BITS;
    }
    return NULL;
}

static void table_unlink(const struct spec_cap *cap)
{
    struct spec_pte *entry = table_parent(cap);

    if (entry != NULL) {
        memset(entry, 0, sizeof(*entry));
    }
}

void spec_vspace_table_end(const struct spec_cap *cap)
{
    table_unlink(cap);
    table_clear(cap->object);
}

static struct answer table_map(const struct call *call)
{
    struct spec_cap root = spec_call_extra(call, 0);
    word_t vaddr = spec_call_word(call, 0);

    if (call->length < 2 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (call->cap.mapped) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 0);
    }
    struct answer answer = check_root(&root, 1);

    if (answer.code != ERR_NONE) {
        return answer;
    }
    if (vaddr > USER_TOP) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 0);
    }
    answer = check_asid(&root, 1);
    if (answer.code != ERR_NONE) {
        return answer;
    }
    struct spec_walk walk = spec_vspace_walk(root.object, vaddr);

    if (walk.bits == SMALL_FRAME_BITS || walk.entry != NULL) {
        return spec_answer_error(ERR_DELETE_FIRST);
    }
    entry_put(
        (struct spec_pte){ .table = walk.table, .index = walk.index, .target = call->cap.object });
    struct spec_cap *cap = &spec_caps_at(call->place)->cap;

    cap->mapped = 1;
    cap->asid = root.asid;
    cap->vaddr = vaddr;
    return answer;
}

struct answer spec_page_table_invoke(const struct call *call)
{
    struct spec_entry *entry = spec_caps_at(call->place);

    switch (call->label) {
    case LABEL_ARM_PAGE_TABLE_MAP: return table_map(call);
    case LABEL_ARM_PAGE_TABLE_UNMAP:
        if (!spec_caps_is_final(entry)) {
            return spec_answer_error(ERR_REVOKE_FIRST);
        }
        if (entry->cap.mapped) {
            table_unlink(&entry->cap);
            table_clear(entry->cap.object);
        }
        entry->cap.mapped = entry->cap.asid = entry->cap.vaddr = 0;
        return spec_answer_done();
    default: return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
}

/* ---- Frames ---------------------------------------------------------------------------------- */

void spec_vspace_frame_end(const struct spec_cap *cap)
{
    word_t root = cap->mapped ? spec_vspace_root(cap->asid) : 0;

    if (root != 0) {
        struct spec_walk walk = spec_vspace_walk(root, cap->vaddr);

        if (walk.entry != NULL && walk.entry->target == cap->object &&
            walk.bits == cap->size_bits) {
            memset(walk.entry, 0, sizeof(*walk.entry));
        }
    }
}

/* Checks 4 to 8 of Page_Map. */
static struct answer check_page(const struct spec_cap *frame, const struct spec_cap *root,
                                word_t vaddr, const struct spec_walk *walk)
{
    word_t size = 1ul << frame->size_bits;

    if (vaddr % size != 0) {
        return spec_answer_error(ERR_ALIGNMENT);
    }
    if (frame->mapped && frame->asid != root->asid) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    if ((frame->mapped && frame->vaddr != vaddr) ||
        (!frame->mapped && (vaddr > USER_TOP || vaddr + size - 1 > USER_TOP))) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 0);
    }
    if (walk->bits != frame->size_bits) {
        return spec_answer_lookup(
            false, (struct spec_lookup){ LOOKUP_MISSING_CAPABILITY, walk->bits, 0, 0 });
    }
    return spec_answer_done();
}

static struct answer page_map(const struct call *call)
{
    struct spec_cap root = spec_call_extra(call, 0);
    word_t vaddr = spec_call_word(call, 0), attributes = spec_call_word(call, 2);

    if (call->length < 3 || call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    struct answer answer = check_root(&root, 1);

    if (answer.code == ERR_NONE) {
        answer = check_asid(&root, 1);
    }
    if (answer.code != ERR_NONE) {
        return answer;
    }
    struct spec_walk walk = spec_vspace_walk(root.object, vaddr);

    answer = check_page(&call->cap, &root, vaddr, &walk);
    if (answer.code != ERR_NONE) {
        return answer;
    }
    entry_put(
        (struct spec_pte){ .table = walk.table,
                           .index = walk.index,
                           .target = call->cap.object,
                           .frame_bits = walk.bits,
                           .rights = spec_caps_mask(call->cap, spec_call_word(call, 1)).rights,
                           .attributes = attributes & (PAGE_CACHEABLE | PAGE_EXECUTE_NEVER),
                           .device = call->cap.device });
    struct spec_cap *cap = &spec_caps_at(call->place)->cap;

    cap->mapped = 1;
    cap->asid = root.asid;
    cap->vaddr = vaddr;
    return answer;
}

struct answer spec_frame_invoke(const struct call *call)
{
    struct spec_cap *cap = &spec_caps_at(call->place)->cap;

    switch (call->label) {
    case LABEL_ARM_PAGE_MAP: return page_map(call);
    case LABEL_ARM_PAGE_UNMAP:
        spec_vspace_frame_end(cap);
        cap->mapped = cap->asid = cap->vaddr = 0;
        return spec_answer_done();
    case LABEL_ARM_PAGE_CLEAN_DATA:
    case LABEL_ARM_PAGE_INVALIDATE_DATA:
    case LABEL_ARM_PAGE_CLEAN_INVALIDATE_DATA:
    case LABEL_ARM_PAGE_UNIFY_INSTRUCTION: return frame_cache_op(call);
    case LABEL_ARM_PAGE_GET_ADDRESS: return spec_answer_word(cap->object - SPEC_WINDOW);
    default: return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
}

/* ---- ASID control and pools ------------------------------------------------------------------ */

struct answer spec_asid_control_invoke(const struct call *call)
{
    struct spec_cap untyped = spec_call_extra(call, 0);
    word_t pool = 0, place;

    if (call->label != LABEL_ARM_ASID_CONTROL_MAKE_POOL) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (call->length < 2 || call->extra_count < 2) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    while (pool < SPEC_POOLS && spec.pools[pool] != 0) {
        pool++;
    }
    if (pool == SPEC_POOLS) {
        return spec_answer_error(ERR_DELETE_FIRST);
    }
    if (untyped.type != CAP_UNTYPED || untyped.device || untyped.size_bits != ASID_POOL_BITS) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    if (spec_caps_has_children(spec_caps_at(call->extra[0]))) {
        return spec_answer_error(ERR_REVOKE_FIRST);
    }
    struct answer answer = spec_lookup_slot(spec_call_extra(call, 1), spec_call_word(call, 0),
                                            spec_call_word(call, 1), false, &place);

    if (answer.code != ERR_NONE) {
        return answer;
    }
    if (spec_caps_at(place) != NULL) {
        return spec_answer_error(ERR_DELETE_FIRST);
    }
    spec.pools[pool] = untyped.object;
    spec_untyped_forget(&untyped, 0);
    spec_caps_insert_derived(
        (struct spec_cap){ .type = CAP_ASID_POOL, .object = untyped.object, .number = pool },
        call->extra[0], place);
    spec_caps_at(call->extra[0])->cap.watermark = 1ul << ASID_POOL_BITS;
    return answer;
}

struct answer spec_asid_pool_invoke(const struct call *call)
{
    struct spec_cap root = spec_call_extra(call, 0);
    word_t base = call->cap.number << ASID_POOL_INDEX_BITS;
    word_t asid = base == 0 ? 1 : base;
    unsigned i = 0;

    if (call->label != LABEL_ARM_ASID_POOL_ASSIGN) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    if (call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (root.type != CAP_VSPACE || root.mapped) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 1);
    }
    if (spec.pools[call->cap.number] == 0) {
        return spec_answer_lookup(false, NO_FAILURE_DETAIL(LOOKUP_INVALID_ROOT));
    }
    if (spec.pools[call->cap.number] != call->cap.object) {
        return spec_answer_number(ERR_INVALID_CAPABILITY, 0);
    }
    while (asid < base + (1ul << ASID_POOL_INDEX_BITS) && spec_vspace_root(asid) != 0) {
        asid++;
    }
    if (asid == base + (1ul << ASID_POOL_INDEX_BITS)) {
        return spec_answer_error(ERR_DELETE_FIRST);
    }
    while (spec.asids[i].root != 0) {
        if (++i == SPEC_ASIDS) {
            spec_give_up("too many ASIDs");
        }
    }
    spec.asids[i] = (struct spec_asid){ asid, root.object };
    struct spec_cap *cap = &spec_caps_at(call->extra[0])->cap;

    cap->mapped = 1;
    cap->asid = asid;
    return spec_answer_done();
}

void spec_vspace_root_end(const struct spec_cap *cap)
{
    for (unsigned i = 0; cap->mapped && i < SPEC_ASIDS; i++) {
        if (spec.asids[i].asid == cap->asid && spec.asids[i].root == cap->object) {
            spec.asids[i] = (struct spec_asid){ 0, 0 };
        }
    }
    table_clear(cap->object);
}

void spec_vspace_pool_end(const struct spec_cap *cap)
{
    if (spec.pools[cap->number] != cap->object) {
        return;
    }
    spec.pools[cap->number] = 0;
    for (unsigned i = 0; i < SPEC_ASIDS; i++) {
        if (spec.asids[i].asid >> ASID_POOL_INDEX_BITS == cap->number) {
            spec.asids[i] = (struct spec_asid){ 0, 0 };
        }
    }
}
