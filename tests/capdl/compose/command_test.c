/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The command tessera-compose: its options, files and exit status
 *
 * Works in a new folder below the build's temporary directory, with made-up programs.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp(), WEXITSTATUS */

#include "fake_elf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "compose-XXXXXX";

static const char description[] =
    "<system xmlns:t=\"urn:tessera:system:1\"><t:param name=\"size\"/>"
    "<memory_region name=\"m\" size=\"${size}\"/>"
    "<protection_domain name=\"app\"><program_image path=\"app.elf\"/>"
    "<map mr=\"m\" vaddr=\"0x1000000\"/></protection_domain></system>";

static void file_write(const char *name, const char *bytes, size_t length)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static bool file_is_there(const char *name)
{
    return access(name, R_OK) == 0;
}

/* Exit status of the command with these words; what it says goes to the file `said`. */
static int run(const char *words)
{
    char line[1024];
    snprintf(line, sizeof(line), "\"%s\" %s >said 2>&1", COMPOSE_PROGRAM, words);
    int status = system(line);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_said(const char *wanted)
{
    char text[4096] = "";
    FILE *file = fopen("said", "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    if (strstr(text, wanted) == NULL) {
        fail_msg("no '%s' in\n%s", wanted, text);
    }
}

static int enter_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL || chdir(folder) != 0 || system("mkdir programs") != 0) {
        return -1;
    }
    size_t length = 0;
    char *image = fake_elf("app.elf", &length);
    file_write("programs/app.elf", image, length);
    file_write("programs/monitor.elf", image, length);
    file_write("system.xml", description, strlen(description));
    free(image);
    return 0;
}

static int leave_folder(void **state)
{
    (void)state;
    char line[64];
    snprintf(line, sizeof(line), "rm -r %s", folder);
    return chdir("..") == 0 && system(line) == 0 ? 0 : -1;
}

static void test_usage(void **state)
{
    (void)state;
    assert_int_equal(run("--help"), 0);
    assert_said("usage: tessera-compose SYSTEM.XML");
    assert_int_equal(run(""), 2);
    assert_said("the description is missing");
    assert_int_equal(run("system.xml"), 2);
    assert_said("--output-dir DIR");
    assert_int_equal(run("system.xml other.xml --check"), 2);
    assert_said("a second description 'other.xml'");
    assert_int_equal(run("system.xml --check --fast yes"), 2);
    assert_said("unknown option '--fast'");
    assert_int_equal(run("system.xml --check --param"), 2);
    assert_said("a value must follow '--param'");
    assert_int_equal(run("system.xml --check --param size"), 2);
    assert_said("--param needs NAME=VALUE, not 'size'");
    assert_int_equal(run("system.xml --check --cores 0"), 2);
    assert_int_equal(run("system.xml --check --ram-top high"), 2);
    assert_said("--ram-top needs an address");
    assert_int_equal(run("system.xml --output-dir system.xml/below"), 2);
    assert_said("cannot make the directory");
}

static void test_compose(void **state)
{
    (void)state;
    assert_int_equal(run("system.xml --search-path programs --output-dir out --report report.txt "
                         "--param size=0x2000"),
                     0);
    assert_said("");
    assert_true(file_is_there("out/system.cdl"));
    assert_true(file_is_there("out/app_seg0.bin"));
    assert_true(file_is_there("out/app_seg1.bin"));
    assert_true(file_is_there("out/monitor_seg1.bin"));
    assert_true(file_is_there("report.txt"));
}

static void test_errors(void **state)
{
    (void)state;
    assert_int_equal(run("nowhere.xml --check"), 1);
    assert_said("nowhere.xml:1:1: error: the description cannot be read\n"
                "fix: correct the path of the file\n");
    assert_int_equal(run("programs --check"), 1);
    assert_said("cannot be read");
    assert_int_equal(run("system.xml --output-dir out --param size=0x1000"), 1);
    assert_said("program image 'app.elf' of 'app' is not found");
    assert_said("program image 'monitor.elf' of 'monitor' is not found");
    /* The description alone is right. */
    assert_int_equal(run("system.xml --check --param size=0x1000"), 0);
    assert_said("system.xml: correct\n");
    /* A failed run leaves no result, not even an older one. */
    assert_int_equal(run("system.xml --search-path programs --output-dir out --param size=1"), 1);
    assert_said("system.xml:1:62: error: size 0x1 of region 'm' is not whole pages\n");
    assert_false(file_is_there("out/system.cdl"));
    assert_int_equal(run("system.xml --search-path programs --check --param size=0x1000 "
                         "--report none/report.txt"),
                     2);
    assert_said("cannot write the report");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_compose),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
