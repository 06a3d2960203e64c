/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts, derivation edges and domains; and the whole way from text to model
 */
#include <stdlib.h>
#include <string.h>

#include "model/check.h"
#include "parser.h"
#include "resolve.h"

const struct capdl_limits capdl_default_limits = { 1u << 20, 1u << 22 };

static void warn_unnumbered(struct resolver *resolver)
{
    const struct ast *ast = resolver->ast;
    for (uint32_t i = 0; i < ast->irq_count && ast->irq_count > 1; i++) {
        if (!ast->irqs[i].has_number) {
            capdl_warning(resolver->diags, ast->irqs[i].pos,
                          "interrupt without number in a list of several");
            capdl_remedy(resolver->diags, "write its number: tools disagree on how to count here");
            return;
        }
    }
}

void resolve_irqs(struct resolver *resolver)
{
    const struct ast *ast = resolver->ast;
    uint64_t next = 0;
    warn_unnumbered(resolver);
    for (uint32_t i = 0; i < ast->irq_count; i++) {
        const struct ast_irq *irq = &ast->irqs[i];
        uint64_t number = irq->has_number ? irq->number : next;
        if (!resolver_expand(resolver, &irq->target)) {
            continue;
        }
        for (uint32_t k = 0; k < resolver->list_count; k++, number++) {
            if (!capdl_irq_add(resolver->spec, number, resolver->list[k], irq->pos)) {
                capdl_error(resolver->diags, irq->pos, "interrupt %llu is given twice",
                            (unsigned long long)number);
                capdl_remedy(resolver->diags, "each number has one interrupt object");
                break;
            }
        }
        next = number;
    }
}

/* A slot at one end of an edge. What does not exist is only warned of: an edge gives no right. */
static bool edge_slot(struct resolver *resolver, const struct ast_slot_ref *ref,
                      struct cap_place *place)
{
    if (ref->is_pair && !resolver_knows(resolver, &ref->ref)) {
        capdl_warning(resolver->diags, ref->ref.pos, "derivation names an unknown object \"%s\"",
                      capdl_name_text(resolver->spec, ref->ref.name));
        capdl_remedy(resolver->diags, "declare the object, or remove the relation");
        return false;
    }
    return resolve_slot(resolver, ref, place);
}

static void add_edge(struct resolver *resolver, struct cap_place child, struct cap_place parent,
                     struct capdl_pos pos)
{
    struct capdl_edge edge = { child.container, parent.container, child.slot, parent.slot, pos };
    const char *name = capdl_object_text(resolver->spec, child.container);
    if (!capdl_edge_add(resolver->spec, &edge)) {
        capdl_error(resolver->diags, pos, "slot %llu of \"%s\" has two parents",
                    (unsigned long long)child.slot, name);
        capdl_remedy(resolver->diags, "a cap is derived from one other: keep one relation");
        return;
    }
    if (child.container == parent.container && child.slot == parent.slot) {
        capdl_warning(resolver->diags, pos, "slot %llu of \"%s\" is its own parent",
                      (unsigned long long)child.slot, name);
        capdl_remedy(resolver->diags, "remove the relation");
    } else if (capdl_cap_find(resolver->spec, child.container, child.slot) == CAPDL_NONE ||
               capdl_cap_find(resolver->spec, parent.container, parent.slot) == CAPDL_NONE) {
        capdl_warning(resolver->diags, pos, "derivation of slot %llu of \"%s\" names an empty slot",
                      (unsigned long long)child.slot, name);
        capdl_remedy(resolver->diags, "fill the slot, or remove the relation");
    }
}

/* "- child_of" of the entries of a block; an entry for an array relates its first slot only. */
static void block_edges(struct resolver *resolver, const struct ast_block *block)
{
    uint64_t next = 0;
    bool relates = false;
    for (uint32_t i = 0; i < block->entry_count; i++) {
        relates = relates || resolver->ast->entries[block->first_entry + i].has_parent;
    }
    if (!relates || !resolver_expand(resolver, &block->container) || resolver->list_count == 0) {
        return;
    }
    uint32_t container = resolver->list[0];
    for (uint32_t i = 0; i < block->entry_count; i++) {
        const struct ast_entry *entry = &resolver->ast->entries[block->first_entry + i];
        struct cap_place child = { container, entry->has_slot ? entry->slot : next };
        struct cap_place parent;
        uint32_t count = 1;
        if (entry->is_copy ? resolve_name_expand(resolver, &entry->target)
                           : resolve_global(resolver, &entry->target) == CAPDL_CAP_OBJECT &&
                                 resolver_expand(resolver, &entry->target)) {
            count = resolver->list_count;
        }
        if (entry->has_parent && edge_slot(resolver, &entry->parent, &parent)) {
            add_edge(resolver, child, parent, entry->pos);
        }
        next = child.slot + count;
    }
}

void resolve_edges(struct resolver *resolver)
{
    if (resolver->diags->error_count > 0) {
        return;
    }
    for (uint32_t i = 0; i < resolver->ast->block_count; i++) {
        block_edges(resolver, &resolver->ast->blocks[i]);
    }
    for (uint32_t i = 0; i < resolver->ast->edge_count; i++) {
        const struct ast_edge *edge = &resolver->ast->edges[i];
        struct cap_place child;
        struct cap_place parent;
        if (edge_slot(resolver, &edge->parent, &parent) &&
            edge_slot(resolver, &edge->child, &child)) {
            add_edge(resolver, child, parent, edge->child.ref.pos);
        }
    }
}

static void check_schedule_entry(struct resolver *resolver,
                                 const struct capdl_schedule_entry *entry)
{
    if (entry->domain > 255) {
        capdl_error(resolver->diags, entry->pos, "domain %llu is above 255",
                    (unsigned long long)entry->domain);
        capdl_remedy(resolver->diags, "domains are numbered 0 to 255");
    }
    if (entry->duration >= UINT64_C(1) << 56) {
        capdl_error(resolver->diags, entry->pos, "duration is 2^56 or more");
        capdl_remedy(resolver->diags, "write a smaller duration");
    }
    if (entry->duration == 0 && entry->domain != 0) {
        capdl_error(resolver->diags, entry->pos, "domain %llu gets no time",
                    (unsigned long long)entry->domain);
        capdl_remedy(resolver->diags, "duration 0 stands only in the end marker (0, 0)");
    }
}

void resolve_domains(struct resolver *resolver)
{
    const struct capdl_spec *spec = resolver->spec;
    if (!spec->has_schedule) {
        return;
    }
    for (uint32_t i = 0; i < spec->schedule_count; i++) {
        check_schedule_entry(resolver, &spec->schedule[i]);
    }
    struct capdl_pos pos = spec->has_start ? resolver->ast->start_pos : resolver->ast->schedule_pos;
    if (spec->has_no_start) {
        return;
    }
    if (spec->domain_start >= spec->schedule_count) {
        capdl_error(resolver->diags, pos, "start index %llu is past the end of the schedule",
                    (unsigned long long)spec->domain_start);
        capdl_remedy(resolver->diags, "the schedule has %u entries, numbered from 0",
                     spec->schedule_count);
    } else if (spec->schedule[spec->domain_start].duration == 0) {
        capdl_error(resolver->diags, pos, "start index %llu is an end marker",
                    (unsigned long long)spec->domain_start);
        capdl_remedy(resolver->diags, "start at an entry that gives time, or write no_start");
    }
}

static void resolve_all(struct ast *ast, const struct capdl_limits *limits)
{
    struct resolver resolver = {
        .ast = ast, .spec = ast->spec, .diags = ast->diags, .limits = *limits
    };
    resolve_objects(&resolver);
    resolve_covers(&resolver);
    resolve_irqs(&resolver);
    resolve_caps(&resolver);
    resolve_copies(&resolver);
    resolve_edges(&resolver);
    resolve_domains(&resolver);
    free(resolver.list);
    free(resolver.places);
    free(resolver.copies);
    capdl_map_free(&resolver.cap_names);
    capdl_map_free(&resolver.cap_name_counts);
    capdl_map_free(&resolver.copy_map);
}

/* A kernel's dump of itself reads as a spec, but means more than it says. */
static void warn_dump(const char *text, size_t length, struct capdl_diags *diags)
{
    static const char mark[] = "-- Dump";
    if (length < sizeof(mark)) {
        return; /* also when there is no text at all */
    }
    const char *end = text + length;
    while (text < end && (*text == ' ' || *text == '\t')) {
        text++;
    }
    if ((size_t)(end - text) < sizeof(mark) || memcmp(text, mark, sizeof(mark) - 1) != 0) {
        return;
    }
    text += sizeof(mark) - 1;
    while (text < end && (*text == ' ' || *text == '\t' || *text == '\r')) {
        text++;
    }
    if (text < end && *text == '\n') {
        capdl_warning(diags, (struct capdl_pos){ 1, 1 },
                      "this is a kernel's dump, and is read as an ordinary spec");
        capdl_remedy(diags, "addresses in names mean nothing here: list what each untyped covers, "
                            "and the interrupts in irq maps");
    }
}

struct capdl_spec *capdl_parse(const char *text, size_t length, const struct capdl_limits *limits,
                               struct capdl_diags *diags)
{
    uint32_t errors = diags->error_count;
    struct ast ast = {
        .spec = capdl_spec_new(), .diags = diags, .first_decl = CAPDL_NONE, .last_decl = CAPDL_NONE
    };
    struct parser parser = { .ast = &ast };
    warn_dump(text, length, diags);
    lexer_start(&parser.lexer, text, length, diags);
    parse_module(&parser);
    bool is_read = diags->error_count == errors;
    if (is_read) {
        resolve_all(&ast, limits == NULL ? &capdl_default_limits : limits);
    }
    ast_free(&ast);
    capdl_spec_seal(ast.spec);
    if (diags->error_count == errors) {
        return ast.spec;
    }
    if (is_read) {
        capdl_check(ast.spec, diags); /* what else is wrong, as far as the names were right */
    }
    capdl_spec_free(ast.spec);
    return NULL;
}
