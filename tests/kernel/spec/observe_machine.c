/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: looking at the core, what the machine has been told
 */
#include "observe.h"

#include "caps.h"
#include "objects.h"
#include "vcpu.h"
#include "vspace.h"

#include <arch/pte.h>
#include <core/asid.h>
#include <core/object.h>
#include <core/state.h>
#include <host/model.h>

#define same          observe_same
#define same_numbered observe_same_numbered

static bool interrupts_agree(void)
{
    for (word_t irq = 0; irq < SPEC_IRQS; irq++) {
        const struct spec_irq *ours = &spec.irqs[irq];

        if (!same("state of interrupt", irq, ours->state, kernel.irq_state[irq]) ||
            !same("interrupt enabled", irq, ours->enabled, host.irq_enabled[irq]) ||
            !same("interrupt held", irq, ours->held, host.irq_held[irq]) ||
            !same("interrupt by edge", irq, ours->edge, host.irq_is_edge[irq])) {
            return false;
        }
    }
    return same("SGIs sent", 0, spec.sgis_sent, host.sgis_sent) &&
           same("number of the last SGI", 0, spec.sgi.number, host.sgi_irq) &&
           same("target of the last SGI", 0, spec.sgi.target, host.sgi_target);
}

#define TABLE_STEPS 50

static word_t wanted_pte(const struct spec_pte *entry)
{
    word_t paddr = entry->target - KERNEL_WINDOW_BASE;

    if (entry->frame_bits == 0) {
        return pte_table(paddr);
    }
    return pte_leaf(paddr, (HUGE_FRAME_BITS - entry->frame_bits) / PAGE_TABLE_INDEX_BITS,
                    entry->rights, entry->attributes);
}

/* What is in a table is what the specification says, and nothing else. */
static bool table_agrees(const struct spec_cap *table)
{
    const pte_t *entries = machine_pointer(table->object);
    word_t count = spec_caps_bytes(table) / sizeof(pte_t), used = 0, wanted = 0;

    for (size_t i = 0; i < SPEC_ENTRIES; i++) {
        const struct spec_pte *entry = &spec.entries[i];

        if (entry->table == table->object) {
            wanted++;
            if (!same("table entry", entry->table + entry->index * sizeof(pte_t), wanted_pte(entry),
                      entries[entry->index])) {
                return false;
            }
        }
    }
    for (word_t i = 0; i < count; i++) {
        used += entries[i] != 0;
    }
    return same("entries of table", table->object, wanted, used);
}

/* All tables, after each step that has written an entry or cleared memory, and now and then in
 * case that something else has. */
static bool tables_agree(void)
{
    static word_t seen, steps;
    word_t written = host.pte_writes + host.cleared_bytes;

    if (written == seen && steps++ % TABLE_STEPS != 0) {
        return true;
    }
    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_cap *cap = &spec.caps[i].cap;
        const struct spec_cap *before = i == 0 ? NULL : &spec.caps[i - 1].cap;
        bool is_copy = before != NULL && before->type == cap->type && before->object == cap->object;

        if ((cap->type == CAP_PAGE_TABLE || cap->type == CAP_VSPACE) && !is_copy &&
            !table_agrees(cap)) {
            return false;
        }
    }
    seen = written;
    return true;
}

static word_t physical(word_t root)
{
    return root == 0 ? 0 : root - KERNEL_WINDOW_BASE;
}

static bool vspaces_agree(void)
{
    const struct spec_thread *current = spec_current_thread();

    if (!tables_agree()) {
        return false;
    }
    for (word_t i = 0; i < SPEC_POOLS; i++) {
        if (!same("ASID pool", i, spec.pools[i], kernel.asid_pools[i].raw)) {
            return false;
        }
    }
    for (size_t i = 0; i < SPEC_ASIDS; i++) {
        const struct spec_asid *asid = &spec.asids[i];
        const struct asid_entry *entry = asid->root == 0 ? NULL : asid_find(asid->asid);

        if (asid->root != 0 && !same("root of ASID", asid->asid, asid->root,
                                     entry == NULL ? 0 : asid_entry_root(*entry))) {
            return false;
        }
    }
    /* A thread that loses its root while it runs may go on until the next switch. */
    if (!same("end of the last cache operation", 0, spec.cache_end,
              host.cache_op_kaddr + host.cache_op_bytes)) {
        return false;
    }
    return current == NULL || spec_caps_at(current->id + (TCB_SLOT_VSPACE << SLOT_BITS)) == NULL ||
           same("address space that runs", current->id, physical(spec_vspace_of(current)),
                host.vspace_root);
}

/* The registers of a VCPU, where they are right: in the object, or in the hardware. */
static bool registers_agree(word_t id, const struct spec_vcpu_registers *ours,
                            const struct vcpu_registers *core, bool lazy)
{
    for (word_t i = 0; i < VCPU_REG_COUNT; i++) {
        if (spec_vcpu_field_is_lazy(i) == lazy && ours->fields[i] != core->fields[i]) {
            return same_numbered("VCPU register", i, id, ours->fields[i], core->fields[i]);
        }
    }
    for (word_t i = 0; lazy && i < SPEC_LISTS; i++) {
        if (ours->list[i] != core->vgic_list[i]) {
            return same_numbered("list register", i, id, ours->list[i], core->vgic_list[i]);
        }
    }
    return lazy || same("VGIC control", id, ours->hcr, core->vgic_hcr);
}

static bool vcpu_agrees(const struct spec_vcpu *vcpu)
{
    const struct vcpu *object = machine_pointer(vcpu->id);
    bool loaded = spec.vcpu == vcpu->id, active = loaded && spec.vcpu_active;
    word_t id = vcpu->id;

    for (word_t i = 0; i < SPEC_LISTS; i++) {
        if (!same("saved list register", id + i, vcpu->saved.list[i],
                  object->registers.vgic_list[i])) {
            return false;
        }
    }
    return same("thread of VCPU", id, vcpu->thread, object->tcb.raw) &&
           same("timer masked", id, vcpu->timer_masked, object->vppi_masked) &&
           registers_agree(id, loaded ? &spec.hardware : &vcpu->saved,
                           loaded ? &host.vcpu : &object->registers, true) &&
           registers_agree(id, active ? &spec.hardware : &vcpu->saved,
                           active ? &host.vcpu : &object->registers, false);
}

static bool vcpus_agree(void)
{
    for (size_t i = 0; i < SPEC_VCPUS; i++) {
        if (spec.vcpus[i].id != 0 && !vcpu_agrees(&spec.vcpus[i])) {
            return false;
        }
    }
    return same("VCPU in hardware", 0, spec.vcpu, kernel.cpu.vcpu_current.raw) &&
           same("native", 0, !spec.vcpu_active, host.vcpu_is_native);
}

static bool firmware_agrees(void)
{
    for (word_t i = 0; i < SPEC_SMC_WORDS; i++) {
        if (!same("SMC register", i, spec.smc_in[i], host.smc_in[i])) {
            return false;
        }
    }
    return same("SMC calls", 0, spec.smc_calls, host.smc_calls);
}

bool observe_machine_agrees(void)
{
    return interrupts_agree() && vspaces_agree() && vcpus_agree() && firmware_agrees();
}
