/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-image: the command line
 */
#include "options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <abi/boot_table.h>
#include <cmocka.h>
#include <getopt.h>

#define ALWAYS \
    "tessera-image", "--kernel", "k", "--loader", "l", "--root-task", "r", "--output", "o"
#define READ(...)                                \
    read_line((char *[]){ ALWAYS, __VA_ARGS__ }, \
              sizeof((char *[]){ ALWAYS, __VA_ARGS__ }) / sizeof(char *))

static struct options options;
static int status;

static bool read_line(char **words, size_t count)
{
    optind = 0; /* getopt starts anew */
    return options_read((int)count, words, &options, &status);
}

static void test_defaults(void **state)
{
    (void)state;
    assert_true(READ("--smc"));
    assert_string_equal(options.kernel, "k");
    assert_string_equal(options.loader, "l");
    assert_string_equal(options.root_task, "r");
    assert_string_equal(options.output, "o");
    assert_int_equal(options.header.flags, BOOT_SMC);
    assert_int_equal(options.header.domains, 1);
    assert_int_equal(options.header.boot_slice_us, 5000);
    assert_int_equal(options.header.counter_access, 0);
    assert_int_equal(options.header.avoid_count, 0);
    assert_false(options.root_cnode_bits_given);
}

static void test_switches(void **state)
{
    (void)state;
    assert_true(READ("--extensions", "--user-pmu", "--vm-window", "--user-timer", "--domains", "16",
                     "--boot-slice-ms", "20", "--root-cnode-bits", "0x10", "--large-frames",
                     "--spec", "s", "--payload", "p"));
    assert_int_equal(options.header.flags, BOOT_EXTENSIONS | BOOT_USER_PMU | BOOT_VM_WINDOW);
    assert_int_equal(options.header.counter_access, 0x303);
    assert_int_equal(options.header.domains, 16);
    assert_int_equal(options.header.boot_slice_us, 20000);
    assert_int_equal(options.header.root_cnode_bits, 16);
    assert_true(options.root_cnode_bits_given);
    assert_true(options.large_frames_given);
    assert_string_equal(options.spec, "s");
}

static void test_reserve(void **state)
{
    (void)state;
    assert_true(READ("--reserve", "0x70000800:0x1000", "--reserve", "4096:1"));
    assert_int_equal(options.header.avoid_count, 2);
    assert_int_equal(options.header.avoid[0].start, 0x70000000);
    assert_int_equal(options.header.avoid[0].end, 0x70002000);
    assert_int_equal(options.header.avoid[1].start, 0x1000);
    assert_int_equal(options.header.avoid[1].end, 0x2000);
    assert_false(READ("--reserve", "0x70000000"));
    assert_false(READ("--reserve", "0x70000000:0"));
    assert_false(READ("--reserve", "0xffffffffffffffff:2"));
    assert_false(READ("--reserve", "x:1"));
    assert_int_equal(status, 2);
}

static void test_refusals(void **state)
{
    (void)state;
    assert_false(READ("--domains", "17"));
    assert_false(READ("--domains", "0"));
    assert_false(READ("--domains", "-1"));
    assert_false(READ("--domains", "3x"));
    assert_false(READ("--root-cnode-bits", "11"));
    assert_false(READ("--root-cnode-bits", "19"));
    assert_false(READ("--boot-slice-ms", "0"));
    assert_false(READ("--spec", "s"));
    assert_false(READ("--no-such-option"));
    assert_false(READ("left over"));
    assert_int_equal(status, 2);
    assert_false(read_line((char *[]){ "tessera-image", "--kernel", "k" }, 3));
    assert_int_equal(status, 2);
    assert_false(READ("--help"));
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
