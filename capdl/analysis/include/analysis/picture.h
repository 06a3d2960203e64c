/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The system as a picture
 */
#pragma once

#include "analysis/flow.h"

/* The graph in graphviz' language: components, devices, memory, channels. */
void picture_dot(const struct flow_graph *graph, struct capdl_text *out);

/* One page that needs nothing else; svg is what graphviz made of picture_dot(). */
void picture_html(const struct flow_graph *graph, const char *svg, size_t length,
                  struct capdl_text *out);
