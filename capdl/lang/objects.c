/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * From declarations to objects and covers
 *
 * First all declared objects are added, so that names may be used before they are declared; then
 * the covers, in the order in which they are written, with untypeds that only a qualified name
 * mentions created on the way. Recursion follows the nesting of declarations, which the parser
 * bounds.
 */
#include "resolve.h"

static const struct ast_ref *last_part(const struct resolver *resolver, const struct ast_decl *decl)
{
    return &resolver->ast->refs[decl->first_part + decl->part_count - 1];
}

/* Number of an index "[n]", exactly one plain number; false for other ranges. */
static bool plain_index(const struct resolver *resolver, const struct ast_ref *ref, uint64_t *index)
{
    if (ref->range_count != 1 || resolver->ast->ranges[ref->first_range].kind != RANGE_ONE) {
        return false;
    }
    *index = resolver->ast->ranges[ref->first_range].from;
    return true;
}

/* x[i] = ut { children } gives children to an element; x[n] = ... declares n elements. */
static bool is_element(const struct ast_decl *decl, const struct ast_ref *ref)
{
    return ref->is_bracketed && decl->kind == CAPDL_UT && decl->first_child != CAPDL_NONE;
}

static bool report_duplicate(struct resolver *resolver, const struct ast_decl *decl, uint32_t name,
                             uint64_t index)
{
    uint32_t other = capdl_object_find(resolver->spec, name, index);
    if (other == CAPDL_NONE) {
        /* x against x[...] */
        other = capdl_object_find(resolver->spec, name, index == CAPDL_NONE ? 0 : CAPDL_NONE);
    }
    capdl_error(resolver->diags, decl->pos, "\"%s\" is declared more than once",
                resolver_text(resolver, name, index));
    if (other != CAPDL_NONE) {
        capdl_remedy(resolver->diags, "rename one of the two; the other is in line %u",
                     resolver->spec->objects[other].pos.line);
    } else {
        capdl_remedy(resolver->diags, "rename one of the two");
    }
    return false;
}

/* A second declaration of an untyped adds to the first; it must not contradict it. */
static bool merge_untyped(struct resolver *resolver, const struct ast_decl *decl, uint32_t object,
                          const struct capdl_object *again)
{
    struct capdl_object *first = &resolver->spec->objects[object];
    bool size_differs = (again->present & CAPDL_HAS_BITS) != 0 &&
                        ((first->present & CAPDL_HAS_BITS) == 0 || first->bits != again->bits);
    bool place_differs = (again->present & CAPDL_HAS_PADDR) != 0 &&
                         ((first->present & CAPDL_HAS_PADDR) == 0 || first->paddr != again->paddr);
    if (size_differs || place_differs) {
        capdl_error(resolver->diags, decl->pos,
                    "\"%s\" is declared again with another size or address",
                    capdl_object_text(resolver->spec, object));
        capdl_remedy(resolver->diags, "state both only in line %u", first->pos.line);
        return false;
    }
    return true;
}

static void add_object(struct resolver *resolver, const struct ast_decl *decl, uint32_t name,
                       uint32_t index, const struct capdl_object *attrs)
{
    struct capdl_spec *spec = resolver->spec;
    uint32_t known = capdl_object_find(spec, name, index);
    if (known != CAPDL_NONE && spec->objects[known].kind == CAPDL_UT && decl->kind == CAPDL_UT) {
        merge_untyped(resolver, decl, known, attrs);
        return;
    }
    if (spec->object_count >= resolver->limits.objects) {
        if (!resolver->is_exhausted) {
            capdl_error(resolver->diags, decl->pos, "more than %u objects",
                        resolver->limits.objects);
            capdl_remedy(resolver->diags, "make arrays smaller, or use larger frames");
        }
        resolver->is_exhausted = true;
        return;
    }
    uint32_t object = capdl_object_add(spec, name, index, attrs->kind, decl->pos);
    if (object == CAPDL_NONE) {
        report_duplicate(resolver, decl, name, index);
        return;
    }
    spec->objects[object].present = attrs->present;
    spec->objects[object].bits = attrs->bits;
    spec->objects[object].paddr = attrs->paddr;
    spec->objects[object].u = attrs->u;
}

static void add_array(struct resolver *resolver, const struct ast_decl *decl,
                      const struct ast_ref *ref, const struct capdl_object *attrs)
{
    const char *name = capdl_name_text(resolver->spec, ref->name);
    uint64_t size = 0;
    if (!plain_index(resolver, ref, &size) || size == 0) {
        capdl_error(resolver->diags, ref->pos, "\"%s\" is declared with %s", name,
                    ref->range_count == 0 || size != 0  ? "brackets that give no size"
                    : plain_index(resolver, ref, &size) ? "0 elements"
                                                        : "a range instead of a size");
        capdl_remedy(resolver->diags,
                     "write %s for one object or %s[n], n at least 1, for an array", name, name);
        return;
    }
    if (size > resolver->limits.objects) {
        capdl_error(resolver->diags, ref->pos,
                    "\"%s\" is declared with %llu elements, more than %u", name,
                    (unsigned long long)size, resolver->limits.objects);
        capdl_remedy(resolver->diags, "make the array smaller, or use larger frames");
        return;
    }
    for (uint32_t i = 0; i < size && !resolver->is_exhausted; i++) {
        uint32_t errors = resolver->diags->error_count;
        add_object(resolver, decl, ref->name, i, attrs);
        if (resolver->diags->error_count != errors) {
            return; /* the other elements have the same mistake */
        }
    }
}

/* x[i] = ut { ... }: the element must be there. */
static void check_element(struct resolver *resolver, const struct ast_decl *decl,
                          const struct ast_ref *ref, const struct capdl_object *attrs)
{
    uint64_t index = 0;
    uint32_t object = plain_index(resolver, ref, &index) && index < CAPDL_NONE
                          ? capdl_object_find(resolver->spec, ref->name, index)
                          : CAPDL_NONE;
    if (object == CAPDL_NONE || resolver->spec->objects[object].kind != CAPDL_UT) {
        const char *name = capdl_name_text(resolver->spec, ref->name);
        capdl_error(resolver->diags, ref->pos, "\"%s\" has no such element declared before", name);
        capdl_remedy(resolver->diags,
                     "with children, the brackets are an index: declare %s[n] = ut (...) first",
                     name);
        return;
    }
    merge_untyped(resolver, decl, object, attrs);
}

static void declare(struct resolver *resolver, uint32_t number)
{
    const struct ast_decl *decl = &resolver->ast->decls[number];
    const struct ast_ref *ref = last_part(resolver, decl);
    struct capdl_object attrs = { 0 };
    if (decl->is_reference) {
        return;
    }
    bool good = resolve_attrs(resolver, decl, capdl_name_text(resolver->spec, ref->name), &attrs);
    if (!good) {
        /* Declared all the same: its uses are no mistakes. */
        attrs.kind = decl->kind;
    }
    if (is_element(decl, ref)) {
        check_element(resolver, decl, ref, &attrs);
    } else if (ref->is_bracketed) {
        add_array(resolver, decl, ref, &attrs);
    } else {
        add_object(resolver, decl, ref->name, CAPDL_NONE, &attrs);
    }
    if (decl->first_child != CAPDL_NONE && decl->kind != CAPDL_UT) {
        capdl_error(resolver->diags, decl->pos, "\"%s\" has children but is not an untyped",
                    capdl_name_text(resolver->spec, ref->name));
        capdl_remedy(resolver->diags, "only a ut has children; caps belong into caps { }");
    }
    for (uint32_t child = decl->first_child; child != CAPDL_NONE;
         child = resolver->ast->decls[child].next) {
        declare(resolver, child);
    }
}

void resolve_objects(struct resolver *resolver)
{
    for (uint32_t decl = resolver->ast->first_decl; decl != CAPDL_NONE;
         decl = resolver->ast->decls[decl].next) {
        declare(resolver, decl);
    }
}

/* An earlier part of a qualified name: an untyped, made if it is not there. */
static uint32_t path_untyped(struct resolver *resolver, const struct ast_ref *ref)
{
    struct capdl_spec *spec = resolver->spec;
    uint64_t index = CAPDL_NONE;
    if (ref->is_bracketed && (!plain_index(resolver, ref, &index) || index >= CAPDL_NONE)) {
        capdl_error(resolver->diags, ref->pos, "\"%s\" must be one untyped here",
                    capdl_name_text(spec, ref->name));
        capdl_remedy(resolver->diags, "write no brackets or one index");
        return CAPDL_NONE;
    }
    uint32_t object = capdl_object_find(spec, ref->name, index);
    if (object == CAPDL_NONE && spec->object_count < resolver->limits.objects) {
        object = capdl_object_add(spec, ref->name, (uint32_t)index, CAPDL_UT, ref->pos);
    }
    if (object == CAPDL_NONE || spec->objects[object].kind != CAPDL_UT) {
        capdl_error(resolver->diags, ref->pos, "\"%s\" is not an untyped",
                    resolver_text(resolver, ref->name, index));
        capdl_remedy(resolver->diags, "only the name of a ut can stand before \"/\"");
        return CAPDL_NONE;
    }
    return object;
}

static void cover(struct resolver *resolver, uint32_t untyped, uint32_t object,
                  struct capdl_pos pos, bool is_path)
{
    struct capdl_spec *spec = resolver->spec;
    uint32_t parent = spec->objects[object].parent;
    if (parent == CAPDL_NONE) {
        capdl_cover_add(spec, untyped, object);
    } else if (parent != untyped) {
        capdl_error(resolver->diags, pos, "covers of \"%s\" and \"%s\" intersect at \"%s\"",
                    capdl_object_text(spec, parent), capdl_object_text(spec, untyped),
                    capdl_object_text(spec, object));
        capdl_remedy(resolver->diags, "an object is made from one untyped: name it in one only");
    } else if (!is_path) {
        capdl_warning(resolver->diags, pos, "\"%s\" is listed twice under \"%s\"",
                      capdl_object_text(spec, object), capdl_object_text(spec, untyped));
        capdl_remedy(resolver->diags, "remove one of the two");
    }
}

static void cover_list(struct resolver *resolver, uint32_t untyped, struct capdl_pos pos)
{
    for (uint32_t i = 0; i < resolver->list_count; i++) {
        cover(resolver, untyped, resolver->list[i], pos, false);
    }
}

static void cover_decl(struct resolver *resolver, uint32_t number, uint32_t enclosing);

/* Children: first the plain references, then the declarations. */
static void cover_children(struct resolver *resolver, const struct ast_decl *decl, uint32_t self)
{
    const struct ast *ast = resolver->ast;
    for (uint32_t i = decl->first_child; i != CAPDL_NONE; i = ast->decls[i].next) {
        const struct ast_decl *child = &ast->decls[i];
        if (child->is_reference && resolver_expand(resolver, &ast->refs[child->first_part])) {
            cover_list(resolver, self, child->pos);
        }
    }
    for (uint32_t i = decl->first_child; i != CAPDL_NONE; i = ast->decls[i].next) {
        if (!ast->decls[i].is_reference) {
            cover_decl(resolver, i, self);
        }
    }
}

/* The objects a declaration declares, into the list. */
static bool declared(struct resolver *resolver, const struct ast_decl *decl)
{
    struct ast_ref ref = *last_part(resolver, decl);
    if (ref.is_bracketed && !is_element(decl, &ref)) {
        ref.range_count = 0; /* all elements */
    }
    /* A name that is not there was reported when it could not be declared. */
    uint64_t index = CAPDL_NONE;
    if (ref.is_bracketed && !plain_index(resolver, &ref, &index)) {
        index = 0;
    }
    return capdl_object_find(resolver->spec, ref.name, index) != CAPDL_NONE &&
           resolver_expand(resolver, &ref);
}

static void cover_decl(struct resolver *resolver, uint32_t number, uint32_t enclosing)
{
    const struct ast_decl *decl = &resolver->ast->decls[number];
    for (uint32_t i = 0; i + 1 < decl->part_count; i++) {
        uint32_t part = path_untyped(resolver, &resolver->ast->refs[decl->first_part + i]);
        if (part == CAPDL_NONE) {
            return;
        }
        if (enclosing != CAPDL_NONE) {
            cover(resolver, enclosing, part, decl->pos, true);
        }
        enclosing = part;
    }
    if (enclosing == CAPDL_NONE && decl->first_child == CAPDL_NONE) {
        return;
    }
    if (!declared(resolver, decl)) {
        return;
    }
    /* Re-opening an untyped in the place where it is already is no repetition. */
    for (uint32_t i = 0; i < resolver->list_count && enclosing != CAPDL_NONE; i++) {
        cover(resolver, enclosing, resolver->list[i], decl->pos, decl->kind == CAPDL_UT);
    }
    if (decl->first_child != CAPDL_NONE && decl->kind == CAPDL_UT && resolver->list_count == 1) {
        cover_children(resolver, decl, resolver->list[0]);
    }
}

void resolve_covers(struct resolver *resolver)
{
    for (uint32_t decl = resolver->ast->first_decl; decl != CAPDL_NONE;
         decl = resolver->ast->decls[decl].next) {
        cover_decl(resolver, decl, CAPDL_NONE);
    }
}
