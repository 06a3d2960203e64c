/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The command tessera-audit
 *
 * Exit status: 0 the answer is yes, or nothing was found; 1 the answer is no, or something was
 * found; 2 the command line is wrong or a file cannot be read or written.
 */
#include "analysis/report.h"

#include <lang/lang.h>
#include <model/check.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verbs.h"

static const char USAGE[] =
    "usage: tessera-audit SYSTEM.CDL                    the whole audit as text\n"
    "       tessera-audit SYSTEM.CDL who-can OBJECT [RIGHT]\n"
    "       tessera-audit SYSTEM.CDL holds COMPONENT    all it can do, and why\n"
    "       tessera-audit SYSTEM.CDL why A B            the shortest chain from A to B\n"
    "       tessera-audit SYSTEM.CDL can-flow A B       can anything go from A to B?\n"
    "       tessera-audit SYSTEM.CDL isolated A B       nothing either way, but for time?\n"
    "       tessera-audit SYSTEM.CDL budgets            processor time and memory\n"
    "       tessera-audit SYSTEM.CDL lint               what is hardly meant\n"
    "       tessera-audit SYSTEM.CDL policies           are the policies of the system kept?\n"
    "       tessera-audit SYSTEM.CDL --text             as without a question\n"
    "       tessera-audit SYSTEM.CDL --svg FILE         a picture\n"
    "       tessera-audit SYSTEM.CDL --html FILE        one page with the picture and all answers\n";

int usage_error(void)
{
    fputs(USAGE, stderr);
    return 2;
}

static bool file_read(const char *path, struct capdl_text *out)
{
    char buffer[65536];
    size_t got;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: error: cannot open: %s\n", path, strerror(errno));
        return false;
    }
    while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0) {
        capdl_text_add(out, buffer, got);
    }
    bool good = ferror(file) == 0;
    if (file != stdin) {
        fclose(file);
    }
    return good;
}

int text_show(struct capdl_text *text, int status)
{
    fwrite(text->bytes, 1, text->length, stdout);
    capdl_text_free(text);
    return fflush(stdout) == 0 ? status : 2;
}

/* Errors only: warnings are the business of tessera-capdl check. */
static struct capdl_spec *spec_read(const char *path, const struct capdl_text *text)
{
    struct capdl_diags diags = { 0 };
    struct capdl_text out = { 0 };
    struct capdl_spec *spec = capdl_parse(text->bytes, text->length, NULL, &diags);
    if (spec != NULL) {
        capdl_check(spec, &diags);
    }
    if (diags.error_count > 0) {
        capdl_render(&diags, path, text->bytes, text->length, &out);
        fwrite(out.bytes, 1, out.length, stderr);
        capdl_text_free(&out);
        capdl_spec_free(spec);
        spec = NULL;
    }
    capdl_diags_free(&diags);
    return spec;
}

int main(int count, char **words)
{
    struct capdl_text text = { 0 };
    int status = 2;
    if (count == 2 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)) {
        fputs(USAGE, stdout);
        return 0;
    }
    if (count < 2) {
        return usage_error();
    }
    if (file_read(words[1], &text)) {
        struct capdl_spec *spec = spec_read(words[1], &text);
        status = 1;
        if (spec != NULL) {
            struct audit *audit = audit_make(spec, words[1], text.bytes, text.length);
            status = verb_run(audit, count - 2, words + 2);
            audit_free(audit);
            capdl_spec_free(spec);
        }
    }
    capdl_text_free(&text);
    return status;
}
