/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces: tables (abi/03 §9)
 */
#include <core/vspace.h>

#include <abi/labels.h>
#include <core/cap.h>
#include <core/cdt.h>
#include <core/preempt.h>

/* What a cache operation does between two looks at the preemption counter, and counts for. */
#define CACHE_STEP_BYTES 4096ul
#define CACHE_STEP_UNITS 8

static pte_t pte_read(word_t kaddr)
{
    const pte_t *entry = machine_pointer(kaddr);

    return *entry;
}

struct vspace_walk vspace_walk(word_t root, word_t vaddr)
{
    struct vspace_walk walk = { .level = 0 };
    word_t table = root;

    /* At most VSPACE_LEVELS rounds: at the last level no entry is a table. */
    for (;;) {
        walk.entry = table + vspace_level_index(vaddr, walk.level) * PTE_BYTES;
        walk.pte = pte_read(walk.entry);
        if (!pte_is_table(walk.pte, walk.level)) {
            return walk;
        }
        table = pte_address(walk.pte) + KERNEL_WINDOW_BASE;
        walk.level++;
    }
}

bool cap_is_valid_vspace_root(struct cap cap)
{
    return cap_type(cap) == CAP_VSPACE && cap_vspace_is_mapped(cap);
}

void vspace_switch_to(struct tcb *thread)
{
    if (thread != NULL) {
        struct cap root = thread->slots[TCB_SLOT_VSPACE].cap;

        if (cap_is_valid_vspace_root(root)) {
            word_t asid = cap_vspace_asid(root);
            struct asid_entry *entry = asid_find(asid);

            if (entry != NULL && asid_entry_root(*entry) == cap_address(root)) {
                machine_vspace_switch(vspace_paddr(cap_address(root)), asid_vmid(asid, entry));
                return;
            }
        }
    }
    machine_vspace_switch(machine_vspace_empty(), 0);
}

enum outcome vspace_check_asid(struct cap root, word_t number)
{
    const struct asid_entry *entry = asid_find(cap_vspace_asid(root));

    if (entry == NULL) {
        this_cpu()->lookup_fault = (struct lookup_fault){ .failure = LOOKUP_INVALID_ROOT };
        return error_lookup(false);
    }
    return asid_entry_root(*entry) == cap_address(root) ? OUTCOME_DONE : error_capability(number);
}

enum cache_op vspace_cache_kind(word_t operation, word_t rights)
{
    static const enum cache_op order[] = { CACHE_CLEAN, CACHE_INVALIDATE, CACHE_CLEAN_INVALIDATE,
                                           CACHE_UNIFY };

    /* Throwing away what others wrote is as good as writing. */
    if (order[operation] == CACHE_INVALIDATE && rights != FRAME_READ_WRITE) {
        return CACHE_CLEAN_INVALIDATE;
    }
    return order[operation];
}

enum outcome vspace_cache_op(enum cache_op op, word_t kaddr, word_t bytes)
{
    struct tcb *caller = tcb_at(this_cpu()->current);
    word_t start = caller->context.regs[CONTEXT_MESSAGE];

    /* Memory outside the window (devices) is never in a cache on the kernel's account. */
    if (bytes == 0 || !machine_in_window(vspace_paddr(kaddr), bytes)) {
        return OUTCOME_DONE;
    }
    while (bytes > CACHE_STEP_BYTES) {
        machine_cache_op(op, kaddr, CACHE_STEP_BYTES);
        kaddr += CACHE_STEP_BYTES;
        start += CACHE_STEP_BYTES;
        bytes -= CACHE_STEP_BYTES;
        if (preemption_point_after(CACHE_STEP_UNITS)) {
            caller->context.regs[CONTEXT_MESSAGE] = start;
            return OUTCOME_PREEMPTED;
        }
    }
    machine_cache_op(op, kaddr, bytes);
    return OUTCOME_DONE;
}

enum outcome vspace_decode(struct invocation *inv)
{
    word_t start = invocation_arg(inv, 0);
    word_t end = invocation_arg(inv, 1);
    struct vspace_walk walk;
    word_t mask;

    if (inv->label < LABEL_ARM_VSPACE_CLEAN_DATA ||
        inv->label > LABEL_ARM_VSPACE_UNIFY_INSTRUCTION) {
        return error_illegal();
    }
    if (inv->length < 2) {
        return error_truncated();
    }
    if (end <= start) {
        return error_argument(1);
    }
    if (end > USER_TOP) {
        return error_illegal();
    }
    if (!cap_is_valid_vspace_root(inv->cap)) {
        return error_capability(0);
    }
    if (vspace_check_asid(inv->cap, 0) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    walk = vspace_walk(cap_address(inv->cap), start);
    if (!pte_is_leaf(walk.pte, walk.level)) {
        return OUTCOME_DONE;
    }
    mask = (1ul << vspace_level_shift(walk.level)) - 1;
    if ((start & ~mask) != ((end - 1) & ~mask)) {
        return error_range(start, start | mask);
    }
    return vspace_cache_op(
        vspace_cache_kind(inv->label - LABEL_ARM_VSPACE_CLEAN_DATA, pte_rights(walk.pte)),
        pte_address(walk.pte) + (start & mask) + KERNEL_WINDOW_BASE, end - 1 - start);
}

/* ---- Tables below the root ------------------------------------------------------------------ */

/* Enter the table of `slot` where the walk ended. */
static void page_table_map(struct slot *slot, const struct vspace_walk *walk, word_t asid,
                           word_t vaddr)
{
    word_t table = cap_address(slot->cap);
    word_t covered = (1ul << vspace_level_shift(walk->level)) - 1;

    slot->cap = cap_page_table_new(table, true, asid, vaddr & ~covered);
    machine_pte_write(walk->entry, pte_table(vspace_paddr(table)));
}

static enum outcome page_table_decode_map(struct invocation *inv)
{
    word_t vaddr = invocation_arg(inv, 0);
    struct vspace_walk walk;
    struct cap root;

    if (inv->length < 2 || inv->extra_count < 1) {
        return error_truncated();
    }
    if (cap_page_table_is_mapped(inv->cap)) {
        return error_capability(0);
    }
    root = inv->extra[0]->cap;
    if (!cap_is_valid_vspace_root(root)) {
        return error_capability(1);
    }
    if (vaddr > USER_TOP) {
        return error_argument(0);
    }
    if (vspace_check_asid(root, 1) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    walk = vspace_walk(cap_address(root), vaddr);
    if (walk.level == VSPACE_LAST_LEVEL || pte_is_leaf(walk.pte, walk.level)) {
        return error_delete_first();
    }
    page_table_map(inv->slot, &walk, cap_vspace_asid(root), vaddr);
    return OUTCOME_DONE;
}

void vspace_unmap_table(struct cap cap)
{
    const struct asid_entry *entry;
    word_t table;
    word_t vaddr = cap_page_table_vaddr(cap);

    if (!cap_page_table_is_mapped(cap)) {
        return;
    }
    entry = asid_find(cap_page_table_asid(cap));
    if (entry == NULL) {
        return;
    }
    table = asid_entry_root(*entry);
    for (word_t level = 0; level < VSPACE_LAST_LEVEL; level++) {
        word_t place = table + vspace_level_index(vaddr, level) * PTE_BYTES;
        pte_t pte = pte_read(place);

        if (!pte_is_table(pte, level)) {
            return;
        }
        table = pte_address(pte) + KERNEL_WINDOW_BASE;
        if (table == cap_address(cap)) {
            machine_pte_write(place, pte_invalid());
            asid_flush(cap_page_table_asid(cap));
            return;
        }
    }
}

static enum outcome page_table_decode_unmap(struct invocation *inv)
{
    word_t table = cap_address(inv->cap);

    if (!cdt_is_final(inv->slot)) {
        return error_revoke_first();
    }
    if (cap_page_table_is_mapped(inv->cap)) {
        vspace_unmap_table(inv->cap);
        machine_memory_clear(table, 1ul << PAGE_TABLE_BITS);
        machine_table_clean(table, 1ul << PAGE_TABLE_BITS);
    }
    inv->slot->cap = cap_page_table_new(table, false, 0, 0);
    return OUTCOME_DONE;
}

enum outcome page_table_decode(struct invocation *inv)
{
    switch (inv->label) {
    case LABEL_ARM_PAGE_TABLE_MAP: return page_table_decode_map(inv);
    case LABEL_ARM_PAGE_TABLE_UNMAP: return page_table_decode_unmap(inv);
    default: return error_illegal();
    }
}

bool vspace_boot_map_table(word_t root, struct cap cap)
{
    struct vspace_walk walk = vspace_walk(root, cap_page_table_vaddr(cap));

    if (walk.level == VSPACE_LAST_LEVEL || pte_is_leaf(walk.pte, walk.level)) {
        return false;
    }
    machine_pte_write(walk.entry, pte_table(vspace_paddr(cap_address(cap))));
    return true;
}
