/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One page that shows a system
 *
 * The page holds both pictures and, as JSON, the components with all they can do and why, the
 * graph of influence, and the lines of the description that are the reasons. A script in the page
 * (page/page.js) answers from that; it asks no network for anything.
 */
#include "analysis/picture.h"

#include "analysis/lint.h"
#include "analysis/report.h"
#include "groups.h"
#include "page.h"

#include <stdlib.h>
#include <string.h>

/* Strings that occur often, each once. */
struct strings {
    char **list;
    uint32_t count, capacity;
    struct capdl_map map; /* hash -> number; a clash costs a second copy */
};

struct writer {
    const struct audit *audit;
    const struct flow_graph *graph;
    struct capdl_text *out;
    struct strings places, reasons;
};

static uint32_t string_number(struct strings *strings, const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = text; *at != '\0'; at++) {
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    }
    uint32_t known = capdl_map_get(&strings->map, 0, hash);
    if (known != UINT32_MAX && strcmp(strings->list[known], text) == 0) {
        return known;
    }
    capdl_map_set(&strings->map, 0, hash, strings->count);
    CAPDL_PUSH(strings->list, strings->count, strings->capacity, text_copy(text, strlen(text)));
    return strings->count - 1;
}

static void strings_free(struct strings *strings)
{
    for (uint32_t i = 0; i < strings->count; i++) {
        free(strings->list[i]);
    }
    free(strings->list);
    capdl_map_free(&strings->map);
}

/* A JSON string that is also safe between script tags. */
static void json_text(struct capdl_text *out, const char *text, size_t length)
{
    capdl_text_add(out, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&') {
            capdl_text_printf(out, "\\u%04x", c);
        } else {
            capdl_text_add(out, text + i, 1);
        }
    }
    capdl_text_add(out, "\"", 1);
}

static void json_name(struct capdl_text *out, const char *key, const char *text)
{
    capdl_text_printf(out, ",\"%s\":", key);
    json_text(out, text, strlen(text));
}

static uint32_t place_number(struct writer *writer, uint32_t cap)
{
    return string_number(&writer->places, audit_place(writer->audit, cap));
}

/* [power, node, phase, place, reason]: reason 0 is none. */
static void fact_json(struct writer *writer, uint32_t self, bool is_first)
{
    const struct audit *audit = writer->audit;
    const struct authority_fact *fact = &audit->closure->facts[self];
    struct capdl_text reason = { 0 };
    capdl_text_add(&reason, "", 0);
    report_derivation(audit, self, "", &reason);
    capdl_text_printf(writer->out, "%s[%u,%u,%u,%u,%u]", is_first ? "" : ",", (unsigned)fact->power,
                      fact->node, (unsigned)fact->phase, place_number(writer, fact->origin),
                      string_number(&writer->reasons, reason.bytes));
    capdl_text_free(&reason);
}

static void subject_json(struct writer *writer, const struct picture *picture, uint32_t self)
{
    const struct audit *audit = writer->audit;
    const struct audit_subject *subject = &audit->subjects[self];
    struct capdl_text *out = writer->out;
    uint8_t *classes = flow_reach(writer->graph, self);
    capdl_text_printf(
        out, "%s{\"place\":%u,\"guest\":%u,\"trusted\":%u,\"group\":%u", self == 0 ? "" : ",",
        string_number(&writer->places, audit_object_place(audit, subject->thread)),
        subject->is_guest ? 1u : 0u, subject->is_trusted ? 1u : 0u, picture->group_of[self]);
    json_name(out, "name", subject->name);
    capdl_text_printf(out, ",\"facts\":[");
    bool is_first = true;
    for (uint32_t i = audit->closure->first_fact[self]; i != AUTHORITY_NONE;
         i = audit->closure->facts[i].next) {
        fact_json(writer, i, is_first);
        is_first = false;
    }
    capdl_text_printf(out, "],\"reach\":\"");
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        capdl_text_printf(out, "%u", (unsigned)classes[i]);
    }
    capdl_text_printf(out, "\"}");
    free(classes);
}

static void nodes_json(struct writer *writer)
{
    const struct audit *audit = writer->audit;
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        const struct audit_node *node = &audit->nodes[i];
        capdl_text_printf(writer->out, "%s{\"kind\":%u,\"bytes\":%llu,\"place\":%u",
                          i == 0 ? "" : ",", (unsigned)audit->system.kinds[i],
                          (unsigned long long)node->bytes,
                          string_number(&writer->places, audit_object_place(audit, node->object)));
        json_name(writer->out, "name", node->name);
        json_name(writer->out, "words", node->words);
        capdl_text_printf(writer->out, "}");
    }
}

/* What powers over each kind of node are called, what steps are, and the turns. */
static void words_json(struct writer *writer)
{
    struct capdl_text *out = writer->out;
    capdl_text_printf(out, "],\"powers\":[");
    for (unsigned kind = 0; kind < NODE_KIND_COUNT; kind++) {
        capdl_text_printf(out, "%s[", kind == 0 ? "" : ",");
        for (unsigned power = 0; power < POWER_COUNT; power++) {
            const char *words = power_words((enum node_kind)kind, (enum power)power);
            capdl_text_printf(out, "%s\"%s\"", power == 0 ? "" : ",", words);
        }
        capdl_text_printf(out, "]");
    }
    capdl_text_printf(out, "],\"steps\":[");
    for (unsigned step = 0; step <= STEP_TIME; step++) {
        capdl_text_printf(out, "%s[\"%s\",\"%s\"]", step == 0 ? "" : ",",
                          step_words((enum step_kind)step, true),
                          step_words((enum step_kind)step, false));
    }
    capdl_text_printf(out, "],\"turns\":[");
    for (uint32_t i = 0; i < writer->graph->turn_count; i++) {
        capdl_text_printf(out, "%s\"core %llu, domain %llu\"", i == 0 ? "" : ",",
                          (unsigned long long)writer->graph->turns[i].core,
                          (unsigned long long)writer->graph->turns[i].domain);
    }
}

/* [from, to, kind, phase, place, reason] */
static void flow_json(struct writer *writer)
{
    const struct flow_graph *graph = writer->graph;
    capdl_text_printf(writer->out, "],\"flow\":[");
    for (uint32_t i = 0; i < graph->edge_count; i++) {
        const struct flow_edge *edge = &graph->edges[i];
        struct capdl_text reason = { 0 };
        capdl_text_add(&reason, "", 0);
        if (edge->fact != AUTHORITY_NONE) {
            report_derivation(writer->audit, edge->fact, "", &reason);
        }
        capdl_text_printf(writer->out, "%s[%u,%u,%u,%u,%u,%u]", i == 0 ? "" : ",", edge->from,
                          edge->to, (unsigned)edge->kind, (unsigned)edge->phase,
                          place_number(writer, edge->origin),
                          string_number(&writer->reasons, reason.bytes));
        capdl_text_free(&reason);
    }
    capdl_text_printf(writer->out, "]");
}

static void picture_json(struct writer *writer, const struct picture *picture)
{
    struct capdl_text *out = writer->out;
    capdl_text_printf(out, ",\"groups\":[");
    for (uint32_t i = 0; i < picture->group_count; i++) {
        capdl_text_printf(out, "%s{\"count\":%u", i == 0 ? "" : ",",
                          (unsigned)picture->groups[i].count);
        json_name(out, "name", picture->groups[i].name);
        capdl_text_printf(out, "}");
    }
    capdl_text_printf(out, "],\"edges\":[");
    for (uint32_t i = 0; i < picture->edge_count; i++) {
        const struct picture_edge *edge = &picture->edges[i];
        capdl_text_printf(out,
                          "%s{\"from\":%u,\"to\":%u,\"toNode\":%u,\"node\":%u,\"class\":\"%s\","
                          "\"reads\":%u,\"writes\":%u,\"places\":[%u%s",
                          i == 0 ? "" : ",", edge->from, edge->to, edge->to_node ? 1u : 0u,
                          edge->node, picture_class_words((enum picture_class)edge->class),
                          edge->reads ? 1u : 0u, edge->writes ? 1u : 0u,
                          place_number(writer, edge->caps[0]),
                          edge->caps[1] == AUTHORITY_NONE ? "]}" : ",");
        if (edge->caps[1] != AUTHORITY_NONE) {
            capdl_text_printf(out, "%u]}", place_number(writer, edge->caps[1]));
        }
    }
    capdl_text_printf(out, "]");
}

/* Last, when all are known. */
static void strings_json(struct writer *writer)
{
    struct capdl_text *out = writer->out;
    capdl_text_printf(out, ",\"reasons\":[");
    for (uint32_t i = 0; i < writer->reasons.count; i++) {
        capdl_text_printf(out, "%s", i == 0 ? "" : ",");
        json_text(out, writer->reasons.list[i], strlen(writer->reasons.list[i]));
    }
    capdl_text_printf(out, "],\"places\":[");
    for (uint32_t i = 0; i < writer->places.count; i++) {
        size_t length;
        const char *line = audit_place_line(writer->audit, writer->places.list[i], &length);
        capdl_text_printf(out, "%s[", i == 0 ? "" : ",");
        json_text(out, writer->places.list[i], strlen(writer->places.list[i]));
        capdl_text_printf(out, ",");
        json_text(out, line, length < LINE_SHOWN ? length : LINE_SHOWN);
        capdl_text_printf(out, "]");
    }
    capdl_text_printf(out, "]");
}

static void reports_json(struct writer *writer, const char *policies)
{
    struct findings findings = { 0 };
    struct capdl_text lints = { 0 };
    struct capdl_text budgets = { 0 };
    capdl_text_add(&lints, "", 0);
    lint_audit(writer->graph, &findings);
    findings_report(&findings, &lints);
    report_budgets(writer->audit, &budgets);
    capdl_text_printf(writer->out, ",\"findings\":%u", (unsigned)findings.count);
    json_name(writer->out, "lints", lints.bytes);
    json_name(writer->out, "budgets", budgets.bytes);
    json_name(writer->out, "policies", policies);
    findings_free(&findings);
    capdl_text_free(&lints);
    capdl_text_free(&budgets);
}

static const char *title_of(const struct audit *audit)
{
    const char *slash = strrchr(audit->file, '/');
    return audit->origin_file != NULL ? audit->origin_file
           : slash == NULL            ? audit->file
                                      : slash + 1;
}

void picture_html(const struct picture *picture, const struct picture_svg *svg,
                  const char *policies, struct capdl_text *out)
{
    struct writer writer = { .audit = picture->graph->audit, .graph = picture->graph, .out = out };
    string_number(&writer.places, "");
    string_number(&writer.reasons, "");
    capdl_text_printf(out, "%s", page_head);
    capdl_text_add(out, svg->whole.bytes, svg->whole.length);
    capdl_text_printf(out, "%s", page_between);
    capdl_text_add(out, svg->groups.bytes, svg->groups.length);
    capdl_text_printf(out, "%s{\"large\":%u", page_middle, picture->is_large ? 1u : 0u);
    json_name(out, "title", title_of(writer.audit));
    capdl_text_printf(out, ",\"components\":[");
    for (uint32_t i = 0; i < writer.audit->system.subject_count; i++) {
        subject_json(&writer, picture, i);
    }
    capdl_text_printf(out, "],\"nodes\":[");
    nodes_json(&writer);
    words_json(&writer);
    flow_json(&writer);
    picture_json(&writer, picture);
    capdl_text_printf(out, ",\"merged\":%s", svg->merged.bytes);
    reports_json(&writer, policies);
    strings_json(&writer);
    capdl_text_printf(out, "}%s", page_tail);
    strings_free(&writer.places);
    strings_free(&writer.reasons);
}
