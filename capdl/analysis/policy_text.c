/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Policies as they stand in the text
 */
#include "policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char MARK[] = "-- policy:";

static const char *const kind_words[] = {
    [POLICY_ISOLATED] = "isolated",
    [POLICY_NO_FLOW] = "no-flow",
    [POLICY_ONLY] = "only",
    [POLICY_AT_MOST] = "at-most",
};

enum { KIND_COUNT = sizeof(kind_words) / sizeof(kind_words[0]) };

/* By which word a key goes, and in which kinds it may stand. */
static const struct {
    const char *word;
    unsigned kinds;
    enum policy_key key;
} spellings[] = {
    { "a", 1u << POLICY_ISOLATED, KEY_A },
    { "b", 1u << POLICY_ISOLATED, KEY_B },
    { "from", 1u << POLICY_NO_FLOW, KEY_A },
    { "to", 1u << POLICY_NO_FLOW, KEY_B },
    { "class", 1u << POLICY_ISOLATED | 1u << POLICY_NO_FLOW, KEY_CLASS },
    { "trust", (1u << KIND_COUNT) - 1, KEY_TRUST },
    { "reason", (1u << KIND_COUNT) - 1, KEY_REASON },
    { "object", 1u << POLICY_ONLY | 1u << POLICY_AT_MOST, KEY_OBJECT },
    { "region", 1u << POLICY_ONLY | 1u << POLICY_AT_MOST, KEY_REGION },
    { "interrupt", 1u << POLICY_ONLY | 1u << POLICY_AT_MOST, KEY_INTERRUPT },
    { "component", 1u << POLICY_ONLY | 1u << POLICY_AT_MOST, KEY_COMPONENT },
    { "right", 1u << POLICY_ONLY | 1u << POLICY_AT_MOST, KEY_RIGHT },
    { "may", 1u << POLICY_ONLY, KEY_MAY },
    { "holders", 1u << POLICY_AT_MOST, KEY_HOLDERS },
    { "cpu", 1u << POLICY_AT_MOST, KEY_CPU },
    { "core", 1u << POLICY_AT_MOST, KEY_CORE },
    { "priority", 1u << POLICY_AT_MOST, KEY_PRIORITY },
    { "memory", 1u << POLICY_AT_MOST, KEY_MEMORY },
};

enum { SPELLING_COUNT = sizeof(spellings) / sizeof(spellings[0]) };

const char *policy_kind_words(enum policy_kind kind)
{
    return kind_words[kind];
}

void policy_wrong(const struct audit *audit, struct policy *policy, struct capdl_text *out,
                  const char *format, ...)
{
    va_list args;
    if (policy->is_wrong) {
        return;
    }
    policy->is_wrong = true;
    va_start(args, format);
    char *buffer = capdl_format(format, args);
    va_end(args);
    size_t length = strcspn(buffer, "\n");
    capdl_text_printf(out, "%s: error: %.*s\n  remedy: %s\n", audit_line_place(audit, policy->line),
                      (int)length, buffer, buffer[length] == '\0' ? "" : buffer + length + 1);
    free(buffer);
}

/* What is left of a line. */
struct rest {
    const char *at, *end;
};

static void skip_blanks(struct rest *rest)
{
    while (rest->at < rest->end && (*rest->at == ' ' || *rest->at == '\t' || *rest->at == '\r')) {
        rest->at++;
    }
}

/* The word up to a blank or one of the bytes; not terminated. */
static size_t word_take(struct rest *rest, const char *ends, const char **word)
{
    *word = rest->at;
    while (rest->at < rest->end && *rest->at != ' ' && strchr(ends, *rest->at) == NULL) {
        rest->at++;
    }
    return (size_t)(rest->at - *word);
}

static bool word_is(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(word, wanted, length) == 0;
}

/* KEY="VALUE"; false if it is none. */
static bool pair_read(const struct audit *audit, struct policy *policy, struct rest *rest,
                      struct capdl_text *out)
{
    const char *key, *value;
    size_t key_length = word_take(rest, "=", &key);
    bool has_value = rest->at + 1 < rest->end && rest->at[0] == '=' && rest->at[1] == '"';
    rest->at += has_value ? 2 : 0;
    const char *close = has_value ? memchr(rest->at, '"', (size_t)(rest->end - rest->at)) : NULL;
    if (close == NULL) {
        policy_wrong(audit, policy, out,
                     "after \"%.*s\" of a policy there is no value in quotes\nwrite KEY=\"VALUE\"",
                     (int)key_length, key);
        return false;
    }
    value = rest->at;
    rest->at = close + 1;
    for (size_t i = 0; i < SPELLING_COUNT; i++) {
        if (word_is(key, key_length, spellings[i].word) &&
            (spellings[i].kinds >> policy->kind & 1u) != 0) {
            char **place = &policy->words[spellings[i].key];
            if (*place == NULL) {
                *place = text_copy(value, (size_t)(close - value));
                return true;
            }
            policy_wrong(audit, policy, out, "\"%s\" stands twice in a policy\nremove one of them",
                         spellings[i].word);
            return false;
        }
    }
    struct capdl_text known = { 0 };
    for (size_t i = 0; i < SPELLING_COUNT; i++) {
        if ((spellings[i].kinds >> policy->kind & 1u) != 0) {
            capdl_text_printf(&known, " %s", spellings[i].word);
        }
    }
    policy_wrong(audit, policy, out, "a policy \"%s\" has no \"%.*s\"\nit may have:%s",
                 kind_words[policy->kind], (int)key_length, key, known.bytes);
    capdl_text_free(&known);
    return false;
}

static void policy_read(const struct audit *audit, struct policies *policies, struct rest rest,
                        uint32_t line, struct capdl_text *out)
{
    struct policy policy = { .line = line };
    const char *kind;
    skip_blanks(&rest);
    size_t length = word_take(&rest, "", &kind);
    unsigned found = 0;
    while (found < KIND_COUNT && !word_is(kind, length, kind_words[found])) {
        found++;
    }
    policy.kind = found == KIND_COUNT ? POLICY_ISOLATED : (enum policy_kind)found;
    if (found == KIND_COUNT) {
        policy_wrong(audit, &policy, out,
                     "there is no policy \"%.*s\"\nstate isolated, no-flow, only or at-most",
                     (int)length, kind);
    }
    for (skip_blanks(&rest); rest.at < rest.end && !policy.is_wrong; skip_blanks(&rest)) {
        pair_read(audit, &policy, &rest, out);
    }
    CAPDL_PUSH(policies->list, policies->count, policies->capacity, policy);
}

void policies_read(const struct audit *audit, struct policies *policies, struct capdl_text *out)
{
    const char *at = audit->text;
    const char *end = at == NULL ? NULL : at + audit->length;
    for (uint32_t line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct rest rest = { at, newline == NULL ? end : newline };
        skip_blanks(&rest);
        if (rest.end - rest.at >= (ptrdiff_t)(sizeof(MARK) - 1) &&
            memcmp(rest.at, MARK, sizeof(MARK) - 1) == 0) {
            rest.at += sizeof(MARK) - 1;
            policy_read(audit, policies, rest, line, out);
        }
        at = newline == NULL ? end : newline + 1;
    }
}

void policies_free(struct policies *policies)
{
    for (uint32_t i = 0; i < policies->count; i++) {
        for (unsigned key = 0; key < KEY_COUNT; key++) {
            free(policies->list[i].words[key]);
        }
    }
    free(policies->list);
    *policies = (struct policies){ 0 };
}
