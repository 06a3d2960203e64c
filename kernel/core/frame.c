/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces: frames (abi/03 §9)
 */
#include <core/vspace.h>

#include <abi/labels.h>
#include <core/cap.h>
#include <core/ipc_transfer.h>

/* Physical memory to which cache operations by frame are allowed at all: the size of the window in
 * the ABI's memory layout (abi/05 §6). */
#define WINDOW_BYTES 0x7fc0000000ul

static bool frame_is_mapped(struct cap cap)
{
    return cap_frame_asid(cap) != 0;
}

static word_t frame_bytes(struct cap cap)
{
    return 1ul << frame_size_bits(cap_frame_size(cap));
}

/* The level whose leaves have the size of the frame. */
static word_t frame_level(struct cap cap)
{
    return VSPACE_LAST_LEVEL - cap_frame_size(cap);
}

static struct cap frame_with_mapping(struct cap cap, word_t asid, word_t vaddr)
{
    return cap_frame_with_vaddr(cap_frame_with_asid(cap, asid), vaddr);
}

enum outcome vspace_check_buffer_cap(struct cap cap, word_t address)
{
    if (cap_type(cap) != CAP_FRAME || cap_frame_is_device(cap)) {
        return error_illegal();
    }
    if ((address & ((1ul << IPC_BUFFER_BITS) - 1)) != 0) {
        return error_alignment();
    }
    return OUTCOME_DONE;
}

void vspace_unmap_frame(struct cap cap)
{
    const struct asid_entry *entry;
    struct vspace_walk walk;

    if (!frame_is_mapped(cap)) {
        return;
    }
    entry = asid_find(cap_frame_asid(cap));
    if (entry == NULL) {
        return;
    }
    walk = vspace_walk(asid_entry_root(*entry), cap_frame_vaddr(cap));
    /* Another frame may have been mapped over it, or the tables may have changed. */
    if (walk.level == frame_level(cap) && pte_is_leaf(walk.pte, walk.level) &&
        pte_address(walk.pte) == vspace_paddr(cap_address(cap))) {
        machine_pte_write(walk.entry, pte_invalid());
        asid_flush_page(cap_frame_asid(cap), cap_frame_vaddr(cap));
    }
}

/* Checks 4 to 7: the address, and where the frame is mapped already. */
static enum outcome frame_check_address(struct cap cap, word_t asid, word_t vaddr)
{
    word_t bytes = frame_bytes(cap);

    if ((vaddr & (bytes - 1)) != 0) {
        return error_alignment();
    }
    if (frame_is_mapped(cap)) {
        if (cap_frame_asid(cap) != asid) {
            return error_capability(1);
        }
        if (cap_frame_vaddr(cap) != vaddr) {
            return error_argument(0);
        }
    } else if (vaddr + bytes - 1 > USER_TOP) {
        return error_argument(0);
    }
    return OUTCOME_DONE;
}

/* Put the leaf where the walk ended. */
static void frame_map(const struct vspace_walk *walk, word_t asid, word_t vaddr, pte_t leaf)
{
    if (pte_is_leaf(walk->pte, walk->level)) {
        /* The architecture asks for an invalid entry between two valid ones. */
        machine_pte_write(walk->entry, pte_invalid());
        asid_flush_page(asid, vaddr);
    }
    machine_pte_write(walk->entry, leaf);
}

static enum outcome frame_decode_map(struct invocation *inv)
{
    word_t vaddr = invocation_arg(inv, 0);
    word_t rights = invocation_arg(inv, 1);
    struct vspace_walk walk;
    struct cap root;
    word_t asid;

    if (inv->length < 3 || inv->extra_count < 1) {
        return error_truncated();
    }
    root = inv->extra[0]->cap;
    if (!cap_is_valid_vspace_root(root)) {
        return error_capability(1);
    }
    asid = cap_vspace_asid(root);
    if (vspace_check_asid(root, 1) != OUTCOME_DONE ||
        frame_check_address(inv->cap, asid, vaddr) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    walk = vspace_walk(cap_address(root), vaddr);
    if (walk.level != frame_level(inv->cap)) {
        return error_missing(false, vspace_level_shift(walk.level));
    }
    inv->slot->cap = frame_with_mapping(inv->cap, asid, vaddr);
    frame_map(&walk, asid, vaddr,
              pte_leaf(vspace_paddr(cap_address(inv->cap)), walk.level,
                       frame_rights_mask(cap_frame_rights(inv->cap), rights),
                       invocation_arg(inv, 2)));
    return OUTCOME_DONE;
}

static enum outcome frame_decode_unmap(struct invocation *inv)
{
    vspace_unmap_frame(inv->cap);
    inv->slot->cap = frame_with_mapping(inv->cap, 0, 0);
    return OUTCOME_DONE;
}

static enum outcome frame_decode_cache_op(struct invocation *inv)
{
    word_t start = invocation_arg(inv, 0);
    word_t end = invocation_arg(inv, 1);
    word_t address = cap_address(inv->cap);
    word_t bytes = frame_bytes(inv->cap);

    if (inv->length < 2) {
        return error_truncated();
    }
    if (!frame_is_mapped(inv->cap)) {
        return error_illegal();
    }
    if (asid_find(cap_frame_asid(inv->cap)) == NULL) {
        this_cpu()->lookup_fault = (struct lookup_fault){ .failure = LOOKUP_INVALID_ROOT };
        return error_lookup(false);
    }
    if (end <= start) {
        return error_argument(1);
    }
    if (start >= bytes || end > bytes) {
        return error_argument(0);
    }
    if (vspace_paddr(address) + end > WINDOW_BYTES) {
        return error_illegal();
    }
    return vspace_cache_op(
        vspace_cache_kind(inv->label - LABEL_ARM_PAGE_CLEAN_DATA, cap_frame_rights(inv->cap)),
        address + start, end - 1 - start);
}

static enum outcome frame_decode_get_address(struct invocation *inv)
{
    word_t paddr = vspace_paddr(cap_address(inv->cap));

    invocation_reply_words(inv, &paddr, 1);
    return OUTCOME_DONE;
}

enum outcome frame_decode(struct invocation *inv)
{
    switch (inv->label) {
    case LABEL_ARM_PAGE_MAP: return frame_decode_map(inv);
    case LABEL_ARM_PAGE_UNMAP: return frame_decode_unmap(inv);
    case LABEL_ARM_PAGE_CLEAN_DATA:
    case LABEL_ARM_PAGE_INVALIDATE_DATA:
    case LABEL_ARM_PAGE_CLEAN_INVALIDATE_DATA:
    case LABEL_ARM_PAGE_UNIFY_INSTRUCTION: return frame_decode_cache_op(inv);
    case LABEL_ARM_PAGE_GET_ADDRESS: return frame_decode_get_address(inv);
    default: return error_illegal();
    }
}

bool vspace_boot_map_frame(word_t root, struct cap cap, word_t attributes)
{
    struct vspace_walk walk = vspace_walk(root, cap_frame_vaddr(cap));

    if (walk.level != frame_level(cap) || pte_is_leaf(walk.pte, walk.level)) {
        return false;
    }
    machine_pte_write(walk.entry, pte_leaf(vspace_paddr(cap_address(cap)), walk.level,
                                           cap_frame_rights(cap), attributes));
    return true;
}
