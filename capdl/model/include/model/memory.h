/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory of the host tools
 *
 * The tools work on files whose size bounds what they allocate; when the machine has no more, they
 * say so and end. So no caller checks for NULL.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* count objects of size bytes, zeroed. */
void *capdl_alloc(size_t count, size_t size);

/* Make room for one more element: returns list, moved if need be. *capacity is updated. */
void *capdl_grow(void *list, uint32_t count, uint32_t *capacity, size_t size);

/* Append to a growing array: list and capacity are lvalues. Evaluates its arguments repeatedly. */
#define CAPDL_PUSH(list, count, capacity, value)                            \
    do {                                                                    \
        (list) = capdl_grow((list), (count), &(capacity), sizeof(*(list))); \
        (list)[(count)++] = (value);                                        \
    } while (0)

/* Open-addressing hash table from two numbers to one. */
struct capdl_map_entry {
    uint64_t low;
    uint32_t high;
    uint32_t value; /* UINT32_MAX: entry is free */
};

struct capdl_map {
    struct capdl_map_entry *entries;
    uint32_t count;
    uint32_t mask; /* size - 1, size a power of two; 0 with entries NULL */
};

/* Value stored under (high, low), or UINT32_MAX. */
uint32_t capdl_map_get(const struct capdl_map *map, uint32_t high, uint64_t low);

/* Store or replace. Pre: value != UINT32_MAX. */
void capdl_map_set(struct capdl_map *map, uint32_t high, uint64_t low, uint32_t value);

/* Store unless the key is taken. Returns the value that was there, or UINT32_MAX. */
uint32_t capdl_map_add(struct capdl_map *map, uint32_t high, uint64_t low, uint32_t value);

void capdl_map_free(struct capdl_map *map);

/* A growing string. */
struct capdl_text {
    char *bytes; /* always ends with a zero byte once something was added */
    size_t length;
    size_t capacity;
};

void capdl_text_add(struct capdl_text *text, const char *bytes, size_t length);
__attribute__((format(printf, 2, 3))) void capdl_text_printf(struct capdl_text *text,
                                                             const char *format, ...);
__attribute__((format(printf, 2, 0))) void capdl_text_vprintf(struct capdl_text *text,
                                                              const char *format, va_list args);
void capdl_text_free(struct capdl_text *text);

/* The same as a string of its own, to be freed. */
__attribute__((format(printf, 1, 0))) char *capdl_format(const char *format, va_list args);
