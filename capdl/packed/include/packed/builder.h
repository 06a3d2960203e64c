/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Writing a packed spec (host only)
 *
 * Records are appended section by section and stay addressable until the end; packed_builder_finish
 * lays the sections out behind a header.
 */
#pragma once

#include "packed/packed.h"

struct packed_builder {
    struct {
        uint8_t *bytes;
        uint32_t count, capacity;
    } sections[PACKED_SECTION_COUNT];
    uint32_t *name_table; /* hash table: offsets of names; 0 is free */
    uint32_t name_mask, name_count;
};

void packed_builder_init(struct packed_builder *builder);
void packed_builder_free(struct packed_builder *builder);

/* Append a record of the section's type. Returns its index. */
uint32_t packed_builder_add(struct packed_builder *builder, enum packed_section_id section,
                            const void *record);

/* The record, until the next one is appended to its section. */
void *packed_builder_at(const struct packed_builder *builder, enum packed_section_id section,
                        uint32_t index);
uint32_t packed_builder_count(const struct packed_builder *builder, enum packed_section_id section);

/* Offset of a name; equal names share one. */
uint32_t packed_builder_name(struct packed_builder *builder, const char *name);

/* What the kernel is asked for an object of this type; see packed_type_shape in types.h. */
bool packed_builder_shape(uint8_t type, uint32_t bits, struct packed_object *object);

/*
 * The finished spec, from malloc, *length bytes. Of the header, the caller has set what is about
 * payload, memory and slots.
 */
uint8_t *packed_builder_finish(const struct packed_builder *builder,
                               const struct packed_header *header, size_t *length);
