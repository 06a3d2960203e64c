/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The root element
 *
 * `domains` is read before all else and channels after all else, whatever the order in the
 * file: PDs name domains, and channels name PDs.
 */
#include "parse.h"

static const char CHILDREN[] =
    "protection_domain memory_region channel domains t:param t:policy t:include";

static bool parse_child(struct composer *composer, const struct xml_node *node)
{
    struct diag *diag = &composer->diag;
    if (node->space == XML_TESSERA) {
        return text_equal(node->name, "param") || text_equal(node->name, "policy") ||
               node_unknown_child(composer, composer->root, node, CHILDREN);
    }
    if (text_equal(node->name, "protection_domain")) {
        return parse_pd(composer, node, NULL);
    }
    if (text_equal(node->name, "memory_region")) {
        return parse_region(composer, node);
    }
    if (text_equal(node->name, "channel") || text_equal(node->name, "domains")) {
        return true;
    }
    if (text_equal(node->name, "virtual_machine")) {
        return diag_error(diag, node->at,
                          "a virtual_machine cannot stand directly in system\n"
                          "put it inside the protection_domain that monitors it");
    }
    if (text_equal(node->name, "io_address_space")) {
        return diag_error(diag, node->at,
                          "io_address_space is for x86-64 only\n"
                          "remove it; on this architecture devices use physical addresses");
    }
    return node_unknown_child(composer, composer->root, node, CHILDREN);
}

/* Goes on after an error, to find the others. */
static bool parse_all(struct composer *composer, enum xml_space space, const char *name,
                      bool (*parse)(struct composer *, const struct xml_node *))
{
    const struct list *children = &composer->root->children;
    bool good = true;
    for (size_t i = 0; i < children->count; i++) {
        const struct xml_node *node = children->items[i];
        if ((node->space == XML_TESSERA) == (space == XML_TESSERA) &&
            text_equal(node->name, name)) {
            good &= parse(composer, node);
        }
    }
    return good;
}

bool parse_system(struct composer *composer)
{
    const struct xml_node *root = composer->root;
    if (!text_equal(root->name, "system")) {
        return diag_error(&composer->diag, root->at,
                          "the root element is '%s'\n"
                          "a description is one system element",
                          root->name);
    }
    composer->system.at = root->at;
    bool good = true;
    if (root->text_at.line != 0) {
        good = diag_error(&composer->diag, root->text_at,
                          "text directly in system\n"
                          "remove it, or make it a comment");
    }
    if (!parameters_apply(composer)) {
        return false;
    }
    good &= parse_all(composer, XML_PLAIN, "domains", parse_domain_list);
    for (size_t i = 0; i < root->children.count; i++) {
        good &= parse_child(composer, root->children.items[i]);
    }
    good &= parse_all(composer, XML_PLAIN, "channel", parse_channel);
    return parse_all(composer, XML_TESSERA, "policy", parse_policy) && good;
}

static size_t region_bucket(const char *name)
{
    size_t hash = 5381;
    for (; *name != '\0'; name++) {
        hash = hash * 33 + (unsigned char)*name;
    }
    return hash % REGION_BUCKETS;
}

void system_region_add(struct arena *arena, struct system *system, struct region *region)
{
    struct region **last = &system->region_buckets[region_bucket(region->name)];
    while (*last != NULL) {
        last = &(*last)->same_hash;
    }
    *last = region;
    region->index = system->regions.count;
    list_add(arena, &system->regions, region);
}

struct region *system_region(const struct system *system, const char *name)
{
    struct region *region = system->region_buckets[region_bucket(name)];
    while (region != NULL && !text_equal(region->name, name)) {
        region = region->same_hash;
    }
    return region;
}

struct pd *system_pd(const struct system *system, const char *name)
{
    for (size_t i = 0; i < system->pds.count; i++) {
        struct pd *pd = system->pds.items[i];
        if (text_equal(pd->name, name)) {
            return pd;
        }
    }
    return NULL;
}

struct pd *system_main(const struct system *system)
{
    for (size_t i = 0; i < system->pds.count; i++) {
        struct pd *pd = system->pds.items[i];
        bool main = pd->main;
        for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
            main |= vm->main;
        }
        if (main) {
            return pd;
        }
    }
    return NULL;
}
