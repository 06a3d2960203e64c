/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Policies: checked for spelling here, passed on to the audit
 *
 * The audit is what understands them. A policy goes into the capDL as a comment line; names of
 * components and regions become those of the capDL.
 */
#include "parse.h"
#include "plan.h"

#include <inttypes.h>
#include <string.h>

/* What an attribute's value is made of. */
enum words { WORDS_PLAIN, WORDS_COMPONENTS, WORDS_REGION, WORDS_INTERRUPT };

static const struct {
    const char *attribute;
    enum words words;
} attributes[] = {
    { "a", WORDS_COMPONENTS },         { "b", WORDS_COMPONENTS },
    { "from", WORDS_COMPONENTS },      { "to", WORDS_COMPONENTS },
    { "trust", WORDS_COMPONENTS },     { "may", WORDS_COMPONENTS },
    { "component", WORDS_COMPONENTS }, { "region", WORDS_REGION },
    { "interrupt", WORDS_INTERRUPT },
};

static const struct {
    const char *kind;
    const char *attributes; /* besides kind */
} kinds[] = {
    { "isolated", "kind a b class trust reason" },
    { "no-flow", "kind from to class trust reason" },
    { "only", "kind object region interrupt component right may trust reason" },
    { "at-most",
      "kind object region interrupt component right holders cpu core priority memory trust reason" },
};

static enum words words_of(const char *attribute)
{
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (text_equal(attributes[i].attribute, attribute)) {
            return attributes[i].words;
        }
    }
    return WORDS_PLAIN;
}

static const struct vm *vm_find(const struct system *system, const char *name)
{
    for (size_t i = 0; i < system->pds.count; i++) {
        const struct pd *pd = system->pds.items[i];
        for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
            if (text_equal(vm->name, name)) {
                return vm;
            }
        }
    }
    return NULL;
}

/* The next word of a list parted by blanks; NULL at its end. */
static const char *word_next(struct arena *arena, const char **list)
{
    *list += strspn(*list, " ");
    size_t length = strcspn(*list, " ");
    const char *word = length == 0 ? NULL : arena_copy(arena, *list, length);
    *list += length;
    return word;
}

static bool check_components(struct composer *composer, const struct xml_node *node,
                             const struct xml_attribute *attribute)
{
    const char *list = attribute->value;
    const char *name;
    while ((name = word_next(&composer->arena, &list)) != NULL) {
        if (system_pd(&composer->system, name) == NULL &&
            vm_find(&composer->system, name) == NULL && !text_equal(name, "*") &&
            !text_equal(name, "monitor")) {
            return diag_error(
                &composer->diag, node->at,
                "attribute '%s' of a policy names '%s', which is neither a protection "
                "domain nor a virtual machine\n"
                "correct the name; names are parted by blanks",
                attribute->name, name);
        }
    }
    return true;
}

static bool check_interrupt(struct composer *composer, const struct xml_node *node,
                            uint64_t *number)
{
    if (!need_number(composer, node, "interrupt", number)) {
        return false;
    }
    for (size_t i = 0; i < composer->system.pds.count; i++) {
        const struct pd *pd = composer->system.pds.items[i];
        for (size_t j = 0; j < pd->irqs.count; j++) {
            if (((const struct irq *)pd->irqs.items[j])->number == *number) {
                return true;
            }
        }
    }
    return diag_error(&composer->diag, node->at,
                      "a policy is about interrupt %" PRIu64 ", which no protection domain has\n"
                      "correct the number, or remove the policy",
                      *number);
}

static bool check_attribute(struct composer *composer, const struct xml_node *node,
                            const struct xml_attribute *attribute, struct policy *policy)
{
    switch (words_of(attribute->name)) {
    case WORDS_COMPONENTS: return check_components(composer, node, attribute);
    case WORDS_REGION:
        return system_region(&composer->system, attribute->value) != NULL ||
               diag_error(&composer->diag, node->at,
                          "a policy is about the region '%s', which does not exist\n"
                          "correct the name, or add the memory_region",
                          attribute->value);
    case WORDS_INTERRUPT: return check_interrupt(composer, node, &policy->interrupt);
    case WORDS_PLAIN: break;
    }
    return true;
}

bool parse_policy(struct composer *composer, const struct xml_node *node)
{
    const char *kind = NULL;
    size_t found = 0;
    const size_t count = sizeof(kinds) / sizeof(kinds[0]);
    if (!need_string(composer, node, "kind", &kind)) {
        return false;
    }
    while (found < count && !text_equal(kinds[found].kind, kind)) {
        found++;
    }
    if (found == count) {
        return diag_error(&composer->diag, node->at,
                          "there is no policy of kind '%s'\n"
                          "use isolated, no-flow, only or at-most",
                          kind);
    }
    if (!node_allow(composer, node, kinds[found].attributes, "only")) {
        return false;
    }
    node_is_leaf(composer, node);
    struct policy *policy = arena_alloc(&composer->arena, sizeof(*policy));
    policy->at = node->at;
    policy->node = node;
    for (size_t i = 0; i < node->attributes.count; i++) {
        if (!check_attribute(composer, node, node->attributes.items[i], policy)) {
            return false;
        }
    }
    list_add(&composer->arena, &composer->system.policies, policy);
    return true;
}

/* The capDL name of a component; names that are none stay. */
static const char *component_base(struct plan *plan, const char *name)
{
    const struct system *system = &plan->composer->system;
    const struct pd *pd = system_pd(system, name);
    const struct vm *vm = vm_find(system, name);
    if (pd != NULL) {
        return plan_component(plan, pd)->base;
    }
    return vm != NULL ? vm->plan->base : name;
}

static void emit_words(struct plan *plan, struct text *out, const struct policy *policy,
                       const struct xml_attribute *attribute)
{
    const char *list = attribute->value;
    const char *name;
    switch (words_of(attribute->name)) {
    case WORDS_COMPONENTS:
        for (const char *blank = ""; (name = word_next(plan->arena, &list)) != NULL; blank = " ") {
            text_add(out, "%s%s", blank, component_base(plan, name));
        }
        break;
    case WORDS_REGION:
        text_add(out, "%s", plan_region(plan, system_region(&plan->composer->system, list))->base);
        break;
    case WORDS_INTERRUPT: text_add(out, "%" PRIu64, policy->interrupt); break;
    case WORDS_PLAIN:
        /* The value ends at a quote, and the comment at the end of the line. */
        for (; *list != '\0'; list++) {
            text_add(out, "%c", *list == '"' ? '\'' : (unsigned char)*list < ' ' ? ' ' : *list);
        }
        break;
    }
}

/* Of a region that nobody maps there is nothing to say. */
static bool is_about_nothing(const struct plan *plan, const struct policy *policy)
{
    const char *name = xml_attribute(policy->node, XML_PLAIN, "region");
    return name != NULL && !region_is_used(system_region(&plan->composer->system, name));
}

void plan_policies(struct plan *plan, struct text *out)
{
    const struct list *policies = &plan->composer->system.policies;
    for (size_t i = 0; i < policies->count; i++) {
        const struct policy *policy = policies->items[i];
        if (is_about_nothing(plan, policy)) {
            continue;
        }
        emit_place(plan, out, policy->at);
        text_add(out, "-- policy: %s", xml_attribute(policy->node, XML_PLAIN, "kind"));
        for (size_t j = 0; j < policy->node->attributes.count; j++) {
            const struct xml_attribute *attribute = policy->node->attributes.items[j];
            if (attribute->space == XML_PLAIN && !text_equal(attribute->name, "kind")) {
                text_add(out, " %s=\"", attribute->name);
                emit_words(plan, out, policy, attribute);
                text_add(out, "\"");
            }
        }
        text_add(out, "\n");
    }
}
