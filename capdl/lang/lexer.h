/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tokens of capDL text (private to the room)
 */
#pragma once

#include "model/model.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_WORD,
    TOKEN_DOTS, /* ".." */
    TOKEN_SYMBOL
};

struct token {
    enum token_kind kind;
    struct capdl_pos pos;
    bool is_first; /* on its line */
    char symbol;   /* TOKEN_SYMBOL */
    const char *text;
    size_t length;
    uint64_t number; /* TOKEN_NUMBER */
};

struct lexer {
    const char *at;
    const char *end;
    struct capdl_pos pos; /* of *at */
    bool line_is_empty;   /* nothing but white space so far on this line */
    struct capdl_diags *diags;
};

void lexer_start(struct lexer *lexer, const char *text, size_t length, struct capdl_diags *diags);

/* The next token. Characters that start no token are reported and skipped. */
struct token lexer_next(struct lexer *lexer);

/*
 * The next raw word of a fill directive: characters other than white space and '}'. Returns false
 * at '}' (not taken) and at the end.
 */
bool lexer_raw_word(struct lexer *lexer, struct token *word);

/* Has the text the given word here? For messages: print with %.*s. */
bool token_is(const struct token *token, const char *word);
bool token_is_symbol(const struct token *token, char symbol);
