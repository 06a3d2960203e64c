/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Words for places and caps (private to the room)
 */
#pragma once

#include "model/model.h"

/* A spec, with what is needed to say whose an object is. */
struct wording {
    const struct capdl_spec *spec;
    uint32_t *sorted;      /* objects by name */
    uint32_t *holder;      /* CNode or root of an address space: a thread that has it, or NONE */
    uint32_t *holder_more; /* how many other threads have it */
    uint32_t *above;       /* page table: the cap that puts it into another table, or NONE */
};

void wording_make(struct wording *wording, const struct capdl_spec *spec);
void wording_free(struct wording *wording);

/* `endpoint "e"` */
void words_object(const struct wording *wording, uint32_t object, struct capdl_text *out);

/* `thread "t", slot 3 of CNode "cn"`, `thread "t", address 0x1000 (slot 1 of ...)`, ... */
void words_place(const struct wording *wording, uint32_t container, uint64_t slot,
                 struct capdl_text *out);

/* `endpoint "e" (read, write; badge 5)` */
void words_cap(const struct wording *wording, const struct capdl_cap *cap, struct capdl_text *out);

/* What a cap is to, without rights: `endpoint "e"`, `the interrupt controller`, ... */
void words_target(const struct wording *wording, const struct capdl_cap *cap,
                  struct capdl_text *out);

/* "read, write" */
void words_rights(const struct wording *wording, const struct capdl_cap *cap, uint8_t rights,
                  struct capdl_text *out);
