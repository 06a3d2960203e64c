/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory of the host tools: growing arrays, a hash table, growing strings
 */
#include "model/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *memory_check(void *memory)
{
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *capdl_alloc(size_t count, size_t size)
{
    return memory_check(calloc(count == 0 ? 1 : count, size));
}

void *capdl_grow(void *list, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity) {
        return list;
    }
    if (*capacity > UINT32_MAX / 2) {
        memory_check(NULL);
    }
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    return memory_check(realloc(list, (size_t)*capacity * size));
}

/* Multiply-and-fold: every input bit reaches the low bits that pick the entry. */
static uint32_t map_hash(uint32_t high, uint64_t low)
{
    uint64_t x = (low ^ ((uint64_t)high << 32) ^ high) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)(x >> 32);
}

/* The entry of the key, or the free one where it would go. */
static struct capdl_map_entry *map_entry(const struct capdl_map *map, uint32_t high, uint64_t low)
{
    uint32_t at = map_hash(high, low) & map->mask;
    while (map->entries[at].value != UINT32_MAX &&
           (map->entries[at].high != high || map->entries[at].low != low)) {
        at = (at + 1) & map->mask;
    }
    return &map->entries[at];
}

uint32_t capdl_map_get(const struct capdl_map *map, uint32_t high, uint64_t low)
{
    return map->entries == NULL ? UINT32_MAX : map_entry(map, high, low)->value;
}

static void map_resize(struct capdl_map *map, uint32_t size)
{
    struct capdl_map bigger = { capdl_alloc(size, sizeof(*bigger.entries)), map->count, size - 1 };
    for (uint32_t i = 0; i < size; i++) {
        bigger.entries[i].value = UINT32_MAX;
    }
    for (uint32_t i = 0; map->entries != NULL && i <= map->mask; i++) {
        const struct capdl_map_entry *entry = &map->entries[i];
        if (entry->value != UINT32_MAX) {
            *map_entry(&bigger, entry->high, entry->low) = *entry;
        }
    }
    free(map->entries);
    *map = bigger;
}

/* The entry of the key; if it is a new one, its value is UINT32_MAX and is to be set at once. */
static struct capdl_map_entry *map_claim(struct capdl_map *map, uint32_t high, uint64_t low)
{
    if (map->entries == NULL || map->count >= map->mask / 2) {
        map_resize(map, map->entries == NULL ? 64 : (map->mask + 1) * 2);
    }
    struct capdl_map_entry *entry = map_entry(map, high, low);
    if (entry->value == UINT32_MAX) {
        map->count++;
        *entry = (struct capdl_map_entry){ low, high, UINT32_MAX };
    }
    return entry;
}

void capdl_map_set(struct capdl_map *map, uint32_t high, uint64_t low, uint32_t value)
{
    map_claim(map, high, low)->value = value;
}

uint32_t capdl_map_add(struct capdl_map *map, uint32_t high, uint64_t low, uint32_t value)
{
    struct capdl_map_entry *entry = map_claim(map, high, low);
    uint32_t known = entry->value;
    if (known == UINT32_MAX) {
        entry->value = value;
    }
    return known;
}

void capdl_map_free(struct capdl_map *map)
{
    free(map->entries);
    *map = (struct capdl_map){ 0 };
}

void capdl_text_add(struct capdl_text *text, const char *bytes, size_t length)
{
    if (text->length + length + 1 > text->capacity) {
        text->capacity = (text->length + length + 1) * 2;
        text->bytes = memory_check(realloc(text->bytes, text->capacity));
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void capdl_text_vprintf(struct capdl_text *text, const char *format, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(small, sizeof(small), format, args);
    if (length < (int)sizeof(small)) {
        capdl_text_add(text, small, length < 0 ? 0 : (size_t)length);
    } else {
        char *large = capdl_alloc((size_t)length + 1, 1);
        vsnprintf(large, (size_t)length + 1, format, again);
        capdl_text_add(text, large, (size_t)length);
        free(large);
    }
    va_end(again);
}

void capdl_text_printf(struct capdl_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    capdl_text_vprintf(text, format, args);
    va_end(args);
}

char *capdl_format(const char *format, va_list args)
{
    struct capdl_text text = { 0 };
    capdl_text_vprintf(&text, format, args);
    return text.bytes;
}

void capdl_text_free(struct capdl_text *text)
{
    free(text->bytes);
    *text = (struct capdl_text){ 0 };
}
