/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What Debian's arm64 archives expect of a C library
 *
 * They are built with stack protection and fortified string functions. A check that fails ends in
 * a trap instruction: the fault handler then says where.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

extern const uintptr_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);
void *__memcpy_chk(void *to, const void *from, size_t bytes, size_t room);
void *__memmove_chk(void *to, const void *from, size_t bytes, size_t room);
void *__memset_chk(void *to, int value, size_t bytes, size_t room);

const uintptr_t __stack_chk_guard = 0x5ca1ab1e0ddba115u;

_Noreturn void __stack_chk_fail(void)
{
    __builtin_trap();
}

static void demand(int holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

void *__memcpy_chk(void *to, const void *from, size_t bytes, size_t room)
{
    demand(bytes <= room);
    return memcpy(to, from, bytes);
}

void *__memmove_chk(void *to, const void *from, size_t bytes, size_t room)
{
    demand(bytes <= room);
    return memmove(to, from, bytes);
}

void *__memset_chk(void *to, int value, size_t bytes, size_t room)
{
    demand(bytes <= room);
    return memset(to, value, bytes);
}
