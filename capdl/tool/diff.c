/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-capdl diff: what differs between two specs, in words
 */
#include "model/diff.h"

#include <stdio.h>

#include "verbs.h"

static int compare(const struct source *sources)
{
    struct capdl_text out = { 0 };
    struct capdl_diff_counts counts = capdl_diff(sources[0].spec, sources[1].spec, &out);
    uint32_t total = counts.added + counts.removed + counts.other;
    if (total == 0) {
        capdl_text_printf(&out, "no difference\n");
    } else {
        capdl_text_printf(&out, "authority added: %u, taken away: %u; other differences: %u\n",
                          counts.added, counts.removed, counts.other);
    }
    bool good = file_write("-", out.bytes, out.length);
    capdl_text_free(&out);
    return !good ? 2 : total == 0 ? 0 : 1;
}

int verb_diff(int argc, char **argv)
{
    struct options options = { 0 };
    struct source sources[2] = { 0 };
    bool good = true;
    if (!options_take(&options, argc, argv, 2)) {
        return usage_error();
    }
    for (uint32_t i = 0; i < 2; i++) {
        good = source_load(&sources[i], options.inputs[i], options.is_preprocessed) && good;
        /* Warnings are for `check`; here only what keeps the two from being compared counts. */
        if (sources[i].diags.error_count > 0) {
            source_report(&sources[i]);
            good = false;
        }
    }
    int status = good ? compare(sources) : 2;
    source_free(&sources[0]);
    source_free(&sources[1]);
    return status;
}
