/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: looking at the core
 *
 * The only file that knows both representations. It reads the core's memory and never writes it.
 */
#include "observe.h"

#include "caps.h"
#include "objects.h"
#include "vspace.h"

#include <arch/pte.h>
#include <core/asid.h>
#include <core/object.h>
#include <core/release_queue.h>
#include <core/state.h>
#include <host/model.h>
#include <stdio.h>
#include <string.h>

char observe_difference[400];

/* ---- Values ---------------------------------------------------------------------------------- */

static struct spec_cap observe_frame(struct cap cap)
{
    static const word_t bits[3] = { SMALL_FRAME_BITS, LARGE_FRAME_BITS, HUGE_FRAME_BITS };

    return (struct spec_cap){ .type = CAP_FRAME,
                              .object = cap_frame_address(cap),
                              .size_bits = bits[cap_frame_size(cap)],
                              .rights = cap_frame_rights(cap),
                              .device = cap_frame_is_device(cap),
                              .asid = cap_frame_asid(cap),
                              .mapped = cap_frame_asid(cap) != 0,
                              .vaddr = cap_frame_asid(cap) != 0 ? cap_frame_vaddr(cap) : 0 };
}

static struct spec_cap observe_ipc_cap(struct cap cap)
{
    struct spec_cap out = { .type = cap_type(cap), .object = cap_address(cap) };

    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        out.badge = cap_endpoint_badge(cap);
        out.send = cap_endpoint_can_send(cap);
        out.receive = cap_endpoint_can_receive(cap);
        out.grant = cap_endpoint_can_grant(cap);
        out.grant_reply = cap_endpoint_can_grant_reply(cap);
        break;
    case CAP_NOTIFICATION:
        out.badge = cap_notification_badge(cap);
        out.send = cap_notification_can_send(cap);
        out.receive = cap_notification_can_receive(cap);
        break;
    default: out.grant = cap_reply_can_grant(cap); break;
    }
    return out;
}

static struct spec_cap observe_cap(struct cap cap)
{
    struct spec_cap out = { .type = cap_type(cap), .object = cap_address(cap) };

    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_REPLY: return observe_ipc_cap(cap);
    case CAP_FRAME: return observe_frame(cap);
    case CAP_UNTYPED:
        out.size_bits = cap_untyped_size_bits(cap);
        out.device = cap_untyped_is_device(cap);
        out.watermark = cap_untyped_free_index(cap) << FREE_INDEX_SHIFT;
        break;
    case CAP_CNODE:
        out.size_bits = cap_cnode_radix(cap);
        out.guard_size = cap_cnode_guard_size(cap);
        out.guard = cap_cnode_guard(cap);
        break;
    case CAP_SCHED_CONTEXT: out.size_bits = cap_sched_context_size_bits(cap); break;
    case CAP_VSPACE:
        out.mapped = cap_vspace_is_mapped(cap);
        out.asid = cap_vspace_asid(cap);
        break;
    case CAP_PAGE_TABLE:
        out.mapped = cap_page_table_is_mapped(cap);
        out.asid = out.mapped ? cap_page_table_asid(cap) : 0;
        break;
    case CAP_ASID_POOL: out.number = cap_asid_pool_base(cap); break;
    case CAP_TCB:
    case CAP_VCPU: break;
    case CAP_IRQ_HANDLER:
        out.object = 0;
        out.number = cap_irq_handler_irq(cap);
        break;
    case CAP_SGI:
        out.object = 0;
        out.number = cap_sgi_irq(cap);
        out.target = cap_sgi_target(cap);
        break;
    case CAP_SMC:
        out.object = 0;
        out.badge = cap_smc_badge(cap);
        break;
    default: out.object = 0; break;
    }
    return out;
}

static word_t next_of(const struct slot *slot)
{
    return slot->cdt.next_flags & ~CDT_FLAGS;
}

/* ---- Boot ------------------------------------------------------------------------------------ */

static void boot_list(word_t place)
{
    static word_t list;

    list++;
    while (place != 0) {
        const struct slot *slot = slot_at((struct slot_ref){ place });

        spec.caps[spec.count++] =
            (struct spec_entry){ place, list, (slot->cdt.next_flags & CDT_REVOCABLE) != 0,
                                 (slot->cdt.next_flags & CDT_FIRST_BADGED) != 0,
                                 observe_cap(slot->cap) };
        place = next_of(slot);
    }
}

void observe_boot(void)
{
    struct tcb *root = tcb_at(kernel.cpu.current);
    struct sched_context *time = sched_context_at(kernel.cpu.current_sc);
    struct cap cnode = root->slots[TCB_SLOT_CSPACE].cap;

    memset(&spec, 0, sizeof(spec));
    for (word_t i = 0; i < 1ul << cap_cnode_radix(cnode); i++) {
        word_t place = cap_address(cnode) + (i << SLOT_BITS);
        const struct slot *slot = slot_at((struct slot_ref){ place });

        if (cap_type(slot->cap) != CAP_NULL && slot->cdt.prev.raw == 0) {
            boot_list(place);
        }
    }
    struct spec_thread *thread = spec_thread_new(tcb_ref_of(root).raw);
    struct spec_context *context =
        spec_context_new(kernel.cpu.current_sc.raw, SCHED_CONTEXT_MIN_BITS);

    thread->state = SPEC_RUNNING;
    memcpy(thread->regs, root->context.regs, sizeof(thread->regs));
    thread->priority = root->priority;
    thread->mcp = root->mcp;
    thread->buffer = root->ipc_buffer;
    thread->context = context->id;
    context->thread = thread->id;
    context->period = time->period;
    context->max = time->refill_max;
    context->count = time->refill_count;
    context->budget = time->refills[0].amount + time->refills[1].amount;
    memcpy(context->refills, time->refills, context->count * sizeof(struct refill));
    spec.current_context = context->id;
    spec.domains = kernel.config.domain_count;
    spec.domain_left = kernel.domain_time_left;
    spec.domain_schedule[0].duration = kernel.domain_schedule[0].duration;
    spec.is_debug = kernel.config.is_debug;
    memcpy(spec.smc_out, host.smc_out, sizeof(spec.smc_out));
    spec.irq_place = machine_address(&kernel.irq_slots[0]);
    for (word_t irq = 0; irq < SPEC_IRQS; irq++) {
        spec.irqs[irq].state = (enum spec_irq_state)kernel.irq_state[irq];
        spec.irqs[irq].enabled = host.irq_enabled[irq];
    }
    spec.pools[0] = kernel.asid_pools[0].raw;
    spec.asids[0] = (struct spec_asid){ 1, cap_address(root->slots[TCB_SLOT_VSPACE].cap) };
    spec.now = host.now;
    spec.deadline = host.deadline;
    spec.reprogram = kernel.cpu.reprogram;
}

/* ---- Comparison ------------------------------------------------------------------------------ */

bool observe_same(const char *what, word_t id, word_t wanted, word_t is)
{
    if (wanted == is) {
        return true;
    }
    snprintf(observe_difference, sizeof(observe_difference),
             "%s of %#lx: specification %#lx, core %#lx", what, (unsigned long)id,
             (unsigned long)wanted, (unsigned long)is);
    return false;
}

bool observe_same_numbered(const char *what, size_t number, word_t id, word_t wanted, word_t is)
{
    char name[60];

    snprintf(name, sizeof(name), "%s %zu", what, number);
    return observe_same(name, id, wanted, is);
}

#define same          observe_same
#define same_numbered observe_same_numbered

static bool cap_agrees(const struct spec_entry *entry, const struct slot *slot)
{
    struct spec_cap cap = observe_cap(slot->cap);
    struct spec_cap ours = entry->cap;
    const word_t *wanted = (const word_t *)&ours, *is = (const word_t *)&cap;
    word_t flags = slot->cdt.next_flags;

    if (ours.type == CAP_PAGE_TABLE) {
        ours.vaddr = 0; /* which of the addresses that the table covers is nobody's business */
    }
    for (size_t i = 0; i < sizeof(cap) / sizeof(word_t); i++) {
        if (wanted[i] != is[i]) {
            return same_numbered("capability field", i, entry->place, wanted[i], is[i]);
        }
    }
    return same("revocable", entry->place, entry->revocable, (flags & CDT_REVOCABLE) != 0) &&
           same("first badged", entry->place, entry->first_badged, (flags & CDT_FIRST_BADGED) != 0);
}

/* The neighbours of a capability in derivation order that are no zombies: where a container that is
 * being deleted keeps its own zombies is its business, and nobody can name them. */
static word_t core_neighbour(const struct slot *slot, bool next)
{
    do {
        slot = slot_at(next ? (struct slot_ref){ next_of(slot) } : slot->cdt.prev);
    } while (slot != NULL && cap_type(slot->cap) == CAP_ZOMBIE);
    return machine_address(slot);
}

static word_t our_neighbour(const struct spec_entry *entry, int step)
{
    for (long i = entry - spec.caps + step; i >= 0 && i < (long)spec.count; i += step) {
        if (spec.caps[i].list != entry->list) {
            break;
        }
        if (spec.caps[i].cap.type != CAP_ZOMBIE) {
            return spec.caps[i].place;
        }
    }
    return 0;
}

static unsigned slots_in_use(word_t place, word_t count)
{
    unsigned used = 0;

    for (word_t i = 0; i < count; i++) {
        used += cap_type(slot_at((struct slot_ref){ place + (i << SLOT_BITS) })->cap) != CAP_NULL;
    }
    return used;
}

/* No slot holds anything that the specification does not know of. Copies of one capability are
 * neighbours, so that each container is seen once. */
static bool slots_agree(void)
{
    unsigned used = slots_in_use(spec.irq_place, SPEC_IRQS);

    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_cap *cap = &spec.caps[i].cap;
        const struct spec_cap *before = i == 0 ? NULL : &spec.caps[i - 1].cap;

        if (before != NULL && before->object == cap->object && before->type == cap->type) {
            continue;
        }
        switch (cap->type) {
        case CAP_CNODE: used += slots_in_use(cap->object, 1ul << cap->size_bits); break;
        case CAP_TCB: used += slots_in_use(cap->object, TCB_SLOT_COUNT); break;
        case CAP_ZOMBIE: used += slots_in_use(cap->object, cap->number); break;
        default: break;
        }
    }
    return same("slots in use", 0, spec.count, used);
}

bool observe_caps_agree(void)
{
    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_entry *entry = &spec.caps[i];
        const struct slot *slot = slot_at((struct slot_ref){ entry->place });

        if (entry->cap.type == CAP_ZOMBIE) {
            continue;
        }
        if (!cap_agrees(entry, slot) ||
            !same("next capability", entry->place, our_neighbour(entry, 1),
                  core_neighbour(slot, true)) ||
            !same("previous capability", entry->place, our_neighbour(entry, -1),
                  core_neighbour(slot, false))) {
            return false;
        }
    }
    return slots_agree();
}

bool observe_agrees(void)
{
    return observe_scheduler_agrees() && observe_objects_agree() && observe_caps_agree() &&
           observe_machine_agrees();
}
