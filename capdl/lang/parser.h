/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parts of the parser share (private to the room)
 *
 * A parse function returns false when it met a mistake; it has reported it then, and the caller
 * returns false too until somebody recovers (parser_recover) and goes on with the next item.
 * Recursion is bounded by PARSER_DEPTH_MAX.
 */
#pragma once

#include "ast.h"
#include "lexer.h"

#define PARSER_DEPTH_MAX  64
#define PARSER_ERRORS_MAX 20

struct parser {
    struct lexer lexer;
    struct token token; /* the one to look at */
    struct ast *ast;
    uint32_t errors;
};

void parser_advance(struct parser *parser);

/* Report that something else was wanted here. Returns false. */
bool parser_expected(struct parser *parser, const char *what, const char *remedy);

/* Take the token if it is that; the second reports if it is not. */
bool parser_take(struct parser *parser, char symbol);
bool parser_want(struct parser *parser, char symbol, const char *remedy);
bool parser_take_word(struct parser *parser, const char *word);
bool parser_want_number(struct parser *parser, uint64_t *number, const char *remedy);

/* A name: any word but the reserved ones. */
bool parser_want_name(struct parser *parser, uint32_t *name);

/* After a mistake in an item: to the next item of this pair of braces, or to its end. */
void parser_recover(struct parser *parser);

/* Are there more items between these braces? False at '}' (not taken), at the end of the text, at
 * a section keyword that cannot be a name, and after too many mistakes. */
bool parser_more(struct parser *parser);

/* name, name[], name[ranges] */
bool parser_want_ref(struct parser *parser, struct ast_ref *ref);

/* number or symbolic slot */
bool parser_want_slot(struct parser *parser, uint64_t *slot);

/* Slot of a symbolic slot word, or -1. */
int parser_slot_word(const struct token *token);

/* The sections, from behind the opening brace to before the closing one. */
void parse_objects(struct parser *parser);
void parse_caps(struct parser *parser);
void parse_irqs(struct parser *parser);
void parse_cdt(struct parser *parser);
void parse_domains(struct parser *parser);

/* "(...)" of a declaration and of a cap, from behind the opening parenthesis. */
bool parse_attrs(struct parser *parser, struct ast_decl *decl);
bool parse_params(struct parser *parser, struct ast_entry *entry);

/* The whole text. */
void parse_module(struct parser *parser);
