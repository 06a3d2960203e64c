/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Capabilities of components: slots, badges, rights
 *
 * The slot numbers are those of libmicrokit; rights are the least that work.
 */
#include "plan.h"

#include <abi/objects.h>

enum slots {
    SLOT_INPUT = 1,
    SLOT_FAULT = 2,
    SLOT_VSPACE = 3,
    SLOT_REPLY = 4,
    SLOT_MONITOR = 5,
    SLOT_SMC = 7,
    SLOT_NOTIFICATIONS = 10,
    SLOT_ENDPOINTS = 74,
    SLOT_IRQS = 138,
    SLOT_TCBS = 202,
    SLOT_VM_TCBS = 266,
    SLOT_VCPUS = 330,
};

/* Slots of the monitor. */
enum monitor_slots {
    MONITOR_ENDPOINT = 1,
    MONITOR_REPLY = 2,
    MONITOR_SMC = 7,
    MONITOR_CONSOLE = 8,
    MONITOR_TCBS = 10,
    MONITOR_CONTEXTS = 138,
    MONITOR_NOTIFICATIONS = 202,
    MONITOR_BAND = 64, /* slots of each of the three */
};

/* Slots of a TCB, as capDL numbers them. */
enum tcb_slots {
    TCB_CSPACE = 0,
    TCB_VSPACE = 1,
    TCB_IPC_BUFFER = 4,
    TCB_FAULT = 5,
    TCB_CONTEXT = 6,
    TCB_NOTIFICATION = 8,
    TCB_VCPU = 9,
};

/* Slots of the supervisor's CNode. */
enum supervisor_slots {
    SUPERVISOR_SELF = 0, /* the only way to name the CNode and not what is in it */
    SUPERVISOR_ASID_POOL = 1,
    SUPERVISOR_CONTROL = 2,
    SUPERVISOR_CONTROL_COUNT = 14,
    SUPERVISOR_COMPONENTS = 64,
    SUPERVISOR_MONITOR = 127,
    SUPERVISOR_REGIONS = 128,
    SUPERVISOR_REGION_COUNT = 384,
    SUPERVISOR_IRQS = 512,
    SUPERVISOR_BITS = 11,
};

/* Bits of a capability pointer, and those of them that the root CNode takes. */
enum { CSPACE_BITS = 64, ROOT_BITS = 6 };

static const uint64_t BADGE_CALL = 1ull << 63;
static const uint64_t BADGE_FAULT = 1ull << 62;
static const uint64_t BADGE_CONSOLE = 1ull << 61;

static const char GUARD_CNODE[] = "(guard: 0, guard_size: 49)";
static const char GUARD_SINGLE[] = "(guard: 0, guard_size: 55)";
static const char GUARD_SUPERVISOR[] = "(guard: 0, guard_size: 47)";

static struct component *plan_monitor_component(struct plan *plan)
{
    return &plan->components[plan->component_count - 1];
}

/* Where the faults of a component go, and with which badge. */
static const struct object *fault_endpoint(struct plan *plan, const struct pd *pd, uint64_t *badge)
{
    if (pd->parent != NULL) {
        *badge = BADGE_FAULT + pd->id;
        return plan_component(plan, pd->parent)->endpoint;
    }
    *badge = pd->index + 1;
    return plan_monitor_component(plan)->endpoint;
}

static void fill_tcb(struct plan *plan, const struct component *component)
{
    struct object *tcb = component->tcb;
    bool monitor = component->root_cnode == NULL;
    uint64_t badge = 0;
    cap_add(plan, tcb, TCB_CSPACE, monitor ? component->cnode : component->root_cnode,
            monitor ? arena_format(plan->arena, "(guard: 0, guard_size: %u)",
                                   CSPACE_BITS - component->cnode->bits)
                    : NULL);
    cap_add(plan, tcb, TCB_VSPACE, component->space.object, NULL);
    cap_add(plan, tcb, TCB_IPC_BUFFER, component->buffer, map_params(true, true, false, true));
    if (!monitor) {
        const struct object *fault = fault_endpoint(plan, component->pd, &badge);
        cap_add(plan, tcb, TCB_FAULT, fault, cap_params(plan, "WP", badge));
    }
    cap_add(plan, tcb, TCB_CONTEXT, component->sched_context, NULL);
    if (!monitor) {
        cap_add(plan, tcb, TCB_NOTIFICATION, component->notification, "(R)");
    }
}

static void fill_fixed_slots(struct plan *plan, const struct component *component)
{
    const struct pd *pd = component->pd;
    struct object *cnode = component->cnode;
    uint64_t badge = 0;
    const struct object *fault = fault_endpoint(plan, pd, &badge);
    bool calls = component->endpoint != NULL;
    cap_add(plan, cnode, SLOT_INPUT, calls ? component->endpoint : component->notification, "(R)");
    cap_add(plan, cnode, SLOT_FAULT, fault, cap_params(plan, "W", badge));
    cap_add(plan, cnode, SLOT_VSPACE, component->space.object, NULL);
    cap_add(plan, cnode, SLOT_REPLY, component->reply, NULL);
    if (pd->passive) {
        cap_add(plan, cnode, SLOT_MONITOR, plan_monitor_component(plan)->endpoint,
                cap_params(plan, "W", pd->index + 1));
    }
    if (pd->smc) {
        cap_add(plan, cnode, SLOT_SMC, plan->smc,
                arena_format(plan->arena, "(badge: 0x%llx)", (unsigned long long)pd->smc_badge));
    }
}

static void fill_channels(struct plan *plan)
{
    const struct list *channels = &plan->composer->system.channels;
    for (size_t i = 0; i < 2 * channels->count; i++) {
        const struct channel *channel = channels->items[i / 2];
        const struct channel_end *from = &channel->ends[i % 2];
        const struct channel_end *to = &channel->ends[1 - i % 2];
        struct object *cnode = plan_component(plan, from->pd)->cnode;
        plan->at = from->at;
        const struct component *target = plan_component(plan, to->pd);
        bool again = i % 2 == 1 && from->pd == to->pd && from->id == to->id;
        if (from->notify && !(again && to->notify)) {
            cap_add(plan, cnode, SLOT_NOTIFICATIONS + from->id, target->notification,
                    cap_params(plan, "W", 1ull << to->id));
        }
        if (from->call) {
            bool wide = from->id >= ID_LIMIT;
            cap_add(plan, wide ? plan_component(plan, from->pd)->wide : cnode,
                    wide ? from->id * WIDE_KINDS + WIDE_CALL : SLOT_ENDPOINTS + from->id,
                    target->endpoint, cap_params(plan, "WP", BADGE_CALL + to->id));
        }
    }
}

static void fill_parts(struct plan *plan, const struct component *component)
{
    const struct pd *pd = component->pd;
    struct object *cnode = component->cnode;
    for (size_t i = 0; i < pd->irqs.count; i++) {
        const struct irq *irq = pd->irqs.items[i];
        plan->at = irq->at;
        cap_add(plan, cnode, SLOT_IRQS + irq->id, component->irqs[i], NULL);
    }
    for (size_t i = 0; i < pd->children.count; i++) {
        const struct pd *child = pd->children.items[i];
        plan->at = child->at;
        bool wide = child->id >= ID_LIMIT;
        cap_add(plan, wide ? component->wide : cnode,
                wide ? child->id * WIDE_KINDS + WIDE_CHILD : SLOT_TCBS + child->id,
                plan_component(plan, child)->tcb, NULL);
    }
    for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
        for (size_t i = 0; i < vm->vcpus.count; i++) {
            const struct vcpu *vcpu = vm->vcpus.items[i];
            plan->at = vcpu->at;
            cap_add(plan, cnode, SLOT_VM_TCBS + vcpu->id, vm->plan->vcpus[i].tcb, NULL);
            cap_add(plan, cnode, SLOT_VCPUS + vcpu->id, vm->plan->vcpus[i].vcpu, NULL);
        }
    }
}

static void fill_root(struct plan *plan, const struct component *component)
{
    struct object *root = component->root_cnode;
    cap_add(plan, root, 0, component->cnode, GUARD_CNODE);
    if (component->wide != NULL) {
        cap_add(plan, root, WIDE_ROOT_SLOT, component->wide,
                arena_format(plan->arena, "(guard: 0, guard_size: %u)",
                             CSPACE_BITS - ROOT_BITS - component->wide->bits));
    }
    for (size_t i = 0; i < component->pd->user_caps.count; i++) {
        const struct user_cap *cap = component->pd->user_caps.items[i];
        plan->at = cap->at;
        const struct component *target = plan_component(plan, cap->pd);
        const struct object *object = target->tcb;
        if (cap->kind == USER_CAP_SC) {
            object = target->sched_context;
        } else if (cap->kind == USER_CAP_VSPACE) {
            object = target->space.object;
        }
        cap_add(plan, root, cap->slot, object, NULL);
    }
}

static void fill_vcpus(struct plan *plan, const struct component *component, const struct vm *vm)
{
    for (size_t i = 0; i < vm->vcpus.count; i++) {
        const struct vcpu *vcpu = vm->vcpus.items[i];
        plan->at = vcpu->at;
        const struct vcpu_plan *objects = &vm->plan->vcpus[i];
        struct object *tcb = objects->tcb;
        cap_add(plan, tcb, TCB_CSPACE, objects->cnode, GUARD_SINGLE);
        cap_add(plan, tcb, TCB_VSPACE, vm->plan->space.object, NULL);
        cap_add(plan, tcb, TCB_IPC_BUFFER, objects->buffer, map_params(true, true, false, true));
        cap_add(plan, tcb, TCB_FAULT, component->endpoint,
                cap_params(plan, "WP", BADGE_FAULT + vcpu->id));
        cap_add(plan, tcb, TCB_CONTEXT, objects->sched_context, NULL);
        cap_add(plan, tcb, TCB_VCPU, objects->vcpu, NULL);
    }
}

void plan_cspaces(struct plan *plan)
{
    bool smc = system_main(&plan->composer->system) != NULL;
    for (size_t i = 0; i < plan->component_count; i++) {
        smc = smc || plan->components[i].pd->smc;
    }
    plan->smc = smc ? object_new(plan, NULL, KIND_SMC, 0, "firmware") : NULL;
    for (size_t i = 0; i < plan->component_count; i++) {
        struct component *component = &plan->components[i];
        plan->at = component->pd->at;
        fill_tcb(plan, component);
        if (component->root_cnode != NULL) {
            fill_root(plan, component);
            plan->at = component->pd->at;
            fill_fixed_slots(plan, component);
            fill_parts(plan, component);
            for (const struct vm *vm = component->pd->vms; vm != NULL; vm = vm->next) {
                fill_vcpus(plan, component, vm);
            }
        }
    }
    fill_channels(plan);
}

uint64_t plan_monitor_band(const struct plan *plan)
{
    uint64_t band = MONITOR_BAND;
    if (plan->component_count - 1 <= MONITOR_BAND) {
        return 0;
    }
    while (band < plan->component_count - 1) {
        band *= 2;
    }
    return band;
}

void plan_monitor(struct plan *plan)
{
    struct component *monitor = plan_monitor_component(plan);
    struct object *cnode = monitor->cnode;
    uint64_t band = plan_monitor_band(plan);
    plan->at = monitor->pd->at;
    cap_add(plan, cnode, MONITOR_ENDPOINT, monitor->endpoint, "(R)");
    cap_add(plan, cnode, MONITOR_REPLY, monitor->reply, NULL);
    if (system_main(&plan->composer->system) != NULL) {
        cap_add(plan, cnode, MONITOR_SMC, plan->smc, "(badge: 0x84000008)");
    }
    const struct pd *serial = system_pd(&plan->composer->system, "serial_virt");
    if (monitor->pd->maps.count > 0 && serial != NULL) {
        cap_add(plan, cnode, MONITOR_CONSOLE, plan_component(plan, serial)->notification,
                cap_params(plan, "W", BADGE_CONSOLE));
    }
    for (size_t i = 0; i + 1 < plan->component_count; i++) {
        const struct component *component = &plan->components[i];
        plan->at = component->pd->at;
        cap_add(plan, cnode, (band == 0 ? MONITOR_TCBS : band) + i, component->tcb, NULL);
        if (component->pd->passive) {
            cap_add(plan, cnode, (band == 0 ? MONITOR_CONTEXTS : 2 * band) + i,
                    component->sched_context, NULL);
            cap_add(plan, cnode, (band == 0 ? MONITOR_NOTIFICATIONS : 3 * band) + i,
                    component->notification, "(R)");
        }
    }
}

static struct component *supervisor_find(struct plan *plan)
{
    for (size_t i = 0; i < plan->component_count; i++) {
        if (plan->components[i].pd->supervisor) {
            return &plan->components[i];
        }
    }
    return NULL;
}

bool plan_supervisor(struct plan *plan)
{
    struct component *supervisor = supervisor_find(plan);
    if (supervisor == NULL) {
        return true;
    }
    struct object *cnode = object_new(plan, &supervisor->holder, KIND_CNODE, SUPERVISOR_BITS,
                                      arena_format(plan->arena, "%s_supervised", supervisor->base));
    struct object *pool = object_new(plan, NULL, KIND_ASID_POOL, 0, "asid_pool_0");
    pool->attributes = "asid_high: 0";
    supervisor->supervised = cnode;
    cap_add(plan, supervisor->root_cnode, 1, cnode, GUARD_SUPERVISOR);
    cap_add(plan, cnode, SUPERVISOR_SELF, cnode, NULL);
    cap_add(plan, cnode, SUPERVISOR_ASID_POOL, pool, NULL);
    for (unsigned i = 0; i < plan->composer->cores && i < SUPERVISOR_CONTROL_COUNT; i++) {
        cap_add_global(plan, cnode, SUPERVISOR_CONTROL + i,
                       arena_format(plan->arena, "sched_control (core: %u)", i));
    }
    for (size_t i = 0; i < plan->component_count; i++) {
        struct holder *holder = &plan->components[i].holder;
        bool monitor = i + 1 == plan->component_count;
        cap_add(plan, cnode, monitor ? SUPERVISOR_MONITOR : SUPERVISOR_COMPONENTS + i,
                holder->untyped, NULL);
    }
    size_t regions = 0;
    for (size_t i = 0; i < plan->region_count; i++) {
        const struct region_plan *region = &plan->regions[i];
        for (size_t j = 0; j < region->pieces.count; j++) {
            const struct piece *piece = region->pieces.items[j];
            if (piece->holder != &piece->own) {
                continue;
            }
            if (regions == SUPERVISOR_REGION_COUNT) {
                return diag_error(&plan->composer->diag, region->region->at,
                                  "more than %d shared regions under a supervisor\n"
                                  "join some regions",
                                  SUPERVISOR_REGION_COUNT);
            }
            cap_add(plan, cnode, SUPERVISOR_REGIONS + regions++, piece->own.untyped, NULL);
        }
    }
    for (size_t i = 0; i < IRQ_LIMIT; i++) {
        if (plan->irq_map[i] != NULL) {
            cap_add(plan, cnode, SUPERVISOR_IRQS + i, plan->irq_map[i], NULL);
        }
    }
    return true;
}
