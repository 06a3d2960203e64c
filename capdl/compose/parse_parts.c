/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of a protection domain: maps, interrupts, symbols, user capabilities, and
 * its virtual machine
 */
#include "parse.h"

#include <inttypes.h>
#include <string.h>

bool setvar_add(struct composer *composer, const struct xml_node *node, const char *name,
                struct pd *pd, struct setvar setvar)
{
    setvar.symbol = xml_attribute(node, XML_PLAIN, name);
    if (setvar.symbol == NULL) {
        return true;
    }
    for (size_t i = 0; i < pd->setvars.count; i++) {
        const struct setvar *other = pd->setvars.items[i];
        if (text_equal(other->symbol, setvar.symbol)) {
            return diag_error(&composer->diag, node->at,
                              "symbol '%s' of '%s' is set twice, first in %s\n"
                              "use two symbols",
                              setvar.symbol, pd->name,
                              diag_place(&composer->diag, other->at, node->at));
        }
    }
    setvar.at = node->at;
    struct setvar *copy = arena_alloc(&composer->arena, sizeof(*copy));
    *copy = setvar;
    list_add(&composer->arena, &pd->setvars, copy);
    return true;
}

/* A guest's memory is writable and executable by nature; the guest keeps its own order in it. */
static bool parse_perms(struct composer *composer, const struct xml_node *node, struct map *map,
                        bool guest)
{
    const char *perms = xml_attribute(node, XML_PLAIN, "perms");
    if (perms == NULL) {
        perms = "rw";
    }
    map->read = strchr(perms, 'r') != NULL;
    map->write = strchr(perms, 'w') != NULL;
    map->execute = strchr(perms, 'x') != NULL;
    if (perms[strspn(perms, "rwx")] != '\0') {
        return diag_error(&composer->diag, node->at,
                          "'%s' is no set of permissions\n"
                          "use the letters r, w and x",
                          perms);
    }
    if (map->write && !map->read && !map->execute) {
        return diag_error(&composer->diag, node->at,
                          "a map cannot be write-only\n"
                          "use perms=\"rw\"");
    }
    if (map->write && map->execute && !guest) {
        diag_warning(&composer->diag, node->at,
                     "region '%s' is mapped writable and executable\n"
                     "map it twice, once to write and once to execute, or drop one",
                     map->region_name);
    } else if (!map->read) {
        diag_warning(&composer->diag, node->at,
                     "region '%s' is mapped without the permission to read\n"
                     "add r to perms",
                     map->region_name);
    }
    return true;
}

bool parse_map(struct composer *composer, const struct xml_node *node, struct pd *pd, struct vm *vm)
{
    struct map *map = arena_alloc(&composer->arena, sizeof(*map));
    map->at = node->at;
    map->cached = true;
    const char *plain = vm == NULL ? "mr vaddr perms cached setvar_vaddr setvar_size "
                                     "setvar_prefill_size"
                                   : "mr vaddr perms cached";
    if (!node_allow(composer, node, plain, "") ||
        !need_string(composer, node, "mr", &map->region_name) ||
        !need_number(composer, node, "vaddr", &map->vaddr)) {
        return false;
    }
    node_is_leaf(composer, node);
    if (!parse_perms(composer, node, map, vm != NULL) ||
        !read_flag(composer, node, "cached", &map->cached)) {
        return false;
    }
    list_add(&composer->arena, vm == NULL ? &pd->maps : &vm->maps, map);
    if (vm != NULL) {
        return true;
    }
    const char *name = map->region_name;
    return setvar_add(composer, node, "setvar_vaddr", pd,
                      (struct setvar){ .kind = SETVAR_VALUE, .value = map->vaddr }) &&
           setvar_add(composer, node, "setvar_size", pd,
                      (struct setvar){ .kind = SETVAR_SIZE, .region_name = name }) &&
           setvar_add(composer, node, "setvar_prefill_size", pd,
                      (struct setvar){ .kind = SETVAR_PREFILL_SIZE, .region_name = name });
}

static bool irq_number_check(struct composer *composer, const struct xml_node *node,
                             uint64_t number)
{
    if (number < IRQ_FIRST || number >= IRQ_LIMIT) {
        return diag_error(&composer->diag, node->at,
                          "interrupt %" PRIu64 " does not exist\n"
                          "use %d to %d; shared interrupt n of a device has the number n + 32",
                          number, IRQ_FIRST, IRQ_LIMIT - 1);
    }
    if (number >= 25 && number <= 27) {
        return diag_error(&composer->diag, node->at,
                          "interrupt %" PRIu64 " belongs to the kernel\n"
                          "use another; 25 to 27 serve virtual machines and the kernel's timer",
                          number);
    }
    return true;
}

bool parse_irq(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    struct irq *irq = arena_alloc(&composer->arena, sizeof(*irq));
    irq->at = node->at;
    node_is_leaf(composer, node);
    if (xml_attribute(node, XML_PLAIN, "irq") == NULL &&
        (xml_attribute(node, XML_PLAIN, "pin") != NULL ||
         xml_attribute(node, XML_PLAIN, "pcidev") != NULL)) {
        return diag_error(&composer->diag, node->at,
                          "an interrupt by pin or pcidev is for x86-64 only\n"
                          "give its number: irq=\"...\"");
    }
    if (!node_allow(composer, node, "irq id setvar_id trigger", "") ||
        !need_number(composer, node, "irq", &irq->number) ||
        !irq_number_check(composer, node, irq->number) ||
        !need_id(composer, node, "id", ID_LIMIT, &irq->id)) {
        return false;
    }
    const char *trigger = xml_attribute(node, XML_PLAIN, "trigger");
    if (trigger != NULL && !text_equal(trigger, "level") && !text_equal(trigger, "edge")) {
        return diag_error(&composer->diag, node->at,
                          "'%s' is no trigger\n"
                          "write level or edge",
                          trigger);
    }
    irq->edge = trigger != NULL && text_equal(trigger, "edge");
    list_add(&composer->arena, &pd->irqs, irq);
    return setvar_add(composer, node, "setvar_id", pd,
                      (struct setvar){ .kind = SETVAR_VALUE, .value = irq->id });
}

bool parse_setvar(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    const char *symbol = NULL;
    const char *region = NULL;
    node_is_leaf(composer, node);
    return node_allow(composer, node, "symbol region_paddr", "") &&
           need_string(composer, node, "symbol", &symbol) &&
           need_string(composer, node, "region_paddr", &region) &&
           setvar_add(composer, node, "symbol", pd,
                      (struct setvar){ .kind = SETVAR_PADDR, .region_name = region });
}

bool parse_our_setvar(struct composer *composer, const struct xml_node *node, struct pd *pd,
                      enum setvar_kind kind)
{
    const char *symbol = NULL;
    struct setvar setvar = { .kind = kind };
    node_is_leaf(composer, node);
    if (!node_allow(composer, node, "symbol value", "") ||
        !need_string(composer, node, "symbol", &symbol) ||
        !need_string(composer, node, "value", &setvar.string) ||
        (kind == SETVAR_VALUE && !need_number(composer, node, "value", &setvar.value))) {
        return false;
    }
    return setvar_add(composer, node, "symbol", pd, setvar);
}

static bool parse_user_cap(struct composer *composer, const struct xml_node *node,
                           const struct xml_node *parent, struct pd *pd)
{
    struct user_cap *cap = arena_alloc(&composer->arena, sizeof(*cap));
    cap->at = node->at;
    if (text_equal(node->name, "cap_tcb")) {
        cap->kind = USER_CAP_TCB;
    } else if (text_equal(node->name, "cap_sc")) {
        cap->kind = USER_CAP_SC;
    } else if (text_equal(node->name, "cap_vspace")) {
        cap->kind = USER_CAP_VSPACE;
    } else if (strncmp(node->name, "cap_", 4) == 0) {
        return diag_error(&composer->diag, node->at,
                          "capabilities of type '%s' are not supported\n"
                          "use cap_tcb, cap_sc or cap_vspace",
                          node->name);
    } else {
        return node_unknown_child(composer, parent, node, "cap_tcb cap_sc cap_vspace");
    }
    node_is_leaf(composer, node);
    if (!node_allow(composer, node, "slot pd", "") ||
        !need_id(composer, node, "slot", USER_CAP_LIMIT, &cap->slot) ||
        !need_string(composer, node, "pd", &cap->pd_name)) {
        return false;
    }
    if (cap->slot == 0) {
        return diag_error(&composer->diag, node->at,
                          "slot 0 of '%s' is taken by its own capabilities\n"
                          "use 1 to %d",
                          pd->name, USER_CAP_LIMIT - 1);
    }
    list_add(&composer->arena, &pd->user_caps, cap);
    return true;
}

bool parse_cspace(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    node_has_no_text(composer, node);
    if (!node_allow(composer, node, "", "")) {
        return false;
    }
    if (pd->user_caps.count > 0) {
        return diag_error(&composer->diag, node->at,
                          "'%s' has two cspace elements\n"
                          "put all capabilities into one",
                          pd->name);
    }
    bool good = true;
    for (size_t i = 0; i < node->children.count; i++) {
        good &= parse_user_cap(composer, node->children.items[i], node, pd);
    }
    return good;
}

/* The vCPU with this id, of any virtual machine of the PD; or NULL. */
static const struct vcpu *vcpu_find(const struct pd *pd, uint64_t id)
{
    for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
        for (size_t i = 0; i < vm->vcpus.count; i++) {
            const struct vcpu *vcpu = vm->vcpus.items[i];
            if (vcpu->id == id) {
                return vcpu;
            }
        }
    }
    return NULL;
}

static bool parse_vcpu(struct composer *composer, const struct xml_node *node, struct pd *pd,
                       struct vm *vm)
{
    struct vcpu *vcpu = arena_alloc(&composer->arena, sizeof(*vcpu));
    vcpu->at = node->at;
    vcpu->core = pd->core;
    node_is_leaf(composer, node);
    if (!node_allow(composer, node, "id cpu setvar_id", "") ||
        !need_id(composer, node, "id", ID_LIMIT, &vcpu->id) ||
        !parse_core(composer, node, &vcpu->core)) {
        return false;
    }
    const struct vcpu *other = vcpu_find(pd, vcpu->id);
    if (other != NULL) {
        return diag_error(&composer->diag, node->at,
                          "vcpu id %" PRIu64 " of '%s' is taken by the vcpu in %s\n"
                          "use another id",
                          vcpu->id, vm->name, diag_place(&composer->diag, other->at, node->at));
    }
    list_add(&composer->arena, &vm->vcpus, vcpu);
    return setvar_add(composer, node, "setvar_id", pd,
                      (struct setvar){ .kind = SETVAR_VALUE, .value = vcpu->id });
}

static bool parse_vm_child(struct composer *composer, const struct xml_node *node,
                           const struct xml_node *child, struct pd *pd, struct vm *vm)
{
    if (child->space != XML_TESSERA && text_equal(child->name, "vcpu")) {
        return parse_vcpu(composer, child, pd, vm);
    }
    if (child->space != XML_TESSERA && text_equal(child->name, "map")) {
        return parse_map(composer, child, pd, vm);
    }
    return node_unknown_child(composer, node, child, "vcpu map");
}

static bool parse_vm_attributes(struct composer *composer, const struct xml_node *node,
                                struct pd *pd, struct vm *vm)
{
    if (!need_string(composer, node, "name", &vm->name) ||
        !node_allow(composer, node, "name priority budget period", "main restart") ||
        !parse_priority(composer, node, &vm->priority) ||
        !parse_budget(composer, node, &vm->budget, &vm->period) ||
        !read_our_flag(composer, node, "main", &vm->main) || !parse_restart(composer, node, pd)) {
        return false;
    }
    return !vm->main || pd->parent == NULL ||
           diag_error(&composer->diag, node->at,
                      "'%s' is marked main but its monitor '%s' is a child of '%s'\n"
                      "mark a virtual machine of a root protection_domain",
                      vm->name, pd->name, pd->parent->name);
}

bool parse_vm(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    struct vm *vm = arena_alloc(&composer->arena, sizeof(*vm));
    struct vm **last = &pd->vms;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    if (pd->vms != NULL && !pd->several_vms) {
        return diag_error(&composer->diag, node->at,
                          "'%s' has two virtual machines\n"
                          "give each virtual_machine a protection_domain of its own, or write "
                          "t:several_vms=\"true\" in this one",
                          pd->name);
    }
    *last = vm;
    vm->at = node->at;
    vm->name = "(without name)";
    bool good = parse_vm_attributes(composer, node, pd, vm);
    node_has_no_text(composer, node);
    for (size_t i = 0; i < node->children.count; i++) {
        good &= parse_vm_child(composer, node, node->children.items[i], pd, vm);
    }
    if (good && vm->vcpus.count == 0) {
        return diag_error(&composer->diag, node->at,
                          "virtual machine '%s' has no vcpu\n"
                          "add <vcpu id=\"0\"/>",
                          vm->name);
    }
    return good;
}
