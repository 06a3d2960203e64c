/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the chapters of the loader share
 */
#pragma once

#include <abi/boot_table.h>
#include <abi/image.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* console.c */

/** Where loader_print goes; 0 is nowhere. Until it is called: the fall-back board's UART. */
void loader_console(uint64_t uart);
void loader_print(const char *text);
void loader_print_hex(uint64_t value);
/** Print the sentence and what `value` is about, then stop. */
_Noreturn void loader_fail(const char *sentence);
_Noreturn void loader_fail_at(const char *sentence, uint64_t value);

/* start.S */

/** Read a word that may not be there. */
bool loader_probe(uint64_t address, uint32_t *value);
_Noreturn void loader_enter(uint64_t kernel, uint64_t table);
