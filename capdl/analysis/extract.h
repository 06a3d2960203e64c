/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The steps from a spec to subjects, nodes and links (private to the room)
 */
#pragma once

#include "analysis/audit.h"

void extract_places(struct audit *audit);
void extract_subjects(struct audit *audit);
/* Frames in groups that everybody can use in the same way; one node for each. */
void extract_memory(struct audit *audit);
void extract_memory_holds(struct audit *audit);
void extract_nodes(struct audit *audit);
void extract_holds(struct audit *audit);
void extract_links(struct audit *audit);

/* A new node; name is copied. */
uint32_t extract_node(struct audit *audit, enum node_kind kind, const char *name, uint32_t object);

void sources_free(struct audit *audit);

/* To be freed. */
char *text_copy(const char *text, size_t length);
bool text_ends(const char *text, const char *end);

static inline const struct capdl_object *object_at(const struct audit *audit, uint32_t object)
{
    return &audit->spec->objects[object];
}
