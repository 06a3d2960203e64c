/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The description as a tree of elements with exact positions
 *
 * When libxml2 reports an element it has consumed its start tag up to, but not including,
 * the '>'. A value may not hold a raw '<', so the last '<' before that offset is where the
 * element begins; line and column are counted from the text itself.
 */
#include "xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <limits.h>
#include <string.h>

static const char NAMESPACE[] = "urn:tessera:system:1";

struct reader {
    struct arena *arena;
    struct diag *diag;
    xmlParserCtxtPtr parser;
    const char *bytes;
    size_t length;
    struct list open; /* struct xml_node, the root first */
    struct xml_node *root;
    unsigned file; /* index of the file */
    bool failed;
    size_t counted; /* position of bytes[counted] is `position` */
    struct position position;
};

/* The position of an offset; offsets are asked in mostly rising order. */
static struct position position_at(struct reader *reader, size_t offset)
{
    if (offset > reader->length) {
        offset = reader->length;
    }
    if (offset < reader->counted || reader->position.line == 0) {
        reader->counted = 0;
        reader->position = (struct position){ 1, 1, reader->file };
    }
    while (reader->counted < offset) {
        unsigned char byte = (unsigned char)reader->bytes[reader->counted++];
        if (byte == '\n') {
            reader->position.line++;
            reader->position.column = 1;
        } else if ((byte & 0xc0) != 0x80) {
            reader->position.column++; /* once per character of UTF-8 */
        }
    }
    return reader->position;
}

static size_t consumed(const struct reader *reader)
{
    long offset = xmlByteConsumed(reader->parser);
    if (offset < 0 || (size_t)offset > reader->length) {
        return reader->length;
    }
    return (size_t)offset;
}

static enum xml_space space_of(const xmlChar *prefix, const xmlChar *uri)
{
    if (uri != NULL && strcmp((const char *)uri, NAMESPACE) == 0) {
        return XML_TESSERA;
    }
    return prefix == NULL ? XML_PLAIN : XML_FOREIGN;
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespaces, const xmlChar **namespace_list, int count, int defaulted,
                     const xmlChar **attributes)
{
    (void)namespaces, (void)namespace_list, (void)defaulted;
    struct reader *reader = context;
    struct xml_node *node = arena_alloc(reader->arena, sizeof(*node));
    size_t start = consumed(reader);
    start -= start == reader->length ? 1 : 0;
    while (start > 0 && reader->bytes[start] != '<') {
        start--;
    }
    node->at = position_at(reader, start);
    node->name = arena_copy(reader->arena, (const char *)name, strlen((const char *)name));
    node->space = space_of(prefix, uri);
    for (int i = 0; i < count; i++) {
        const xmlChar **part = attributes + 5 * i;
        struct xml_attribute *attribute = arena_alloc(reader->arena, sizeof(*attribute));
        const char *local = (const char *)part[0];
        attribute->name = arena_copy(reader->arena, local, strlen(local));
        attribute->value =
            arena_copy(reader->arena, (const char *)part[3], (size_t)(part[4] - part[3]));
        attribute->space = space_of(part[1], part[2]);
        list_add(reader->arena, &node->attributes, attribute);
    }
    if (reader->open.count > 0) {
        struct xml_node *parent = reader->open.items[reader->open.count - 1];
        list_add(reader->arena, &parent->children, node);
    } else {
        reader->root = node;
    }
    list_add(reader->arena, &reader->open, node);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)name, (void)prefix, (void)uri;
    struct reader *reader = context;
    if (reader->open.count > 0) {
        reader->open.count--;
    }
}

static void on_text(void *context, const xmlChar *text, int length)
{
    struct reader *reader = context;
    size_t blank = 0;
    size_t size = length < 0 ? 0 : (size_t)length;
    while (blank < size && strchr(" \t\r\n", text[blank]) != NULL) {
        blank++;
    }
    if (blank == size || reader->open.count == 0) {
        return;
    }
    struct xml_node *parent = reader->open.items[reader->open.count - 1];
    if (parent->text_at.line == 0) {
        /* The parser may stand before or behind the text it reports. */
        size_t offset = consumed(reader);
        if (offset >= size && memcmp(reader->bytes + offset - size, text, size) == 0) {
            offset -= size;
        }
        parent->text_at = position_at(reader, offset + blank);
    }
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    struct reader *reader = context;
    reader->failed = true;
    diag_error(reader->diag, position_at(reader, consumed(reader)),
               "a document type (DOCTYPE) is not accepted\n"
               "remove it; a description needs no document type and no entities");
    xmlStopParser(reader->parser);
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct reader *reader = context;
    if (error == NULL || error->level == XML_ERR_WARNING || reader->failed) {
        return;
    }
    struct position at = { error->line < 0 ? 0 : (unsigned)error->line,
                           error->int2 < 0 ? 0 : (unsigned)error->int2, reader->file };
    reader->failed = true;
    const char *message = error->message == NULL ? "unknown reason" : error->message;
    size_t length = strcspn(message, "\n");
    if (error->code == XML_NS_ERR_UNDEFINED_NAMESPACE) {
        diag_error(reader->diag, at,
                   "%.*s\n"
                   "declare the prefix in the root element; ours is xmlns:t=\"%s\"",
                   (int)length, message, NAMESPACE);
    } else {
        diag_error(reader->diag, at,
                   "not well-formed XML: %.*s\n"
                   "correct the text at or before this place",
                   (int)length, message);
    }
    xmlStopParser(reader->parser);
}

struct xml_node *xml_parse(struct arena *arena, struct diag *diag, const char *name,
                           const char *bytes, size_t length)
{
    struct position start = { 1, 1, diag_file(diag, name, bytes, length) };
    if (length == 0 || length > INT_MAX / 2) {
        diag_error(diag, start, "the file is %s\nwrite a system element",
                   length == 0 ? "empty" : "too large");
        return NULL;
    }
    struct reader reader = {
        .arena = arena, .diag = diag, .bytes = bytes, .length = length, .file = start.file
    };
    reader.parser = xmlCreateMemoryParserCtxt(bytes, (int)length);
    if (reader.parser == NULL) {
        diag_error(diag, start, "the file cannot be parsed\nwrite a system element");
        return NULL;
    }
    xmlCtxtUseOptions(reader.parser, XML_PARSE_NONET);
    *reader.parser->sax = (xmlSAXHandler){ .initialized = XML_SAX2_MAGIC,
                                           .startElementNs = on_start,
                                           .endElementNs = on_end,
                                           .characters = on_text,
                                           .internalSubset = on_doctype,
                                           .serror = on_error };
    reader.parser->userData = &reader;
    xmlParseDocument(reader.parser);
    bool good = reader.parser->wellFormed == 1 && reader.root != NULL;
    xmlFreeDoc(reader.parser->myDoc);
    reader.parser->myDoc = NULL;
    xmlFreeParserCtxt(reader.parser);
    if (!good && !reader.failed) {
        reader.failed = true;
        diag_error(diag, start, "not well-formed XML\ncorrect the text");
    }
    return reader.failed ? NULL : reader.root;
}

const char *xml_attribute(const struct xml_node *node, enum xml_space space, const char *name)
{
    for (size_t i = 0; i < node->attributes.count; i++) {
        const struct xml_attribute *attribute = node->attributes.items[i];
        if (attribute->space == space && text_equal(attribute->name, name)) {
            return attribute->value;
        }
    }
    return NULL;
}
