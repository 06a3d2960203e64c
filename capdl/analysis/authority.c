/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Systems as subjects, nodes and links
 */
#include "analysis/authority.h"

#include <stdlib.h>

uint32_t authority_contents(const struct authority_system *system, uint32_t cnode)
{
    return system->subject_count + 2 * cnode;
}

uint32_t authority_added(const struct authority_system *system, uint32_t cnode)
{
    return system->subject_count + 2 * cnode + 1;
}

uint32_t authority_holder_count(const struct authority_system *system)
{
    return system->subject_count + 2 * system->node_count;
}

uint32_t authority_node_add(struct authority_system *system, enum node_kind kind,
                            uint32_t *capacity)
{
    CAPDL_PUSH(system->kinds, system->node_count, *capacity, (uint8_t)kind);
    return system->node_count - 1;
}

void authority_hold_add(struct authority_system *system, uint32_t holder, uint32_t node,
                        enum power power, uint32_t origin)
{
    struct authority_hold hold = {
        .holder = holder, .node = node, .power = (uint8_t)power, .origin = origin
    };
    CAPDL_PUSH(system->holds, system->hold_count, system->hold_capacity, hold);
}

void authority_link_add(struct links *links, const struct authority_link *link)
{
    CAPDL_PUSH(links->list, links->count, links->capacity, *link);
}

/* Backwards, so that each node's list is in the order of the calls. */
static void links_index(struct links *links, uint32_t node_count)
{
    links->first = capdl_alloc(node_count + 1u, sizeof(*links->first));
    for (uint32_t i = 0; i < node_count; i++) {
        links->first[i] = AUTHORITY_NONE;
    }
    for (uint32_t i = links->count; i-- > 0;) {
        links->list[i].next = links->first[links->list[i].node];
        links->first[links->list[i].node] = i;
    }
}

void authority_seal(struct authority_system *system)
{
    links_index(&system->spaces, system->node_count);
    links_index(&system->controls, system->node_count);
    links_index(&system->views, system->node_count);
    links_index(&system->faults, system->node_count);
}

static void links_free(struct links *links)
{
    free(links->list);
    free(links->first);
}

void authority_free(struct authority_system *system)
{
    free(system->kinds);
    free(system->passive);
    free(system->holds);
    links_free(&system->spaces);
    links_free(&system->controls);
    links_free(&system->views);
    links_free(&system->faults);
    *system = (struct authority_system){ 0 };
}
