/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The parser: sections, names, and going on after a mistake
 */
#include "parser.h"

#include <stdlib.h>
#include <string.h>

void ast_free(struct ast *ast)
{
    free(ast->refs);
    free(ast->ranges);
    free(ast->attrs);
    free(ast->decls);
    free(ast->params);
    free(ast->entries);
    free(ast->blocks);
    free(ast->slot_names);
    free(ast->irqs);
    free(ast->edges);
}

void parser_advance(struct parser *parser)
{
    parser->token = lexer_next(&parser->lexer);
}

bool parser_expected(struct parser *parser, const char *what, const char *remedy)
{
    const struct token *token = &parser->token;
    parser->errors++;
    if (token->kind == TOKEN_END) {
        capdl_error(parser->ast->diags, token->pos, "expected %s, found the end of the file", what);
    } else {
        int length = token->length > 60 ? 60 : (int)token->length;
        capdl_error(parser->ast->diags, token->pos, "expected %s, found \"%.*s\"", what, length,
                    token->text);
    }
    capdl_remedy(parser->ast->diags, "%s", remedy);
    return false;
}

bool parser_take(struct parser *parser, char symbol)
{
    if (!token_is_symbol(&parser->token, symbol)) {
        return false;
    }
    parser_advance(parser);
    return true;
}

bool parser_want(struct parser *parser, char symbol, const char *remedy)
{
    char what[4] = { '"', symbol, '"', '\0' };
    return parser_take(parser, symbol) || parser_expected(parser, what, remedy);
}

bool parser_take_word(struct parser *parser, const char *word)
{
    if (!token_is(&parser->token, word)) {
        return false;
    }
    parser_advance(parser);
    return true;
}

bool parser_want_number(struct parser *parser, uint64_t *number, const char *remedy)
{
    if (parser->token.kind != TOKEN_NUMBER) {
        return parser_expected(parser, "a number", remedy);
    }
    *number = parser->token.number;
    parser_advance(parser);
    return true;
}

static bool is_reserved(const struct token *token)
{
    return token_is(token, "objects") || token_is(token, "caps");
}

bool parser_want_name(struct parser *parser, uint32_t *name)
{
    if (parser->token.kind != TOKEN_WORD) {
        return parser_expected(parser, "a name", "names start with a letter");
    }
    if (is_reserved(&parser->token)) {
        return parser_expected(parser, "a name",
                               "\"objects\" and \"caps\" are reserved; is a \"}\" missing before?");
    }
    *name = capdl_name(parser->ast->spec, parser->token.text, parser->token.length);
    parser_advance(parser);
    return true;
}

void parser_recover(struct parser *parser)
{
    uint64_t depth = 0;
    bool moved = false;
    while (parser->token.kind != TOKEN_END) {
        if (token_is_symbol(&parser->token, '{')) {
            depth++;
        } else if (token_is_symbol(&parser->token, '}')) {
            if (depth == 0) {
                return;
            }
            depth--;
        } else if (depth == 0) {
            if (token_is_symbol(&parser->token, ';')) {
                parser_advance(parser);
                return;
            }
            bool is_start = parser->token.kind == TOKEN_WORD || parser->token.kind == TOKEN_NUMBER;
            if (is_reserved(&parser->token) || (moved && parser->token.is_first && is_start)) {
                return;
            }
        }
        parser_advance(parser);
        moved = true;
    }
}

bool parser_more(struct parser *parser)
{
    return parser->token.kind != TOKEN_END && !token_is_symbol(&parser->token, '}') &&
           !is_reserved(&parser->token) && parser->errors < PARSER_ERRORS_MAX;
}

static bool parse_range(struct parser *parser)
{
    const char *remedy = "write [n], [a..b], [..b], [a..] or [], numbers from 0";
    struct ast *ast = parser->ast;
    struct ast_range range = { RANGE_ONE, 0, 0 };
    if (parser->token.kind == TOKEN_DOTS) {
        range.kind = RANGE_TO;
        parser_advance(parser);
        if (!parser_want_number(parser, &range.to, remedy)) {
            return false;
        }
    } else {
        if (!parser_want_number(parser, &range.from, remedy)) {
            return false;
        }
        if (parser->token.kind == TOKEN_DOTS) {
            range.kind = RANGE_FROM;
            parser_advance(parser);
            if (parser->token.kind == TOKEN_NUMBER) {
                range.kind = RANGE_FROM_TO;
                range.to = parser->token.number;
                parser_advance(parser);
            }
        }
    }
    CAPDL_PUSH(ast->ranges, ast->range_count, ast->range_capacity, range);
    return true;
}

bool parser_want_ref(struct parser *parser, struct ast_ref *ref)
{
    *ref = (struct ast_ref){ .pos = parser->token.pos };
    if (!parser_want_name(parser, &ref->name)) {
        return false;
    }
    ref->first_range = parser->ast->range_count;
    if (!parser_take(parser, '[')) {
        return true;
    }
    ref->is_bracketed = true;
    if (parser_take(parser, ']')) {
        return true;
    }
    do {
        if (!parse_range(parser)) {
            return false;
        }
        ref->range_count++;
    } while (parser_take(parser, ','));
    return parser_want(parser, ']', "close the index with \"]\"");
}

int parser_slot_word(const struct token *token)
{
    static const char *const words[] = {
        "cspace",        "vspace",  "reply_slot",         "caller_slot",        "ipc_buffer_slot",
        "fault_ep_slot", "sc_slot", "temp_fault_ep_slot", "bound_notification", "bound_vcpu",
    };
    for (int i = 0; i < (int)(sizeof(words) / sizeof(words[0])); i++) {
        if (token_is(token, words[i])) {
            return i;
        }
    }
    return -1;
}

bool parser_want_slot(struct parser *parser, uint64_t *slot)
{
    int known = parser_slot_word(&parser->token);
    if (known >= 0) {
        *slot = (uint64_t)known;
        parser_advance(parser);
        return true;
    }
    if (parser->token.kind != TOKEN_NUMBER) {
        return parser_expected(parser, "a slot",
                               "write a number, or cspace, vspace, ipc_buffer_slot, fault_ep_slot, "
                               "sc_slot, temp_fault_ep_slot, bound_notification, bound_vcpu");
    }
    return parser_want_number(parser, slot, "");
}

/* To the next line that starts with a section keyword. */
static void recover_section(struct parser *parser)
{
    static const char *const keywords[] = { "objects", "caps", "irq", "cdt", "domains" };
    while (parser->token.kind != TOKEN_END) {
        for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
            if (parser->token.is_first && token_is(&parser->token, keywords[i])) {
                return;
            }
        }
        parser_advance(parser);
    }
}

/* "{" items "}" */
static bool parse_braces(struct parser *parser, void (*items)(struct parser *))
{
    if (!parser_want(parser, '{', "put the contents of each section between { and }")) {
        return false;
    }
    items(parser);
    if (parser->errors >= PARSER_ERRORS_MAX) {
        return false;
    }
    return parser_want(parser, '}',
                       is_reserved(&parser->token)
                           ? "close the section with \"}\"; objects and caps cannot be names"
                           : "close the section with \"}\"");
}

static bool parse_section(struct parser *parser)
{
    if (parser_take_word(parser, "objects")) {
        return parse_braces(parser, parse_objects);
    }
    if (parser_take_word(parser, "caps")) {
        return parse_braces(parser, parse_caps);
    }
    if (parser_take_word(parser, "cdt")) {
        return parse_braces(parser, parse_cdt);
    }
    if (parser_take_word(parser, "domains")) {
        return parse_braces(parser, parse_domains);
    }
    if (token_is(&parser->token, "CDT")) {
        return parser_expected(parser, "a section",
                               "write cdt { (object, slot) { children } }, in small letters");
    }
    if (token_is(&parser->token, "irq_maps")) {
        return parser_expected(parser, "a section", "write \"irq maps\", two words");
    }
    if (parser_take_word(parser, "irq")) {
        if (!parser_take_word(parser, "maps")) {
            return parser_expected(parser, "\"maps\"", "the section is called \"irq maps\"");
        }
        return parse_braces(parser, parse_irqs);
    }
    return parser_expected(parser, "a section",
                           "sections are: objects, caps, irq maps, cdt, domains");
}

static bool parse_arch(struct parser *parser)
{
    const char *remedy = "start with \"arch aarch64\" (or ia32, x86_64, arm11, riscv)";
    if (!parser_take_word(parser, "arch")) {
        return parser_expected(parser, "\"arch\"", remedy);
    }
    char word[16] = "";
    if (parser->token.kind == TOKEN_WORD && parser->token.length < sizeof(word)) {
        memcpy(word, parser->token.text, parser->token.length);
    }
    parser->ast->spec->arch = capdl_arch_find(word);
    if (parser->ast->spec->arch == 0) {
        return parser_expected(parser, "an architecture", remedy);
    }
    parser_advance(parser);
    return true;
}

void parse_module(struct parser *parser)
{
    parser_advance(parser);
    if (!parse_arch(parser)) {
        recover_section(parser);
    }
    do {
        if (!parse_section(parser)) {
            recover_section(parser);
        }
    } while (parser->token.kind != TOKEN_END && parser->errors < PARSER_ERRORS_MAX);
}
