/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Seeded violations and correct systems
 *
 * bad/NAME.cdl is a system with the mistake NAME; bad/NAME.expect is all that the lints say about
 * it. good/NAME.cdl is a system that they say nothing about. Started with the word `write`, the
 * program writes the .expect files that are missing instead, for a person to read and commit.
 */
#include "analysis/lint.h"

#include <lang/lang.h>
#include <model/check.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BAD_LEAST = 60, GOOD_LEAST = 30, PATH_BYTES = 512, FILE_BYTES = 1 << 20 };

static bool write_missing;

static char *file_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1, FILE_BYTES);
    if (file == NULL || bytes == NULL) {
        free(bytes);
        return NULL;
    }
    size_t got = fread(bytes, 1, FILE_BYTES - 1, file);
    bytes[got] = '\0';
    fclose(file);
    return bytes;
}

/* What the lints say about the file; a text to be freed. */
static struct capdl_text findings_of(const char *path, uint32_t *count)
{
    struct capdl_diags diags = { 0 };
    struct capdl_text out = { 0 };
    struct findings findings = { 0 };
    char *text = file_read(path);
    assert_non_null(text);
    struct capdl_spec *spec = capdl_parse(text, strlen(text), NULL, &diags);
    if (spec != NULL) {
        capdl_check(spec, &diags);
    }
    if (diags.error_count > 0 || spec == NULL) {
        fail_msg("%s: not a system: %s", path, diags.count > 0 ? diags.list[0].message : "");
    }
    struct audit *audit = audit_make(spec, path, text, strlen(text));
    struct flow_graph *graph = flow_graph_make(audit);
    lint_audit(graph, &findings);
    findings_report(&findings, &out);
    *count = findings.count;
    for (uint32_t i = 0; i < findings.count; i++) {
        assert_true(strlen(findings.list[i].remedy) > 0);
        assert_non_null(strchr(findings.list[i].file_line, ':'));
    }
    capdl_text_add(&out, "", 0);
    findings_free(&findings);
    flow_graph_free(graph);
    audit_free(audit);
    capdl_spec_free(spec);
    capdl_diags_free(&diags);
    free(text);
    return out;
}

static bool bad_check(const char *path)
{
    char expect[PATH_BYTES];
    uint32_t count;
    struct capdl_text said = findings_of(path, &count);
    snprintf(expect, sizeof(expect), "%.*s.expect", (int)strlen(path) - 4, path);
    char *wanted = file_read(expect);
    if (wanted == NULL && write_missing) {
        FILE *file = fopen(expect, "wb");
        assert_non_null(file);
        fputs(said.bytes, file);
        fclose(file);
        wanted = file_read(expect);
    }
    bool good = count > 0 && wanted != NULL && strcmp(wanted, said.bytes) == 0;
    if (!good) {
        fprintf(stderr, "%s\n--- said\n%s--- wanted\n%s", path, said.bytes,
                wanted == NULL ? "(no file)\n" : wanted);
    }
    free(wanted);
    capdl_text_free(&said);
    return good;
}

static bool good_check(const char *path)
{
    uint32_t count;
    struct capdl_text said = findings_of(path, &count);
    if (count > 0) {
        fprintf(stderr, "%s: false alarm\n%s", path, said.bytes);
    }
    capdl_text_free(&said);
    return count == 0;
}

static int folder_check(const char *folder, bool (*check)(const char *path), int *failures)
{
    DIR *listing = opendir(folder);
    int count = 0;
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char path[PATH_BYTES];
        const char *end = strstr(entry->d_name, ".cdl");
        if (end == NULL || end[4] != '\0') {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        *failures += check(path) ? 0 : 1;
        count++;
    }
    closedir(listing);
    return count;
}

static void test_violations_are_found(void **state)
{
    (void)state;
    int failures = 0;
    int count = folder_check("bad", bad_check, &failures);
    assert_int_equal(failures, 0);
    assert_true(count >= BAD_LEAST);
    printf("%d seeded violations found\n", count);
}

static void test_correct_systems_raise_no_alarm(void **state)
{
    (void)state;
    int failures = 0;
    int count = folder_check("good", good_check, &failures);
    assert_int_equal(failures, 0);
    assert_true(count >= GOOD_LEAST);
    printf("%d correct systems without alarm\n", count);
}

int main(int count, char **words)
{
    write_missing = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_violations_are_found),
                                        cmocka_unit_test(test_correct_systems_raise_no_alarm) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
