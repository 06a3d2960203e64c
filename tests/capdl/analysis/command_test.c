/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The command tessera-audit: its answers word for word, and its exit status
 */
#define _POSIX_C_SOURCE 200809L /* popen() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { OUT_BYTES = 1 << 20 };

static char out[OUT_BYTES];

/* Runs the command on a file of this folder; returns the exit status, `out` is what it said. */
static int audit(const char *words)
{
    char command[1024];
    snprintf(command, sizeof(command), "%s %s 2>&1", AUDIT_PROGRAM, words);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t got = fread(out, 1, sizeof(out) - 1, pipe);
    out[got] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_said(const char *text)
{
    if (strstr(out, text) == NULL) {
        fail_msg("no '%s' in\n%s", text, out);
    }
}

static void test_who_can(void **state)
{
    (void)state;
    assert_int_equal(audit("good/composed_clock_setter.cdl who-can rtc write"), 0);
    assert_said("  clock_setter         holds write (system.xml:41)\n");
    assert_said("  referee              can take write (system.xml:41)\n");
    assert_null(strstr(out, "serial_driver"));
    assert_int_equal(audit("good/composed_clock_setter.cdl who-can rtc destroy"), 1);
    assert_said("  nobody\n");
    assert_int_equal(audit("bad/untyped_of_another.cdl who-can server_tcb destroy"), 0);
    assert_said("client               holds destroy, by the untyped memory of server");
    assert_int_equal(audit("good/base.cdl who-can nowhere_near_it"), 2);
    assert_said("remedy: name an object of the spec");
    assert_int_equal(audit("good/base.cdl who-can rings"), 2);
    assert_said("remedy: did you mean \"ring\"?");
    assert_int_equal(audit("good/base.cdl who-can \"interrupt 33\""), 0);
    assert_said("  driver               holds control (base.cdl:146)\n");
    assert_int_equal(audit("good/base.cdl who-can server"), 0);
    assert_said("  warden               holds control, by answering its faults at the endpoint of "
                "warden (base.cdl:106)\n");
}

static void test_chains(void **state)
{
    (void)state;
    assert_int_equal(audit("good/composed_linux.cdl why debian timer_driver"), 0);
    assert_said("debian -> timer_driver: through a server\n"
                "  1. debian reports its faults to the endpoint of linux (system.xml:53)\n"
                "     linux receives from it (system.xml:41)\n"
                "  2. linux signals the notification of timer_driver (system.xml:69)\n"
                "     timer_driver waits for it (system.xml:36)\n");
    assert_int_equal(audit("good/base.cdl can-flow driver server"), 0);
    assert_said("driver -> server: direct\n");
    assert_int_equal(audit("good/base.cdl why driver stranger"), 2);
    assert_said("remedy: name one of: warden driver server client\n");
    assert_int_equal(audit("good/base.cdl why drivr server"), 2);
    assert_said("remedy: did you mean \"driver\"?");
}

static void test_isolation(void **state)
{
    (void)state;
    assert_int_equal(audit("good/isolated_pair.cdl isolated client loner"), 0);
    assert_said("client -> loner: timing only\n"
                "  1. client uses the time of core 0\n     loner notices when it is used\n");
    assert_int_equal(audit("good/isolated_pair.cdl isolated driver client"), 1);
    assert_said("driver and client are not isolated\n");
    assert_int_equal(audit("good/isolated_cores.cdl isolated client loner"), 0);
    assert_said("client -> loner: none\n");
    assert_int_equal(audit("good/isolated_domains.cdl isolated client loner"), 0);
    assert_said("client -> loner: none\n"
                "     both run on core 0, in scheduling domains whose turns are fixed\n");
}

static void test_taking(void **state)
{
    (void)state;
    assert_int_equal(audit("bad/monitor_through_cnode.cdl holds client"), 0);
    assert_said("can take control over the thread of warden");
    assert_said("client copies it out of CNode locker");
    assert_int_equal(audit("bad/monitor_through_driver.cdl who-can uart write"), 0);
    assert_said("client acts as driver: it controls it by the thread of driver");
}

static void test_giving(void **state)
{
    (void)state;
    assert_int_equal(audit("good/grant_used.cdl holds server"), 0);
    assert_said("could be given");
    assert_said("could be given control over the reply object of client");
    assert_int_equal(audit("good/base.cdl holds server"), 0);
    assert_null(strstr(out, "could be given"));
}

static void test_status(void **state)
{
    (void)state;
    assert_int_equal(audit("good/base.cdl lint"), 0);
    assert_int_equal(audit("bad/code_writable.cdl lint"), 1);
    assert_int_equal(audit("good/base.cdl"), 0);
    assert_said("processor time");
    assert_int_equal(audit("good/base.cdl sing"), 2);
    assert_int_equal(audit("nowhere.cdl"), 2);
    assert_int_equal(audit("README.md"), 1);
}

static void test_policies(void **state)
{
    (void)state;
    assert_int_equal(audit("good/base.cdl policies"), 0);
    assert_said("no policy is stated\n");
    assert_int_equal(audit("seeds/small.cdl policies"), 1);
    assert_said("system.xml:20: error: policy \"only\" is broken: b is not among those who may "
                "reach f\n  b holds write over f");
    assert_int_equal(audit("seeds/small.cdl --text"), 0);
    assert_said("policies\nsystem.xml:20: error: ");
}

static void test_budgets(void **state)
{
    (void)state;
    assert_int_equal(audit("good/composed_hello.cdl budgets"), 0);
    assert_said("    priority 255   50.0 %  monitor_tcb\n"
                "      asks 50 %, is left 100 % if all above use theirs\n");
    assert_said("is left 0 % if all above use theirs: may starve\n");
    assert_said("KiB  hello_ut\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_can),   cmocka_unit_test(test_chains),
        cmocka_unit_test(test_isolation), cmocka_unit_test(test_taking),
        cmocka_unit_test(test_giving),    cmocka_unit_test(test_status),
        cmocka_unit_test(test_budgets),   cmocka_unit_test(test_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
