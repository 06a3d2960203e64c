/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lowering a spec to its packed form (private to the room)
 *
 * The steps run in the order declared here. Each reports what it cannot lower in the words of the
 * spec and goes on; the result is used only if nothing was reported.
 */
#pragma once

#include <stdio.h>

#include "model/model.h"
#include "packed/builder.h"

/* A file that fills refer to. */
struct pack_file {
    uint32_t name; /* in the spec */
    char *path;
    uint64_t size;
    bool is_large;      /* mapped by 2 MiB frames straight from the image */
    bool has_image;     /* some frames come straight from it */
    uint64_t placed_at; /* offset in the payload */
};

/* What the packer knows about an object of the spec. */
struct pack_object {
    uint32_t packed;   /* its number in the packed spec, or PACKED_NONE */
    uint32_t root;     /* outermost untyped around it, or CAPDL_NONE */
    uint32_t original; /* cap of the spec whose slot gets the original, or CAPDL_NONE */
    uint32_t file;     /* frames from the image: index in files, or CAPDL_NONE */
    bool is_written;   /* some cap to this frame has W */
    bool is_mapped;    /* frame: a mapping was made with its original; table: it has a place */
    bool is_moved;     /* its original goes into a CNode: the cap to an untyped, or `original` */
    uint32_t affinity; /* scheduling context: core of the thread it is bound to */
};

struct packer {
    const struct capdl_spec *spec;
    struct capdl_diags *diags;
    struct packed_builder builder;
    struct packed_header header;
    struct pack_object *objects; /* by number in the spec */
    uint32_t *order;             /* by packed number: number in the spec, or CAPDL_NONE (a gap) */
    uint32_t order_count, order_capacity;
    uint32_t *cap_parents; /* by cap of the spec: the badged cap it is copied from, or NONE */
    uint32_t *cap_numbers; /* by cap of the spec: its packed number, or PACKED_NONE */

    char **search_paths;
    uint32_t search_path_count;
    struct pack_file *files;
    uint32_t file_count, file_capacity;
    struct capdl_map file_map;    /* name -> files */
    struct capdl_map claim_map;   /* (table, slot) -> cap with "mapping" */
    uint32_t copied_image_frames; /* would have come from the image but for their place */
};

/* Refuse what this kernel has no counterpart for. */
void pack_refuse(struct packer *packer);

/* Which slots get originals, and which caps are copies of others. */
void pack_derive(struct packer *packer);

/* Find the files, decide which frames come from the image, lay out the payload. */
void pack_files(struct packer *packer);

/* Number the objects in creation order; see that children fit into their untypeds. */
void pack_objects(struct packer *packer);

/* Fill instructions of frames; records of threads, scheduling contexts, interrupts. */
void pack_fills(struct packer *packer);
void pack_threads(struct packer *packer);

/* The schedule of domains; how many the kernel needs. */
void pack_domains(struct packer *packer);

/* CNode contents, what is copied from what; then address spaces (which need to know the caps that claim a mapping). */
void pack_caps(struct packer *packer);
void pack_parents(struct packer *packer);
void pack_maps(struct packer *packer);

/* What the keepers receive; the components' names. */
void pack_keeps(struct packer *packer);

/* Totals of the header. */
void pack_totals(struct packer *packer);

/* Write the payload: the files at their places, zeros between. False, with a message, on failure. */
bool pack_payload(const struct packer *packer, FILE *out);

/* For people: memory by untyped, payload, slots. */
void pack_report(const struct packer *packer, struct capdl_text *out);

/* The CNode that keeps the originals of a root untyped: <x>_keep in <x>_ut; or CAPDL_NONE. */
uint32_t pack_keeper(const struct packer *packer, uint32_t untyped);

/* The component a root untyped belongs to: its name without "_ut". Offset in the packed names. */
uint32_t pack_component(struct packer *packer, uint32_t untyped);

void packer_free(struct packer *packer);

/* The packed object of an object of the spec. Pre: it has one. */
struct packed_object *packer_object(const struct packer *packer, uint32_t object);

/* Packed number of an object, or PACKED_NONE for CAPDL_NONE. */
uint32_t packer_number(const struct packer *packer, uint32_t object);
