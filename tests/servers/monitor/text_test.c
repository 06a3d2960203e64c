/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the monitor's sentences
 */
#include "text.h"

#include <sel4/fault_types.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(const struct text *text, const char *string)
{
    assert_int_equal(text->length, strlen(string));
    assert_memory_equal(text->bytes, string, text->length);
}

static void numbers(void **state)
{
    struct text text = { 0 };

    (void)state;
    text_add_hex(&text, 0);
    text_add(&text, " ");
    text_add_hex(&text, UINT64_MAX);
    text_add(&text, " ");
    text_add_decimal(&text, INT64_MIN);
    text_add(&text, " ");
    text_add_decimal(&text, 120);
    expect(&text, "0x0 0xffffffffffffffff -9223372036854775808 120");
}

static void too_much_text_is_cut(void **state)
{
    struct text text = { 0 };

    (void)state;
    for (unsigned i = 0; i < TEXT_BYTES; i++) {
        text_add(&text, "abc");
    }
    assert_int_equal(text.length, TEXT_BYTES);
}

static void name_without_terminator(void **state)
{
    struct text text = { 0 };
    char name[4] = { 'a', 'b', 'c', 'd' };

    (void)state;
    text_add_name(&text, name, sizeof(name));
    expect(&text, "abcd");
}

static void vm_faults(void **state)
{
    struct text text = { 0 };
    const uint64_t read[] = { 0x200100, 0x10, 0, 0x93c98005 };
    const uint64_t write[] = { 0x200100, 0x10, 0, 0x93c98045 };
    const uint64_t fetch[] = { 0x10, 0x10, 1, 0x82000005 };

    (void)state;
    text_add_fault(&text, seL4_Fault_VMFault, read, 4);
    expect(&text, "cannot read 0x10, pc 0x200100, syndrome 0x93c98005");
    text.length = 0;
    text_add_fault(&text, seL4_Fault_VMFault, write, 4);
    expect(&text, "cannot write 0x10, pc 0x200100, syndrome 0x93c98045");
    text.length = 0;
    text_add_fault(&text, seL4_Fault_VMFault, fetch, 4);
    expect(&text, "cannot execute 0x10, pc 0x10, syndrome 0x82000005");
}

static void other_faults(void **state)
{
    struct text text = { 0 };
    const uint64_t cap[] = { 0x200100, 0x99, 1, 2, 0 };
    const uint64_t call[13] = { [8] = 0x200104, [12] = 77 };

    (void)state;
    text_add_fault(&text, seL4_Fault_CapFault, cap, 5);
    expect(&text, "has no capability 0x99 to receive on, pc 0x200100");
    text.length = 0;
    text_add_fault(&text, seL4_Fault_UnknownSyscall, call, 13);
    expect(&text, "unknown system call 0x4d, pc 0x200104");
    text.length = 0;
    text_add_fault(&text, 0x1234, cap, 0);
    expect(&text, "unexpected message, label 0x1234");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(too_much_text_is_cut),
        cmocka_unit_test(name_without_terminator),
        cmocka_unit_test(vm_faults),
        cmocka_unit_test(other_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
