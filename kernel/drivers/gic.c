/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupt controller: the machine interface
 *
 * One kernel serves both generations; which one is there is asked at each call (a predictable
 * branch) rather than through function pointers.
 */
#include "gic.h"

#include <machine/machine.h>
#include <machine/parts.h>

#define SGI_TARGETS_GICV2 8ul
#define SGI_TARGETS_GICV3 (1ul << 32)
#define ISR_IRQ           (1ul << 7)

/* List registers (abi/06 §4). */
#define LIST_V2_EOI         (1ul << 19)
#define LIST_V2_STATE_SHIFT 28
#define LIST_V3_EOI         (1ul << 41)
#define LIST_V3_STATE_SHIFT 62
#define LIST_PENDING        1ul
#define LIST_ACTIVE         2ul
#define LIST_STATE_MASK     3ul

#define MISR_EOI 1ul

static bool is_v3;
static word_t list_count;

void gic_init(const struct boot_table *table)
{
    is_v3 = table->gic_version == 3;
    if (is_v3) {
        gicv3_init(table);
        list_count = gicv3_list_count();
    } else {
        gicv2_init();
        list_count = gicv2_list_count();
    }
}

word_t machine_irq_take(void)
{
    return is_v3 ? gicv3_take() : gicv2_take();
}

bool machine_irq_is_pending(void)
{
    return (SYSREG_READ(isr_el1) & ISR_IRQ) != 0;
}

void machine_irq_finish(word_t irq)
{
    if (is_v3) {
        gicv3_drop(irq);
        gicv3_deactivate(irq);
    } else {
        gicv2_end(irq);
    }
}

void machine_irq_hold(word_t irq)
{
    if (is_v3) {
        gicv3_drop(irq);
    } else {
        gicv2_mask(irq);
        gicv2_end(irq);
    }
}

void machine_irq_user_ack(word_t irq)
{
    if (is_v3) {
        gicv3_deactivate(irq);
    } else {
        gicv2_unmask(irq);
    }
}

void machine_irq_mask(word_t irq)
{
    if (is_v3) {
        gicv3_mask(irq);
    } else {
        gicv2_mask(irq);
    }
}

void machine_irq_unmask(word_t irq)
{
    if (is_v3) {
        gicv3_unmask(irq);
    } else {
        gicv2_unmask(irq);
    }
}

void machine_irq_set_trigger(word_t irq, bool edge)
{
    if (is_v3) {
        gicv3_set_trigger(irq, edge);
    } else {
        gicv2_set_trigger(irq, edge);
    }
}

bool machine_sgi_target_is_valid(word_t target)
{
    return target < (is_v3 ? SGI_TARGETS_GICV3 : SGI_TARGETS_GICV2);
}

void machine_sgi_send(word_t irq, word_t target)
{
    if (is_v3) {
        gicv3_sgi(irq, target);
    } else {
        gicv2_sgi(irq, target);
    }
}

/* ---- Virtual interface --------------------------------------------------------------------- */

void vgic_set_hcr(word_t value)
{
    if (is_v3) {
        SYSREG_WRITE(S3_4_C12_C11_0, value); /* ICH_HCR_EL2 */
    } else {
        gicv2_vgic_write(GICH_HCR, value);
    }
}

word_t vgic_hcr(void)
{
    return is_v3 ? SYSREG_READ(S3_4_C12_C11_0) : gicv2_vgic_read(GICH_HCR);
}

void vgic_set_vmcr(word_t value)
{
    if (is_v3) {
        SYSREG_WRITE(S3_4_C12_C11_7, value); /* ICH_VMCR_EL2 */
    } else {
        gicv2_vgic_write(GICH_VMCR, value);
    }
}

word_t vgic_vmcr(void)
{
    return is_v3 ? SYSREG_READ(S3_4_C12_C11_7) : gicv2_vgic_read(GICH_VMCR);
}

void vgic_set_apr(word_t value, word_t group0)
{
    if (is_v3) {
        SYSREG_WRITE(S3_4_C12_C8_0, group0); /* ICH_AP0R0_EL2 */
        SYSREG_WRITE(S3_4_C12_C9_0, value);  /* ICH_AP1R0_EL2 */
    } else {
        gicv2_vgic_write(GICH_APR, value);
    }
}

word_t vgic_apr(void)
{
    return is_v3 ? SYSREG_READ(S3_4_C12_C9_0) : gicv2_vgic_read(GICH_APR);
}

word_t vgic_apr0(void)
{
    return is_v3 ? SYSREG_READ(S3_4_C12_C8_0) : 0;
}

word_t machine_vgic_list_count(void)
{
    return list_count;
}

word_t machine_vgic_list_make(word_t virq, word_t priority, word_t group)
{
    if (is_v3) {
        return LIST_PENDING << LIST_V3_STATE_SHIFT | group << 60 | priority << 48 | LIST_V3_EOI |
               virq;
    }
    return LIST_PENDING << LIST_V2_STATE_SHIFT | group << 30 | priority << 23 | LIST_V2_EOI | virq;
}

bool machine_vgic_list_is_active(word_t list_register)
{
    unsigned shift = is_v3 ? LIST_V3_STATE_SHIFT : LIST_V2_STATE_SHIFT;

    return ((list_register >> shift) & LIST_STATE_MASK) == LIST_ACTIVE;
}

word_t machine_vgic_list_read(word_t index)
{
    return is_v3 ? gicv3_list_read(index) : gicv2_list_read(index);
}

void machine_vgic_list_write(word_t index, word_t value)
{
    if (is_v3) {
        gicv3_list_write(index, value);
    } else {
        gicv2_list_write(index, value);
    }
}

word_t machine_vgic_list_without_eoi(word_t list_register)
{
    return list_register & ~(is_v3 ? LIST_V3_EOI : LIST_V2_EOI);
}

word_t machine_vgic_maintenance_index(void)
{
    word_t misr = is_v3 ? SYSREG_READ(S3_4_C12_C11_2) : gicv2_vgic_read(GICH_MISR);
    word_t ended;

    if ((misr & MISR_EOI) == 0) {
        return ~0ul;
    }
    if (is_v3) {
        ended = SYSREG_READ(S3_4_C12_C11_3); /* ICH_EISR_EL2 */
    } else {
        ended = gicv2_vgic_read(GICH_EISR) | gicv2_vgic_read(GICH_EISR + 4) << 32;
    }
    return ended != 0 ? (word_t)__builtin_ctzl(ended) : ~0ul;
}
