/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: saving and restoring everything
 */
#include "arena.h"

#include "caps.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES (1ul << SMALL_FRAME_BITS)

static bool touched[ARENA_PAGES];
static unsigned seen; /* capabilities, when their objects were touched */

static unsigned char *page_at(word_t page)
{
    return machine_pointer(HOST_MEMORY + page * PAGE_BYTES);
}

void arena_touch(word_t kaddr, word_t bytes)
{
    if (kaddr < HOST_MEMORY || kaddr >= HOST_MEMORY + HOST_MEMORY_BYTES) {
        return; /* device memory, kernel state */
    }
    word_t first = (kaddr - HOST_MEMORY) >> SMALL_FRAME_BITS;
    word_t last = (kaddr - HOST_MEMORY + bytes - 1) >> SMALL_FRAME_BITS;

    for (word_t page = first; page <= last && page < ARENA_PAGES; page++) {
        touched[page] = true;
    }
}

void arena_touch_objects(void)
{
    /* New objects mean more capabilities. */
    for (unsigned i = 0; spec.count != seen && i < spec.count; i++) {
        const struct spec_cap *cap = &spec.caps[i].cap;

        if (cap->type != CAP_UNTYPED && cap->type != CAP_FRAME && spec_caps_bytes(cap) != 0) {
            arena_touch(cap->object, spec_caps_bytes(cap));
        }
    }
    seen = spec.count;
    for (size_t i = 0; i < SPEC_BUFFERS; i++) {
        if (spec.buffers[i].address != 0) {
            arena_touch(spec.buffers[i].address, sizeof(spec.buffers[i].words));
        }
    }
}

void arena_save(struct arena *arena)
{
    for (word_t page = 0; page < ARENA_PAGES; page++) {
        if (touched[page] && !host_memory_is_zero(HOST_MEMORY + page * PAGE_BYTES, PAGE_BYTES)) {
            if (arena->pages[page] == NULL) {
                arena->pages[page] = malloc(PAGE_BYTES);
            }
            memcpy(arena->pages[page], page_at(page), PAGE_BYTES);
        }
    }
    arena->host = host;
    arena->kernel = kernel;
    arena->world = world;
    arena->spec = spec;
    arena->is_saved = true;
}

void arena_restore(const struct arena *arena)
{
    for (word_t page = 0; page < ARENA_PAGES; page++) {
        if (arena->pages[page] != NULL) {
            memcpy(page_at(page), arena->pages[page], PAGE_BYTES);
        } else if (touched[page]) {
            memset(page_at(page), 0, PAGE_BYTES);
        }
        touched[page] = arena->pages[page] != NULL;
    }
    host = arena->host;
    kernel = arena->kernel;
    world = arena->world;
    seen = 0;
    memcpy(&spec, &arena->spec,
           offsetof(struct spec, caps) + arena->spec.count * sizeof(spec.caps[0]));
}
