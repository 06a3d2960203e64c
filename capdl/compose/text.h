/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory and strings of one run
 *
 * Everything the composer builds lives until the end of the run, so it comes from one
 * arena that is freed at once. Lists of pointers and growing texts are the only two
 * containers.
 *
 * Invariant: allocation never returns NULL; a host without memory ends the program.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
};

/* Memory of `bytes` zero bytes, aligned for any type, valid until arena_free(). */
void *arena_alloc(struct arena *arena, size_t bytes);
void arena_free(struct arena *arena);

/* A terminated copy of `length` bytes. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Pointers in the order in which they were added. */
struct list {
    void **items;
    size_t count;
    size_t capacity;
};

void list_add(struct arena *arena, struct list *list, void *item);

/* A growing text of its own memory; always terminated once something was added. */
struct text {
    char *data;
    size_t length;
    size_t capacity;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_list(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
void text_add_bytes(struct text *text, const void *bytes, size_t length);
void text_free(struct text *text);

bool text_equal(const char *a, const char *b);
