/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The parser: caps, interrupts, derivation, domains
 */
#include "parser.h"

#include <string.h>

/* Adds the rights a word spells; false if it is no such word. */
static bool rights_word(const struct token *token, uint64_t *rights)
{
    uint64_t found = 0;
    for (size_t i = 0; i < token->length && token->kind == TOKEN_WORD; i++) {
        switch (token->text[i]) {
        case 'R': found |= CAPDL_RIGHT_READ; break;
        case 'W': found |= CAPDL_RIGHT_WRITE; break;
        case 'G':
        case 'X': found |= CAPDL_RIGHT_GRANT; break;
        case 'P': found |= CAPDL_RIGHT_GRANT_REPLY; break;
        default: return false;
        }
    }
    *rights |= found;
    return found != 0;
}

static bool parse_rights(struct parser *parser, uint64_t *rights)
{
    if (!rights_word(&parser->token, rights)) {
        return parser_expected(parser, "rights",
                               "rights are letters: R read, W write, G grant, X execute, P grant "
                               "reply");
    }
    do {
        parser_advance(parser);
    } while (rights_word(&parser->token, rights));
    return true;
}

static const struct {
    const char *word;
    enum ast_param_kind kind;
} param_words[] = {
    { "masked", PARAM_MASKED },
    { "guard", PARAM_GUARD },
    { "guard_size", PARAM_GUARD_SIZE },
    { "badge", PARAM_BADGE },
    { "core", PARAM_CORE },
    { "reply", PARAM_REPLY },
    { "master_reply", PARAM_MASTER_REPLY },
    { "asid", PARAM_ASID },
    { "cached", PARAM_CACHED },
    { "uncached", PARAM_UNCACHED },
    { "mapping", PARAM_MAPPING },
    { "executable", PARAM_EXECUTABLE },
    { "execute_never", PARAM_EXECUTE_NEVER },
};

/* "(object, slot)", from behind the opening parenthesis */
static bool parse_pair(struct parser *parser, struct ast_ref *ref, uint64_t *slot)
{
    const char *remedy = "name a slot with (object, slot)";
    return parser_want_ref(parser, ref) && parser_want(parser, ',', remedy) &&
           parser_want_slot(parser, slot) && parser_want(parser, ')', remedy);
}

static bool parse_param_value(struct parser *parser, struct ast_param *param)
{
    const char *remedy = "parameters are written \"name: value\"";
    switch (param->kind) {
    case PARAM_MASKED:
        return parser_want(parser, ':', remedy) && parse_rights(parser, &param->value[0]);
    case PARAM_GUARD:
    case PARAM_GUARD_SIZE:
    case PARAM_BADGE:
    case PARAM_CORE:
        return parser_want(parser, ':', remedy) &&
               parser_want_number(parser, &param->value[0], remedy);
    case PARAM_ASID:
        remedy = "write asid: (HIGH, LOW)";
        return parser_want(parser, ':', remedy) && parser_want(parser, '(', remedy) &&
               parser_want_number(parser, &param->value[0], remedy) &&
               parser_want(parser, ',', remedy) &&
               parser_want_number(parser, &param->value[1], remedy) &&
               parser_want(parser, ')', remedy);
    case PARAM_MAPPING:
        remedy = "write mapping: (TABLE, SLOT)";
        return parser_want(parser, ':', remedy) && parser_want(parser, '(', remedy) &&
               parse_pair(parser, &param->table, &param->value[0]);
    default: return true;
    }
}

static bool parse_param(struct parser *parser, struct ast_param *param)
{
    param->pos = parser->token.pos;
    for (size_t i = 0; i < sizeof(param_words) / sizeof(param_words[0]); i++) {
        if (token_is(&parser->token, param_words[i].word)) {
            param->kind = param_words[i].kind;
            parser_advance(parser);
            return parse_param_value(parser, param);
        }
    }
    if (token_is(&parser->token, "ports")) {
        return parser_expected(parser, "a cap parameter",
                               "ports belong to the object: io_ports (ports: [FIRST..LAST])");
    }
    if (token_is(&parser->token, "mask")) {
        return parser_expected(parser, "a cap parameter", "write masked: RIGHTS");
    }
    if (token_is(&parser->token, "target")) {
        return parser_expected(parser, "a cap parameter",
                               "an SGI is an object: arm_sgi_signal (irq: N, target: N)");
    }
    param->kind = PARAM_RIGHTS;
    if (!rights_word(&parser->token, &param->value[0])) {
        return parser_expected(parser, "a cap parameter",
                               "parameters are: rights (letters R W G X P), badge: N, guard: N, "
                               "guard_size: N, masked: RIGHTS, cached, uncached, core: N, "
                               "mapping: (TABLE, SLOT), asid: (H, L), reply, master_reply");
    }
    return parse_rights(parser, &param->value[0]);
}

bool parse_params(struct parser *parser, struct ast_entry *entry)
{
    struct ast *ast = parser->ast;
    entry->first_param = ast->param_count;
    do {
        struct ast_param param = { 0 };
        if (!parse_param(parser, &param)) {
            return false;
        }
        CAPDL_PUSH(ast->params, ast->param_count, ast->param_capacity, param);
        entry->param_count++;
    } while (parser_take(parser, ','));
    return parser_want(parser, ')', "separate parameters by commas, close them with \")\"");
}

static bool parse_slot_ref(struct parser *parser, struct ast_slot_ref *slot)
{
    *slot = (struct ast_slot_ref){ 0 };
    if (parser_take(parser, '(')) {
        slot->is_pair = true;
        return parse_pair(parser, &slot->ref, &slot->slot);
    }
    return parser_want_ref(parser, &slot->ref);
}

/* The part behind "slot:" and "name =". */
static bool parse_cap(struct parser *parser, struct ast_entry *entry)
{
    if (parser_take(parser, '<')) {
        entry->is_copy = true;
        if (!parser_want_ref(parser, &entry->target) ||
            !parser_want(parser, '>', "close the name of the copied cap with \">\"")) {
            return false;
        }
    } else if (!parser_want_ref(parser, &entry->target)) {
        return false;
    }
    return true;
}

static bool parse_cap_tail(struct parser *parser, struct ast_entry *entry)
{
    if (parser_take(parser, '(') && !parse_params(parser, entry)) {
        return false;
    }
    if (parser_take(parser, '-')) {
        if (!parser_take_word(parser, "child_of")) {
            return parser_expected(parser, "\"child_of\"", "write \"- child_of (object, slot)\"");
        }
        entry->has_parent = true;
        return parse_slot_ref(parser, &entry->parent);
    }
    return true;
}

static bool parse_entry(struct parser *parser, struct ast_entry *entry)
{
    *entry = (struct ast_entry){ .pos = parser->token.pos };
    if (parser->token.kind == TOKEN_NUMBER) {
        entry->has_slot = true;
        if (!parser_want_slot(parser, &entry->slot) ||
            !parser_want(parser, ':', "write \"slot: cap\"")) {
            return false;
        }
    }
    int slot_word = entry->has_slot ? -1 : parser_slot_word(&parser->token);
    if (!parse_cap(parser, entry)) {
        return false;
    }
    /* A slot word is a slot if a colon follows; else it names an object. */
    if (token_is_symbol(&parser->token, ':') && !entry->has_slot && !entry->is_copy) {
        if (slot_word < 0 || entry->target.is_bracketed) {
            return parser_expected(parser, "a cap",
                                   "slots are numbers, or words such as cspace and vspace");
        }
        parser_advance(parser);
        entry->has_slot = true;
        entry->slot = (uint64_t)slot_word;
        if (!parse_cap(parser, entry)) {
            return false;
        }
    }
    if (!entry->is_copy && parser_take(parser, '=')) {
        entry->has_label = true;
        entry->label = entry->target;
        if (!parse_cap(parser, entry)) {
            return false;
        }
    }
    return parse_cap_tail(parser, entry);
}

static bool parse_block(struct parser *parser, const struct ast_ref *container)
{
    struct ast *ast = parser->ast;
    struct ast_block block = { *container, ast->entry_count, 0 };
    while (parser_more(parser)) {
        struct ast_entry entry;
        if (!parse_entry(parser, &entry)) {
            parser_recover(parser);
            continue;
        }
        CAPDL_PUSH(ast->entries, ast->entry_count, ast->entry_capacity, entry);
        block.entry_count++;
        parser_take(parser, ';');
        if (token_is_symbol(&parser->token, ',')) {
            parser_expected(parser, "an entry", "entries are separated by \";\" or by nothing");
            parser_advance(parser);
        }
    }
    CAPDL_PUSH(ast->blocks, ast->block_count, ast->block_capacity, block);
    return parser->errors < PARSER_ERRORS_MAX &&
           parser_want(parser, '}', "close the caps of this object with \"}\"");
}

/* "name = (object, slot)" or "object { entries }" */
static bool parse_caps_item(struct parser *parser)
{
    struct ast *ast = parser->ast;
    struct ast_ref ref;
    if (!parser_want_ref(parser, &ref)) {
        return false;
    }
    if (parser_take(parser, '{')) {
        return parse_block(parser, &ref);
    }
    if (token_is_symbol(&parser->token, '=') && !ref.is_bracketed) {
        struct ast_slot_name name = { .pos = ref.pos, .name = ref.name };
        name.slot.is_pair = true;
        parser_advance(parser);
        if (!parser_want(parser, '(', "name a slot with \"name = (object, slot)\"") ||
            !parse_pair(parser, &name.slot.ref, &name.slot.slot)) {
            return false;
        }
        CAPDL_PUSH(ast->slot_names, ast->slot_name_count, ast->slot_name_capacity, name);
        return true;
    }
    return parser_expected(parser, "\"{\"", "list the caps of an object with \"object { ... }\"");
}

void parse_caps(struct parser *parser)
{
    while (parser_more(parser)) {
        if (!parse_caps_item(parser)) {
            parser_recover(parser);
        }
    }
}

/* "[number:] interrupt"; as for caps, the colon alone makes a slot word a number */
static bool parse_irq(struct parser *parser, struct ast_irq *irq)
{
    const char *remedy = "write \"number: interrupt\"";
    *irq = (struct ast_irq){ .pos = parser->token.pos };
    if (parser->token.kind == TOKEN_NUMBER) {
        irq->has_number = true;
        return parser_want_number(parser, &irq->number, remedy) &&
               parser_want(parser, ':', remedy) && parser_want_ref(parser, &irq->target);
    }
    int slot_word = parser_slot_word(&parser->token);
    if (!parser_want_ref(parser, &irq->target)) {
        return false;
    }
    if (slot_word < 0 || irq->target.is_bracketed || !parser_take(parser, ':')) {
        return true;
    }
    irq->has_number = true;
    irq->number = (uint64_t)slot_word;
    return parser_want_ref(parser, &irq->target);
}

void parse_irqs(struct parser *parser)
{
    struct ast *ast = parser->ast;
    while (parser_more(parser)) {
        struct ast_irq irq;
        if (!parse_irq(parser, &irq)) {
            parser_recover(parser);
            continue;
        }
        CAPDL_PUSH(ast->irqs, ast->irq_count, ast->irq_capacity, irq);
        parser_take(parser, ';');
    }
}

/* "parent { children }" with nested nodes; or just a slot, below another. */
static bool parse_cdt_node(struct parser *parser, uint32_t depth, const struct ast_slot_ref *parent)
{
    struct ast *ast = parser->ast;
    struct ast_slot_ref self;
    if (depth > PARSER_DEPTH_MAX) {
        return parser_expected(parser, "fewer levels", "list inner parents one after the other");
    }
    if (!parse_slot_ref(parser, &self)) {
        return false;
    }
    if (parent != NULL) {
        struct ast_edge edge = { self, *parent };
        CAPDL_PUSH(ast->edges, ast->edge_count, ast->edge_capacity, edge);
    }
    if (!parser_take(parser, '{')) {
        return parent != NULL ||
               parser_expected(parser, "\"{\"", "write \"(object, slot) { children }\"");
    }
    while (parser_more(parser)) {
        if (!parse_cdt_node(parser, depth + 1, &self)) {
            return false;
        }
        parser_take(parser, ';');
    }
    return parser_want(parser, '}', "close the list of children with \"}\"");
}

void parse_cdt(struct parser *parser)
{
    while (parser_more(parser)) {
        if (!parse_cdt_node(parser, 0, NULL)) {
            parser_recover(parser);
        }
    }
}

/* "(domain, duration [unit])" */
static bool parse_schedule_entry(struct parser *parser)
{
    struct capdl_spec *spec = parser->ast->spec;
    const char *remedy = "write (DOMAIN, DURATION), with ticks or us behind the duration";
    struct capdl_schedule_entry entry = { .pos = parser->token.pos, .unit = CAPDL_TICKS };
    if (!parser_want(parser, '(', remedy) || !parser_want_number(parser, &entry.domain, remedy) ||
        !parser_want(parser, ',', remedy) || !parser_want_number(parser, &entry.duration, remedy)) {
        return false;
    }
    if (parser_take_word(parser, "us")) {
        entry.unit = CAPDL_US;
    } else {
        parser_take_word(parser, "ticks");
    }
    CAPDL_PUSH(spec->schedule, spec->schedule_count, spec->schedule_capacity, entry);
    return parser_want(parser, ')', remedy);
}

static bool parse_schedule(struct parser *parser)
{
    const char *remedy = "write schedule: [(DOMAIN, DURATION), ...]";
    if (!parser_want(parser, '[', remedy)) {
        return false;
    }
    do {
        if (!parse_schedule_entry(parser)) {
            return false;
        }
    } while (parser_take(parser, ',') && !token_is_symbol(&parser->token, ']'));
    return parser_want(parser, ']', remedy);
}

/* Remember where an item of which there is only one stands. */
static void note_once(struct parser *parser, struct capdl_pos *place, struct capdl_pos pos)
{
    if (place->line != 0) {
        capdl_error(parser->ast->diags, pos, "given twice; first in line %u", place->line);
        capdl_remedy(parser->ast->diags, "remove one of the two");
    }
    *place = pos;
}

static bool parse_domain_item(struct parser *parser)
{
    struct ast *ast = parser->ast;
    struct capdl_spec *spec = ast->spec;
    struct capdl_pos pos = parser->token.pos;
    const char *remedy = "items are \"name: value\"";
    if (parser_take_word(parser, "schedule")) {
        note_once(parser, &ast->schedule_pos, pos);
        spec->has_schedule = true;
        return parser_want(parser, ':', remedy) && parse_schedule(parser);
    }
    if (parser_take_word(parser, "index_shift")) {
        note_once(parser, &ast->shift_pos, pos);
        return parser_want(parser, ':', remedy) &&
               parser_want_number(parser, &spec->index_shift, remedy);
    }
    if (parser_take_word(parser, "domain_set_start")) {
        note_once(parser, &ast->start_pos, pos);
        if (!parser_want(parser, ':', remedy)) {
            return false;
        }
        spec->has_no_start = parser_take_word(parser, "no_start");
        spec->has_start = true;
        return spec->has_no_start ||
               parser_want_number(parser, &spec->domain_start, "write an index, or no_start");
    }
    if (token_is(&parser->token, "start_index")) {
        return parser_expected(parser, "an item of domains", "write domain_set_start: N");
    }
    return parser_expected(parser, "an item of domains",
                           "items are: schedule, domain_set_start, index_shift");
}

void parse_domains(struct parser *parser)
{
    while (parser_more(parser)) {
        if (!parse_domain_item(parser)) {
            parser_recover(parser);
        }
    }
}
