/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: saving and restoring everything
 *
 * A run starts from a saved moment, so that it costs what it touches and not what the machine has:
 * the pages that may hold something else than zero are known, since all memory is given out through
 * capabilities.
 */
#pragma once

#include "spec.h"

#include <core/state.h>
#include <host/model.h>
#include <world/world.h>

#define ARENA_PAGES (HOST_MEMORY_BYTES >> SMALL_FRAME_BITS)

/* The machine, the core and the specification at one moment. Static: starts empty. */
struct arena {
    bool is_saved;
    struct host_model host;
    struct kernel_state kernel;
    struct world world;
    struct spec spec;
    unsigned char *pages[ARENA_PAGES]; /* NULL: all zero */
};

void arena_save(struct arena *arena);
/** Pre: saved. */
void arena_restore(const struct arena *arena);
/** Memory [kaddr, + bytes) may not be zero any more. */
void arena_touch(word_t kaddr, word_t bytes);
/** The same for all that capabilities of the specification stand for, but untyped memory and the
 *  insides of frames larger than a page; of these the IPC buffers. */
void arena_touch_objects(void);
