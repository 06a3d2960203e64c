/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The policies, by kind (private to the room)
 */
#pragma once

#include "analysis/policy.h"

#include "extract.h"

/* One policy while it is checked. */
struct judge {
    struct audit *audit;
    struct flow_graph *graph;
    struct policy *policy;
    struct capdl_text *out;
    const bool *vouched; /* by subject: trusted before any policy said so */
    uint32_t breaches;   /* told of so far */
};

struct subject_set {
    bool *has; /* by subject */
    uint32_t count;
    bool is_star;
};

/* An error about the policy's spelling; the format holds text and remedy, parted by a newline. */
__attribute__((format(printf, 4, 5))) void policy_wrong(const struct audit *audit,
                                                        struct policy *policy,
                                                        struct capdl_text *out, const char *format,
                                                        ...);
/* The set that a word lists; without the word it is empty. Unknown names make the policy wrong. */
struct subject_set policy_subjects(struct judge *judge, enum policy_key key);
/* The number of a word, or `missing`. A word that is no number makes the policy wrong. */
uint64_t policy_number(struct judge *judge, enum policy_key key, uint64_t missing);
bool policy_subject(struct judge *judge, enum policy_key key, uint32_t *subject);

/* The first line of a breach; false when so many were told that the rest is only counted. */
__attribute__((format(printf, 2, 3))) bool policy_breach(struct judge *judge, const char *format,
                                                         ...);
__attribute__((format(printf, 2, 3))) void policy_remedy(struct judge *judge, const char *format,
                                                         ...);

void judge_flow(struct judge *judge);
void judge_only(struct judge *judge);
void judge_at_most(struct judge *judge);
