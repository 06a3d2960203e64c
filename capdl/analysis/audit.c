/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Making a spec ready for questions
 */
#include "extract.h"

#include <stdlib.h>
#include <string.h>

/* Lists by node, with the same function that the closure's own links are made by. */
static void affects_index(struct audit *audit)
{
    struct links *links = &audit->affects;
    links->first = capdl_alloc(audit->system.node_count + 1u, sizeof(*links->first));
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        links->first[i] = AUTHORITY_NONE;
    }
    for (uint32_t i = links->count; i-- > 0;) {
        links->list[i].next = links->first[links->list[i].node];
        links->first[links->list[i].node] = i;
    }
}

/* Who is trusted to pass nothing on, passes on no capability either. */
static void closure_remake(struct audit *audit)
{
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        audit->system.passive[i] = audit->subjects[i].is_trusted ? 1 : 0;
    }
    audit->closure = closure_make(&audit->system);
}

struct audit *audit_make(const struct capdl_spec *spec, const char *file, const char *text,
                         size_t length)
{
    struct audit *audit = capdl_alloc(1, sizeof(*audit));
    audit->spec = spec;
    audit->file = file;
    audit->text = text;
    audit->length = length;
    extract_places(audit);
    extract_subjects(audit);
    extract_nodes(audit);
    extract_holds(audit);
    extract_links(audit);
    authority_seal(&audit->system);
    affects_index(audit);
    audit->system.passive = capdl_alloc(audit->system.subject_count + 1u, 1);
    closure_remake(audit);
    return audit;
}

void audit_trust(struct audit *audit, const bool *trusted)
{
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        audit->subjects[i].is_trusted = trusted[i];
    }
    closure_free(audit->closure);
    closure_remake(audit);
}

void audit_free(struct audit *audit)
{
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        free(audit->nodes[i].name);
        free(audit->nodes[i].words);
    }
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        free(audit->subjects[i].name);
    }
    closure_free(audit->closure);
    authority_free(&audit->system);
    free(audit->affects.list);
    free(audit->affects.first);
    free(audit->nodes);
    free(audit->subjects);
    free(audit->node_of);
    free(audit->subject_of);
    free(audit->uses);
    free(audit->origins);
    free(audit->origin_path);
    sources_free(audit);
    free(audit->origin_file);
    free(audit);
}

bool audit_node_is(const struct audit *audit, uint32_t node, const char *name)
{
    uint32_t object = audit->nodes[node].object;
    return strcmp(audit->nodes[node].name, name) == 0 ||
           strcmp(audit->nodes[node].words, name) == 0 ||
           (strcmp(name, "firmware") == 0 && audit->system.kinds[node] == NODE_FIRMWARE) ||
           (object != CAPDL_NONE &&
            strcmp(capdl_name_text(audit->spec, object_at(audit, object)->name), name) == 0);
}

uint32_t audit_node_find(const struct audit *audit, const char *name)
{
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (strcmp(audit->nodes[i].name, name) == 0 || strcmp(audit->nodes[i].words, name) == 0) {
            return i;
        }
    }
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        if (strcmp(capdl_object_text(audit->spec, i), name) == 0 ||
            strcmp(capdl_name_text(audit->spec, audit->spec->objects[i].name), name) == 0) {
            return audit->node_of[i];
        }
    }
    return AUTHORITY_NONE;
}
