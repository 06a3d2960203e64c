/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Answers in words
 */
#pragma once

#include "analysis/flow.h"

/* "read" and the like for a power over a kind of node; NULL if there is no such power. */
const char *power_words(enum node_kind kind, enum power power);

/* "holds", "can take" or "could be given". */
const char *phase_words(uint8_t phase);

/* Who can do what with a node. right: NULL for all, else one of the words. Returns how many. */
uint32_t report_who_can(const struct audit *audit, uint32_t node, const char *right,
                        struct capdl_text *out);

/* Who can control or destroy a component. */
uint32_t report_who_can_subject(const struct audit *audit, uint32_t subject, const char *right,
                                struct capdl_text *out);

/* All that a component can do, with the reason of each. */
void report_holds(const struct audit *audit, uint32_t subject, struct capdl_text *out);

/* What a step is called, from the component to the object ("writes %s") or from there on. */
const char *step_words(enum step_kind kind, bool is_out);

/* A line for each half of a step of the chain. */
void report_steps(const struct flow_graph *graph, const struct flow_chain *chain,
                  struct capdl_text *out);

/* The chain from one component to another, its class first. */
void report_chain(const struct flow_graph *graph, uint32_t from, uint32_t to,
                  const struct flow_chain *chain, struct capdl_text *out);

/* Why a component has a power that it does not hold at the start: a line for each step back. */
void report_derivation(const struct audit *audit, uint32_t fact, const char *indent,
                       struct capdl_text *out);

/* Processor time by core and priority, and memory by component. */
void report_budgets(const struct audit *audit, struct capdl_text *out);

/* The system on one page. */
void report_summary(const struct flow_graph *graph, struct capdl_text *out);
