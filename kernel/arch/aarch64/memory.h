/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The two functions of the C library that the compiler takes for granted
 */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
