/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * GICv2
 *
 * An interrupt is completed when it is taken; one that belongs to a user is masked until the
 * user acknowledges it.
 */
#include "gic.h"

#include <machine/machine.h>

#define GICC DEVICE_ADDRESS(DEVICE_PAGE_GICC)
#define GICH DEVICE_ADDRESS(DEVICE_PAGE_GICH)

#define GICC_CTLR 0x00u
#define GICC_PMR  0x04u
#define GICC_IAR  0x0cu
#define GICC_EOIR 0x10u

#define PRIORITY_MASK  0xf0u
#define PRIORITY_SPI   0x80808080u
#define NUMBER_MASK    0x3ffu
#define LIST_COUNT_LOW 0x3fu

/* The value read from IAR, which names the sender of a software interrupt too; EOIR wants it. */
static uint32_t taken;

void gicv2_init(void)
{
    word_t lines = gicd_lines();
    uint32_t self;

    device_write(GICD + GICD_CTLR, 0);
    self = device_read(GICD + GICD_ITARGETSR); /* our own bit, for the private interrupts */
    for (word_t irq = 0; irq < lines; irq += 32) {
        device_write(GIC_BIT_REGISTER(GICD + GICD_ICENABLER, irq), ~0u);
        device_write(GIC_BIT_REGISTER(GICD + GICD_ICPENDR, irq), ~0u);
        device_write(GIC_BIT_REGISTER(GICD + GICD_ICACTIVER, irq), ~0u);
    }
    for (word_t irq = 0; irq < lines; irq += 4) {
        device_write(GICD + GICD_IPRIORITYR + irq, PRIORITY_SPI);
        if (irq >= GIC_FIRST_SPI) {
            device_write(GICD + GICD_ITARGETSR + irq, self);
        }
    }
    device_write(GICD + GICD_CTLR, 1);
    device_write(GICC + GICC_PMR, PRIORITY_MASK);
    device_write(GICC + GICC_CTLR, 1);
    device_write(GICH + GICH_HCR, 0);
}

word_t gicv2_take(void)
{
    uint32_t value = device_read(GICC + GICC_IAR);
    word_t irq = value & NUMBER_MASK;

    if (irq >= GIC_SPECIAL) {
        return MACHINE_IRQ_NONE;
    }
    taken = value;
    return irq;
}

void gicv2_end(word_t irq)
{
    /* An interrupt may be finished that is not the last one taken: then there is no sender. */
    device_write(GICC + GICC_EOIR, (taken & NUMBER_MASK) == irq ? taken : (uint32_t)irq);
}

void gicv2_mask(word_t irq)
{
    device_write(GIC_BIT_REGISTER(GICD + GICD_ICENABLER, irq), GIC_BIT(irq));
}

void gicv2_unmask(word_t irq)
{
    device_write(GIC_BIT_REGISTER(GICD + GICD_ISENABLER, irq), GIC_BIT(irq));
}

void gicv2_set_trigger(word_t irq, bool edge)
{
    gic_set_trigger(GICD + GICD_ICFGR, irq, edge);
}

void gicv2_sgi(word_t irq, word_t target)
{
    device_write(GICD + GICD_SGIR, (uint32_t)(1u << (target + 16) | irq));
}

word_t gicv2_list_count(void)
{
    return (device_read(GICH + GICH_VTR) & LIST_COUNT_LOW) + 1;
}

word_t gicv2_list_read(word_t index)
{
    return device_read(GICH + GICH_LR + 4 * index);
}

void gicv2_list_write(word_t index, word_t value)
{
    device_write(GICH + GICH_LR + 4 * index, (uint32_t)value);
}

word_t gicv2_vgic_read(word_t offset)
{
    return device_read(GICH + offset);
}

void gicv2_vgic_write(word_t offset, word_t value)
{
    device_write(GICH + offset, (uint32_t)value);
}
