/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Named parameters of a description
 *
 * `<t:param name="N" default="V"/>` declares N; `${N}` in any attribute value stands for
 * what the command line says, else for the default. Values are put in once and not looked
 * at again, so a value cannot refer to another parameter.
 *
 * `t:only="A=B"` (or "A!=B"), after that, keeps its element only if A and B are equal (or
 * not), which lets a parameter choose parts of a system.
 */
#include "parameters.h"
#include "value.h"

#include <string.h>

struct parameter {
    const char *name;
    const char *value; /* NULL: has no default and was not given */
};

static bool name_is_good(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

static struct parameter *parameter_find(const struct list *parameters, const char *name,
                                        size_t length)
{
    for (size_t i = 0; i < parameters->count; i++) {
        struct parameter *parameter = parameters->items[i];
        if (strlen(parameter->name) == length && memcmp(parameter->name, name, length) == 0) {
            return parameter;
        }
    }
    return NULL;
}

/* The value that the command line gives, or NULL. */
static const char *parameter_given(const struct composer *composer, const char *name)
{
    const struct compose_options *options = composer->options;
    const char *value = NULL;
    for (size_t i = 0; i < options->parameter_count; i++) {
        if (text_equal(options->parameters[i].name, name)) {
            value = options->parameters[i].value;
        }
    }
    return value;
}

static bool parameter_declare(struct composer *composer, const struct xml_node *node,
                              struct list *parameters, bool again)
{
    struct parameter *parameter = arena_alloc(&composer->arena, sizeof(*parameter));
    if (!node_allow(composer, node, "name default", "") ||
        !need_string(composer, node, "name", &parameter->name)) {
        return false;
    }
    node_is_leaf(composer, node);
    if (!name_is_good(parameter->name)) {
        return diag_error(&composer->diag, node->at,
                          "'%s' cannot name a parameter\n"
                          "use letters, digits, '_' and '-'",
                          parameter->name);
    }
    if (parameter_find(parameters, parameter->name, strlen(parameter->name)) != NULL) {
        return again || diag_error(&composer->diag, node->at,
                                   "parameter '%s' is declared twice\n"
                                   "remove one of the two declarations",
                                   parameter->name);
    }
    parameter->value = parameter_given(composer, parameter->name);
    if (parameter->value == NULL) {
        parameter->value = xml_attribute(node, XML_PLAIN, "default");
    }
    list_add(&composer->arena, parameters, parameter);
    return true;
}

bool parameters_declare(struct composer *composer, const struct xml_node *root,
                        struct list *parameters, bool again)
{
    const struct list *children = &root->children;
    bool good = true;
    for (size_t i = 0; i < children->count; i++) {
        const struct xml_node *node = children->items[i];
        if (node->space == XML_TESSERA && text_equal(node->name, "param")) {
            good &= parameter_declare(composer, node, parameters, again);
        }
    }
    return good;
}

/* The command line may name only what is declared. */
static bool parameters_check(struct composer *composer, const struct list *parameters)
{
    const struct compose_options *options = composer->options;
    bool good = true;
    for (size_t i = 0; i < options->parameter_count; i++) {
        const char *name = options->parameters[i].name;
        if (parameter_find(parameters, name, strlen(name)) == NULL) {
            good = diag_error(&composer->diag, composer->root->at,
                              "this system has no parameter '%s'\n"
                              "declare it here with <t:param name=\"%s\"/>, or do not give it",
                              name, name);
        }
    }
    return good;
}

static bool value_expand(struct composer *composer, const struct xml_node *node,
                         struct xml_attribute *attribute, const struct list *parameters)
{
    if (strstr(attribute->value, "${") == NULL) {
        return true;
    }
    struct text expanded = { 0 };
    const char *at = attribute->value;
    for (const char *mark; (mark = strstr(at, "${")) != NULL;) {
        const char *name = mark + 2;
        size_t length = strcspn(name, "}");
        struct parameter *parameter = parameter_find(parameters, name, length);
        if (name[length] == '\0' || parameter == NULL || parameter->value == NULL) {
            text_free(&expanded);
            if (name[length] == '\0') {
                return diag_error(&composer->diag, node->at,
                                  "'${' without '}' in attribute '%s'\n"
                                  "write ${NAME}",
                                  attribute->name);
            }
            return diag_error(&composer->diag, node->at,
                              parameter == NULL
                                  ? "attribute '%s' uses the unknown parameter '%.*s'\n"
                                    "declare it with <t:param name=.../> in system"
                                  : "attribute '%s' needs the parameter '%.*s'\n"
                                    "give it with --param NAME=VALUE, or a default",
                              attribute->name, (int)length, name);
        }
        text_add(&expanded, "%.*s%s", (int)(mark - at), at, parameter->value);
        at = name + length + 1;
    }
    text_add(&expanded, "%s", at);
    attribute->value = arena_copy(&composer->arena, expanded.data, expanded.length);
    text_free(&expanded);
    return true;
}

/* Takes the condition of an element away and says in `keep` whether it holds. */
static bool node_condition(struct composer *composer, struct xml_node *node, bool *keep)
{
    const char *only = xml_attribute(node, XML_TESSERA, "only");
    *keep = true;
    if (only == NULL) {
        return true;
    }
    const char *equals = strchr(only, '=');
    if (equals == NULL) {
        return diag_error(&composer->diag, node->at,
                          "'%s' is no condition: attribute 't:only' of '%s'\n"
                          "write A=B or A!=B, with a parameter in one of them",
                          only, node->name);
    }
    size_t length = (size_t)(equals - only);
    bool wanted = length == 0 || only[length - 1] != '!';
    length -= wanted ? 0 : 1;
    bool same = strlen(equals + 1) == length && memcmp(only, equals + 1, length) == 0;
    *keep = same == wanted;
    size_t kept = 0;
    for (size_t i = 0; i < node->attributes.count; i++) {
        struct xml_attribute *attribute = node->attributes.items[i];
        if (attribute->space != XML_TESSERA || !text_equal(attribute->name, "only")) {
            node->attributes.items[kept++] = attribute;
        }
    }
    node->attributes.count = kept;
    return true;
}

bool parameters_expand(struct composer *composer, struct xml_node *node,
                       const struct list *parameters, bool *keep)
{
    for (size_t i = 0; i < node->attributes.count; i++) {
        if (!value_expand(composer, node, node->attributes.items[i], parameters)) {
            return false;
        }
    }
    return node_condition(composer, node, keep);
}

bool parameters_apply(struct composer *composer)
{
    struct list parameters = { 0 };
    bool keep = true;
    return parameters_declare(composer, composer->root, &parameters, false) &&
           parameters_expand(composer, composer->root, &parameters, &keep) &&
           tree_expand(composer, &parameters) && parameters_check(composer, &parameters);
}
