/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Policies: what the maker of a system promises about it
 *
 * A policy is a line of the capDL text, in a comment: "-- policy: KIND KEY="VALUE" ...". The
 * composer writes one for each <t:policy> of a description; a person may write them by hand. The
 * README says what kinds and keys there are.
 */
#pragma once

#include "analysis/flow.h"

enum policy_kind { POLICY_ISOLATED, POLICY_NO_FLOW, POLICY_ONLY, POLICY_AT_MOST };

enum policy_key {
    KEY_A,         /* components; "*": all others */
    KEY_B,         /* the same */
    KEY_CLASS,     /* the farthest way that is forbidden: direct, server (default), timing */
    KEY_TRUST,     /* components that pass nothing on */
    KEY_REASON,    /* told when the policy is broken */
    KEY_OBJECT,    /* an object by its name in the spec, a device, or "firmware" */
    KEY_REGION,    /* memory */
    KEY_INTERRUPT, /* number */
    KEY_COMPONENT,
    KEY_RIGHT,
    KEY_MAY,
    KEY_HOLDERS,  /* how many components */
    KEY_CPU,      /* per cent of a core */
    KEY_CORE,     /* default: each */
    KEY_PRIORITY, /* from this one upwards */
    KEY_MEMORY,   /* bytes mapped */
    KEY_COUNT
};

struct policy {
    enum policy_kind kind;
    uint32_t line;          /* of the text */
    char *words[KEY_COUNT]; /* NULL: not given */
    bool is_wrong;          /* misspelt; said so already */
};

struct policies {
    struct policy *list;
    uint32_t count, capacity;
    uint32_t wrong, broken;
};

/* Read the policies in the text. Messages about those that are misspelt go to `out`. */
void policies_read(const struct audit *audit, struct policies *policies, struct capdl_text *out);
void policies_free(struct policies *policies);

/*
 * Read and check all policies; messages with chains go to `out`. Whom the audit trusts, and so its
 * closure, is made anew: graphs made before are not valid any more.
 */
void policies_check(struct audit *audit, struct policies *policies, struct capdl_text *out);

const char *policy_kind_words(enum policy_kind kind);
