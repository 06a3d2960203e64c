/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug output, and stopping by a fault
 *
 * The kernel prints only in debug builds; there, and only there, these functions do something.
 */
#include <microkit.h>

void __assert_fail(const char *expression, const char *file, int line, const char *function);

void microkit_dbg_putc(int c)
{
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar((char)c);
#else
    (void)c;
#endif
}

void microkit_dbg_puts(const char *s)
{
    while (*s != '\0') {
        microkit_dbg_putc(*s);
        s++;
    }
}

void microkit_dbg_put32(seL4_Uint32 x)
{
    char digits[10];
    unsigned count = 0;

    do {
        digits[count++] = (char)('0' + x % 10u);
        x /= 10u;
    } while (x != 0);
    while (count > 0) {
        microkit_dbg_putc(digits[--count]);
    }
}

void microkit_dbg_put8(seL4_Uint8 x)
{
    microkit_dbg_put32(x);
}

/* Print this component's name, which has no terminator when it is 64 bytes long. */
static void name_print(void)
{
    for (unsigned i = 0; i < MICROKIT_PD_NAME_LENGTH && microkit_name[i] != '\0'; i++) {
        microkit_dbg_putc(microkit_name[i]);
    }
}

void microkit_internal_bad_id(const char *function, seL4_Word id)
{
    name_print();
    microkit_dbg_puts(": ");
    microkit_dbg_puts(function);
    microkit_dbg_puts(": there is no id ");
    microkit_dbg_put32((seL4_Uint32)id);
    microkit_dbg_putc('\n');
}

void microkit_internal_crash(const char *function, seL4_Word error)
{
    name_print();
    microkit_dbg_puts(": ");
    microkit_dbg_puts(function);
    microkit_dbg_puts(": refused with error ");
    microkit_dbg_put32((seL4_Uint32)error);
    microkit_dbg_putc('\n');
    /* volatile: the store must happen, its fault address tells the error to the handler. */
    *(volatile seL4_Word *)error = error;
}

__attribute__((weak)) void __assert_fail(const char *expression, const char *file, int line,
                                         const char *function)
{
    name_print();
    microkit_dbg_puts(": assertion failed: ");
    microkit_dbg_puts(expression);
    microkit_dbg_puts(" at ");
    microkit_dbg_puts(file);
    microkit_dbg_putc(':');
    microkit_dbg_put32((seL4_Uint32)line);
    microkit_dbg_puts(" in ");
    microkit_dbg_puts(function != 0 ? function : "?");
    microkit_dbg_putc('\n');
    __builtin_trap();
}
