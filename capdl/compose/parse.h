/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Elements to structures: what the parse_*.c files offer each other
 *
 * Each function reads one element with all below it and adds the result to the system.
 */
#pragma once

#include "value.h"

bool parse_pd(struct composer *composer, const struct xml_node *node, struct pd *parent);
/* t:restart of a PD, or of its VM. */
bool parse_restart(struct composer *composer, const struct xml_node *node, struct pd *pd);
bool parse_vm(struct composer *composer, const struct xml_node *node, struct pd *pd);
/* A map of a PD, or of its VM (`vm` not NULL). */
bool parse_map(struct composer *composer, const struct xml_node *node, struct pd *pd,
               struct vm *vm);
bool parse_irq(struct composer *composer, const struct xml_node *node, struct pd *pd);
bool parse_setvar(struct composer *composer, const struct xml_node *node, struct pd *pd);
/* Our own <t:setvar> and <t:setstring>. */
bool parse_our_setvar(struct composer *composer, const struct xml_node *node, struct pd *pd,
                      enum setvar_kind kind);
bool parse_cspace(struct composer *composer, const struct xml_node *node, struct pd *pd);
bool parse_region(struct composer *composer, const struct xml_node *node);
bool parse_channel(struct composer *composer, const struct xml_node *node);
/* Pre: all that policies name has been read. */
bool parse_policy(struct composer *composer, const struct xml_node *node);
bool parse_domain_list(struct composer *composer, const struct xml_node *node);

/*
 * Adds a symbol to patch if the attribute `name` is there. Fails: the symbol is already
 * set in this PD.
 */
bool setvar_add(struct composer *composer, const struct xml_node *node, const char *name,
                struct pd *pd, struct setvar setvar);

/* Budget and period, with the defaults and the rule between them. */
bool parse_budget(struct composer *composer, const struct xml_node *node, uint64_t *budget,
                  uint64_t *period);
bool parse_priority(struct composer *composer, const struct xml_node *node, uint64_t *priority);
bool parse_core(struct composer *composer, const struct xml_node *node, uint64_t *core);
