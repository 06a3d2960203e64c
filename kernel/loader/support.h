/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The part of the C library that libfdt and the compiler ask for
 */
#pragma once

#include "loader.h"

#include <string.h>

/* Debian's libfdt is compiled with the stack protector. */
extern uintptr_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);
size_t strnlen(const char *text, size_t most);
void *memrchr(const void *in, int value, size_t bytes);
