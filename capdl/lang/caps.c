/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * From cap blocks to filled slots
 *
 * Direct caps and the names of caps come first, then copies, which refer to names. A block given
 * for several containers fills each; its names stand for the slots of the first.
 */
#include <stdlib.h>
#include <string.h>

#include "resolve.h"

static void report_taken(struct resolver *resolver, const struct ast_entry *entry,
                         uint32_t container, uint64_t slot)
{
    uint32_t other = capdl_cap_find(resolver->spec, container, slot);
    uint32_t copy = capdl_map_get(&resolver->copy_map, container, slot);
    capdl_error(resolver->diags, entry->pos, "slot %llu of \"%s\" is filled twice",
                (unsigned long long)slot, capdl_object_text(resolver->spec, container));
    capdl_remedy(resolver->diags, "choose another slot; the first cap is in line %u",
                 other != CAPDL_NONE  ? resolver->spec->caps[other].pos.line
                 : copy != UINT32_MAX ? resolver->copies[copy].pos.line
                                      : 0);
}

/* Name the slots [slot, slot + count) of a container by the label of their entry. */
static void name_slots(struct resolver *resolver, const struct ast_entry *entry, uint32_t container,
                       uint64_t slot, uint32_t count)
{
    const struct ast_ref *label = &entry->label;
    struct cap_place place = { container, slot };
    if (label->is_bracketed ? label->range_count != 0 : count != 1) {
        const char *name = capdl_name_text(resolver->spec, label->name);
        (resolver->names_matter ? capdl_error : capdl_warning)(
            resolver->diags, label->pos, "\"%s%s\" cannot name %u cap%s", name,
            label->is_bracketed ? "[...]" : "", count, count == 1 ? "" : "s");
        capdl_remedy(resolver->diags,
                     "write %.100s for one cap; or %.100s[] for several: %.100s[0], %.100s[1], ...",
                     name, name, name, name);
        return;
    }
    for (uint32_t i = 0; i < count; i++, place.slot++) {
        resolve_name_add(resolver, label->name, label->is_bracketed ? i : CAPDL_NONE, place);
    }
}

static void add_cap(struct resolver *resolver, const struct ast_entry *entry, uint32_t container,
                    uint64_t slot, struct capdl_cap *cap)
{
    cap->container = container;
    cap->slot = slot;
    if (capdl_cap_add(resolver->spec, cap) == CAPDL_NONE) {
        report_taken(resolver, entry, container, slot);
    }
}

/* Fill the slots of one direct entry. Returns how many it takes. */
static uint32_t fill_direct(struct resolver *resolver, const struct ast_entry *entry,
                            uint32_t container, uint64_t slot)
{
    struct capdl_cap cap = { .kind = (uint8_t)resolve_global(resolver, &entry->target) };
    if (cap.kind != CAPDL_CAP_OBJECT) {
        if (resolve_params(resolver, entry, CAPDL_NONE, &cap)) {
            add_cap(resolver, entry, container, slot, &cap);
        }
        return 1;
    }
    if (!resolver_expand(resolver, &entry->target)) {
        return 1;
    }
    uint32_t count = resolver->list_count;
    uint32_t *targets = capdl_alloc(count, sizeof(*targets));
    memcpy(targets, resolver->list, count * sizeof(*targets));
    for (uint32_t i = 0; i < count; i++) {
        cap = (struct capdl_cap){ .kind = CAPDL_CAP_OBJECT };
        if (!resolve_params(resolver, entry, targets[i], &cap)) {
            break; /* all elements have the same mistake */
        }
        add_cap(resolver, entry, container, slot + i, &cap);
    }
    free(targets);
    return count;
}

static bool block_mixes(const struct resolver *resolver, const struct ast_block *block)
{
    bool has_copy = false;
    bool has_unnumbered = false;
    for (uint32_t i = 0; i < block->entry_count; i++) {
        const struct ast_entry *entry = &resolver->ast->entries[block->first_entry + i];
        has_copy = has_copy || entry->is_copy;
        has_unnumbered = has_unnumbered || !entry->has_slot;
    }
    return has_copy && has_unnumbered;
}

static struct capdl_pos first_unnumbered(const struct resolver *resolver,
                                         const struct ast_block *block)
{
    const struct ast_entry *entry = &resolver->ast->entries[block->first_entry];
    while (entry->has_slot) {
        entry++;
    }
    return entry->pos;
}

static void fill_container(struct resolver *resolver, const struct ast_block *block,
                           uint32_t container, bool is_first)
{
    uint64_t next = 0;
    for (uint32_t i = 0; i < block->entry_count && !resolver->is_exhausted; i++) {
        const struct ast_entry *entry = &resolver->ast->entries[block->first_entry + i];
        uint64_t slot = entry->has_slot ? entry->slot : next;
        uint32_t count = 1;
        if (!entry->is_copy) {
            count = fill_direct(resolver, entry, container, slot);
        }
        /* The names of several copies wait until their sources have names. */
        if (entry->has_label && is_first && !(entry->is_copy && entry->label.is_bracketed)) {
            name_slots(resolver, entry, container, slot, count);
        }
        next = slot + count;
    }
}

/* The containers of a block, as an array the caller frees; NULL if they are unknown. */
static uint32_t *block_containers(struct resolver *resolver, const struct ast_block *block,
                                  uint32_t *count)
{
    if (!resolver_expand(resolver, &block->container)) {
        return NULL;
    }
    *count = resolver->list_count;
    uint32_t *containers = capdl_alloc(*count, sizeof(*containers));
    memcpy(containers, resolver->list, *count * sizeof(*containers));
    return containers;
}

static bool check_container(struct resolver *resolver, const struct ast_block *block,
                            uint32_t container)
{
    enum capdl_kind kind = resolver->spec->objects[container].kind;
    if (capdl_kind_info(kind)->has_slots || block->entry_count == 0) {
        return true;
    }
    capdl_error(resolver->diags, block->container.pos, "\"%s\" holds no caps: it is a %s",
                capdl_object_text(resolver->spec, container), capdl_kind_info(kind)->keyword);
    capdl_remedy(resolver->diags, "caps live in cnodes, tcbs, page tables and interrupts");
    return false;
}

static void fill_block(struct resolver *resolver, const struct ast_block *block)
{
    uint32_t count = 0;
    uint32_t *containers = block_containers(resolver, block, &count);
    if (containers == NULL) {
        return;
    }
    if (count > 0 && block_mixes(resolver, block)) {
        capdl_error(resolver->diags, first_unnumbered(resolver, block),
                    "block of \"%s\" mixes copies with entries that have no slot number",
                    capdl_object_text(resolver->spec, containers[0]));
        capdl_remedy(resolver->diags, "number every entry of a block that copies caps");
    }
    for (uint32_t i = 0; i < count && !resolver->is_exhausted; i++) {
        if (!check_container(resolver, block, containers[i])) {
            break;
        }
        fill_container(resolver, block, containers[i], i == 0);
    }
    free(containers);
}

/* "name = (object, slot)": neither need exist until the name is used. */
static void name_slot(struct resolver *resolver, const struct ast_slot_name *name)
{
    const struct ast_ref *ref = &name->slot.ref;
    struct cap_place place = { CAPDL_NONE, name->slot.slot };
    if (!resolver_knows(resolver, ref)) {
        capdl_warning(resolver->diags, ref->pos, "\"%s\" names a slot of an unknown object",
                      capdl_name_text(resolver->spec, name->name));
        capdl_remedy(resolver->diags, "declare the object, or remove the name");
    } else {
        place.container = resolver_one(resolver, ref);
    }
    resolve_name_add(resolver, name->name, CAPDL_NONE, place);
}

/* Is there a copy, or a derivation that may go by names? Else a wrong name is only a blemish. */
static bool names_matter(const struct ast *ast)
{
    bool matters = ast->edge_count > 0;
    for (uint32_t i = 0; i < ast->entry_count && !matters; i++) {
        matters = ast->entries[i].is_copy || ast->entries[i].has_parent;
    }
    return matters;
}

void resolve_caps(struct resolver *resolver)
{
    resolver->names_matter = names_matter(resolver->ast);
    for (uint32_t i = 0; i < resolver->ast->block_count; i++) {
        fill_block(resolver, &resolver->ast->blocks[i]);
    }
    for (uint32_t i = 0; i < resolver->ast->slot_name_count; i++) {
        name_slot(resolver, &resolver->ast->slot_names[i]);
    }
}

static uint8_t copy_mask(struct resolver *resolver, const struct ast_entry *entry)
{
    uint8_t mask = CAPDL_RIGHTS_ALL;
    for (uint32_t i = 0; i < entry->param_count; i++) {
        const struct ast_param *param = &resolver->ast->params[entry->first_param + i];
        if (param->kind == PARAM_MASKED) {
            mask &= (uint8_t)param->value[0];
        } else {
            capdl_warning(resolver->diags, param->pos, "a copy keeps everything but masked rights");
            capdl_remedy(resolver->diags, "remove the parameter, or write a new cap to the object");
        }
    }
    return mask;
}

static void add_copy(struct resolver *resolver, const struct ast_entry *entry,
                     const struct cap_copy *copy)
{
    if (capdl_cap_find(resolver->spec, copy->to.container, copy->to.slot) != CAPDL_NONE ||
        capdl_map_get(&resolver->copy_map, copy->to.container, copy->to.slot) != UINT32_MAX) {
        report_taken(resolver, entry, copy->to.container, copy->to.slot);
        return;
    }
    capdl_map_set(&resolver->copy_map, copy->to.container, copy->to.slot, resolver->copy_count);
    CAPDL_PUSH(resolver->copies, resolver->copy_count, resolver->copy_capacity, *copy);
}

/* The copies of one entry; with is_naming only their names are set. */
static void collect_entry(struct resolver *resolver, const struct ast_entry *entry,
                          const uint32_t *containers, uint32_t count, bool is_naming)
{
    bool wants_name = entry->has_label && entry->label.is_bracketed;
    if (!entry->is_copy || (is_naming && !wants_name) ||
        !resolve_name_expand(resolver, &entry->target)) {
        return;
    }
    if (is_naming) {
        if (count > 0) {
            name_slots(resolver, entry, containers[0], entry->slot, resolver->list_count);
        }
        return;
    }
    uint8_t mask = copy_mask(resolver, entry);
    for (uint32_t c = 0; c < count; c++) {
        for (uint32_t i = 0; i < resolver->list_count; i++) {
            struct cap_copy copy = { { containers[c], entry->slot + i },
                                     resolver->places[resolver->list[i]],
                                     mask,
                                     0,
                                     entry->pos };
            if (!resolver_count(resolver, entry->pos)) {
                return;
            }
            add_copy(resolver, entry, &copy);
        }
    }
}

static bool block_copies(const struct resolver *resolver, const struct ast_block *block)
{
    for (uint32_t i = 0; i < block->entry_count; i++) {
        if (resolver->ast->entries[block->first_entry + i].is_copy) {
            return true;
        }
    }
    return false;
}

static void collect_copies(struct resolver *resolver, bool is_naming)
{
    for (uint32_t b = 0; b < resolver->ast->block_count; b++) {
        const struct ast_block *block = &resolver->ast->blocks[b];
        uint32_t count = 0;
        uint32_t *containers =
            block_copies(resolver, block) ? block_containers(resolver, block, &count) : NULL;
        for (uint32_t i = 0; i < block->entry_count && containers != NULL; i++) {
            collect_entry(resolver, &resolver->ast->entries[block->first_entry + i], containers,
                          count, is_naming);
        }
        free(containers);
    }
}

enum copy_state { COPY_NEW = 0, COPY_ACTIVE, COPY_DONE };

static void report_cycle(struct resolver *resolver, const struct cap_copy *copy,
                         const struct cap_copy *from)
{
    capdl_error(
        resolver->diags, copy->pos,
        "copies form a cycle: slot %llu of \"%s\" is copied from slot %llu of \"%s\"",
        (unsigned long long)copy->to.slot, capdl_object_text(resolver->spec, copy->to.container),
        (unsigned long long)from->to.slot, capdl_object_text(resolver->spec, from->to.container));
    capdl_remedy(resolver->diags, "write one of them as a cap to an object");
}

/* Give a copy the cap its source holds by now. */
static void finish_copy(struct resolver *resolver, struct cap_copy *copy)
{
    uint32_t source = copy->from.container == CAPDL_NONE
                          ? CAPDL_NONE
                          : capdl_cap_find(resolver->spec, copy->from.container, copy->from.slot);
    copy->state = COPY_DONE;
    if (source == CAPDL_NONE) {
        capdl_error(resolver->diags, copy->pos, "copy of an empty slot");
        capdl_remedy(resolver->diags, "fill the slot that the name stands for, or name another");
        return;
    }
    struct capdl_cap cap = resolver->spec->caps[source];
    cap.container = copy->to.container;
    cap.slot = copy->to.slot;
    cap.rights &= copy->mask;
    cap.mapping_table = CAPDL_NONE; /* one mapping, one cap: the original keeps it */
    cap.pos = copy->pos;
    capdl_cap_add(resolver->spec, &cap);
}

/* Follow the chain of copies from one to its end, then fill it backwards. */
static void follow(struct resolver *resolver, uint32_t start, uint32_t *chain)
{
    uint32_t length = 0;
    uint32_t at = start;
    while (at != UINT32_MAX && resolver->copies[at].state == COPY_NEW) {
        struct cap_copy *copy = &resolver->copies[at];
        copy->state = COPY_ACTIVE;
        chain[length++] = at;
        at = copy->from.container == CAPDL_NONE
                 ? UINT32_MAX
                 : capdl_map_get(&resolver->copy_map, copy->from.container, copy->from.slot);
    }
    bool is_cycle = at != UINT32_MAX && resolver->copies[at].state == COPY_ACTIVE;
    if (is_cycle) {
        report_cycle(resolver, &resolver->copies[at], &resolver->copies[chain[length - 1]]);
    }
    while (length > 0) {
        struct cap_copy *copy = &resolver->copies[chain[--length]];
        if (is_cycle) {
            copy->state = COPY_DONE; /* all of the chain depends on it: one message is enough */
        } else {
            finish_copy(resolver, copy);
        }
    }
}

void resolve_copies(struct resolver *resolver)
{
    /* Blocks with unknown containers were reported before. */
    if (resolver->diags->error_count > 0) {
        return;
    }
    collect_copies(resolver, true);
    collect_copies(resolver, false);
    uint32_t *chain = capdl_alloc(resolver->copy_count, sizeof(*chain));
    for (uint32_t i = 0; i < resolver->copy_count; i++) {
        follow(resolver, i, chain);
    }
    free(chain);
}
