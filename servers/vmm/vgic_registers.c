/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual interrupt controller: the registers of distributor and redistributor
 *
 * Accesses of any size become accesses of bytes or 32-bit words here. The SGI frame of a
 * redistributor has the layout of the distributor's first 32 interrupts, so both use the bank
 * functions. Offsets: IHI 0048B table 4-1, IHI 0069 tables 12-25 and 12-27.
 */
#include <vmm/vgic.h>

enum {
    GICD_CTLR = 0x000,
    GICD_TYPER = 0x004,
    GICD_IIDR = 0x008,
    GICD_IGROUPR = 0x080,
    GICD_ISENABLER = 0x100,
    GICD_ICENABLER = 0x180,
    GICD_ISPENDR = 0x200,
    GICD_ICPENDR = 0x280,
    GICD_ISACTIVER = 0x300,
    GICD_ICACTIVER = 0x380,
    GICD_IPRIORITYR = 0x400,
    GICD_ITARGETSR = 0x800,
    GICD_ICFGR = 0xc00,
    GICD_SGIR = 0xf00,
    GICD_ICPIDR2 = 0xfe8,
    GICD_IROUTER = 0x6000,
    GIC_PIDR2 = 0xffe8,
    GICR_TYPER = 0x0008,
    GICR_WAKER = 0x0014,
    GICR_SGI_FRAME = 0x10000,
};

#define IIDR 0x43bu /* implementer: Arm */

/* Which of the bit-per-interrupt registers covers `offset`; word = its index. */
static bool in_bits(uint32_t offset, uint32_t base, unsigned *word)
{
    *word = (offset - base) / 4;
    return offset >= base && *word < VGIC_WORDS;
}

static uint32_t bank_read(const struct vgic *vgic, uint32_t offset)
{
    unsigned word;

    if (in_bits(offset, GICD_IGROUPR, &word)) {
        return vgic->group[word];
    }
    if (in_bits(offset, GICD_ISENABLER, &word) || in_bits(offset, GICD_ICENABLER, &word)) {
        return vgic->enabled[word];
    }
    if (in_bits(offset, GICD_ISPENDR, &word) || in_bits(offset, GICD_ICPENDR, &word)) {
        return vgic->pending[word] | vgic->level[word];
    }
    if (in_bits(offset, GICD_ISACTIVER, &word) || in_bits(offset, GICD_ICACTIVER, &word)) {
        return vgic->listed[word];
    }
    if (offset >= GICD_ICFGR && offset < GICD_ICFGR + VGIC_IRQS / 4) {
        return vgic->config[(offset - GICD_ICFGR) / 4];
    }
    return 0;
}

static void bank_write(struct vgic *vgic, uint32_t offset, uint32_t value)
{
    unsigned word;

    if (in_bits(offset, GICD_IGROUPR, &word)) {
        vgic->group[word] = vgic->version == 3 ? value : 0; /* our GICv2 has one group */
    } else if (in_bits(offset, GICD_ISENABLER, &word)) {
        vgic->enabled[word] |= value;
    } else if (in_bits(offset, GICD_ICENABLER, &word)) {
        vgic->enabled[word] &= ~value;
    } else if (in_bits(offset, GICD_ISPENDR, &word)) {
        vgic->pending[word] |= value;
    } else if (in_bits(offset, GICD_ICPENDR, &word)) {
        vgic->pending[word] &= ~value;
    } else if (offset > GICD_ICFGR && offset < GICD_ICFGR + VGIC_IRQS / 4) {
        vgic->config[(offset - GICD_ICFGR) / 4] = value & 0xaaaaaaaau;
    }
}

/* Priorities and targets are one byte an interrupt and may be accessed bytewise. */
static const uint8_t *byte_array(const struct vgic *vgic, uint32_t offset, unsigned *irq)
{
    if (offset >= GICD_IPRIORITYR && offset < GICD_IPRIORITYR + VGIC_IRQS) {
        *irq = offset - GICD_IPRIORITYR;
        return vgic->priority;
    }
    if (vgic->version == 2 && offset >= GICD_ITARGETSR && offset < GICD_ITARGETSR + VGIC_IRQS) {
        *irq = offset - GICD_ITARGETSR;
        return vgic->target;
    }
    return 0;
}

static uint64_t bytes_read(const uint8_t *bytes, unsigned irq, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size && irq + i < VGIC_IRQS; i++) {
        value |= (uint64_t)bytes[irq + i] << (8 * i);
    }
    return value;
}

static void bytes_write(struct vgic *vgic, const uint8_t *bytes, unsigned irq, unsigned size,
                        uint64_t value)
{
    for (unsigned i = 0; i < size && irq + i < VGIC_IRQS; i++) {
        uint8_t byte = (uint8_t)(value >> (8 * i));

        if (bytes == vgic->priority) {
            vgic->priority[irq + i] = byte & 0xf8; /* five bits, as list registers hold */
        } else if (irq + i >= 32) {
            vgic->target[irq + i] = byte; /* private targets are read-only */
        }
    }
}

static uint32_t distributor_word(const struct vgic *vgic, uint32_t offset)
{
    switch (offset) {
    case GICD_CTLR:
        /* GICv3: affinity routing on (bit 4), one security state (bit 6). */
        return vgic->version == 3 ? vgic->control | 0x50u : vgic->control;
    case GICD_TYPER: return (VGIC_WORDS - 1) | (vgic->version == 3 ? 9u << 19 : 0u);
    case GICD_IIDR: return IIDR;
    case GICD_ICPIDR2: return vgic->version == 2 ? 0x2bu : 0u;
    case GIC_PIDR2: return vgic->version == 3 ? 0x3bu : 0u;
    default: return bank_read(vgic, offset);
    }
}

static bool in_routes(const struct vgic *vgic, uint32_t offset, unsigned *irq)
{
    *irq = (offset - GICD_IROUTER) / 8;
    return vgic->version == 3 && offset >= GICD_IROUTER && *irq < VGIC_IRQS;
}

uint64_t vgic_distributor_read(const struct vgic *vgic, uint32_t offset, unsigned size)
{
    unsigned irq;
    const uint8_t *bytes = byte_array(vgic, offset, &irq);

    if (bytes) {
        return bytes_read(bytes, irq, size);
    }
    if (in_routes(vgic, offset, &irq)) {
        return vgic->route[irq] >> (offset % 8 * 8);
    }
    return distributor_word(vgic, offset & ~3u) >> (offset % 4 * 8);
}

static void software_interrupt_v2(struct vgic *vgic, uint32_t value)
{
    unsigned filter = value >> 24 & 3;

    /* filter 0: list of CPUs; 1: all but self; 2: self */
    if (filter == 2 || (filter == 0 && (value >> 16 & 1) != 0)) {
        vgic_raise(vgic, value & 15);
    }
}

static void route_write(struct vgic *vgic, unsigned irq, unsigned at, unsigned size, uint64_t value)
{
    uint64_t half = at == 4 ? 32 : 0;

    if (size == 8) {
        vgic->route[irq] = value;
    } else if (size == 4) {
        vgic->route[irq] &= ~(0xfffffffful << half);
        vgic->route[irq] |= (value & 0xfffffffful) << half;
    }
}

void vgic_distributor_write(struct vgic *vgic, uint32_t offset, unsigned size, uint64_t value)
{
    unsigned irq;
    const uint8_t *bytes = byte_array(vgic, offset, &irq);

    if (bytes) {
        bytes_write(vgic, bytes, irq, size, value);
    } else if (in_routes(vgic, offset, &irq)) {
        route_write(vgic, irq, offset % 8, size, value);
    } else if (offset == GICD_CTLR) {
        vgic->control = (uint32_t)value & (vgic->version == 3 ? 3u : 1u);
    } else if (offset == GICD_SGIR && vgic->version == 2) {
        software_interrupt_v2(vgic, (uint32_t)value);
    } else if (offset % 4 == 0 && size >= 4) {
        bank_write(vgic, offset, (uint32_t)value);
    }
}

/* The registers of the first 32 interrupts, and no more, exist in a redistributor. */
static bool in_sgi_frame(uint32_t offset)
{
    uint32_t local = offset - GICR_SGI_FRAME;

    return offset >= GICR_SGI_FRAME &&
           ((local < GICD_IPRIORITYR && local % 0x80 < 4) ||
            (local >= GICD_IPRIORITYR && local < GICD_IPRIORITYR + 32) ||
            (local >= GICD_ICFGR && local < GICD_ICFGR + 8));
}

uint64_t vgic_redistributor_read(const struct vgic *vgic, uint32_t offset, unsigned size)
{
    unsigned irq;
    const uint8_t *bytes;

    switch (offset) {
    case GICR_TYPER: return 1u << 4; /* the last redistributor, of CPU 0 at affinity 0 */
    case GICR_WAKER: return vgic->waker;
    case GIC_PIDR2: return 0x3b;
    default: break;
    }
    if (!in_sgi_frame(offset)) {
        return 0;
    }
    offset -= GICR_SGI_FRAME;
    bytes = byte_array(vgic, offset, &irq);
    return bytes ? bytes_read(bytes, irq, size) : bank_read(vgic, offset & ~3u);
}

void vgic_redistributor_write(struct vgic *vgic, uint32_t offset, unsigned size, uint64_t value)
{
    unsigned irq;
    const uint8_t *bytes;

    if (offset == GICR_WAKER) {
        /* ChildrenAsleep (bit 2) follows ProcessorSleep (bit 1) at once. */
        vgic->waker = (value & 2) != 0 ? 6u : 0u;
        return;
    }
    if (!in_sgi_frame(offset)) {
        return;
    }
    offset -= GICR_SGI_FRAME;
    bytes = byte_array(vgic, offset, &irq);
    if (bytes) {
        bytes_write(vgic, bytes, irq, size, value);
    } else if (offset % 4 == 0 && size >= 4) {
        bank_write(vgic, offset, (uint32_t)value);
    }
}
