/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Address-space identifiers (abi/02 §1, abi/03 §9)
 */
#include <core/asid.h>

#include <abi/labels.h>
#include <core/cap.h>
#include <core/cdt.h>
#include <core/cspace.h>
#include <core/untyped.h>
#include <core/vspace.h>

#define VMID_FIRST 1 /* 0 is the empty address space */

static word_t asid_pool_number(word_t asid)
{
    return asid >> ASID_POOL_INDEX_BITS;
}

/* The place of `asid` in its pool, assigned or not; NULL if there is no such pool. */
static struct asid_entry *asid_place(word_t asid)
{
    struct asid_pool *pool = asid_pool_at(kernel.asid_pools[asid_pool_number(asid)]);

    return pool == NULL ? NULL : &pool->entries[asid & (ASID_POOL_ENTRIES - 1)];
}

struct asid_entry *asid_find(word_t asid)
{
    struct asid_entry *entry = asid_place(asid);

    return entry != NULL && entry->root_vmid != 0 ? entry : NULL;
}

/* Forget all translations of `vmid`, and who has it. */
static void vmid_free(word_t vmid)
{
    machine_tlb_flush_vmid(vmid);
    kernel.vmid_owner[vmid] = 0;
}

/* A VMID that nobody has: a free one if there is one, else that of the next in turn. */
static word_t vmid_take(void)
{
    word_t vmid = kernel.vmid_next;

    for (word_t i = VMID_FIRST; i < MACHINE_VMID_COUNT; i++) {
        vmid = vmid + 1 < MACHINE_VMID_COUNT ? vmid + 1 : VMID_FIRST;
        if (kernel.vmid_owner[vmid] == 0) {
            kernel.vmid_next = vmid;
            return vmid;
        }
    }
    vmid = vmid + 1 < MACHINE_VMID_COUNT ? vmid + 1 : VMID_FIRST;
    kernel.vmid_next = vmid;
    asid_find(kernel.vmid_owner[vmid])->root_vmid &= ASID_ENTRY_ROOT;
    vmid_free(vmid);
    return vmid;
}

word_t asid_vmid(word_t asid, struct asid_entry *entry)
{
    word_t vmid = asid_entry_vmid(*entry);

    if (vmid == 0) {
        vmid = vmid_take();
        kernel.vmid_owner[vmid] = asid;
        entry->root_vmid |= vmid << ASID_ENTRY_VMID_SHIFT;
    }
    return vmid;
}

void asid_flush_page(word_t asid, word_t vaddr)
{
    struct asid_entry *entry = asid_find(asid);

    /* Without a VMID the address space has never run since the last flush. */
    if (entry != NULL && asid_entry_vmid(*entry) != 0) {
        machine_tlb_flush_page(asid_entry_vmid(*entry), vaddr);
    }
}

void asid_flush(word_t asid)
{
    struct asid_entry *entry = asid_find(asid);

    if (entry != NULL && asid_entry_vmid(*entry) != 0) {
        machine_tlb_flush_vmid(asid_entry_vmid(*entry));
    }
}

/* Free an entry in use. */
static void asid_entry_free(struct asid_entry *entry)
{
    word_t vmid = asid_entry_vmid(*entry);

    entry->root_vmid = 0;
    if (vmid != 0) {
        vmid_free(vmid);
    }
}

void asid_delete(word_t asid, word_t root)
{
    struct asid_entry *entry = asid_find(asid);

    if (entry != NULL && asid_entry_root(*entry) == root) {
        asid_entry_free(entry);
        vspace_switch_to(tcb_at(this_cpu()->current));
    }
}

void asid_pool_finalise(struct asid_pool *pool, word_t base)
{
    if (asid_pool_at(kernel.asid_pools[base]) != pool) {
        return;
    }
    for (word_t i = 0; i < ASID_POOL_ENTRIES; i++) {
        if (pool->entries[i].root_vmid != 0) {
            asid_entry_free(&pool->entries[i]);
        }
    }
    kernel.asid_pools[base] = (struct asid_pool_ref){ 0 };
    vspace_switch_to(tcb_at(this_cpu()->current));
}

void asid_boot(struct asid_pool *pool, word_t root)
{
    kernel.asid_pools[0] = asid_pool_ref_of(pool);
    pool->entries[1].root_vmid = root;
}

/* Lowest free ASID of the pool, 0 if it is full. */
static word_t asid_pool_free(const struct asid_pool *pool, word_t base)
{
    for (word_t i = 0; i < ASID_POOL_ENTRIES; i++) {
        word_t asid = (base << ASID_POOL_INDEX_BITS) + i;

        if (asid != 0 && pool->entries[i].root_vmid == 0) {
            return asid;
        }
    }
    return 0;
}

enum outcome asid_pool_decode(struct invocation *inv)
{
    word_t base = cap_asid_pool_base(inv->cap);
    struct asid_pool *pool = cap_asid_pool_object(inv->cap);
    struct slot *root;
    word_t asid;

    if (inv->label != LABEL_ARM_ASID_POOL_ASSIGN) {
        return error_illegal();
    }
    if (inv->extra_count < 1) {
        return error_truncated();
    }
    root = inv->extra[0];
    if (cap_type(root->cap) != CAP_VSPACE || cap_vspace_is_mapped(root->cap)) {
        return error_capability(1);
    }
    if (kernel.asid_pools[base].raw == 0) {
        this_cpu()->lookup_fault = (struct lookup_fault){ .failure = LOOKUP_INVALID_ROOT };
        return error_lookup(false);
    }
    if (asid_pool_at(kernel.asid_pools[base]) != pool) {
        return error_capability(0);
    }
    asid = asid_pool_free(pool, base);
    if (asid == 0) {
        return error_delete_first();
    }
    asid_place(asid)->root_vmid = cap_address(root->cap);
    root->cap = cap_vspace_new(cap_address(root->cap), true, asid);
    return OUTCOME_DONE;
}

/* Lowest pool number not in use, ASID_POOL_COUNT if all are. */
static word_t asid_free_pool_number(void)
{
    word_t number = 0;

    while (number < ASID_POOL_COUNT && kernel.asid_pools[number].raw != 0) {
        number++;
    }
    return number;
}

enum outcome asid_control_decode(struct invocation *inv)
{
    word_t number = asid_free_pool_number();
    struct slot *untyped;
    struct slot *destination;
    struct cap cap;

    if (inv->label != LABEL_ARM_ASID_CONTROL_MAKE_POOL) {
        return error_illegal();
    }
    if (inv->length < 2 || inv->extra_count < 2) {
        return error_truncated();
    }
    if (number == ASID_POOL_COUNT) {
        return error_delete_first();
    }
    untyped = inv->extra[0];
    cap = untyped->cap;
    if (cap_type(cap) != CAP_UNTYPED || cap_untyped_is_device(cap) ||
        cap_untyped_size_bits(cap) != ASID_POOL_BITS) {
        return error_capability(1);
    }
    if (cdt_has_children(untyped)) {
        return error_revoke_first();
    }
    if (cspace_lookup_empty(inv->extra[1]->cap, invocation_arg(inv, 0), invocation_arg(inv, 1),
                            &destination) != ERR_NONE) {
        return OUTCOME_ERROR;
    }
    untyped->cap = untyped_full(cap);
    machine_memory_clear(cap_address(cap), sizeof(struct asid_pool));
    cdt_insert(cap_asid_pool_new(cap_address(cap), number), untyped, destination);
    kernel.asid_pools[number] = (struct asid_pool_ref){ cap_address(cap) };
    return OUTCOME_DONE;
}
