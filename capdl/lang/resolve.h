/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * From what was read to the model: looking up names, judging attributes and parameters
 *
 * Private to the room. The steps run in the order declared here; each reports all mistakes it
 * finds and goes on, so that one run shows as many as possible.
 */
#pragma once

#include "ast.h"
#include "lang/lang.h"

struct resolver {
    struct ast *ast;
    struct capdl_spec *spec;
    struct capdl_diags *diags;
    struct capdl_limits limits;
    uint32_t expanded; /* references so far; bounded by limits.caps */
    bool is_exhausted; /* a limit was met and reported */
    bool names_matter; /* some copy or derivation needs names of caps */

    uint32_t *list; /* what resolver_expand found */
    uint32_t list_count, list_capacity;

    /* Names of caps: (name, index + 1, 0 for none) -> place, and elements per name. */
    struct capdl_map cap_names;
    struct capdl_map cap_name_counts;
    struct cap_place *places;
    uint32_t place_count, place_capacity;
    /* Copies still to be resolved, by their slot. */
    struct capdl_map copy_map;
    struct cap_copy *copies;
    uint32_t copy_count, copy_capacity;
};

/* A slot a cap name stands for. */
struct cap_place {
    uint32_t container;
    uint64_t slot;
};

/* A slot filled by copying another. */
struct cap_copy {
    struct cap_place to, from;
    uint8_t mask;  /* rights kept */
    uint8_t state; /* enum copy_state in copies.c */
    struct capdl_pos pos;
};

/*
 * Expand a reference to objects into resolver->list, in written order. Unknown ones are reported;
 * returns false then.
 */
bool resolver_expand(struct resolver *resolver, const struct ast_ref *ref);

/* Does a reference to one object ("x" or "x[3]") mean something? True for all other forms. */
bool resolver_knows(const struct resolver *resolver, const struct ast_ref *ref);

/* The same for a reference that must mean exactly one; CAPDL_NONE if it does not. */
uint32_t resolver_one(struct resolver *resolver, const struct ast_ref *ref);

/* Count one expanded reference; false (reported once) when there are too many. */
bool resolver_count(struct resolver *resolver, struct capdl_pos pos);

/* Text of a reference with one index: for messages. The next call uses the same buffer. */
const char *resolver_text(const struct resolver *resolver, uint32_t name, uint64_t index);

void resolve_objects(struct resolver *resolver);
void resolve_covers(struct resolver *resolver);
void resolve_irqs(struct resolver *resolver);
void resolve_caps(struct resolver *resolver);
void resolve_copies(struct resolver *resolver);
void resolve_edges(struct resolver *resolver);
void resolve_domains(struct resolver *resolver);

/* Attributes of a declaration, judged and stored into *object (present, bits, paddr, u). */
bool resolve_attrs(struct resolver *resolver, const struct ast_decl *decl, const char *name,
                   struct capdl_object *object);

/* A cap from an entry and its target, parameters judged; false if they were wrong. */
bool resolve_params(struct resolver *resolver, const struct ast_entry *entry, uint32_t target,
                    struct capdl_cap *cap);

/* The global cap a reference stands for ("irq_control", ...), or CAPDL_CAP_OBJECT. */
enum capdl_cap_kind resolve_global(const struct resolver *resolver, const struct ast_ref *ref);

/* The slot a slot reference stands for; false if unknown (reported). */
bool resolve_slot(struct resolver *resolver, const struct ast_slot_ref *ref,
                  struct cap_place *place);

/* Give a cap name its place. index CAPDL_NONE: without index. */
void resolve_name_add(struct resolver *resolver, uint32_t name, uint32_t index,
                      struct cap_place place);

/* Expand a reference to caps; places (indices in resolver->places) go to resolver->list. */
bool resolve_name_expand(struct resolver *resolver, const struct ast_ref *ref);
