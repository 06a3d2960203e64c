/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Writing JSON (private to the room)
 */
#pragma once

#include <stdbool.h>

#include "model/memory.h"

/* A document being written. Commas, line ends and indentation follow from the calls. */
struct json {
    struct capdl_text *out;
    uint32_t depth;
    bool has_before; /* something stands before in the same braces or brackets */
};

/* Begin and end "{ }" and "[ ]". key is NULL in lists and at the top. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);

void json_number(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* A string of UTF-8; bytes that are none are replaced. */
void json_string(struct json *json, const char *key, const char *value);
