/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * GICv3
 *
 * Completion is split (EOImode 1): taking an interrupt drops its priority at once, and it stays
 * active, so that it cannot come again, until it is deactivated: by the kernel for its own, by
 * the user's acknowledgement for the user's.
 */
#include "gic.h"

#include <machine/machine.h>
#include <machine/parts.h>

#define GICR_FRAME_BYTES 0x10000ul
#define GICR_FRAMES      2ul /* control and SGI frame; four with direct virtual injection */
#define GICR_TYPER_LOW   0x08u
#define GICR_TYPER_HIGH  0x0cu
#define GICR_WAKER       0x14u
#define GICR_SGI         0x10000ul

#define TYPER_VLPIS      (1u << 1)
#define TYPER_LAST       (1u << 4)
#define WAKER_SLEEP      (1u << 1)
#define WAKER_IS_ASLEEP  (1u << 2)
#define CTLR_ENABLE      0x13u /* both groups in either security state's view; affinity routing */
#define CTLR_PENDING     (1u << 31)
#define PRIORITY         0xa0a0a0a0u
#define PRIORITY_ALL     0xfful
#define ICC_CTLR_EOIMODE (1ul << 1)
#define ICC_SRE_ON       7ul
#define AFFINITY_MASK    0xff00fffffful

static word_t redistributor; /* of this CPU */

static void distributor_wait(void)
{
    while ((device_read(GICD + GICD_CTLR) & CTLR_PENDING) != 0) {
    }
}

/* Walk the redistributors until the one whose affinity is ours. */
static void redistributor_find(const struct boot_table *table, word_t affinity)
{
    word_t packed = (affinity >> 32 << 24) | (affinity & 0xffffff);
    word_t size = (word_t)DEVICE_PAGES_GICR * LAYOUT_PAGE_BYTES;
    word_t end = table->gicr_size < size ? table->gicr_size : size;
    word_t at = 0;

    while (at + GICR_FRAMES * GICR_FRAME_BYTES <= end) {
        word_t base = DEVICE_ADDRESS(DEVICE_PAGE_GICR) + at;
        uint32_t typer = device_read(base + GICR_TYPER_LOW);
        if (device_read(base + GICR_TYPER_HIGH) == packed) {
            redistributor = base;
            return;
        }
        if ((typer & TYPER_LAST) != 0) {
            break;
        }
        at += ((typer & TYPER_VLPIS) != 0 ? 2 * GICR_FRAMES : GICR_FRAMES) * GICR_FRAME_BYTES;
    }
    machine_panic("no GICv3 redistributor of the device tree belongs to this CPU");
}

static void distributor_init(word_t affinity)
{
    word_t lines = gicd_lines();

    device_write(GICD + GICD_CTLR, 0);
    distributor_wait();
    for (word_t irq = GIC_FIRST_SPI; irq < lines; irq += 32) {
        device_write(GIC_BIT_REGISTER(GICD + GICD_IGROUPR, irq), ~0u);
        device_write(GIC_BIT_REGISTER(GICD + GICD_ICENABLER, irq), ~0u);
        device_write(GIC_BIT_REGISTER(GICD + GICD_ICPENDR, irq), ~0u);
        device_write(GIC_BIT_REGISTER(GICD + GICD_ICACTIVER, irq), ~0u);
    }
    for (word_t irq = GIC_FIRST_SPI; irq < lines; irq += 4) {
        device_write(GICD + GICD_IPRIORITYR + irq, PRIORITY);
    }
    distributor_wait();
    device_write(GICD + GICD_CTLR, CTLR_ENABLE);
    distributor_wait();
    for (word_t irq = GIC_FIRST_SPI; irq < lines; irq++) {
        device_write(GICD + GICD_IROUTER + 8 * irq, (uint32_t)affinity);
        device_write(GICD + GICD_IROUTER + 8 * irq + 4, (uint32_t)(affinity >> 32));
    }
}

static void redistributor_init(void)
{
    word_t sgi = redistributor + GICR_SGI;

    device_write(redistributor + GICR_WAKER,
                 device_read(redistributor + GICR_WAKER) & ~WAKER_SLEEP);
    while ((device_read(redistributor + GICR_WAKER) & WAKER_IS_ASLEEP) != 0) {
    }
    device_write(sgi + GICD_IGROUPR, ~0u);
    device_write(sgi + GICD_ICENABLER, ~0u);
    device_write(sgi + GICD_ICPENDR, ~0u);
    device_write(sgi + GICD_ICACTIVER, ~0u);
    for (word_t irq = 0; irq < GIC_FIRST_SPI; irq += 4) {
        device_write(sgi + GICD_IPRIORITYR + irq, PRIORITY);
    }
}

void gicv3_init(const struct boot_table *table)
{
    word_t affinity = SYSREG_READ(mpidr_el1) & AFFINITY_MASK;

    SYSREG_WRITE(S3_4_C12_C9_5, ICC_SRE_ON); /* ICC_SRE_EL2: EL1's own stays under our control */
    BARRIER_ISB();
    SYSREG_WRITE(S3_0_C12_C12_5, ICC_SRE_ON); /* ICC_SRE_EL1 */
    BARRIER_ISB();
    redistributor_find(table, affinity);
    distributor_init(affinity);
    redistributor_init();
    SYSREG_WRITE(S3_0_C4_C6_0, PRIORITY_ALL);       /* ICC_PMR_EL1 */
    SYSREG_WRITE(S3_0_C12_C12_3, 0);                /* ICC_BPR1_EL1 */
    SYSREG_WRITE(S3_0_C12_C12_4, ICC_CTLR_EOIMODE); /* ICC_CTLR_EL1 */
    SYSREG_WRITE(S3_0_C12_C12_7, 1);                /* ICC_IGRPEN1_EL1 */
    SYSREG_WRITE(S3_4_C12_C11_0, 0);                /* ICH_HCR_EL2 */
    BARRIER_ISB();
}

word_t gicv3_take(void)
{
    word_t irq = SYSREG_READ(S3_0_C12_C12_0) & 0xffffff; /* ICC_IAR1_EL1 */

    BARRIER_DSB(sy); /* acknowledged before the handler touches the device */
    return irq < GIC_SPECIAL ? irq : MACHINE_IRQ_NONE;
}

void gicv3_drop(word_t irq)
{
    SYSREG_WRITE(S3_0_C12_C12_1, irq); /* ICC_EOIR1_EL1 */
    BARRIER_ISB();
}

void gicv3_deactivate(word_t irq)
{
    SYSREG_WRITE(S3_0_C12_C11_1, irq); /* ICC_DIR_EL1 */
    BARRIER_ISB();
}

/* The bit arrays of private interrupts are in the redistributor, at the same offsets. */
static word_t frame_of(word_t irq)
{
    return irq < GIC_FIRST_SPI ? redistributor + GICR_SGI : GICD;
}

void gicv3_mask(word_t irq)
{
    device_write(GIC_BIT_REGISTER(frame_of(irq) + GICD_ICENABLER, irq), GIC_BIT(irq));
}

void gicv3_unmask(word_t irq)
{
    device_write(GIC_BIT_REGISTER(frame_of(irq) + GICD_ISENABLER, irq), GIC_BIT(irq));
}

void gicv3_set_trigger(word_t irq, bool edge)
{
    gic_set_trigger(frame_of(irq) + GICD_ICFGR, irq, edge);
}

void gicv3_sgi(word_t irq, word_t target)
{
    word_t list = 1ul << (target & 15);
    word_t range = target >> 4 & 15;
    word_t aff1 = target >> 8 & 0xff;
    word_t aff2 = target >> 16 & 0xff;

    SYSREG_WRITE(S3_0_C12_C11_5, aff2 << 32 | range << 44 | irq << 24 | aff1 << 16 | list);
    BARRIER_ISB();
}

word_t gicv3_list_count(void)
{
    return (SYSREG_READ(S3_4_C12_C11_1) & 31) + 1; /* ICH_VTR_EL2 */
}

/* ICH_LR0_EL2 .. ICH_LR15_EL2: the number is part of the instruction. */
#define EACH_LIST_REGISTER(each)                                                               \
    each(0, S3_4_C12_C12_0) each(1, S3_4_C12_C12_1) each(2, S3_4_C12_C12_2)                    \
        each(3, S3_4_C12_C12_3) each(4, S3_4_C12_C12_4) each(5, S3_4_C12_C12_5)                \
            each(6, S3_4_C12_C12_6) each(7, S3_4_C12_C12_7) each(8, S3_4_C12_C13_0)            \
                each(9, S3_4_C12_C13_1) each(10, S3_4_C12_C13_2) each(11, S3_4_C12_C13_3)      \
                    each(12, S3_4_C12_C13_4) each(13, S3_4_C12_C13_5) each(14, S3_4_C12_C13_6) \
                        each(15, S3_4_C12_C13_7)

word_t gicv3_list_read(word_t index)
{
    switch (index) {
#define CASE(number, name) \
    case number: return SYSREG_READ(name);
        EACH_LIST_REGISTER(CASE)
#undef CASE
    default: return 0;
    }
}

void gicv3_list_write(word_t index, word_t value)
{
    switch (index) {
#define CASE(number, name) \
    case number: SYSREG_WRITE(name, value); break;
        EACH_LIST_REGISTER(CASE)
#undef CASE
    default: break;
    }
}
