/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads and address spaces of components and virtual machines
 */
#include "plan.h"

#include <abi/objects.h>
#include <inttypes.h>

static const uint64_t PAGE = 0x1000;

enum {
    SC_BITS = 8,
    CNODE_BITS = 9, /* of the Microkit CNode, and of a vCPU's empty one */
    ROOT_CNODE_BITS = 6,
    SC_BADGE = 0x100,    /* plus the index */
    COUNTER_MASK = 0x203 /* physical and virtual counter, physical timer */
};

static struct object *role_new(struct plan *plan, struct holder *holder, enum object_kind kind,
                               unsigned bits, const char *base, const char *role)
{
    return object_new(plan, holder, kind, bits, arena_format(plan->arena, "%s_%s", base, role));
}

static const char *sc_attributes(struct plan *plan, uint64_t budget, uint64_t period,
                                 uint64_t badge)
{
    return arena_format(plan->arena, "period: %" PRIu64 ", budget: %" PRIu64 ", data: 0x%" PRIx64,
                        period, budget, badge);
}

unsigned plan_wide_bits(const struct pd *pd)
{
    unsigned bits = 1;
    while (1ull << bits < pd->wide_end * WIDE_KINDS) {
        bits++;
    }
    return bits;
}

/* Calls of `called` and faults of children and vCPUs need an endpoint to arrive at. */
static bool pd_has_endpoint(const struct pd *pd)
{
    return pd->called || pd->children.count > 0 || pd->vms != NULL;
}

static void component_threads(struct plan *plan, struct component *component)
{
    const struct pd *pd = component->pd;
    struct holder *holder = &component->holder;
    const char *base = component->base;
    bool monitor = pd->index == PD_LIMIT;
    component->tcb = role_new(plan, holder, KIND_TCB, 0, base, "tcb");
    component->tcb->attributes = arena_format(
        plan->arena,
        "addr: 0x%" PRIx64 ", ip: 0x%" PRIx64 ", sp: 0x%" PRIx64 ", prio: %" PRIu64
        ", max_prio: %" PRIu64 ", affinity: %" PRIu64 "%s%s%s",
        IPC_BUFFER_ADDRESS, component->image->entry, STACK_TOP, pd->priority, pd->priority,
        pd->core, pd->fpu ? "" : ", fpu_disabled: True",
        plan->composer->system.has_domains
            ? arena_format(plan->arena, ", dom: %" PRIu64, pd->domain)
            : "",
        pd->counter ? arena_format(plan->arena, ", counter_access: 0x%x", COUNTER_MASK) : "");
    component->sched_context = role_new(plan, holder, KIND_SCHED_CONTEXT, SC_BITS, base, "sc");
    component->sched_context->attributes =
        sc_attributes(plan, pd->budget, pd->period, monitor ? 0 : SC_BADGE + pd->index);
    unsigned cnode_bits = CNODE_BITS;
    while (monitor && 1ull << cnode_bits < 4 * plan_monitor_band(plan)) {
        cnode_bits++;
    }
    component->cnode = role_new(plan, holder, KIND_CNODE, cnode_bits, base, "cnode");
    if (!monitor) {
        component->root_cnode = role_new(plan, holder, KIND_CNODE, ROOT_CNODE_BITS, base, "cspace");
        component->notification = role_new(plan, holder, KIND_NOTIFICATION, 0, base, "ntfn");
    }
    if (pd->wide_end > 0) {
        component->wide =
            role_new(plan, holder, KIND_CNODE, plan_wide_bits(pd), base, "wide_cnode");
    }
    if (monitor || pd_has_endpoint(pd)) {
        component->endpoint = role_new(plan, holder, KIND_ENDPOINT, 0, base, "ep");
    }
    component->reply = role_new(plan, holder, KIND_REPLY, 0, base, "reply");
    component->buffer = role_new(plan, holder, KIND_FRAME, PAGE_SMALL, base, "ipc");
    component->stack =
        object_array(plan, holder, KIND_FRAME, PAGE_SMALL,
                     arena_format(plan->arena, "%s_stack", base), pd->stack_size / PAGE);
}

static void component_irqs(struct plan *plan, struct component *component)
{
    const struct pd *pd = component->pd;
    component->irqs = arena_alloc(plan->arena, pd->irqs.count * sizeof(*component->irqs));
    component->holder.irqs = pd->irqs.count;
    for (size_t i = 0; i < pd->irqs.count; i++) {
        const struct irq *irq = pd->irqs.items[i];
        plan->at = irq->at;
        struct object *object =
            object_new(plan, NULL, KIND_IRQ, 0,
                       arena_format(plan->arena, "%s_irq_%" PRIu64, component->base, irq->number));
        object->attributes = arena_format(plan->arena, "trigger: %s, target: %" PRIu64,
                                          irq->edge ? "edge" : "level", pd->core);
        cap_add(plan, object, 0, component->notification, cap_params(plan, "W", 1ull << irq->id));
        component->irqs[i] = object;
        plan->irq_map[irq->number] = object;
    }
}

/* Pages [first, end) without contents, as one array. */
static void map_zero_pages(struct plan *plan, struct component *component,
                           const struct segment *segment, uint64_t first, uint64_t end,
                           const char *params)
{
    uint64_t vaddr = segment->start + first * PAGE;
    struct object *frames = object_array(
        plan, &component->holder, KIND_FRAME, PAGE_SMALL,
        arena_format(plan->arena, "%s_zero_0x%" PRIx64, component->base, vaddr), end - first);
    for (uint64_t i = first; i < end; i++) {
        space_map(&component->space, segment->start + i * PAGE, frames, i - first, PAGE_SMALL,
                  params);
    }
}

static void map_segment(struct plan *plan, struct component *component,
                        const struct segment *segment)
{
    const char *params = map_params(segment->read, segment->write, segment->execute, true);
    for (uint64_t i = 0; i < segment->page_count; i++) {
        uint64_t end = i;
        while (end < segment->page_count && segment->pages[end] == NULL) {
            end++;
        }
        if (end > i) {
            map_zero_pages(plan, component, segment, i, end, params);
            i = end - 1;
            continue;
        }
        uint64_t vaddr = segment->start + i * PAGE;
        struct object *frame =
            object_new(plan, &component->holder, KIND_FRAME, PAGE_SMALL,
                       arena_format(plan->arena, "%s_elf_0x%" PRIx64, component->base, vaddr));
        frame->attributes = arena_format(
            plan->arena, "fill: [{0 %" PRIu64 " CDL_FrameFill_FileData \"%s\" %" PRIu64 "}]", PAGE,
            segment->file, segment->file_offsets[i]);
        frame->from_image = !segment->write;
        space_map(&component->space, vaddr, frame, 0, PAGE_SMALL, params);
    }
}

static void map_regions(struct plan *plan, struct space *space, const struct list *maps)
{
    for (size_t i = 0; i < maps->count; i++) {
        const struct map *map = maps->items[i];
        plan->at = map->at;
        const struct region_plan *region = plan_region(plan, map->region);
        unsigned bits = map->region->page_bits;
        const char *params = map_params(map->read, map->write, map->execute, map->cached);
        for (uint64_t j = 0; j < region->frame_count; j++) {
            uint64_t element = 0;
            const struct object *frame = region_frame(region, j, &element);
            space_map(space, map->vaddr + (j << bits), frame, element, bits, params);
        }
    }
}

static void component_space(struct plan *plan, struct component *component)
{
    plan->at = component->pd->at;
    space_open(plan, &component->space, &component->holder, component->base,
               arena_format(plan->arena, "%s_vspace", component->base));
    plan->at = component->pd->image_at;
    for (size_t i = 0; i < component->image->segments.count; i++) {
        map_segment(plan, component, component->image->segments.items[i]);
    }
    map_regions(plan, &component->space, &component->pd->maps);
    plan->at = component->pd->at;
    const char *params = map_params(true, true, false, true);
    uint64_t pages = component->pd->stack_size / PAGE;
    for (uint64_t i = 0; i < pages; i++) {
        space_map(&component->space, STACK_TOP - (pages - i) * PAGE, component->stack, i,
                  PAGE_SMALL, params);
    }
    space_map(&component->space, IPC_BUFFER_ADDRESS, component->buffer, 0, PAGE_SMALL, params);
}

static void vcpu_objects(struct plan *plan, struct component *component, const struct vm *vm,
                         size_t index, uint64_t position)
{
    const struct pd *pd = component->pd;
    const struct vcpu *vcpu = vm->vcpus.items[index];
    plan->at = vcpu->at;
    struct holder *holder = &component->holder;
    struct vcpu_plan *objects = &vm->plan->vcpus[index];
    const char *base = arena_format(plan->arena, "%s_vcpu%" PRIu64, vm->plan->base, vcpu->id);
    objects->vcpu = object_new(plan, holder, KIND_VCPU, 0, base);
    objects->tcb = role_new(plan, holder, KIND_TCB, 0, base, "tcb");
    objects->tcb->attributes =
        arena_format(plan->arena,
                     "addr: 0, ip: 0, sp: 0, prio: %" PRIu64 ", max_prio: %" PRIu64
                     ", affinity: %" PRIu64 ", resume: False%s",
                     vm->priority, vm->priority, vcpu->core,
                     plan->composer->system.has_domains
                         ? arena_format(plan->arena, ", dom: %" PRIu64, pd->domain)
                         : "");
    objects->sched_context = role_new(plan, holder, KIND_SCHED_CONTEXT, SC_BITS, base, "sc");
    objects->sched_context->attributes =
        sc_attributes(plan, vm->budget, vm->period, SC_BADGE + position);
    objects->cnode = role_new(plan, holder, KIND_CNODE, CNODE_BITS, base, "cnode");
    objects->buffer = role_new(plan, holder, KIND_FRAME, PAGE_SMALL, base, "ipc");
}

static void component_vm(struct plan *plan, struct component *component, const struct vm *vm,
                         uint64_t *position)
{
    struct vm_plan *objects = vm->plan;
    plan->at = vm->at;
    space_open(plan, &objects->space, &component->holder, objects->base,
               arena_format(plan->arena, "%s_vspace", objects->base));
    map_regions(plan, &objects->space, &vm->maps);
    objects->vcpus = arena_alloc(plan->arena, vm->vcpus.count * sizeof(*objects->vcpus));
    for (size_t i = 0; i < vm->vcpus.count; i++) {
        vcpu_objects(plan, component, vm, i, (*position)++);
    }
}

void plan_objects(struct plan *plan)
{
    uint64_t vcpu_position = 0;
    for (size_t i = 0; i < plan->component_count; i++) {
        struct component *component = &plan->components[i];
        plan->at = component->pd->at;
        component_threads(plan, component);
        component_irqs(plan, component);
        component_space(plan, component);
        for (const struct vm *vm = component->pd->vms; vm != NULL; vm = vm->next) {
            component_vm(plan, component, vm, &vcpu_position);
        }
    }
}
