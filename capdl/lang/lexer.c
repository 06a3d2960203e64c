/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tokens of capDL text
 *
 * Words may contain letters of any script: every non-ASCII character that is not a space counts as
 * a letter. Bytes that are no UTF-8 may stand in comments and fills only. Columns count characters, not bytes. Block comments nest, by a counter.
 *
 * Invariant: every call moves forward or returns TOKEN_END, so every loop over tokens ends.
 */
#include "lexer.h"

#include <string.h>

void lexer_start(struct lexer *lexer, const char *text, size_t length, struct capdl_diags *diags)
{
    text = length == 0 ? "" : text; /* an empty text may be no text at all */
    *lexer = (struct lexer){ text, text + length, { 1, 1 }, true, diags };
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        lexer->at += 3; /* byte-order mark */
    }
}

static uint8_t peek(const struct lexer *lexer, size_t ahead)
{
    return (size_t)(lexer->end - lexer->at) > ahead ? (uint8_t)lexer->at[ahead] : 0;
}

/* Bytes of the character at the cursor. Wrong UTF-8 counts byte by byte. */
static size_t character_length(const struct lexer *lexer)
{
    uint8_t first = peek(lexer, 0);
    uint8_t second = peek(lexer, 1);
    size_t length = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90)) {
        return 1; /* too long a form, half a pair, or beyond the last character */
    }
    for (size_t i = 1; i < length; i++) {
        if ((peek(lexer, i) & 0xc0) != 0x80) {
            return 1;
        }
    }
    return length;
}

static void step(struct lexer *lexer)
{
    if (*lexer->at == '\n') {
        lexer->pos.line++;
        lexer->pos.column = 1;
        lexer->line_is_empty = true;
        lexer->at++;
        return;
    }
    lexer->at += character_length(lexer);
    lexer->pos.column++;
}

/* The non-ASCII spaces: U+00A0, 1680, 2000-200A, 202F, 205F, 3000. */
static bool is_wide_space(const struct lexer *lexer)
{
    uint8_t a = peek(lexer, 0);
    uint8_t b = peek(lexer, 1);
    uint8_t c = peek(lexer, 2);
    if (a == 0xc2) {
        return b == 0xa0;
    }
    if (a == 0xe1) {
        return b == 0x9a && c == 0x80;
    }
    if (a == 0xe2) {
        return (b == 0x80 && ((c >= 0x80 && c <= 0x8a) || c == 0xaf)) || (b == 0x81 && c == 0x9f);
    }
    return a == 0xe3 && b == 0x80 && c == 0x80;
}

static bool is_space(const struct lexer *lexer)
{
    uint8_t c = peek(lexer, 0);
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x80 && is_wide_space(lexer));
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(const struct lexer *lexer)
{
    uint8_t c = peek(lexer, 0);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= 0x80 && character_length(lexer) > 1 && !is_wide_space(lexer));
}

static bool is_word_character(const struct lexer *lexer)
{
    uint8_t c = peek(lexer, 0);
    return is_letter(lexer) || is_digit(c) || c == '-' || c == '_' || c == '@' || c == '.';
}

/* Past a block comment, and those inside it. */
static void skip_block(struct lexer *lexer)
{
    struct capdl_pos start = lexer->pos;
    uint64_t depth = 0;
    do {
        if (lexer->at == lexer->end) {
            capdl_error(lexer->diags, start, "comment has no end");
            capdl_remedy(lexer->diags, "close it with */ (comments nest: one for each /*)");
            return;
        }
        if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
            depth++;
            step(lexer);
        } else if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
            depth--;
            step(lexer);
        }
        step(lexer);
    } while (depth > 0);
}

static void skip_space(struct lexer *lexer)
{
    while (lexer->at < lexer->end) {
        if (is_space(lexer)) {
            step(lexer);
        } else if (peek(lexer, 0) == '-' && peek(lexer, 1) == '-') {
            while (lexer->at < lexer->end && *lexer->at != '\n') {
                step(lexer);
            }
        } else if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
            skip_block(lexer);
        } else {
            return;
        }
    }
}

static uint32_t digit_value(uint8_t c)
{
    if (is_digit(c)) {
        return c - (uint32_t)'0';
    }
    uint8_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - (uint32_t)'a' + 10 : 99;
}

static void lex_number(struct lexer *lexer, struct token *token)
{
    uint32_t base = 10;
    uint8_t mark = peek(lexer, 1) | 0x20;
    bool overflow = false;
    if (peek(lexer, 0) == '0' && (mark == 'x' || mark == 'o')) {
        uint32_t wanted = mark == 'x' ? 16 : 8;
        if (digit_value(peek(lexer, 2)) < wanted) {
            base = wanted;
            step(lexer);
            step(lexer);
        }
    }
    token->kind = TOKEN_NUMBER;
    token->number = 0;
    while (digit_value(peek(lexer, 0)) < base) {
        uint32_t digit = digit_value(peek(lexer, 0));
        overflow = overflow || token->number > (UINT64_MAX - digit) / base;
        token->number = token->number * base + digit;
        step(lexer);
    }
    if (overflow) {
        capdl_error(lexer->diags, token->pos, "number does not fit into 64 bits");
        capdl_remedy(lexer->diags, "write a number below 2^64");
        token->number = 0;
    }
}

static void lex_symbol(struct lexer *lexer, struct token *token)
{
    token->kind = TOKEN_SYMBOL;
    token->symbol = *lexer->at;
    step(lexer);
    if (token->symbol == '.' && peek(lexer, 0) == '.') {
        token->kind = TOKEN_DOTS;
        step(lexer);
    }
}

struct token lexer_next(struct lexer *lexer)
{
    for (;;) {
        skip_space(lexer);
        struct token token = { .kind = TOKEN_END, .pos = lexer->pos, .text = lexer->at };
        token.is_first = lexer->line_is_empty;
        if (lexer->at == lexer->end) {
            return token;
        }
        lexer->line_is_empty = false;
        if (is_digit(peek(lexer, 0))) {
            lex_number(lexer, &token);
        } else if (is_letter(lexer)) {
            token.kind = TOKEN_WORD;
            while (lexer->at < lexer->end && is_word_character(lexer)) {
                step(lexer);
            }
        } else if (*lexer->at != '\0' && strchr("=(){}[],;:/<>.-", *lexer->at) != NULL) {
            lex_symbol(lexer, &token);
        } else {
            capdl_error(lexer->diags, token.pos, "character that means nothing here (byte 0x%02x)",
                        (unsigned)peek(lexer, 0));
            capdl_remedy(lexer->diags, "%s",
                         *lexer->at == '#'
                             ? "comments start with --; lines that the C preprocessor left are "
                               "skipped with --cpp"
                             : "remove it; comments start with -- or are put in /* */");
            step(lexer);
            continue;
        }
        token.length = (size_t)(lexer->at - token.text);
        return token;
    }
}

bool lexer_raw_word(struct lexer *lexer, struct token *word)
{
    skip_space(lexer);
    *word = (struct token){ .kind = TOKEN_WORD, .pos = lexer->pos, .text = lexer->at };
    lexer->line_is_empty = false;
    while (lexer->at < lexer->end && *lexer->at != '}' && !is_space(lexer)) {
        if (*lexer->at == '\0') {
            capdl_error(lexer->diags, lexer->pos, "zero byte in a word of a fill");
            capdl_remedy(lexer->diags, "remove it; a file name cannot contain one");
        }
        step(lexer);
    }
    word->length = (size_t)(lexer->at - word->text);
    return word->length > 0;
}

bool token_is(const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && token->length == strlen(word) &&
           memcmp(token->text, word, token->length) == 0;
}

bool token_is_symbol(const struct token *token, char symbol)
{
    return token->kind == TOKEN_SYMBOL && token->symbol == symbol;
}
