/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The two interrupt controllers behind machine_irq_ and machine_vgic_
 *
 * gic.c asks which one the machine has and calls it; what both have in common (the distributor's
 * bit arrays) is here.
 */
#pragma once

#include <abi/boot_table.h>
#include <abi/types.h>
#include <arch/layout.h>
#include <arch/sysreg.h>
#include <stdbool.h>

#define GICD DEVICE_ADDRESS(DEVICE_PAGE_GICD)

#define GICD_CTLR       0x000u
#define GICD_TYPER      0x004u
#define GICD_IGROUPR    0x080u
#define GICD_ISENABLER  0x100u
#define GICD_ICENABLER  0x180u
#define GICD_ICPENDR    0x280u
#define GICD_ICACTIVER  0x380u
#define GICD_IPRIORITYR 0x400u
#define GICD_ITARGETSR  0x800u
#define GICD_ICFGR      0xc00u
#define GICD_SGIR       0xf00u
#define GICD_IROUTER    0x6000u

#define GIC_FIRST_SPI 32u
#define GIC_SPECIAL   1020u /* numbers from here on are no interrupts */

/* Register of a bit array (32 interrupts each), and the bit in it. */
#define GIC_BIT_REGISTER(base, irq) ((base) + 4 * ((irq) / 32))
#define GIC_BIT(irq)                (1u << ((irq) % 32))

/** Number of interrupts the distributor has. */
static inline word_t gicd_lines(void)
{
    word_t lines = 32 * ((device_read(GICD + GICD_TYPER) & 31) + 1);
    return lines < GIC_SPECIAL ? lines : GIC_SPECIAL;
}

/** Edge or level; two bits per interrupt, of which the upper counts. */
static inline void gic_set_trigger(word_t config, word_t irq, bool edge)
{
    word_t address = config + 4 * (irq / 16);
    uint32_t bit = 2u << (2 * (irq % 16));
    uint32_t value = device_read(address);

    device_write(address, edge ? value | bit : value & ~bit);
}

void gicv2_init(void);
word_t gicv2_take(void);
void gicv2_end(word_t irq);
void gicv2_mask(word_t irq);
void gicv2_unmask(word_t irq);
void gicv2_set_trigger(word_t irq, bool edge);
void gicv2_sgi(word_t irq, word_t target);
word_t gicv2_list_count(void);
word_t gicv2_list_read(word_t index);
void gicv2_list_write(word_t index, word_t value);
word_t gicv2_vgic_read(word_t offset);
void gicv2_vgic_write(word_t offset, word_t value);

void gicv3_init(const struct boot_table *table);
word_t gicv3_take(void);
void gicv3_drop(word_t irq);
void gicv3_deactivate(word_t irq);
void gicv3_mask(word_t irq);
void gicv3_unmask(word_t irq);
void gicv3_set_trigger(word_t irq, bool edge);
void gicv3_sgi(word_t irq, word_t target);
word_t gicv3_list_count(void);
word_t gicv3_list_read(word_t index);
void gicv3_list_write(word_t index, word_t value);

/* Registers of GICv2's hypervisor interface. */
#define GICH_HCR  0x00u
#define GICH_VTR  0x04u
#define GICH_VMCR 0x08u
#define GICH_MISR 0x10u
#define GICH_EISR 0x20u
#define GICH_APR  0xf0u
#define GICH_LR   0x100u
