/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Descriptions in several files
 *
 * `<t:include file="F"/>` stands for what is inside the root element of F, which is `system` where
 * the include is in system, and `t:part` anywhere. F is looked for in the folder of the file that
 * includes it, then on the search path. Parameters that F declares are declared from then on; a
 * declaration that was there before wins, so that an including file sets what parts leave open.
 *
 * An element whose condition (t:only) does not hold is gone, with the includes in it.
 *
 * Invariant: after this no include is left in the tree; positions keep the file they are in.
 */
#include "parameters.h"
#include "value.h"

#include <string.h>

enum { DEPTH_MOST = 16 };

/* The files that are being included, the description last. */
struct chain {
    const struct chain *outer;
    const char *path;
    unsigned depth;
};

static const struct source *include_find(struct composer *composer, const struct xml_node *node,
                                         const char *file)
{
    const char *from = diag_file_name(&composer->diag, node->at);
    const char *slash = strrchr(from, '/');
    const struct source *source = NULL;
    if (slash != NULL && file[0] != '/') {
        source = source_read(
            composer, arena_format(&composer->arena, "%.*s/%s", (int)(slash - from), from, file));
    }
    return source != NULL ? source : source_find(composer, file);
}

static bool chain_has(const struct chain *chain, const char *path)
{
    while (chain != NULL && !text_equal(chain->path, path)) {
        chain = chain->outer;
    }
    return chain != NULL;
}

/* The root element of the file that an include names. NULL after an error. */
static struct xml_node *include_read(struct composer *composer, const struct xml_node *node,
                                     const struct xml_node *parent, const struct chain *chain,
                                     const char **path)
{
    struct diag *diag = &composer->diag;
    const char *file = NULL;
    if (!node_allow(composer, node, "file", "only") ||
        !need_string(composer, node, "file", &file)) {
        return NULL;
    }
    node_is_leaf(composer, node);
    const struct source *source = include_find(composer, node, file);
    if (source == NULL) {
        diag_error(diag, node->at,
                   "the included file '%s' is not found\n"
                   "correct the name, or add the file's folder with --search-path",
                   file);
        return NULL;
    }
    if (chain_has(chain, source->path) || chain->depth == DEPTH_MOST) {
        diag_error(diag, node->at,
                   "the file '%s' includes itself, or includes are more than %d deep\n"
                   "remove one of the includes",
                   file, DEPTH_MOST);
        return NULL;
    }
    *path = source->path;
    struct xml_node *root =
        xml_parse(&composer->arena, diag, source->path, source->bytes, source->length);
    if (root == NULL) {
        return NULL;
    }
    bool part = root->space == XML_TESSERA && text_equal(root->name, "part");
    bool system = text_equal(root->name, "system") && text_equal(parent->name, "system");
    if (!part && !system) {
        diag_error(diag, root->at,
                   "the root element of an included file is '%s'\n"
                   "write t:part, or system if it is included directly in system",
                   root->name);
        return NULL;
    }
    if (root->text_at.line != 0) {
        diag_error(diag, root->text_at,
                   "text directly in an included file\n"
                   "remove it, or make it a comment");
        return NULL;
    }
    return root;
}

static bool node_expand(struct composer *composer, struct xml_node *node, struct list *parameters,
                        const struct chain *chain);

/* Puts what an include stands for at the end of `children`. */
static bool include_take(struct composer *composer, const struct xml_node *include,
                         const struct xml_node *parent, struct list *parameters,
                         const struct chain *chain, struct list *children)
{
    const char *path = NULL;
    struct xml_node *root = include_read(composer, include, parent, chain, &path);
    if (root == NULL || !parameters_declare(composer, root, parameters, true)) {
        return false;
    }
    struct chain inner = { chain, path, chain->depth + 1 };
    if (!node_expand(composer, root, parameters, &inner)) {
        return false;
    }
    for (size_t i = 0; i < root->children.count; i++) {
        const struct xml_node *child = root->children.items[i];
        if (child->space != XML_TESSERA || !text_equal(child->name, "param")) {
            list_add(&composer->arena, children, root->children.items[i]);
        }
    }
    return true;
}

/* libxml2 bounds the depth of elements, and DEPTH_MOST that of files. */
static bool node_expand(struct composer *composer, struct xml_node *node, struct list *parameters,
                        const struct chain *chain)
{
    struct list children = { 0 };
    bool good = true;
    for (size_t i = 0; i < node->children.count; i++) {
        struct xml_node *child = node->children.items[i];
        bool keep = true;
        good &= parameters_expand(composer, child, parameters, &keep);
        if (!keep) {
            continue;
        }
        if (child->space == XML_TESSERA && text_equal(child->name, "include")) {
            good &= include_take(composer, child, node, parameters, chain, &children);
        } else {
            good &= node_expand(composer, child, parameters, chain);
            list_add(&composer->arena, &children, child);
        }
    }
    node->children = children;
    return good;
}

bool tree_expand(struct composer *composer, struct list *parameters)
{
    const struct chain chain = { NULL, composer->options->description, 0 };
    return node_expand(composer, composer->root, parameters, &chain);
}
