/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Writing a packed spec (host only)
 */
#include "packed/builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types.h"

static const size_t record_bytes[PACKED_SECTION_COUNT] = {
    [PACKED_OBJECTS] = sizeof(struct packed_object),
    [PACKED_CAPS] = sizeof(struct packed_cap),
    [PACKED_TCBS] = sizeof(struct packed_tcb),
    [PACKED_SCS] = sizeof(struct packed_sc),
    [PACKED_IRQS] = sizeof(struct packed_irq),
    [PACKED_SGIS] = sizeof(struct packed_sgi),
    [PACKED_FILLS] = sizeof(struct packed_fill),
    [PACKED_MAPS] = sizeof(struct packed_map),
    [PACKED_KEEPS] = sizeof(struct packed_keep),
    [PACKED_DOMAINS] = sizeof(struct packed_domain),
    [PACKED_WORDS] = sizeof(uint64_t),
    [PACKED_NAMES] = 1,
};

static void *memory_check(void *memory)
{
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

void packed_builder_init(struct packed_builder *builder)
{
    memset(builder, 0, sizeof(*builder));
    builder->name_mask = 255;
    builder->name_table = memory_check(calloc(256, sizeof(uint32_t)));
    packed_builder_add(builder, PACKED_NAMES, ""); /* offset 0: the empty name */
}

void packed_builder_free(struct packed_builder *builder)
{
    for (uint32_t i = 0; i < PACKED_SECTION_COUNT; i++) {
        free(builder->sections[i].bytes);
    }
    free(builder->name_table);
    memset(builder, 0, sizeof(*builder));
}

uint32_t packed_builder_add(struct packed_builder *builder, enum packed_section_id section,
                            const void *record)
{
    size_t size = record_bytes[section];
    if (builder->sections[section].count == builder->sections[section].capacity) {
        uint32_t capacity = builder->sections[section].capacity * 2 + 64;
        builder->sections[section].bytes =
            memory_check(realloc(builder->sections[section].bytes, capacity * size));
        builder->sections[section].capacity = capacity;
    }
    uint32_t index = builder->sections[section].count++;
    memcpy(builder->sections[section].bytes + index * size, record, size);
    return index;
}

void *packed_builder_at(const struct packed_builder *builder, enum packed_section_id section,
                        uint32_t index)
{
    return builder->sections[section].bytes + index * record_bytes[section];
}

uint32_t packed_builder_count(const struct packed_builder *builder, enum packed_section_id section)
{
    return builder->sections[section].count;
}

static uint32_t name_hash(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name != '\0'; name++) {
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    }
    return hash;
}

/* Entry of the hash table where the name is, or where it would go. */
static uint32_t *name_entry(const struct packed_builder *builder, const char *name)
{
    const char *names = (const char *)builder->sections[PACKED_NAMES].bytes;
    uint32_t at = name_hash(name) & builder->name_mask;
    while (builder->name_table[at] != 0 && strcmp(names + builder->name_table[at], name) != 0) {
        at = (at + 1) & builder->name_mask;
    }
    return &builder->name_table[at];
}

static void name_table_grow(struct packed_builder *builder)
{
    uint32_t *old = builder->name_table;
    uint32_t old_size = builder->name_mask + 1;
    const char *names = (const char *)builder->sections[PACKED_NAMES].bytes;
    builder->name_table = memory_check(calloc(old_size * 2, sizeof(*old)));
    builder->name_mask = old_size * 2 - 1;
    for (uint32_t i = 0; i < old_size; i++) {
        if (old[i] != 0) {
            *name_entry(builder, names + old[i]) = old[i];
        }
    }
    free(old);
}

uint32_t packed_builder_name(struct packed_builder *builder, const char *name)
{
    if (*name == '\0') {
        return 0;
    }
    if (builder->name_count >= builder->name_mask / 2) {
        name_table_grow(builder);
    }
    uint32_t *entry = name_entry(builder, name);
    if (*entry == 0) {
        *entry = builder->sections[PACKED_NAMES].count;
        builder->name_count++;
        for (const char *at = name;; at++) {
            packed_builder_add(builder, PACKED_NAMES, at);
            if (*at == '\0') {
                break;
            }
        }
    }
    return *entry;
}

bool packed_builder_shape(uint8_t type, uint32_t bits, struct packed_object *object)
{
    return packed_type_shape(type, bits, object);
}

uint8_t *packed_builder_finish(const struct packed_builder *builder,
                               const struct packed_header *header, size_t *length)
{
    struct packed_header full = *header;
    uint64_t end = sizeof(full);
    for (uint32_t id = 0; id < PACKED_SECTION_COUNT; id++) {
        end = (end + 7) & ~UINT64_C(7);
        full.sections[id].offset = (uint32_t)end;
        full.sections[id].count = builder->sections[id].count;
        end += builder->sections[id].count * record_bytes[id];
    }
    full.magic = PACKED_MAGIC;
    full.version = PACKED_VERSION;
    full.header_bytes = sizeof(full);
    full.total_bytes = (end + 7) & ~UINT64_C(7);
    if (full.total_bytes > UINT32_MAX) {
        fputs("packed spec of 4 GiB or more\n", stderr);
        abort();
    }
    uint8_t *bytes = memory_check(calloc(1, full.total_bytes));
    memcpy(bytes, &full, sizeof(full));
    for (uint32_t id = 0; id < PACKED_SECTION_COUNT; id++) {
        if (builder->sections[id].count > 0) {
            memcpy(bytes + full.sections[id].offset, builder->sections[id].bytes,
                   builder->sections[id].count * record_bytes[id]);
        }
    }
    *length = full.total_bytes;
    return bytes;
}
