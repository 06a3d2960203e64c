/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t:restart: when a supervisor builds a component anew
 */
#include "parse.h"

#include <string.h>

/* What a supervisor remembers of each component: servers/supervisor/policy.h. */
static const uint64_t COUNT_LIMIT = 64;
static const uint64_t SECONDS_LIMIT = UINT32_MAX;

/* "N in SECONDS". */
static bool restart_parse(const char *text, uint64_t *value)
{
    const char *middle = strstr(text, " in ");
    char count_text[24] = { 0 };
    uint64_t count = 0;
    uint64_t seconds = 0;
    if (middle == NULL || (size_t)(middle - text) >= sizeof(count_text)) {
        return false;
    }
    memcpy(count_text, text, (size_t)(middle - text));
    if (!number_parse(count_text, &count) || !number_parse(middle + 4, &seconds) || count == 0 ||
        count > COUNT_LIMIT || seconds == 0 || seconds > SECONDS_LIMIT) {
        return false;
    }
    *value = count << 32 | seconds;
    return true;
}

bool parse_restart(struct composer *composer, const struct xml_node *node, struct pd *pd)
{
    const char *text = xml_attribute(node, XML_TESSERA, "restart");
    if (text == NULL) {
        return true;
    }
    if (text_equal(text, "always")) {
        pd->restart = RESTART_ALWAYS;
    } else if (text_equal(text, "never")) {
        pd->restart = RESTART_NEVER;
    } else if (!restart_parse(text, &pd->restart)) {
        return diag_error(&composer->diag, node->at,
                          "restart=\"%s\" is no policy\n"
                          "write always, never, or N in SECONDS with N from 1 to 64",
                          text);
    }
    if (pd->restart != RESTART_NEVER && (pd->parent == NULL || !pd->parent->supervisor)) {
        return diag_error(&composer->diag, node->at,
                          "'%s' is to be restarted, but is no child of a supervisor\n"
                          "put it inside the protection_domain with t:supervisor=\"true\"",
                          pd->name);
    }
    return true;
}
