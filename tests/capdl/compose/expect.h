/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What tests say about a composed system
 */
#pragma once

#include "harness.h"

#define OURS "<system xmlns:t=\"urn:tessera:system:1\">"
#define PD(name, rest) \
    "<protection_domain name=\"" name "\" " rest "><program_image path=\"" name ".elf\"/>"
#define END "</protection_domain>"

/* Two components that share a page and a channel. */
extern const char two_pds[];

/* Composes, and shows what was said if that failed. */
struct harness composed(const char *description);
/* The capDL text. */
const char *system_text(const struct harness *harness);
/* The block of capabilities of `container` has this line. */
void assert_cap(const struct harness *harness, const char *container, const char *line);
/* The block has exactly so many lines. */
void assert_cap_count(const struct harness *harness, const char *container, int wanted);
void assert_line(const struct harness *harness, const char *line);
void assert_no_line(const struct harness *harness, const char *line);
/* The 8-byte word of a data symbol in a written segment. */
uint64_t patched(const struct harness *harness, const char *file, const char *symbol);
