/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual interrupt controller
 *
 * The state that a guest sees in its distributor (GICv2 and GICv3) and redistributor, and the
 * choice of what goes into the list registers next. Pure: it knows no kernel call; vcpu.c moves
 * what `vgic_pick` chooses into hardware.
 *
 * Model: an interrupt is *deliverable* when the distributor forwards its group, it is enabled, it is
 * pending (latched, or its line is high) and it is not in a list register already. A list
 * register is given back when the guest signals end of interrupt (maintenance fault).
 *
 * Source of register layouts: Arm GICv2 (IHI 0048B) section 4.3; GICv3 (IHI 0069) section 12.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VGIC_IRQS      96u /* 16 SGIs, 16 PPIs, 64 SPIs */
#define VGIC_WORDS     (VGIC_IRQS / 32)
#define VGIC_MAX_LISTS 16u
#define VGIC_NO_IRQ    0xffffu

struct vgic {
    unsigned version; /* 2 or 3 */
    unsigned list_count;
    uint32_t control; /* GICD_CTLR as the guest wrote it */
    uint32_t enabled[VGIC_WORDS];
    uint32_t pending[VGIC_WORDS]; /* latched: edges and software */
    uint32_t level[VGIC_WORDS];   /* lines that are high now */
    uint32_t listed[VGIC_WORDS];  /* in a list register */
    uint32_t group[VGIC_WORDS];
    uint32_t config[VGIC_WORDS * 2]; /* GICD_ICFGR: two bits an interrupt */
    uint8_t priority[VGIC_IRQS];
    uint8_t target[VGIC_IRQS];
    uint64_t route[VGIC_IRQS]; /* GICD_IROUTER, GICv3 */
    uint32_t waker;            /* GICR_WAKER */
    uint16_t list[VGIC_MAX_LISTS];
};

/** Reset to the state after power on. `version` is 2 or 3; `list_count` 1..VGIC_MAX_LISTS. */
void vgic_reset(struct vgic *vgic, unsigned version, unsigned list_count);

/** Latch a pending edge of `irq`. Out of range: no effect. */
void vgic_raise(struct vgic *vgic, unsigned irq);
/** Set the line of level-triggered `irq`. Out of range: no effect. */
void vgic_set_level(struct vgic *vgic, unsigned irq, bool high);
/** Has the guest enabled `irq`? */
bool vgic_is_enabled(const struct vgic *vgic, unsigned irq);
/** The group in which `irq` is delivered: 0, or on GICv3 what the guest chose. */
unsigned vgic_group(const struct vgic *vgic, unsigned irq);
/** Is anything deliverable or still in a list register? (A waiting guest must then run.) */
bool vgic_has_work(const struct vgic *vgic);
/**
 * Choose the deliverable interrupt of highest priority and a free list register for it.
 * Post: on true the interrupt is marked as listed in `*index`.
 */
bool vgic_pick(struct vgic *vgic, unsigned *irq, unsigned *index);
/** Take back a choice that the kernel refused: the interrupt is deliverable again. */
void vgic_unpick(struct vgic *vgic, unsigned index);
/** The guest ended the interrupt in list register `index`. Returns it, or VGIC_NO_IRQ. */
unsigned vgic_end(struct vgic *vgic, unsigned index);

/** Guest access to the distributor; `offset` in bytes, `size` 1, 2, 4 or 8. Unknown registers
 *  read as zero and ignore writes. */
uint64_t vgic_distributor_read(const struct vgic *vgic, uint32_t offset, unsigned size);
void vgic_distributor_write(struct vgic *vgic, uint32_t offset, unsigned size, uint64_t value);
/** The same for the one redistributor (128 KiB: RD frame, SGI frame), GICv3 only. */
uint64_t vgic_redistributor_read(const struct vgic *vgic, uint32_t offset, unsigned size);
void vgic_redistributor_write(struct vgic *vgic, uint32_t offset, unsigned size, uint64_t value);
/** Guest write of ICC_SGI1R_EL1. */
void vgic_software_interrupt(struct vgic *vgic, uint64_t value);
