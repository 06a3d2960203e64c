/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The model machine
 */
#include <host/model.h>

#include <abi/objects.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LIST_VIRQ        0x3fful
#define LIST_EOI         (1ul << 19)
#define LIST_PRIORITY(p) ((p) << 23)
#define LIST_PENDING     (1ul << 28)
#define LIST_ACTIVE      (1ul << 29)
#define LIST_GROUP(g)    ((g) << 30)

struct host_model host;
word_t host_address_offset;

static _Alignas(4096) unsigned char memory[HOST_MEMORY_BYTES];

void host_init(void)
{
    memset(memory, 0, sizeof(memory));
    memset(&host, 0, sizeof(host));
    host.deadline = ~0ul;
    host.maintenance = ~0ul;
    host.vcpu_is_native = true;
    host_address_offset = HOST_MEMORY - (word_t)(uintptr_t)memory;
}

/* Pointer to `bytes` of memory; dies if they are not memory. */
static unsigned char *memory_at(word_t kaddr, word_t bytes)
{
    assert(kaddr >= HOST_MEMORY && kaddr - HOST_MEMORY <= HOST_MEMORY_BYTES - bytes);
    return memory + (kaddr - HOST_MEMORY);
}

void host_memory_fill(word_t kaddr, unsigned char byte, word_t bytes)
{
    memset(memory_at(kaddr, bytes), byte, bytes);
}

bool host_memory_is_zero(word_t kaddr, word_t bytes)
{
    const unsigned char *start = memory_at(kaddr, bytes);

    for (word_t i = 0; i < bytes; i++) {
        if (start[i] != 0) {
            return false;
        }
    }
    return true;
}

/* ---- Memory ---------------------------------------------------------------------------- */

void machine_memory_clear(word_t kaddr, word_t bytes)
{
    assert(bytes % 16 == 0);
    memset(memory_at(kaddr, bytes), 0, bytes);
    host.cleared_bytes += bytes;
}

void machine_table_clean(word_t kaddr, word_t bytes)
{
    memory_at(kaddr, bytes);
}

void machine_frame_clean(word_t kaddr, word_t bytes)
{
    memory_at(kaddr, bytes);
    host.cleaned_bytes += bytes;
}

void machine_cache_op(enum cache_op op, word_t kaddr, word_t bytes)
{
    memory_at(kaddr, bytes);
    host.cache_ops++;
    host.cache_op = op;
    host.cache_op_kaddr = kaddr;
    host.cache_op_bytes = bytes;
}

bool machine_in_window(word_t paddr, word_t bytes)
{
    return paddr >= HOST_MEMORY_BASE && bytes <= HOST_MEMORY_BYTES &&
           paddr - HOST_MEMORY_BASE <= HOST_MEMORY_BYTES - bytes;
}

/* ---- Translation ------------------------------------------------------------------------ */

void machine_pte_write(word_t kaddr, pte_t entry)
{
    memcpy(memory_at(kaddr, sizeof(entry)), &entry, sizeof(entry));
    host.pte_writes++;
}

void machine_tlb_flush_vmid(word_t vmid)
{
    assert(vmid < MACHINE_VMID_COUNT);
    host.flushes_vmid++;
    host.flushed_vmid = vmid;
}

void machine_tlb_flush_page(word_t vmid, word_t vaddr)
{
    assert(vmid < MACHINE_VMID_COUNT);
    host.flushes_page++;
    host.flushed_vmid = vmid;
    host.flushed_vaddr = vaddr;
}

void machine_vspace_switch(word_t root, word_t vmid)
{
    assert(vmid < MACHINE_VMID_COUNT);
    host.vspace_root = root;
    host.vspace_vmid = vmid;
}

word_t machine_vspace_empty(void)
{
    return 0;
}

/* ---- Time -------------------------------------------------------------------------------- */

word_t machine_time_now(void)
{
    return host.now;
}

void machine_timer_set(word_t deadline)
{
    host.deadline = deadline;
}

void machine_timer_ack(void)
{
    host.deadline = ~0ul;
    host.timer_acks++;
}

/* ---- Interrupts ------------------------------------------------------------------------- */

static bool irq_can_come(word_t irq)
{
    return host.irq_pending[irq] && host.irq_enabled[irq] && !host.irq_held[irq];
}

word_t machine_irq_take(void)
{
    for (word_t irq = 0; irq < HOST_IRQ_COUNT; irq++) {
        if (irq_can_come(irq)) {
            /* What was taken is finished or held before the next one is taken. */
            assert(host.irq_active == 0);
            host.irq_active = irq + 1;
            host.irq_pending[irq] = false;
            return irq;
        }
    }
    return MACHINE_IRQ_NONE;
}

bool machine_irq_is_pending(void)
{
    if (host.on_poll != NULL) {
        host.on_poll();
    }
    host.irq_polls++;
    for (word_t irq = 0; irq < HOST_IRQ_COUNT; irq++) {
        if (irq_can_come(irq)) {
            return true;
        }
    }
    return host.irq_is_urgent;
}

void machine_irq_finish(word_t irq)
{
    assert(host.irq_active == 0 ||
           host.irq_active == irq + 1); /* tests call the core without taking */
    host.irq_active = 0;
}

void machine_irq_hold(word_t irq)
{
    assert(host.irq_active == 0 ||
           host.irq_active == irq + 1); /* tests call the core without taking */
    host.irq_active = 0;
    host.irq_held[irq] = true;
}

void machine_irq_user_ack(word_t irq)
{
    assert(irq < HOST_IRQ_COUNT);
    host.irq_held[irq] = false;
}

void machine_irq_mask(word_t irq)
{
    assert(irq < HOST_IRQ_COUNT);
    host.irq_enabled[irq] = false;
}

void machine_irq_unmask(word_t irq)
{
    assert(irq < HOST_IRQ_COUNT);
    host.irq_enabled[irq] = true;
}

void machine_irq_set_trigger(word_t irq, bool edge)
{
    assert(irq >= SGI_COUNT && irq < HOST_IRQ_COUNT);
    host.irq_is_edge[irq] = edge;
}

bool machine_sgi_target_is_valid(word_t target)
{
    return target <= GICV2_SGI_TARGET_MAX;
}

void machine_sgi_send(word_t irq, word_t target)
{
    host.sgis_sent++;
    host.sgi_irq = irq;
    host.sgi_target = target;
}

/* ---- Execution contexts ------------------------------------------------------------------ */

void machine_fpu_save(struct fpu_state *state)
{
    *state = host.fpu;
}

void machine_fpu_load(const struct fpu_state *state)
{
    host.fpu = *state;
}

void machine_fpu_enable(bool enable)
{
    host.fpu_enabled = enable;
}

void machine_counter_access(word_t mask)
{
    host.counter_mask = mask;
}

static bool vcpu_field_is_group_a(word_t field)
{
    return field < 2 || field >= VCPU_REG_CNTV_CTL_EL0;
}

static void vcpu_copy(struct vcpu_registers *to, const struct vcpu_registers *from, bool group_a)
{
    for (word_t i = 0; i < VCPU_REG_COUNT; i++) {
        if (vcpu_field_is_group_a(i) == group_a) {
            to->fields[i] = from->fields[i];
        }
    }
    if (group_a) {
        to->vgic_hcr = from->vgic_hcr;
    } else {
        to->vgic_vmcr = from->vgic_vmcr;
        to->vgic_apr = from->vgic_apr;
        memcpy(to->vgic_list, from->vgic_list, HOST_LIST_COUNT * sizeof(to->vgic_list[0]));
    }
}

void machine_vcpu_native(void)
{
    host.vcpu_is_native = true;
    host.vcpu.vgic_hcr = 0;
}

void machine_vcpu_restore(const struct vcpu_registers *vcpu)
{
    vcpu_copy(&host.vcpu, vcpu, false);
}

void machine_vcpu_save(struct vcpu_registers *vcpu)
{
    vcpu_copy(vcpu, &host.vcpu, false);
}

void machine_vcpu_enable(const struct vcpu_registers *vcpu)
{
    vcpu_copy(&host.vcpu, vcpu, true);
    host.vcpu_is_native = false;
}

void machine_vcpu_disable(struct vcpu_registers *vcpu)
{
    vcpu_copy(vcpu, &host.vcpu, true);
    machine_vcpu_native();
}

word_t machine_vcpu_read(word_t field)
{
    assert(field < VCPU_REG_COUNT);
    return host.vcpu.fields[field];
}

void machine_vcpu_write(word_t field, word_t value)
{
    assert(field < VCPU_REG_COUNT);
    host.vcpu.fields[field] = value;
}

word_t machine_vgic_list_count(void)
{
    return HOST_LIST_COUNT;
}

word_t machine_vgic_list_make(word_t virq, word_t priority, word_t group)
{
    return (virq & LIST_VIRQ) | LIST_EOI | LIST_PRIORITY(priority) | LIST_PENDING |
           LIST_GROUP(group);
}

bool machine_vgic_list_is_active(word_t list_register)
{
    return (list_register & (LIST_PENDING | LIST_ACTIVE)) == LIST_ACTIVE;
}

word_t machine_vgic_list_read(word_t index)
{
    assert(index < HOST_LIST_COUNT);
    return host.vcpu.vgic_list[index];
}

void machine_vgic_list_write(word_t index, word_t value)
{
    assert(index < HOST_LIST_COUNT);
    host.vcpu.vgic_list[index] = value;
}

word_t machine_vgic_list_without_eoi(word_t list_register)
{
    return list_register & ~LIST_EOI;
}

word_t machine_vgic_maintenance_index(void)
{
    return host.maintenance;
}

word_t machine_vcpu_translate(word_t vaddr)
{
    return vaddr;
}

/* ---- Firmware, console, end -------------------------------------------------------------- */

void machine_smc_call(word_t registers[8])
{
    memcpy(host.smc_in, registers, sizeof(host.smc_in));
    memcpy(registers, host.smc_out, sizeof(host.smc_out));
    host.smc_calls++;
}

void machine_console_put(char character)
{
    if (host.console_length < HOST_CONSOLE_SIZE) {
        host.console[host.console_length++] = character;
    }
}

void machine_halt(void)
{
    abort();
}
