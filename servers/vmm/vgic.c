/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual interrupt controller: state and choice (see vgic.h)
 */
#include <vmm/vgic.h>

#include <string.h>

static uint32_t bit_of(unsigned irq)
{
    return (uint32_t)1 << (irq % 32);
}

void vgic_reset(struct vgic *vgic, unsigned version, unsigned list_count)
{
    memset(vgic, 0, sizeof *vgic);
    vgic->version = version;
    vgic->list_count = list_count < VGIC_MAX_LISTS ? list_count : VGIC_MAX_LISTS;
    for (unsigned i = 0; i < VGIC_MAX_LISTS; i++) {
        vgic->list[i] = VGIC_NO_IRQ;
    }
    for (unsigned i = 0; i < 32; i++) {
        vgic->target[i] = 1; /* private interrupts always target their own CPU */
    }
    vgic->config[0] = 0xaaaaaaaau; /* software interrupts are edges */
    vgic->waker = 6;               /* asleep: ProcessorSleep and ChildrenAsleep */
}

void vgic_raise(struct vgic *vgic, unsigned irq)
{
    if (irq < VGIC_IRQS) {
        vgic->pending[irq / 32] |= bit_of(irq);
    }
}

void vgic_set_level(struct vgic *vgic, unsigned irq, bool high)
{
    if (irq >= VGIC_IRQS) {
        return;
    }
    if (high) {
        vgic->level[irq / 32] |= bit_of(irq);
    } else {
        vgic->level[irq / 32] &= ~bit_of(irq);
    }
}

bool vgic_is_enabled(const struct vgic *vgic, unsigned irq)
{
    return irq < VGIC_IRQS && (vgic->enabled[irq / 32] & bit_of(irq)) != 0;
}

unsigned vgic_group(const struct vgic *vgic, unsigned irq)
{
    return irq < VGIC_IRQS && (vgic->group[irq / 32] & bit_of(irq)) != 0 ? 1 : 0;
}

static uint32_t deliverable(const struct vgic *vgic, unsigned word)
{
    uint32_t wanted = (vgic->pending[word] | vgic->level[word]) & vgic->enabled[word];
    uint32_t forwarded = ((vgic->control & 1) != 0 ? ~vgic->group[word] : 0) |
                         ((vgic->control & 2) != 0 ? vgic->group[word] : 0);

    return wanted & forwarded & ~vgic->listed[word];
}

bool vgic_has_work(const struct vgic *vgic)
{
    for (unsigned word = 0; word < VGIC_WORDS; word++) {
        if ((deliverable(vgic, word) | vgic->listed[word]) != 0) {
            return true;
        }
    }
    return false;
}

static unsigned highest_deliverable(const struct vgic *vgic)
{
    unsigned best = VGIC_NO_IRQ;

    for (unsigned word = 0; word < VGIC_WORDS; word++) {
        uint32_t bits = deliverable(vgic, word);

        while (bits != 0) {
            unsigned irq = word * 32 + (unsigned)__builtin_ctz(bits);

            bits &= bits - 1;
            if (best == VGIC_NO_IRQ || vgic->priority[irq] < vgic->priority[best]) {
                best = irq;
            }
        }
    }
    return best;
}

bool vgic_pick(struct vgic *vgic, unsigned *irq, unsigned *index)
{
    unsigned best = highest_deliverable(vgic);

    if (best == VGIC_NO_IRQ) {
        return false;
    }
    for (unsigned i = 0; i < vgic->list_count; i++) {
        if (vgic->list[i] == VGIC_NO_IRQ) {
            vgic->list[i] = (uint16_t)best;
            vgic->listed[best / 32] |= bit_of(best);
            vgic->pending[best / 32] &= ~bit_of(best);
            *irq = best;
            *index = i;
            return true;
        }
    }
    return false;
}

void vgic_unpick(struct vgic *vgic, unsigned index)
{
    unsigned irq = vgic_end(vgic, index);

    if (irq != VGIC_NO_IRQ) {
        vgic_raise(vgic, irq);
    }
}

unsigned vgic_end(struct vgic *vgic, unsigned index)
{
    unsigned irq;

    if (index >= vgic->list_count || vgic->list[index] == VGIC_NO_IRQ) {
        return VGIC_NO_IRQ;
    }
    irq = vgic->list[index];
    vgic->list[index] = VGIC_NO_IRQ;
    vgic->listed[irq / 32] &= ~bit_of(irq);
    return irq;
}

void vgic_software_interrupt(struct vgic *vgic, uint64_t value)
{
    bool all_but_self = (value >> 40 & 1) != 0;
    /* Aff1, Aff2, Aff3 and the range selector */
    bool targets_zero = (value & 1) != 0 && (value & 0x00fff0ff00ff0000ul) == 0;

    /* One vCPU, of affinity 0: it is a target only when it names itself. */
    if (!all_but_self && targets_zero) {
        vgic_raise(vgic, (unsigned)(value >> 24 & 15));
    }
}
