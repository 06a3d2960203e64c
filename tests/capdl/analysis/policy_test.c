/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Policies, broken and kept
 *
 * policies/bad/NAME.policy is a system, named in its first line, and policies that it breaks or
 * that are misspelt; NAME.expect is all that is said about them. policies/good/NAME.policy are
 * kept. Started with the word `write`, the program writes the .expect files that are missing
 * instead, for a person to read and commit.
 */
#include "analysis/policy.h"

#include <lang/lang.h>
#include <model/check.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BAD_LEAST = 30, GOOD_LEAST = 10, PATH_BYTES = 512, FILE_BYTES = 1 << 20 };

static bool write_missing;

/* Appends the file; false if it is not there. */
static bool file_add(const char *path, struct capdl_text *out)
{
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1, FILE_BYTES);
    bool good = file != NULL && bytes != NULL;
    if (good) {
        capdl_text_add(out, bytes, fread(bytes, 1, FILE_BYTES, file));
    }
    if (file != NULL) {
        fclose(file);
    }
    free(bytes);
    return good;
}

/* The base with the policies behind it. */
static struct capdl_text system_text(const char *path)
{
    static const char MARK[] = "-- base: ";
    char base[PATH_BYTES];
    struct capdl_text policies = { 0 };
    struct capdl_text text = { 0 };
    assert_true(file_add(path, &policies));
    assert_memory_equal(policies.bytes, MARK, sizeof(MARK) - 1);
    const char *name = policies.bytes + sizeof(MARK) - 1;
    snprintf(base, sizeof(base), "%.*s", (int)strcspn(name, "\n"), name);
    assert_true(file_add(base, &text));
    capdl_text_add(&text, policies.bytes, policies.length);
    capdl_text_free(&policies);
    return text;
}

/* All that is said about the policies; counts those that are wrong or broken. */
static struct capdl_text said_about(const char *path, uint32_t *count)
{
    struct capdl_text text = system_text(path);
    struct capdl_diags diags = { 0 };
    struct capdl_text out = { 0 };
    struct policies policies = { 0 };
    struct capdl_spec *spec = capdl_parse(text.bytes, text.length, NULL, &diags);
    assert_non_null(spec);
    capdl_check(spec, &diags);
    assert_int_equal(diags.error_count, 0);
    struct audit *audit = audit_make(spec, path, text.bytes, text.length);
    uint32_t facts = audit->closure->fact_count;
    policies_check(audit, &policies, &out);
    *count = policies.wrong + policies.broken;
    /* Whom the policies trusted is forgotten again. */
    assert_int_equal(audit->closure->fact_count, facts);
    capdl_text_add(&out, "", 0);
    policies_free(&policies);
    audit_free(audit);
    capdl_spec_free(spec);
    capdl_diags_free(&diags);
    capdl_text_free(&text);
    return out;
}

static bool bad_check(const char *path)
{
    char expect[PATH_BYTES];
    uint32_t count;
    struct capdl_text wanted = { 0 };
    struct capdl_text said = said_about(path, &count);
    snprintf(expect, sizeof(expect), "%.*s.expect", (int)strlen(path) - 7, path);
    bool known = file_add(expect, &wanted);
    if (!known && write_missing) {
        FILE *file = fopen(expect, "wb");
        assert_non_null(file);
        fputs(said.bytes, file);
        fclose(file);
        known = file_add(expect, &wanted);
    }
    bool good = count > 0 && known && strcmp(wanted.bytes, said.bytes) == 0 &&
                strstr(said.bytes, ": error: ") != NULL &&
                strstr(said.bytes, "\n  remedy: ") != NULL;
    if (!good) {
        fprintf(stderr, "%s\n--- said\n%s--- wanted\n%s", path, said.bytes,
                known ? wanted.bytes : "(no file)\n");
    }
    capdl_text_free(&wanted);
    capdl_text_free(&said);
    return good;
}

static bool good_check(const char *path)
{
    uint32_t count;
    struct capdl_text said = said_about(path, &count);
    bool good = count == 0 && said.length == 0;
    if (!good) {
        fprintf(stderr, "%s: false alarm\n%s", path, said.bytes);
    }
    capdl_text_free(&said);
    return good;
}

static int folder_check(const char *folder, bool (*check)(const char *path), int *failures)
{
    DIR *listing = opendir(folder);
    int count = 0;
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char path[PATH_BYTES];
        const char *end = strstr(entry->d_name, ".policy");
        if (end == NULL || end[7] != '\0') {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        *failures += check(path) ? 0 : 1;
        count++;
    }
    closedir(listing);
    return count;
}

static void test_bad_policies(void **state)
{
    (void)state;
    int failures = 0;
    int count = folder_check("policies/bad", bad_check, &failures);
    assert_int_equal(failures, 0);
    assert_true(count >= BAD_LEAST);
    printf("%d broken or misspelt policies found\n", count);
}

static void test_good_policies(void **state)
{
    (void)state;
    int failures = 0;
    int count = folder_check("policies/good", good_check, &failures);
    assert_int_equal(failures, 0);
    assert_true(count >= GOOD_LEAST);
    printf("%d systems keep their policies\n", count);
}

int main(int count, char **words)
{
    write_missing = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bad_policies),
                                        cmocka_unit_test(test_good_policies) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
