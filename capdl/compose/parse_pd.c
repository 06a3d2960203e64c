/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Protection domains
 *
 * Invariant: a PD is added to the system before its children, which gives the depth-first
 * numbering.
 */
#include "parse.h"

#include <abi/objects.h>
#include <inttypes.h>
#include <string.h>

static const char CHILDREN[] = "program_image map irq setvar protection_domain virtual_machine "
                               "cspace t:setvar t:setstring";

static const uint64_t STACK_DEFAULT = 0x2000;
static const uint64_t STACK_MOST = 0x1000000;

/* The kernel refuses less: twice its own longest time, and the timer's precision. */
static const uint64_t BUDGET_LEAST = MIN_BUDGET_US;

bool parse_budget(struct composer *composer, const struct xml_node *node, uint64_t *budget,
                  uint64_t *period)
{
    *budget = 1000;
    if (!read_number(composer, node, "budget", budget)) {
        return false;
    }
    *period = *budget;
    if (!read_number(composer, node, "period", period)) {
        return false;
    }
    if (*budget > *period) {
        return diag_error(&composer->diag, node->at,
                          "budget %" PRIu64 " us of '%s' is longer than its period %" PRIu64 " us\n"
                          "give a period of at least the budget (the default budget is 1000)",
                          *budget, node_label(node), *period);
    }
    if (*budget < BUDGET_LEAST) {
        return diag_error(&composer->diag, node->at,
                          "budget %" PRIu64 " us of '%s' is shorter than the kernel can keep\n"
                          "give at least %" PRIu64,
                          *budget, node_label(node), BUDGET_LEAST);
    }
    const uint64_t hour = 3600000000u;
    if (*period > hour) {
        return diag_error(&composer->diag, node->at,
                          "period %" PRIu64 " us of '%s' is longer than one hour\n"
                          "give at most %" PRIu64,
                          *period, node_label(node), hour);
    }
    return true;
}

bool parse_priority(struct composer *composer, const struct xml_node *node, uint64_t *priority)
{
    if (!read_number(composer, node, "priority", priority)) {
        return false;
    }
    if (*priority >= PRIORITY_LIMIT) {
        return diag_error(&composer->diag, node->at,
                          "priority %" PRIu64 " of '%s' is too high\n"
                          "use 0 to %d; the monitor alone has %d",
                          *priority, node_label(node), PRIORITY_LIMIT - 1, PRIORITY_LIMIT);
    }
    return true;
}

bool parse_core(struct composer *composer, const struct xml_node *node, uint64_t *core)
{
    if (!read_number(composer, node, "cpu", core)) {
        return false;
    }
    if (*core >= composer->cores_most) {
        return diag_error(&composer->diag, node->at,
                          "'%s' asks for core %" PRIu64 ", but the system has %u\n"
                          "use a lower number (0 is the first), or more cores with --cores",
                          node_label(node), *core, composer->cores_most);
    }
    if (*core >= composer->cores) {
        diag_warning(&composer->diag, node->at,
                     "'%s' asks for core %" PRIu64 ", which a system of one core does not have\n"
                     "say with --cores how many there are, or use core 0",
                     node_label(node), *core);
    }
    return true;
}

static bool parse_stack(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    pd->stack_size = STACK_DEFAULT;
    if (!read_number(composer, node, "stack_size", &pd->stack_size)) {
        return false;
    }
    if (pd->stack_size < 0x1000 || pd->stack_size > STACK_MOST) {
        return diag_error(&composer->diag, node->at,
                          "stack_size 0x%" PRIx64 " of '%s' is out of range\n"
                          "use 0x1000 to 0x%" PRIx64,
                          pd->stack_size, pd->name, STACK_MOST);
    }
    if (pd->stack_size % 0x1000 != 0) {
        return diag_error(&composer->diag, node->at,
                          "stack_size 0x%" PRIx64 " of '%s' is not whole pages\n"
                          "use a multiple of 0x1000",
                          pd->stack_size, pd->name);
    }
    return true;
}

static bool parse_smc(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    bool given = xml_attribute(node, XML_TESSERA, "smc_badge") != NULL;
    if (!read_flag(composer, node, "smc", &pd->smc) ||
        !read_our_number(composer, node, "smc_badge", &pd->smc_badge)) {
        return false;
    }
    if (given && !pd->smc) {
        return diag_error(&composer->diag, node->at,
                          "t:smc_badge of '%s' without smc=\"true\"\n"
                          "add smc=\"true\", or remove the badge",
                          pd->name);
    }
    if (pd->smc && pd->smc_badge == 0) {
        diag_warning(&composer->diag, node->at,
                     "'%s' may make every firmware call, power-off included\n"
                     "name the one function it needs with t:smc_badge=\"...\"",
                     pd->name);
    }
    return true;
}

static bool parse_domain(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    pd->domain_name = xml_attribute(node, XML_PLAIN, "domain");
    if (pd->domain_name == NULL) {
        return !composer->system.has_domains ||
               diag_error(&composer->diag, node->at,
                          "'%s' is in no domain although domains are declared\n"
                          "add domain=\"...\"",
                          pd->name);
    }
    for (size_t i = 0; i < composer->system.domains.count; i++) {
        const struct domain *domain = composer->system.domains.items[i];
        if (text_equal(domain->name, pd->domain_name)) {
            pd->domain = domain->id;
            return true;
        }
    }
    return composer->system.domains_broken ||
           diag_error(&composer->diag, node->at,
                      "'%s' names the domain '%s', which does not exist\n"
                      "declare it in domains, or remove the attribute",
                      pd->name, pd->domain_name);
}

static bool parse_identity(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    if (pd->parent == NULL) {
        return true;
    }
    if (!need_id(composer, node, "id", WIDE_ID_LIMIT, &pd->id)) {
        return false;
    }
    if (pd->id >= ID_LIMIT && pd->parent->wide_end <= pd->id) {
        pd->parent->wide_end = pd->id + 1;
    }
    return setvar_add(composer, node, "setvar_id", pd->parent,
                      (struct setvar){ .kind = SETVAR_VALUE, .value = pd->id });
}

static bool parse_flags(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    pd->fpu = true;
    if (!read_flag(composer, node, "passive", &pd->passive) ||
        !read_flag(composer, node, "fpu", &pd->fpu) ||
        !read_our_flag(composer, node, "main", &pd->main) ||
        !read_our_flag(composer, node, "supervisor", &pd->supervisor) ||
        !read_our_flag(composer, node, "counter", &pd->counter) ||
        !read_our_flag(composer, node, "several_vms", &pd->several_vms)) {
        return false;
    }
    if (pd->main && pd->parent != NULL) {
        return diag_error(&composer->diag, node->at,
                          "'%s' is marked main but is a child of '%s'\n"
                          "mark a root protection_domain: a child ends to its parent",
                          pd->name, pd->parent->name);
    }
    return true;
}

static bool parse_image(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    if (pd->image_path != NULL) {
        return diag_error(&composer->diag, node->at,
                          "'%s' has two program images\n"
                          "keep one program_image",
                          pd->name);
    }
    node_is_leaf(composer, node);
    pd->image_at = node->at;
    pd->symbols_path = xml_attribute(node, XML_PLAIN, "path_for_symbols");
    pd->image_broken = !need_string(composer, node, "path", &pd->image_path);
    return node_allow(composer, node, "path path_for_symbols", "") && !pd->image_broken;
}

static bool parse_pd_child(struct composer *composer, const struct xml_node *node,
                           const struct xml_node *child, struct pd *pd)
{
    if (child->space == XML_TESSERA) {
        if (text_equal(child->name, "setvar")) {
            return parse_our_setvar(composer, child, pd, SETVAR_VALUE);
        }
        if (text_equal(child->name, "setstring")) {
            return parse_our_setvar(composer, child, pd, SETVAR_STRING);
        }
        return node_unknown_child(composer, node, child, CHILDREN);
    }
    if (text_equal(child->name, "program_image")) {
        return parse_image(composer, child, pd);
    }
    if (text_equal(child->name, "map")) {
        return parse_map(composer, child, pd, NULL);
    }
    if (text_equal(child->name, "irq")) {
        return parse_irq(composer, child, pd);
    }
    if (text_equal(child->name, "setvar")) {
        return parse_setvar(composer, child, pd);
    }
    if (text_equal(child->name, "protection_domain")) {
        return parse_pd(composer, child, pd);
    }
    if (text_equal(child->name, "virtual_machine")) {
        return parse_vm(composer, child, pd);
    }
    if (text_equal(child->name, "cspace")) {
        return parse_cspace(composer, child, pd);
    }
    if (text_equal(child->name, "ioport")) {
        return diag_error(&composer->diag, child->at,
                          "ioport is for x86-64 only\n"
                          "remove it; map the device's registers instead");
    }
    return node_unknown_child(composer, node, child, CHILDREN);
}

/* The attributes besides the name; the first error ends it. */
static bool parse_pd_attributes(struct composer *composer, const struct xml_node *node,
                                struct pd *pd)
{
    if (strlen(pd->name) >= NAME_BYTES) {
        diag_warning(&composer->diag, node->at,
                     "the name '%s' will be shown cut at %d bytes\n"
                     "use a shorter name",
                     pd->name, NAME_BYTES - 1);
    }
    return node_allow(composer, node,
                      pd->parent == NULL
                          ? "name priority budget period passive stack_size cpu smc fpu domain"
                          : "name priority budget period passive stack_size cpu smc fpu domain id "
                            "setvar_id",
                      "main supervisor counter smc_badge several_vms restart") &&
           parse_priority(composer, node, &pd->priority) &&
           parse_budget(composer, node, &pd->budget, &pd->period) &&
           parse_stack(composer, node, pd) && parse_core(composer, node, &pd->core) &&
           parse_flags(composer, node, pd) && parse_restart(composer, node, pd) &&
           parse_smc(composer, node, pd) && parse_domain(composer, node, pd) &&
           parse_identity(composer, node, pd);
}

bool parse_pd(struct composer *composer, const struct xml_node *node, struct pd *parent)
{
    struct pd *pd = arena_alloc(&composer->arena, sizeof(*pd));
    pd->at = node->at;
    pd->parent = parent;
    pd->stack_size = STACK_DEFAULT;
    pd->index = (unsigned)composer->system.pds.count;
    bool good = need_string(composer, node, "name", &pd->name);
    if (good) {
        list_add(&composer->arena, &composer->system.pds, pd);
        if (parent != NULL) {
            list_add(&composer->arena, &parent->children, pd);
        }
    } else {
        pd->name = "(without name)";
    }
    good &= parse_pd_attributes(composer, node, pd);
    pd->broken = !good;
    node_has_no_text(composer, node);
    for (size_t i = 0; i < node->children.count; i++) {
        good &= parse_pd_child(composer, node, node->children.items[i], pd);
    }
    if (pd->image_path == NULL && !pd->image_broken) {
        good = diag_error(&composer->diag, node->at,
                          "'%s' has no program image\n"
                          "add <program_image path=\"...\"/>",
                          pd->name);
    }
    return good;
}
