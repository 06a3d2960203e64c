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

static bool same(const char *what, word_t id, word_t wanted, word_t is)
{
    if (wanted == is) {
        return true;
    }
    snprintf(observe_difference, sizeof(observe_difference),
             "%s of %#lx: specification %#lx, core %#lx", what, (unsigned long)id,
             (unsigned long)wanted, (unsigned long)is);
    return false;
}

static bool same_numbered(const char *what, size_t number, word_t id, word_t wanted, word_t is)
{
    char name[60];

    snprintf(name, sizeof(name), "%s %zu", what, number);
    return same(name, id, wanted, is);
}

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
    const struct spec_entry *end = spec.caps + (step < 0 ? -1 : (long)spec.count);
    word_t list = entry->list;

    do {
        entry += step;
    } while (entry != end && entry->cap.type == CAP_ZOMBIE && entry->list == list);
    return entry == end || entry->list != list ? 0 : entry->place;
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

static bool caps_agree(void)
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

enum queue_kind { QUEUE_IPC, QUEUE_READY, QUEUE_RELEASE };

static struct tcb_ref next_in_queue(const struct tcb *tcb, enum queue_kind kind)
{
    switch (kind) {
    case QUEUE_IPC: return tcb->queue_next;
    case QUEUE_READY: return tcb->sched_next;
    default: return tcb_ref_of(release_queue_next(tcb));
    }
}

/* A queue of the core against ours from element `i` on. */
static bool queue_agrees(const char *what, word_t id, const struct spec_queue *queue, unsigned *i,
                         struct tcb_ref head, enum queue_kind kind)
{
    while (head.raw != 0) {
        word_t wanted = *i < queue->count ? spec.threads[queue->at[*i]].id : 0;
        const struct tcb *tcb = tcb_at(head);

        if (!same(what, id, wanted, head.raw)) {
            return false;
        }
        *i += 1;
        head = next_in_queue(tcb, kind);
    }
    return true;
}

static bool whole_queue_agrees(const char *what, word_t id, const struct spec_queue *queue,
                               struct tcb_ref head, enum queue_kind kind)
{
    unsigned i = 0;

    return queue_agrees(what, id, queue, &i, head, kind) &&
           same("length of queue", id, queue->count, i);
}

static bool blocking_agrees(const struct spec_thread *thread, const struct tcb *tcb)
{
    word_t id = thread->id;

    if (thread->state == SPEC_BLOCKED_SEND) {
        return same("blocked on", id, thread->on, tcb->blocking_object) &&
               same("badge", id, thread->badge, tcb->blocking_badge) &&
               (thread->fault.type != FAULT_NONE ||
                same("is call", id, thread->is_call, tcb->blocking_is_call)) &&
               same("grant", id, thread->grant, tcb->blocking_can_grant) &&
               same("grant reply", id, thread->grant_reply, tcb->blocking_can_grant_reply);
    }
    if (thread->state == SPEC_BLOCKED_RECEIVE || thread->state == SPEC_BLOCKED_REPLY) {
        return same("reply", id, thread->reply, tcb->reply.raw);
    }
    return true;
}

/* Only who waits with a fault can still deliver it or be answered: when a thread that is inactive
 * goes on, its fault is forgotten first. */
static bool fault_agrees(const struct spec_thread *thread, const struct tcb *tcb)
{
    bool waits = thread->state == SPEC_BLOCKED_SEND || thread->state == SPEC_BLOCKED_REPLY;

    return !waits || same("fault", thread->id, thread->fault.type, tcb->fault.type);
}

static bool thread_agrees(const struct spec_thread *thread)
{
    const struct tcb *tcb = tcb_at((struct tcb_ref){ thread->id });
    word_t id = thread->id;

    for (word_t i = 0; i < CONTEXT_UNUSED; i++) {
        if (thread->regs[i] != tcb->context.regs[i]) {
            return same_numbered("register", i, id, thread->regs[i], tcb->context.regs[i]);
        }
    }
    return same("state", id, thread->state, tcb->state) && blocking_agrees(thread, tcb) &&
           same("bound notification", id, thread->notification, tcb->bound_notification.raw) &&
           same("context", id, thread->context, tcb->sched_context.raw) &&
           same("yield to", id, thread->yield_to, tcb->yield_to.raw) &&
           same("IPC buffer", id, thread->buffer, tcb->ipc_buffer) &&
           same("priority", id, thread->priority, tcb->priority) &&
           same("MCP", id, thread->mcp, tcb->mcp) && same("flags", id, thread->flags, tcb->flags) &&
           fault_agrees(thread, tcb) &&
           same("in ready queue", id, spec_queue_has(&spec.ready, thread), tcb->in_ready_queue) &&
           same("in release queue", id, spec_queue_has(&spec.release, thread),
                tcb->in_release_queue);
}

static bool context_agrees(const struct spec_context *context)
{
    const struct sched_context *sc = sched_context_at((struct sched_context_ref){ context->id });
    word_t id = context->id;

    if (!same("refill max", id, context->max, sc->refill_max) ||
        !same("consumed", id, context->consumed, sc->consumed) ||
        !same("thread", id, context->thread, sc->tcb.raw) ||
        !same("call stack", id, context->reply, sc->reply.raw) ||
        !same("notification", id, context->notification, sc->notification.raw) ||
        !same("yield from", id, context->yield_from, sc->yield_from.raw) ||
        !same("badge", id, context->badge, sc->badge) ||
        !same("sporadic", id, context->sporadic, sc->sporadic)) {
        return false;
    }
    if (context->max == 0) {
        return true;
    }
    for (unsigned i = 0; i < context->count && i < sc->refill_count; i++) {
        const struct refill *refill = &sc->refills[(sc->refill_head + i) % sc->refill_max];

        if (!same("refill time", id, context->refills[i].time, refill->time) ||
            !same("refill amount", id, context->refills[i].amount, refill->amount)) {
            return false;
        }
    }
    return same("period", id, context->period, sc->period) &&
           same("refills", id, context->count, sc->refill_count);
}

static bool endpoint_agrees(const struct spec_endpoint *endpoint)
{
    const struct endpoint *object = machine_pointer(endpoint->id);
    word_t state = endpoint->queue.count == 0 ? ENDPOINT_IDLE
                   : endpoint->receiving      ? ENDPOINT_RECEIVING
                                              : ENDPOINT_SENDING;

    return same("state", endpoint->id, state, object->tail_state & 3) &&
           whole_queue_agrees("queue", endpoint->id, &endpoint->queue, object->head, QUEUE_IPC);
}

static bool notification_agrees(const struct spec_notification *notification)
{
    const struct notification *object = machine_pointer(notification->id);
    word_t id = notification->id;
    word_t state = notification->active            ? NOTIFICATION_ACTIVE
                   : notification->queue.count > 0 ? NOTIFICATION_WAITING
                                                   : NOTIFICATION_IDLE;

    return same("state", id, state, object->state) &&
           (!notification->active || same("word", id, notification->word, object->badge)) &&
           same("bound thread", id, notification->thread, object->bound_tcb.raw) &&
           same("context", id, notification->context, object->sched_context.raw) &&
           whole_queue_agrees("queue", id, &notification->queue, object->queue.head, QUEUE_IPC);
}

static bool reply_agrees(const struct spec_reply *reply)
{
    const struct reply *object = machine_pointer(reply->id);

    return same("thread", reply->id, reply->thread, object->tcb.raw) &&
           same("older call", reply->id, reply->prev, object->prev.raw) &&
           same("newer call", reply->id, reply->next, object->next & ~REPLY_NEXT_IS_SC) &&
           same("top of stack", reply->id, reply->is_top, object->next & REPLY_NEXT_IS_SC);
}

static bool buffer_agrees(const struct spec_buffer *buffer)
{
    const word_t *words = machine_pointer(buffer->address);

    for (word_t i = 0; i < 128; i++) {
        if (buffer->words[i] != words[i]) {
            return same_numbered("IPC buffer word", i, buffer->address, buffer->words[i], words[i]);
        }
    }
    return true;
}

#define ALL(table, agrees)                                            \
    for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++) { \
        if ((table)[i].id != 0 && !agrees(&(table)[i])) {             \
            return false;                                             \
        }                                                             \
    }

static bool objects_agree(void)
{
    ALL(spec.threads, thread_agrees)
    ALL(spec.contexts, context_agrees)
    ALL(spec.endpoints, endpoint_agrees)
    ALL(spec.notifications, notification_agrees)
    ALL(spec.replies, reply_agrees)
    for (size_t i = 0; i < SPEC_BUFFERS; i++) {
        if (spec.buffers[i].address != 0 && !buffer_agrees(&spec.buffers[i])) {
            return false;
        }
    }
    return true;
}

static bool scheduler_agrees(void)
{
    const struct cpu_state *cpu = &kernel.cpu;
    const struct spec_thread *current = spec_current_thread();
    unsigned i = 0;

    for (word_t p = PRIORITY_COUNT; p-- > 0;) {
        if (!queue_agrees("ready queue", p, &spec.ready, &i, cpu->ready[0].queue[p].head,
                          QUEUE_READY)) {
            return false;
        }
    }
    return same("length of ready queues", 0, spec.ready.count, i) &&
           whole_queue_agrees("release queue", 0, &spec.release, cpu->release.first,
                              QUEUE_RELEASE) &&
           same("current thread", 0, current == NULL ? cpu->idle.raw : current->id,
                cpu->current.raw) &&
           same("current context", 0,
                spec.current_context == 0 ? cpu->idle_sc.raw : spec.current_context,
                cpu->current_sc.raw) &&
           ((current == NULL && spec.release.count == 0) ||
            same("deadline", 0, spec.deadline, host.deadline));
}

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

static word_t physical(word_t root)
{
    return root == 0 ? 0 : root - KERNEL_WINDOW_BASE;
}

static bool vspaces_agree(void)
{
    const struct spec_thread *current = spec_current_thread();

    for (unsigned i = 0; i < spec.count; i++) {
        const struct spec_cap *cap = &spec.caps[i].cap;

        if ((cap->type == CAP_PAGE_TABLE || cap->type == CAP_VSPACE) && !table_agrees(cap)) {
            return false;
        }
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

bool observe_agrees(void)
{
    return scheduler_agrees() && objects_agree() && caps_agree() && interrupts_agree() &&
           vspaces_agree();
}
