/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Attributes and their values
 */
#include "value.h"

#include <inttypes.h>
#include <string.h>

static bool name_in(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; *at != '\0'; at += *at == ' ') {
        size_t word = strcspn(at, " ");
        if (word == length && memcmp(at, name, length) == 0) {
            return true;
        }
        at += word;
    }
    return false;
}

bool node_allow(struct composer *composer, const struct xml_node *node, const char *plain,
                const char *ours)
{
    struct diag *diag = &composer->diag;
    for (size_t i = 0; i < node->attributes.count; i++) {
        const struct xml_attribute *attribute = node->attributes.items[i];
        if (attribute->space == XML_TESSERA) {
            if (!name_in(ours, attribute->name)) {
                return diag_error(diag, node->at,
                                  "element '%s' has no attribute 't:%s'\n"
                                  "remove it%s%s",
                                  node->name, attribute->name,
                                  ours[0] == '\0' ? "" : ", or use one of: ", ours);
            }
        } else if (!name_in(plain, attribute->name)) {
            return diag_error(diag, node->at,
                              "element '%s' has no attribute '%s'\n"
                              "remove it%s%s",
                              node->name, attribute->name,
                              plain[0] == '\0' ? "" : ", or use one of: ", plain);
        } else if (attribute->space == XML_FOREIGN) {
            diag_warning(diag, node->at,
                         "attribute '%s' of '%s' has a foreign prefix and is ignored\n"
                         "write it without prefix",
                         attribute->name, node->name);
        }
    }
    return true;
}

void node_has_no_text(struct composer *composer, const struct xml_node *node)
{
    if (node->text_at.line != 0) {
        diag_warning(&composer->diag, node->text_at,
                     "text inside '%s' is ignored\n"
                     "remove it, or make it a comment",
                     node->name);
    }
}

void node_is_leaf(struct composer *composer, const struct xml_node *node)
{
    node_has_no_text(composer, node);
    if (node->children.count > 0) {
        const struct xml_node *child = node->children.items[0];
        diag_warning(&composer->diag, child->at,
                     "element '%s' inside '%s' is ignored\n"
                     "remove it, or move it to where it belongs",
                     child->name, node->name);
    }
}

bool node_unknown_child(struct composer *composer, const struct xml_node *parent,
                        const struct xml_node *child, const char *known)
{
    return diag_error(&composer->diag, child->at,
                      "element '%s%s' is not known inside '%s'\n"
                      "remove it, or use one of: %s",
                      child->space == XML_TESSERA ? "t:" : "", child->name, parent->name, known);
}

const char *node_label(const struct xml_node *node)
{
    const char *name = xml_attribute(node, XML_PLAIN, "name");
    return name == NULL ? node->name : name;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return 99;
}

bool number_parse(const char *text, uint64_t *value)
{
    /* Underscores are removed before anything else, so 0_x10 is 16: the format says so. */
    char plain[80];
    size_t length = 0;
    for (; *text != '\0'; text++) {
        if (*text == '_') {
            continue;
        }
        if (length + 1 == sizeof(plain)) {
            return false;
        }
        plain[length++] = *text;
    }
    plain[length] = '\0';
    const char *digits = plain;
    uint64_t base = 10;
    if (strncmp(digits, "0x", 2) == 0) {
        base = 16;
        digits += 2;
    }
    if (digits[0] == '+') {
        digits++;
    }
    if (digits[0] == '\0') {
        return false;
    }
    uint64_t sum = 0;
    for (; *digits != '\0'; digits++) {
        uint64_t digit = (uint64_t)digit_value(*digits);
        if (digit >= base || sum > (UINT64_MAX - digit) / base) {
            return false;
        }
        sum = sum * base + digit;
    }
    *value = sum;
    return true;
}

static bool number_from(struct composer *composer, const struct xml_node *node, const char *name,
                        const char *text, uint64_t *value)
{
    if (text == NULL || number_parse(text, value)) {
        return true;
    }
    return diag_error(&composer->diag, node->at,
                      "'%s' is no number: attribute '%s' of '%s'\n"
                      "write decimal digits, or 0x and hexadecimal digits, below 2^64",
                      text, name, node->name);
}

static bool missing(struct composer *composer, const struct xml_node *node, const char *name)
{
    return diag_error(&composer->diag, node->at,
                      "element '%s' lacks the attribute '%s'\n"
                      "add %s=\"...\"",
                      node->name, name, name);
}

bool read_number(struct composer *composer, const struct xml_node *node, const char *name,
                 uint64_t *value)
{
    return number_from(composer, node, name, xml_attribute(node, XML_PLAIN, name), value);
}

bool need_number(struct composer *composer, const struct xml_node *node, const char *name,
                 uint64_t *value)
{
    if (xml_attribute(node, XML_PLAIN, name) == NULL) {
        return missing(composer, node, name);
    }
    return read_number(composer, node, name, value);
}

bool need_id(struct composer *composer, const struct xml_node *node, const char *name,
             uint64_t limit, uint64_t *value)
{
    if (!need_number(composer, node, name, value)) {
        return false;
    }
    if (*value >= limit) {
        return diag_error(&composer->diag, node->at,
                          "%s %" PRIu64 " of '%s' is too large\n"
                          "use 0 to %" PRIu64,
                          name, *value, node->name, limit - 1);
    }
    return true;
}

static bool flag_from(struct composer *composer, const struct xml_node *node, const char *name,
                      const char *text, bool *value)
{
    if (text == NULL) {
        return true;
    }
    if (!text_equal(text, "true") && !text_equal(text, "false")) {
        return diag_error(&composer->diag, node->at,
                          "'%s' is neither true nor false: attribute '%s' of '%s'\n"
                          "write true or false, in lower case",
                          text, name, node->name);
    }
    *value = text_equal(text, "true");
    return true;
}

bool read_flag(struct composer *composer, const struct xml_node *node, const char *name,
               bool *value)
{
    return flag_from(composer, node, name, xml_attribute(node, XML_PLAIN, name), value);
}

bool need_string(struct composer *composer, const struct xml_node *node, const char *name,
                 const char **value)
{
    const char *text = xml_attribute(node, XML_PLAIN, name);
    if (text == NULL) {
        return missing(composer, node, name);
    }
    *value = text;
    return true;
}

bool read_our_flag(struct composer *composer, const struct xml_node *node, const char *name,
                   bool *value)
{
    return flag_from(composer, node, name, xml_attribute(node, XML_TESSERA, name), value);
}

bool read_our_number(struct composer *composer, const struct xml_node *node, const char *name,
                     uint64_t *value)
{
    return number_from(composer, node, name, xml_attribute(node, XML_TESSERA, name), value);
}
