/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parts of the JSON form share (private to the room)
 */
#pragma once

#include "json.h"
#include "lang/convert.h"

struct conversion {
    const struct capdl_spec *spec;
    struct capdl_diags *diags;
    struct json json;
    uint32_t *ids;         /* by object of the spec: its number in the form */
    uint32_t *order;       /* the other way round */
    bool *is_root;         /* tables: root of an address space */
    bool has_three_levels; /* AArch64: the roots are of kind pud */
    uint32_t domain_id;    /* number of the object that stands for authority over domains */
};

/* The caps of an object: "slots": [...]. */
void convert_slots(struct conversion *conversion, const struct capdl_object *object);

/* {"Ticks": n}, {"Us": n} or "EndMarker" */
void convert_duration(struct conversion *conversion, const struct capdl_schedule_entry *entry);
