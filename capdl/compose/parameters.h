/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Parameters and includes: what the two files that turn the tree into its final form share
 */
#pragma once

#include "composer.h"

/*
 * Declares the parameters of the `t:param` children of a root element, with the values of the
 * command line. `again`: one that is declared already keeps its value; else that is an error.
 */
bool parameters_declare(struct composer *composer, const struct xml_node *root,
                        struct list *parameters, bool again);

/* Puts parameters into the attributes of one element, and says whether its t:only holds. */
bool parameters_expand(struct composer *composer, struct xml_node *node,
                       const struct list *parameters, bool *keep);

/*
 * Puts parameters into every element below the root, takes away those whose condition does not
 * hold, and puts what is included in the place of includes.
 */
bool tree_expand(struct composer *composer, struct list *parameters);
