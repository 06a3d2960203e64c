/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-capdl convert: a spec in a form that other tools read
 */
#include "lang/convert.h"

#include <stdio.h>
#include <string.h>

#include "verbs.h"

/* The form as text; false if it cannot say what the spec says (reported), or memory ran out. */
static bool convert(struct source *source, const char *form, struct capdl_text *out)
{
    if (strcmp(form, "json") == 0) {
        capdl_convert_json(source->spec, &source->diags, out);
        return source->diags.error_count == 0;
    }
    if (strcmp(form, "xml") == 0) {
        return capdl_convert_xml(source->spec, out);
    }
    capdl_print(source->spec, out);
    return true;
}

static bool is_form(const char *form)
{
    return form != NULL &&
           (strcmp(form, "json") == 0 || strcmp(form, "xml") == 0 || strcmp(form, "text") == 0);
}

int verb_convert(int argc, char **argv)
{
    struct options options = { .wants_output = true, .wants_form = true };
    struct source source;
    if (!options_take(&options, argc, argv, 1) || !is_form(options.form)) {
        return usage_error();
    }
    if (!source_load(&source, options.inputs[0], options.is_preprocessed)) {
        return 2;
    }
    struct capdl_text out = { 0 };
    bool good = source.diags.error_count == 0 && convert(&source, options.form, &out);
    int status = source_report(&source);
    if (status == 0) {
        status = good && file_write(options.output, out.bytes, out.length) ? 0 : 2;
    }
    capdl_text_free(&out);
    source_free(&source);
    return status;
}
