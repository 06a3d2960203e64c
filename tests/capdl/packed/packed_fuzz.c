/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzzing the reader of packed specs
 *
 * Whatever the bytes are: packed_open does not read outside of them; and a spec it accepts can be
 * walked as the initialiser walks it, with no checks.
 */
#include <stdlib.h>
#include <string.h>

#include "packed/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static volatile uint64_t sink;

static void touch_object(const struct packed_view *view, uint32_t object)
{
    if (object != PACKED_NONE) {
        sink += view->objects[object].type + strlen(packed_name(view, object)) +
                strlen(packed_component(view, object));
    }
}

static void walk(const struct packed_view *view)
{
    for (uint32_t i = 0; i < view->object_count; i++) {
        touch_object(view, i);
        touch_object(view, view->objects[i].parent);
    }
    for (uint32_t i = 0; i < view->cap_count; i++) {
        touch_object(view, view->caps[i].container);
        touch_object(view, view->caps[i].target);
        touch_object(view, view->caps[view->caps[i].parent].container);
    }
    for (uint32_t i = 0; i < view->tcb_count; i++) {
        const struct packed_tcb *tcb = &view->tcbs[i];
        touch_object(view, tcb->object);
        touch_object(view, tcb->cspace);
        touch_object(view, tcb->fault.endpoint);
        for (uint32_t k = 0; k < tcb->argument_count; k++) {
            sink += view->words[tcb->first_argument + k];
        }
    }
    for (uint32_t i = 0; i < view->map_count; i++) {
        touch_object(view, view->maps[i].object);
        touch_object(view, view->maps[i].vspace);
    }
    for (uint32_t i = 0; i < view->fill_count; i++) {
        touch_object(view, view->fills[i].frame);
    }
    for (uint32_t i = 0; i < view->domain_count; i++) {
        sink += view->domains[i].duration + view->domains[i].domain;
    }
    for (uint32_t i = 0; i < view->keep_count; i++) {
        touch_object(view, view->keeps[i].keeper);
        touch_object(view, view->keeps[i].kind == PACKED_KEEP_OBJECT
                               ? view->keeps[i].source
                               : view->maps[view->keeps[i].source].object);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct packed_view view;
    uint8_t *copy = malloc(length == 0 ? 1 : length); /* aligned, and its end is guarded */
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, bytes, length);
    if (packed_open(copy, length, &view) == NULL) {
        walk(&view);
        sink += packed_root_cnode_bits(view.header, 512);
    }
    free(copy);
    return 0;
}
