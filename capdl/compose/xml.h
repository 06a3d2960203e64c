/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The description as a tree of elements with exact positions
 *
 * libxml2 parses (it is told to load nothing and a document type is refused); the tree is
 * our own because libxml2's nodes know no column.
 *
 *   system                      struct xml_node, first child ──▶ child ──next──▶ child
 *     ├ protection_domain            attributes: a list of struct xml_attribute
 *     └ memory_region
 */
#pragma once

#include "diag.h"

/* Whose word a name is: plain, ours (urn:tessera:system:1), or of somebody else. */
enum xml_space { XML_PLAIN, XML_TESSERA, XML_FOREIGN };

struct xml_attribute {
    const char *name; /* local name */
    const char *value;
    enum xml_space space;
};

struct xml_node {
    const char *name; /* local name */
    enum xml_space space;
    struct position at;      /* of the '<' */
    struct list attributes;  /* struct xml_attribute */
    struct list children;    /* struct xml_node */
    struct position text_at; /* of the first text that is not blank; line 0: none */
};

/*
 * Parses the `length` bytes of the file `name`, which stay the caller's and must stay. The result is the root element, in `arena`.
 * Fails: NULL after an error in `diag` (not well-formed, has a document type).
 */
struct xml_node *xml_parse(struct arena *arena, struct diag *diag, const char *name,
                           const char *bytes, size_t length);

/* The value of a plain attribute (XML_PLAIN) or of one of ours (XML_TESSERA), or NULL. */
const char *xml_attribute(const struct xml_node *node, enum xml_space space, const char *name);
