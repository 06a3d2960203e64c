/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Writing JSON
 */
#include "json.h"

#include <string.h>

static void quote(struct json *json, const char *text);

/* What stands before a value: a comma, the line, the key. */
static void begin(struct json *json, const char *key)
{
    if (json->depth > 0) {
        capdl_text_add(json->out, json->has_before ? ",\n" : "\n", json->has_before ? 2 : 1);
        for (uint32_t i = 0; i < json->depth; i++) {
            capdl_text_add(json->out, " ", 1);
        }
    }
    if (key != NULL) {
        quote(json, key);
        capdl_text_add(json->out, ": ", 2);
    }
    json->has_before = true;
}

/* Bytes of the UTF-8 character at text, or 0 if there is none. */
static size_t character(const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (at[0] > 0xf4) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool is_overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool is_surrogate = at[0] == 0xed && at[1] >= 0xa0;
    bool is_beyond = at[0] == 0xf4 && at[1] >= 0x90;
    return is_overlong || is_surrogate || is_beyond ? 0 : length;
}

static void quote(struct json *json, const char *text)
{
    capdl_text_add(json->out, "\"", 1);
    while (*text != '\0') {
        size_t length = character(text);
        if (length == 0) {
            capdl_text_printf(json->out, "\\ufffd");
            text++;
        } else if (*text == '"' || *text == '\\') {
            capdl_text_printf(json->out, "\\%c", *text++);
        } else if ((uint8_t)*text < 0x20) {
            capdl_text_printf(json->out, "\\u%04x", (unsigned)(uint8_t)*text++);
        } else {
            capdl_text_add(json->out, text, length);
            text += length;
        }
    }
    capdl_text_add(json->out, "\"", 1);
}

void json_open(struct json *json, const char *key, char bracket)
{
    begin(json, key);
    capdl_text_add(json->out, &bracket, 1);
    json->depth++;
    json->has_before = false;
}

void json_close(struct json *json, char bracket)
{
    json->depth--;
    if (json->has_before) {
        capdl_text_add(json->out, "\n", 1);
        for (uint32_t i = 0; i < json->depth; i++) {
            capdl_text_add(json->out, " ", 1);
        }
    }
    capdl_text_add(json->out, &bracket, 1);
    json->has_before = true;
    if (json->depth == 0) {
        capdl_text_add(json->out, "\n", 1);
    }
}

void json_number(struct json *json, const char *key, uint64_t value)
{
    begin(json, key);
    capdl_text_printf(json->out, "%llu", (unsigned long long)value);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin(json, key);
    capdl_text_printf(json->out, "%s", value ? "true" : "false");
}

void json_null(struct json *json, const char *key)
{
    begin(json, key);
    capdl_text_printf(json->out, "null");
}

void json_string(struct json *json, const char *key, const char *value)
{
    begin(json, key);
    quote(json, value);
}
