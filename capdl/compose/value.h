/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Attributes and their values
 *
 * A reader leaves its result alone when the attribute is absent; `need_` readers ask for
 * its presence. All return false after an error.
 */
#pragma once

#include "composer.h"

#include <compose/number.h>

/*
 * Checks that a node has no attributes but those listed (names parted by one blank), plain
 * and ours. Foreign ones are compared by local name, as the reference does, and ignored.
 */
bool node_allow(struct composer *composer, const struct xml_node *node, const char *plain,
                const char *ours);

/* Warns of children and text in an element that has neither. */
void node_is_leaf(struct composer *composer, const struct xml_node *node);
/* Warns of text in an element that may have children. */
void node_has_no_text(struct composer *composer, const struct xml_node *node);
bool node_unknown_child(struct composer *composer, const struct xml_node *parent,
                        const struct xml_node *child, const char *known);
/* What to call an element in a message: its name, else its kind. */
const char *node_label(const struct xml_node *node);

bool read_number(struct composer *composer, const struct xml_node *node, const char *name,
                 uint64_t *value);
bool need_number(struct composer *composer, const struct xml_node *node, const char *name,
                 uint64_t *value);
/* As need_number(), and the value must be below `limit`. */
bool need_id(struct composer *composer, const struct xml_node *node, const char *name,
             uint64_t limit, uint64_t *value);
bool read_flag(struct composer *composer, const struct xml_node *node, const char *name,
               bool *value);
bool need_string(struct composer *composer, const struct xml_node *node, const char *name,
                 const char **value);

/* The same for attributes of our own namespace. */
bool read_our_flag(struct composer *composer, const struct xml_node *node, const char *name,
                   bool *value);
bool read_our_number(struct composer *composer, const struct xml_node *node, const char *name,
                     uint64_t *value);
