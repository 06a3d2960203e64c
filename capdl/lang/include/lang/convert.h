/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Other forms of a spec
 *
 * Both are forms that other tools read. Neither has room for all that the text says; README.md of
 * the room lists what is left out.
 */
#pragma once

#include "model/model.h"

/* Append the XML form (capdl.dtd in this room). False if memory ran out. Pre: sealed. */
bool capdl_convert_xml(const struct capdl_spec *spec, struct capdl_text *out);

/*
 * Append the JSON form. What it cannot say is reported: objects and caps without a counterpart as
 * errors, relations that are left out as warnings. Pre: sealed.
 */
void capdl_convert_json(const struct capdl_spec *spec, struct capdl_diags *diags,
                        struct capdl_text *out);
