/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The parser: object declarations and their attributes
 *
 * Attributes are read without regard to the object's type; objects.c judges them later.
 */
#include "parser.h"

#include <string.h>

enum attr_syntax {
    SYNTAX_NUMBER,
    SYNTAX_BOOL,
    SYNTAX_TRIGGER,
    SYNTAX_PORTS,
    SYNTAX_LIST,
    SYNTAX_FILL,
    SYNTAX_WORD
};

static const struct {
    const char *word;
    enum ast_attr_kind kind;
    enum attr_syntax syntax;
} attr_words[] = {
    { "paddr", ATTR_PADDR, SYNTAX_NUMBER },
    { "fill", ATTR_FILL, SYNTAX_FILL },
    { "asid_high", ATTR_ASID_HIGH, SYNTAX_NUMBER },
    { "addr", ATTR_ADDR, SYNTAX_NUMBER },
    { "ip", ATTR_IP, SYNTAX_NUMBER },
    { "sp", ATTR_SP, SYNTAX_NUMBER },
    { "prio", ATTR_PRIO, SYNTAX_NUMBER },
    { "max_prio", ATTR_MAX_PRIO, SYNTAX_NUMBER },
    { "affinity", ATTR_AFFINITY, SYNTAX_NUMBER },
    { "resume", ATTR_RESUME, SYNTAX_BOOL },
    { "fpu_disabled", ATTR_FPU_DISABLED, SYNTAX_BOOL },
    { "dom", ATTR_DOM, SYNTAX_NUMBER },
    { "fault_ep", ATTR_FAULT_EP, SYNTAX_NUMBER },
    { "counter_access", ATTR_COUNTER_ACCESS, SYNTAX_NUMBER },
    { "init", ATTR_INIT, SYNTAX_LIST },
    { "period", ATTR_PERIOD, SYNTAX_NUMBER },
    { "budget", ATTR_BUDGET, SYNTAX_NUMBER },
    { "data", ATTR_DATA, SYNTAX_NUMBER },
    { "ioapic_num", ATTR_IOAPIC_NUM, SYNTAX_NUMBER },
    { "ioapic_pin", ATTR_IOAPIC_PIN, SYNTAX_NUMBER },
    { "ioapic_level", ATTR_IOAPIC_LEVEL, SYNTAX_NUMBER },
    { "ioapic_polarity", ATTR_IOAPIC_POLARITY, SYNTAX_NUMBER },
    { "msi_handle", ATTR_MSI_HANDLE, SYNTAX_NUMBER },
    { "msi_pci_bus", ATTR_MSI_BUS, SYNTAX_NUMBER },
    { "msi_pci_dev", ATTR_MSI_DEV, SYNTAX_NUMBER },
    { "msi_pci_fun", ATTR_MSI_FUN, SYNTAX_NUMBER },
    { "trigger", ATTR_TRIGGER, SYNTAX_TRIGGER },
    { "target", ATTR_TARGET, SYNTAX_NUMBER },
    { "ports", ATTR_PORTS, SYNTAX_PORTS },
    { "domainID", ATTR_DOMAIN_ID, SYNTAX_NUMBER },
    { "level", ATTR_LEVEL, SYNTAX_NUMBER },
    { "iospace", ATTR_IOSPACE, SYNTAX_NUMBER },
    { "bank", ATTR_BANK, SYNTAX_NUMBER },
    { "irq", ATTR_IRQ, SYNTAX_NUMBER },
    { "elf", ATTR_ELF, SYNTAX_WORD },
};

/* "12 bits", "4k", "2M", "2:3.1", from behind the number */
static bool parse_number_attr(struct parser *parser, struct ast_attr *attr)
{
    uint64_t number = attr->value[0];
    uint32_t shift = 0;
    if (parser_take_word(parser, "bits")) {
        attr->kind = ATTR_BITS;
        return true;
    }
    if (parser_take(parser, ':')) {
        const char *remedy = "a PCI address is bus:device.function";
        attr->kind = ATTR_BDF;
        return parser_want_number(parser, &attr->value[1], remedy) &&
               parser_want(parser, '.', remedy) &&
               parser_want_number(parser, &attr->value[2], remedy);
    }
    if (token_is(&parser->token, "k")) {
        shift = 10;
    } else if (token_is(&parser->token, "M")) {
        shift = 20;
    } else {
        return parser_expected(parser, "\"bits\", \"k\" or \"M\"",
                               "write a size: \"12 bits\", \"4k\", \"2M\" (1 GiB is 1024M)");
    }
    attr->kind = ATTR_SIZE;
    /* A size that does not fit becomes 0, which no frame has. */
    attr->value[0] = number > UINT64_MAX >> shift ? 0 : number << shift;
    parser_advance(parser);
    if (token_is(&parser->token, "ports")) {
        return parser_expected(parser, "\")\"", "write io_ports (ports: [FIRST..LAST])");
    }
    return true;
}

static bool word_number(const struct token *word, uint64_t *number)
{
    struct lexer lexer;
    struct capdl_diags ignored = { 0 };
    lexer_start(&lexer, word->text, word->length, &ignored);
    struct token token = lexer_next(&lexer);
    bool good =
        token.kind == TOKEN_NUMBER && token.length == word->length && ignored.error_count == 0;
    capdl_diags_free(&ignored);
    *number = token.number;
    return good;
}

static uint32_t word_name(struct capdl_spec *spec, const struct token *word)
{
    const char *text = word->text;
    size_t length = word->length;
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
        text++;
        length -= 2;
    }
    return capdl_name(spec, text, length);
}

/* OFF LEN CDL_FrameFill_FileData FILE FOFF, or OFF LEN CDL_FrameFill_BootInfo BLOCK SOFF */
static void fill_understand(struct capdl_spec *spec, const struct token *words, uint32_t count,
                            struct capdl_fill *fill)
{
    if (count != 5 || !word_number(&words[0], &fill->offset) ||
        !word_number(&words[1], &fill->length) || !word_number(&words[4], &fill->source)) {
        return;
    }
    if (token_is(&words[2], "CDL_FrameFill_FileData")) {
        fill->file = word_name(spec, &words[3]);
        fill->is_understood = true;
    } else if (token_is(&words[2], "CDL_FrameFill_BootInfo")) {
        fill->block_word = word_name(spec, &words[3]);
        fill->is_understood = true;
    }
}

/* "{ words }", from before the opening brace. The lexer stands right behind the current token. */
static bool parse_fill(struct parser *parser)
{
    struct ast *ast = parser->ast;
    struct capdl_fill fill = { .file = CAPDL_NONE, .block_word = CAPDL_NONE };
    struct capdl_text joined = { 0 };
    struct token words[5];
    struct token word;
    uint32_t count = 0;
    fill.pos = parser->token.pos;
    if (!token_is_symbol(&parser->token, '{')) {
        return parser_expected(
            parser, "\"{\"", "write fill: [{OFFSET LENGTH CDL_FrameFill_FileData \"FILE\" START}]");
    }
    while (lexer_raw_word(&parser->lexer, &word)) {
        if (count < 5) {
            words[count] = word;
        }
        capdl_text_printf(&joined, "%s%.*s", count == 0 ? "" : " ", (int)word.length, word.text);
        count++;
    }
    fill_understand(ast->spec, words, count, &fill);
    fill.words = capdl_name(ast->spec, joined.bytes == NULL ? "" : joined.bytes, joined.length);
    capdl_text_free(&joined);
    CAPDL_PUSH(ast->spec->fills, ast->spec->fill_count, ast->spec->fill_capacity, fill);
    parser_advance(parser);
    return parser_want(parser, '}', "close the fill with \"}\"");
}

static bool parse_fills(struct parser *parser, struct ast_attr *attr)
{
    attr->first = parser->ast->spec->fill_count;
    if (!parser_want(parser, '[', "write fill: [{...}]")) {
        return false;
    }
    if (parser_take(parser, ']')) {
        return true;
    }
    do {
        if (!parse_fill(parser)) {
            return false;
        }
        attr->count++;
    } while (parser_take(parser, ','));
    return parser_want(parser, ']', "close the list of fills with \"]\"");
}

static bool parse_list(struct parser *parser, struct ast_attr *attr)
{
    struct capdl_spec *spec = parser->ast->spec;
    const char *remedy = "write init: [N, N, ...]";
    attr->first = spec->word_count;
    if (!parser_want(parser, '[', remedy)) {
        return false;
    }
    if (parser_take(parser, ']')) {
        return true;
    }
    do {
        uint64_t number = 0;
        if (!parser_want_number(parser, &number, remedy)) {
            return false;
        }
        CAPDL_PUSH(spec->words, spec->word_count, spec->word_capacity, number);
        attr->count++;
    } while (parser_take(parser, ','));
    return parser_want(parser, ']', remedy);
}

static bool parse_ports(struct parser *parser, struct ast_attr *attr)
{
    const char *remedy = "write ports: [FIRST..LAST], both inclusive";
    if (!parser_want(parser, '[', remedy) || !parser_want_number(parser, &attr->value[0], remedy)) {
        return false;
    }
    if (parser->token.kind != TOKEN_DOTS) {
        return parser_expected(parser, "\"..\"", remedy);
    }
    parser_advance(parser);
    return parser_want_number(parser, &attr->value[1], remedy) && parser_want(parser, ']', remedy);
}

static bool parse_choice(struct parser *parser, const char *zero, const char *one,
                         struct ast_attr *attr, const char *what)
{
    if (!token_is(&parser->token, zero) && !token_is(&parser->token, one)) {
        return parser_expected(parser, what, "write one of these two words, spelled exactly so");
    }
    attr->value[0] = token_is(&parser->token, one);
    parser_advance(parser);
    return true;
}

static bool parse_attr_value(struct parser *parser, enum attr_syntax syntax, struct ast_attr *attr)
{
    switch (syntax) {
    case SYNTAX_NUMBER:
        return parser_want_number(parser, &attr->value[0], "this attribute is a number");
    case SYNTAX_BOOL: return parse_choice(parser, "False", "True", attr, "True or False");
    case SYNTAX_TRIGGER: return parse_choice(parser, "level", "edge", attr, "level or edge");
    case SYNTAX_PORTS: return parse_ports(parser, attr);
    case SYNTAX_LIST: return parse_list(parser, attr);
    case SYNTAX_FILL: return parse_fills(parser, attr);
    case SYNTAX_WORD:
        if (parser->token.kind == TOKEN_WORD) {
            parser_advance(parser);
        }
        return true;
    }
    return false;
}

static bool parse_attr(struct parser *parser, struct ast_attr *attr)
{
    attr->pos = parser->token.pos;
    if (parser->token.kind == TOKEN_NUMBER) {
        attr->value[0] = parser->token.number;
        parser_advance(parser);
        return parse_number_attr(parser, attr);
    }
    for (size_t i = 0; i < sizeof(attr_words) / sizeof(attr_words[0]); i++) {
        if (token_is(&parser->token, attr_words[i].word)) {
            attr->kind = attr_words[i].kind;
            parser_advance(parser);
            return parser_want(parser, ':', "attributes are written \"name: value\"") &&
                   parse_attr_value(parser, attr_words[i].syntax, attr);
        }
    }
    return parser_expected(
        parser, "an attribute",
        "see the list of attributes of each object type in capdl/lang/README.md");
}

bool parse_attrs(struct parser *parser, struct ast_decl *decl)
{
    struct ast *ast = parser->ast;
    decl->first_attr = ast->attr_count;
    if (parser_take(parser, ')')) {
        return true;
    }
    do {
        struct ast_attr attr = { 0 };
        if (!parse_attr(parser, &attr)) {
            return false;
        }
        CAPDL_PUSH(ast->attrs, ast->attr_count, ast->attr_capacity, attr);
        decl->attr_count++;
    } while (parser_take(parser, ','));
    return parser_want(parser, ')', "separate attributes by commas, close them with \")\"");
}

/* Words that mean a type to people, or did once. */
static const struct {
    const char *word, *remedy;
} old_kinds[] = {
    { "untyped", "write \"ut\"" },        { "endpoint", "write \"ep\"" },
    { "thread", "write \"tcb\"" },        { "page_table", "write \"pt\"" },
    { "page_directory", "write \"pd\"" }, { "reply", "write \"rtreply\"" },
    { "sched_context", "write \"sc\"" },
};

static bool parse_kind(struct parser *parser, struct ast_decl *decl)
{
    char word[32] = "";
    decl->kind_pos = parser->token.pos;
    if (parser->token.kind == TOKEN_WORD && parser->token.length < sizeof(word)) {
        memcpy(word, parser->token.text, parser->token.length);
    }
    decl->kind = capdl_kind_find(word);
    if (strcmp(word, "aep") == 0) {
        decl->kind = CAPDL_NOTIFICATION;
        capdl_warning(parser->ast->diags, decl->kind_pos, "\"aep\" is an old word");
        capdl_remedy(parser->ast->diags, "write \"notification\"");
    }
    for (size_t i = 0; i < sizeof(old_kinds) / sizeof(old_kinds[0]); i++) {
        if (token_is(&parser->token, old_kinds[i].word)) {
            return parser_expected(parser, "an object type", old_kinds[i].remedy);
        }
    }
    if (decl->kind == CAPDL_KIND_COUNT) {
        return parser_expected(parser, "an object type",
                               "types are: ep notification tcb cnode ut asid_pool frame pt pd pud "
                               "pgd irq arm_irq arm_sgi_signal vcpu sc rtreply smc, and those of "
                               "other architectures");
    }
    parser_advance(parser);
    return true;
}

static bool parse_decl(struct parser *parser, uint32_t depth, uint32_t *self);

/* Children of an untyped, from behind the opening brace. */
static bool parse_children(struct parser *parser, uint32_t depth, uint32_t self)
{
    struct ast *ast = parser->ast;
    uint32_t last = CAPDL_NONE;
    ast->decls[self].has_children = true;
    while (parser_more(parser)) {
        uint32_t child = CAPDL_NONE;
        if (!parse_decl(parser, depth + 1, &child)) {
            parser_recover(parser);
            continue;
        }
        if (last == CAPDL_NONE) {
            ast->decls[self].first_child = child;
        } else {
            ast->decls[last].next = child;
        }
        last = child;
        parser_take(parser, ',');
    }
    return parser->errors < PARSER_ERRORS_MAX &&
           parser_want(parser, '}', "close the list of children with \"}\"");
}

/* A declaration; below section level also a plain reference. */
static bool parse_decl(struct parser *parser, uint32_t depth, uint32_t *self)
{
    struct ast *ast = parser->ast;
    struct ast_decl decl = { .pos = parser->token.pos,
                             .first_child = CAPDL_NONE,
                             .next = CAPDL_NONE,
                             .first_part = ast->ref_count };
    if (depth > PARSER_DEPTH_MAX) {
        return parser_expected(parser, "fewer levels of untypeds",
                               "refer to inner untypeds by name instead of nesting them");
    }
    do {
        struct ast_ref ref;
        if (!parser_want_ref(parser, &ref)) {
            return false;
        }
        CAPDL_PUSH(ast->refs, ast->ref_count, ast->ref_capacity, ref);
        decl.part_count++;
    } while (parser_take(parser, '/'));
    if (token_is_symbol(&parser->token, '.')) {
        return parser_expected(parser, "\"=\"", "write \"untyped[index]/object = type\"");
    }
    if (!parser_take(parser, '=')) {
        if (depth == 0 || decl.part_count != 1) {
            return parser_expected(parser, "\"=\"", "declare an object with \"name = type\"");
        }
        decl.is_reference = true;
    } else if (!parse_kind(parser, &decl) ||
               (parser_take(parser, '(') && !parse_attrs(parser, &decl))) {
        return false;
    }
    *self = ast->decl_count;
    CAPDL_PUSH(ast->decls, ast->decl_count, ast->decl_capacity, decl);
    if (!decl.is_reference && parser_take(parser, '{')) {
        return parse_children(parser, depth, *self);
    }
    return true;
}

void parse_objects(struct parser *parser)
{
    struct ast *ast = parser->ast;
    while (parser_more(parser)) {
        uint32_t decl = CAPDL_NONE;
        if (!parse_decl(parser, 0, &decl)) {
            parser_recover(parser);
            continue;
        }
        if (ast->last_decl == CAPDL_NONE) {
            ast->first_decl = decl;
        } else {
            ast->decls[ast->last_decl].next = decl;
        }
        ast->last_decl = decl;
    }
}
